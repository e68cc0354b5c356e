/* One notification for one device, as a value: what happened, to whom it is told, and where it goes. Spans are
 * the caller's. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/uuid.h"

/* Who carries a push. The numbers are stored with each device: none is ever reused. */
#define PUSH_SERVICE_TABLE(X)                                                                                \
    X(WEBPUSH, 0, "webpush")                                                                                 \
    X(FCM, 1, "fcm")                                                                                         \
    X(APNS, 2, "apns")                                                                                       \
    X(EXPO, 3, "expo")

enum push_service {
#define PUSH_SERVICE_ENUM(name, number, text) PUSH_##name = number,
    PUSH_SERVICE_TABLE(PUSH_SERVICE_ENUM)
#undef PUSH_SERVICE_ENUM
        PUSH_SERVICE_COUNT_
};
const char *push_service_text(enum push_service service);

/* What happened; each service maps it to its own priority and interruption level. */
enum push_kind {
    PUSH_MESSAGE,
    PUSH_BROADCAST,
    PUSH_EMERGENCY, /* a broadcast of type emergency: wakes the device */
    PUSH_TEST,
    PUSH_KIND_COUNT_
};
const char *
push_kind_text(enum push_kind kind); /* the payload's `type`: message, broadcast, emergency, test */

struct push_target {
    enum push_service service;
    struct sio_span token; /* of Web Push: the endpoint */
    struct sio_span keys;  /* of Web Push: 65 bytes p256dh, then 16 bytes auth; else empty */
    int64_t registered_at; /* when the app last said so; ms since 1970 */
};

struct push_note {
    enum push_kind kind;
    struct push_target target;
    struct uuid id;              /* of this push, the same in every attempt */
    struct uuid conversation;    /* nil: a test */
    struct uuid message;         /* nil: a test */
    uint64_t seq;                /* of the message */
    uint64_t badge;              /* all unread messages of the user */
    struct sio_span title, body; /* ready texts, UTF-8 */
    int64_t expires_at;          /* later it is of no use; ms since 1970 */
};

/* How long a service is asked to keep one for a device that is away, at most; Web Push has a limit of its own. */
uint32_t push_kind_ttl_max_s(enum push_kind kind);

/* Seconds that it is still of use, 0 … most_s: the time to live. */
uint32_t push_note_ttl_s(const struct push_note *note, int64_t now_ms, uint32_t most_s);

enum { PUSH_COLLAPSE_TEXT = 32 };
/* The key under which a later push replaces this one on the device: one for each conversation, and one for each
 * emergency. 32 characters of URL-safe base64 at most, as Web Push's Topic wants it; NUL-terminated. */
void push_collapse_key(const struct push_note *note, char out[PUSH_COLLAPSE_TEXT + 1]);

/* The members `type`, `conversationId`, `messageId`, `seq`, `badge` that every payload carries, written by the
 * providers with the caller's own JSON writer around it. `as_text`: every value a string (FCM's data). */
struct sio_json_writer;
void push_note_members(struct sio_json_writer *w, const struct push_note *note, bool as_text);
