/* The provider port: what carries a push to a device. A provider is pure: it makes HTTP requests and judges
 * their answers; the worker (outbox/) sends them. Four implement it (webpush/, fcm/, apns/, expo/); one contract
 * suite (push_contract_test.c) is passed by each. All calls come from the worker's one thread. */
#pragma once
#include "base/arena.h"
#include "push/config.h"
#include "push/http.h"
#include "push/note.h"

/* What became of one note. */
enum push_result {
    PUSH_SENT,       /* the service has taken it */
    PUSH_RETRY,      /* not now: a rate limit, a failure of theirs, no connection */
    PUSH_TOKEN_DEAD, /* the device is to be forgotten at once and for good */
    PUSH_KEY_PROBLEM, /* our key, account or certificate is not accepted: an alarm, the device is kept, try again */
    PUSH_REFUSED, /* the request itself is wrong: a dead letter */
    PUSH_RESULT_COUNT_
};
const char *push_result_text(enum push_result result); /* sent, retry, token_dead, key_problem, refused */

enum { PUSH_REASON_TEXT = 96, PUSH_RECEIPT_TEXT = 64 };

struct push_verdict {
    enum push_result result;
    uint32_t retry_after_ms; /* of RETRY: as the service says; 0: it does not */
    bool
        all; /* of RETRY, KEY_PROBLEM: concerns the whole service, which then rests; else this note or host alone */
    bool alarm;         /* of TOKEN_DEAD: something of ours is wrong too (FCM's SENDER_ID_MISMATCH) */
    int64_t dead_since; /* of TOKEN_DEAD: devices registered later are kept; 0: not said. ms since 1970 */
    char reason[PUSH_REASON_TEXT]; /* for the log and the operator: the service's own word, never a token */
    char receipt
        [PUSH_RECEIPT_TEXT]; /* of SENT with a service that answers later: to be asked about; else "" */
};

/* A whole verdict with its reason "HTTP 503" or a transport's word, for services that give none of their own. A
 * Retry-After is kept. */
void push_verdict_status(struct push_verdict *verdict, enum push_result result,
                         const struct push_response *response);
/* The same with the service's own word, a JSON string value: letters, digits and _ up to PUSH_WORD_MAX. Anything else
 * might hold a token, and leaves "HTTP 400". */
enum { PUSH_WORD_MAX = 40 };
void push_verdict_word(struct push_verdict *verdict, enum push_result result,
                       const struct push_response *response, struct sio_span word);
/* The judgement that all share: no answer, 429 and 5xx are RETRY. `all` when no single note can be the cause: no answer,
 * and 502 to 504. (Web Push, which has many hosts, takes that back.) False: another status, the provider's own to judge. */
bool push_verdict_common(struct push_verdict *verdict, const struct push_response *response);

enum push_auth {
    PUSH_AUTH_READY, /* build may be called */
    PUSH_AUTH_ASK,   /* send the request that was made, then call `authorized` */
    PUSH_AUTH_FAILED /* no key will do now: `verdict` says why and for how long */
};

struct push_provider;

struct push_provider_ops {
    enum push_service service;
    unsigned batch_max; /* notes in one request; see batch_limit */

    /* Makes the request that carries the notes, all of them for this service. Texts that do not fit are cut at a
     * character's end, with an ellipsis. Into `arena`, which lives until the request is done. False: nothing to
     * send, verdicts[0…count) say why. */
    bool (*build)(struct push_provider *p, const struct push_note *notes, size_t count, int64_t now_ms,
                  struct arena *arena, struct push_request *out, struct push_verdict *verdicts);
    /* One verdict for each note of the request. */
    void (*judge)(struct push_provider *p, const struct push_note *notes, size_t count,
                  const struct push_response *response, int64_t now_ms, struct push_verdict *verdicts);

    /* Called before requests are built. NULL: none needed. At most one ASK is under way at a time. */
    enum push_auth (*authorize)(struct push_provider *p, int64_t now_ms, struct arena *arena,
                                struct push_request *out, struct push_verdict *verdict);
    /* READY in `verdict->result` as PUSH_SENT, else what to do. */
    void (*authorized)(struct push_provider *p, const struct push_response *response, int64_t now_ms,
                       struct push_verdict *verdict);

    /* Services that tell later what became of it; NULL: none. At most receipts_max ids in a request, first asked
     * about after receipt_delay_ms, given up receipt_keep_ms after sending. Verdicts: SENT (delivered), RETRY (ask
     * again later), TOKEN_DEAD, REFUSED, KEY_PROBLEM. */
    unsigned receipts_max;
    uint32_t receipt_delay_ms, receipt_keep_ms;
    void (*build_receipts)(struct push_provider *p, const struct sio_span *ids, size_t count,
                           struct arena *arena, struct push_request *out);
    void (*judge_receipts)(struct push_provider *p, const struct sio_span *ids, size_t count,
                           const struct push_response *response, struct push_verdict *verdicts);

    void (*close)(struct push_provider *p);
};

struct push_provider {
    const struct push_provider_ops *ops; /* every provider's structure begins with this */
    uint32_t per_second;                 /* notes a second at most; 0: no limit. From the configuration */
    uint32_t in_flight_max;              /* notes being sent at once */
    unsigned
        batch_limit; /* notes in the next request, when fewer than ops->batch_max; 0: so many. The provider's own */
};

/* Each: SIO_ERR_OK with *out NULL when it is not configured; SIO_ERR_INVALID with a line in the log when what is
 * configured cannot work (a key that is none, half of an account). Texts of `config` live as long as the provider. */
typedef enum sio_err push_provider_open(const struct push_config *config, const struct sio_log *log,
                                        struct push_provider **out);
push_provider_open push_webpush_open, push_fcm_open, push_apns_open, push_expo_open;

/* base64url of the key that pages subscribe with; of the provider that push_webpush_open made; lives as long. */
const char *push_webpush_public_key(const struct push_provider *webpush);

/* ---- registering a device: pure, any thread ---- */

enum push_platform { PUSH_ANDROID, PUSH_IOS, PUSH_WEB, PUSH_EXPO_APP };

enum { PUSH_TOKEN_MAX_BYTES = 4096, PUSH_KEYS_BYTES = 65 + 16 };

struct push_registration {
    enum push_service service;
    struct sio_span token;      /* as it is stored and sent to, in one spelling; in `arena` or the input */
    char keys[PUSH_KEYS_BYTES]; /* of Web Push */
    size_t keys_bytes;          /* 0 or PUSH_KEYS_BYTES */
};

/* Which service carries to this token, and is it well-formed? `token`: FCM's registration token (android, ios,
 * web), an APNs token (ios; 64 to 200 hex digits), `ExponentPushToken[…]` (any platform), or (web) a PushSubscription as
 * JSON: {endpoint, keys:{p256dh, auth}}. False: `*error` is one English sentence, a literal that says nothing of the network. */
bool push_registration_check(const struct push_config *config, enum push_platform platform,
                             struct sio_span token, struct arena *arena, struct push_registration *out,
                             const char **error);

/* The spelling in which a token of iOS or an endpoint is stored; of others, the token itself. One device's token in another
 * spelling would be another row, perhaps another user's. */
struct sio_span push_token_spelling(struct sio_span token, struct arena *arena);
