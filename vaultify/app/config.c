/* The table of options: each row is a flag, a variable, a limit and a line of help at once. */
#include "app/config.h"

#include <stddef.h>

#include "auth/auth.h"
#include "sio_strbuf.h"

#define KIB (1ull << 10)
#define MIB (1ull << 20)
#define GIB (1ull << 30)
#define S   1000ull
#define MIN (60 * S)
#define DAY (24 * 60 * MIN)

static const char *const environments[] = {"development", "production", NULL};
static const char *const log_levels[] = {"error", "warn", "info", "debug", NULL};

#define IN(member) .offset = offsetof(struct config, member)

/* What every command that works on the data, and every command that makes tokens, knows. */
#define ALL (CONFIG_SERVE | CONFIG_DATA | CONFIG_TOKEN)
/* What everything that sends pushes knows. */
#define PUSH (CONFIG_SERVE | CONFIG_PUSH)

static const struct option table[] = {
    {"port", "PORT", "N", "TCP port; 0 takes a free one", OPTION_U32, .scope = CONFIG_SERVE, IN(port),
     .fallback = "3000", .max = 65535},
    {"host", "VAULTIFY_HOST", "A", "address to listen on; without it every address, IPv6 and IPv4",
     OPTION_TEXT, .scope = CONFIG_SERVE, IN(host), .min = 1, .max = 255},
    {"tls-cert", "VAULTIFY_TLS_CERT", "FILE",
     "certificate chain (PEM): https and wss instead of http and ws; SIGHUP reads both files anew",
     OPTION_TEXT, .scope = CONFIG_SERVE, IN(tls.chain_file), .min = 1, .max = 4000},
    {"tls-key", "VAULTIFY_TLS_KEY", "FILE", "its private key (PEM, without a passphrase)", OPTION_TEXT,
     .scope = CONFIG_SERVE, IN(tls.key_file), .min = 1, .max = 4000},
    {"data", "VAULTIFY_DATA", "DIR", "where everything is kept; made if missing", OPTION_TEXT, .scope = ALL,
     IN(store.directory), .fallback = "./data", .min = 1, .max = 4000},
    {"threads", "VAULTIFY_THREADS", "N", "loop threads; 0: one a core", OPTION_U32, .scope = CONFIG_SERVE,
     IN(sio.threads), .fallback = "0", .max = 64},
    {"demo", NULL, NULL, "make a demo estate if there are no users yet, and print ready tokens",
     OPTION_SWITCH, .scope = CONFIG_SERVE, IN(demo)},

    /* access */
    {NULL, "VAULTIFY_ENV", NULL, "production: needs a JWT_SECRET, refuses --demo", OPTION_WORD,
     .scope = CONFIG_SERVE | CONFIG_TOKEN, IN(environment), .fallback = "development", .words = environments},
    {NULL, "JWT_SECRET", NULL,
     "secret that access tokens are signed with (HS256); in production at least 32 bytes;\n"
     "                                   without it a random one is kept in DIR/jwt_secret",
     OPTION_TEXT, .scope = CONFIG_SERVE | CONFIG_TOKEN, IN(secret)},
    {"expires", "JWT_EXPIRES_IN", "T", "lifetime of a token: 90s, 15m, 12h, 7d", OPTION_LONG_MS,
     .scope = CONFIG_TOKEN, IN(token_lifetime_ms), .fallback = "15m", .min = 1, .max = 3660 * DAY},
    {NULL, "VAULTIFY_METRICS_TOKEN", NULL,
     "secret that GET /metrics asks for; without it everybody may read them, in production only the control "
     "socket",
     OPTION_TEXT, .scope = CONFIG_SERVE, IN(metrics_token), .min = 16, .max = 1024},
    {"cors-origin", "CORS_ORIGIN", "LIST",
     "origins that browsers may call from, separated by commas; * is every one, without credentials",
     OPTION_TEXT, .scope = CONFIG_SERVE, IN(sio.cors.origins), .fallback = "*", .min = 1, .max = 16 * KIB},
    {"cors-headers", "CORS_HEADERS", "LIST",
     "request headers allowed besides Content-Type, Authorization, X-Idempotency-Key", OPTION_TEXT,
     .scope = CONFIG_SERVE, IN(more_cors_headers), .min = 1, .max = 4 * KIB},
    {"rate-limits", "VAULTIFY_RATE_LIMITS", "on|off", "how often a user may do what (off for load tests)",
     OPTION_BOOL, .scope = CONFIG_SERVE, IN(rate_limits), .fallback = "on"},
    {"log-level", "VAULTIFY_LOG_LEVEL", "L", "what is written to standard error", OPTION_WORD,
     .scope = CONFIG_SERVE, IN(log_level), .fallback = "info", .words = log_levels},

    /* messages */
    {"content-max", "VAULTIFY_CONTENT_MAX", "BYTES", "largest content of a message or broadcast", OPTION_U32,
     .scope = CONFIG_SERVE, IN(chat.content_max_bytes), .fallback = "16384", .min = 1, .max = 16 * MIB},
    {"metadata-max", "VAULTIFY_METADATA_MAX", "BYTES", "largest metadata of a message, as JSON", OPTION_U32,
     .scope = CONFIG_SERVE, IN(chat.metadata_max_bytes), .fallback = "16384", .min = 2, .max = 16 * MIB},
    {"typing-timeout", "VAULTIFY_TYPING_TIMEOUT", "T", "typing ends by itself after", OPTION_MS,
     .scope = CONFIG_SERVE, IN(chat.typing_timeout_ms), .fallback = "3s", .min = 10, .max = 10 * MIN},
    {"large-conversation", "VAULTIFY_LARGE_CONVERSATION", "N",
     "with more participants read receipts go to the sender alone, once a second, and what has arrived is "
     "not kept",
     OPTION_U32, .scope = CONFIG_SERVE, IN(chat.large_conversation), .fallback = "100", .min = 2,
     .max = 1000000},
    {"user-in-flight", "VAULTIFY_USER_IN_FLIGHT", "N", "unfinished requests of one user; more are refused",
     OPTION_U32, .scope = CONFIG_SERVE, IN(chat.user_in_flight_max), .fallback = "4096", .min = 1,
     .max = 1000000},
    {"user-reads", "VAULTIFY_USER_READS", "N",
     "of those: unfinished pages of history, lists and groups; more are refused", OPTION_U32,
     .scope = CONFIG_SERVE, IN(chat.user_reads_max), .fallback = "16", .min = 1, .max = 1000000},

    /* presence */
    {"presence-grace", "VAULTIFY_PRESENCE_GRACE", "T", "user_offline follows the last socket's end after",
     OPTION_MS, .scope = CONFIG_SERVE, IN(chat.presence_grace_ms), .fallback = "5s", .max = 60 * MIN},
    {"presence-rate", "VAULTIFY_PRESENCE_RATE", "N",
     "presence events a second in an estate; the rest is folded into one presence_digest", OPTION_U32,
     .scope = CONFIG_SERVE, IN(chat.presence_events_per_s), .fallback = "20", .min = 1, .max = 100000},
    {"presence-deliveries", "VAULTIFY_PRESENCE_DELIVERIES", "N",
     "presence deliveries a second in an estate, over all its sockets", OPTION_U32, .scope = CONFIG_SERVE,
     IN(chat.presence_deliveries_per_s), .fallback = "20000", .min = 1, .max = 100000000},
    {"presence-digest-max", "VAULTIFY_PRESENCE_DIGEST_MAX", "N", "users named in one presence_digest",
     OPTION_U32, .scope = CONFIG_SERVE, IN(chat.presence_digest_max), .fallback = "100", .max = 10000},

    /* connections */
    {"max-connections", "VAULTIFY_MAX_CONNECTIONS", "N", "open TCP connections; more are closed at once",
     OPTION_U32, .scope = CONFIG_SERVE, IN(sio.max_connections), .fallback = "1000000", .min = 1,
     .max = 100000000},
    {"unjoined-sessions", "VAULTIFY_UNJOINED_SESSIONS", "N",
     "sessions at once that have not shown their token yet; above, the oldest is dropped", OPTION_U32,
     .scope = CONFIG_SERVE, IN(sio.max_unjoined), .fallback = "50000", .min = 1, .max = 100000000},
    {"max-payload", "VAULTIFY_MAX_PAYLOAD", "BYTES", "largest packet or polling body (maxPayload)",
     OPTION_SIZE, .scope = CONFIG_SERVE, IN(sio.max_payload_bytes), .fallback = "1000000", .min = 1 * KIB,
     .max = 256 * MIB},
    {"max-unjoined", "VAULTIFY_MAX_UNJOINED", "BYTES", "the same before a session has shown its token",
     OPTION_SIZE, .scope = CONFIG_SERVE, IN(sio.max_unjoined_bytes), .fallback = "64K", .min = 8 * KIB,
     .max = 256 * MIB},
    {"max-body", "VAULTIFY_MAX_BODY", "BYTES", "largest body of a REST request", OPTION_SIZE,
     .scope = CONFIG_SERVE, IN(sio.max_http_body_bytes), .fallback = "1M", .min = 1 * KIB, .max = 256 * MIB},
    {"out-queue", "VAULTIFY_OUT_QUEUE", "BYTES",
     "waiting for one slow receiver; then its socket is closed, and catches up when it is back", OPTION_SIZE,
     .scope = CONFIG_SERVE, IN(sio.out_queue_bytes), .fallback = "4M", .min = 64 * KIB, .max = 256 * MIB},
    {"polling-queue", "VAULTIFY_POLLING_QUEUE", "BYTES", "the same between two polls of a polling client",
     OPTION_SIZE, .scope = CONFIG_SERVE, IN(sio.polling_queue_bytes), .fallback = "16M", .min = 64 * KIB,
     .max = 1 * GIB},
    {"stalled-bytes", "VAULTIFY_STALLED_BYTES", "BYTES",
     "waiting for all peers that do not read, and again for all that do not poll; then those stuck for "
     "longest are closed",
     OPTION_SIZE, .scope = CONFIG_SERVE, IN(sio.stalled_bytes), .fallback = "256M", .min = 1 * MIB,
     .max = 64 * GIB},
    {"eio3", "VAULTIFY_EIO3", "on|off", "lets clients of Socket.IO 2 in, which speak Engine.IO 3",
     OPTION_BOOL, .scope = CONFIG_SERVE, IN(sio.allow_eio3), .fallback = "off"},
    {"ping-interval", "VAULTIFY_PING_INTERVAL", "T", "between two heartbeats", OPTION_MS,
     .scope = CONFIG_SERVE, IN(sio.ping_interval_ms), .fallback = "25s", .min = 100, .max = 60 * MIN},
    {"ping-timeout", "VAULTIFY_PING_TIMEOUT", "T", "for a heartbeat's answer", OPTION_MS,
     .scope = CONFIG_SERVE, IN(sio.ping_timeout_ms), .fallback = "20s", .min = 100, .max = 60 * MIN},
    {"head-timeout", "VAULTIFY_HEAD_TIMEOUT", "T", "from a request's first byte to its last header",
     OPTION_MS, .scope = CONFIG_SERVE, IN(sio.head_timeout_ms), .fallback = "10s", .min = 100,
     .max = 10 * MIN},
    {"body-timeout", "VAULTIFY_BODY_TIMEOUT", "T", "from there to its last body byte", OPTION_MS,
     .scope = CONFIG_SERVE, IN(sio.body_timeout_ms), .fallback = "30s", .min = 100, .max = 60 * MIN},
    {"connect-timeout", "VAULTIFY_CONNECT_TIMEOUT", "T", "for a new session to join its first namespace",
     OPTION_MS, .scope = CONFIG_SERVE, IN(sio.connect_timeout_ms), .fallback = "45s", .min = 100,
     .max = 10 * MIN},
    {"deflate", "VAULTIFY_DEFLATE", "on|off",
     "compress WebSocket messages above 1 KiB for clients that offer it (permessage-deflate)", OPTION_BOOL,
     .scope = CONFIG_SERVE, IN(sio.deflate.enabled), .fallback = "off"},
    {"stop-timeout", "VAULTIFY_STOP_TIMEOUT", "T", "the longest that stopping may take", OPTION_MS,
     .scope = CONFIG_SERVE, IN(sio.stop_timeout_ms), .fallback = "8s", .min = 100, .max = 10 * MIN},

    /* storage */
    {"store-cache", "VAULTIFY_STORE_CACHE", "BYTES", "database pages kept in memory by the writer",
     OPTION_SIZE, .scope = CONFIG_SERVE, IN(store.cache_bytes), .fallback = "256M", .min = 1 * MIB,
     .max = 64 * GIB},
    {"store-readers", "VAULTIFY_STORE_READERS", "N", "threads that read from the database", OPTION_U32,
     .scope = CONFIG_SERVE, IN(store.readers), .fallback = "2", .min = 1, .max = 64},
    {"store-queue", "VAULTIFY_STORE_QUEUE", "BYTES", "requests waiting for the database; more are refused",
     OPTION_SIZE, .scope = CONFIG_SERVE, IN(store.queue_bytes), .fallback = "64M", .min = 1 * MIB,
     .max = 64 * GIB},

    /* pushes */
    {"push-unacked-after", "VAULTIFY_PUSH_UNACKED_AFTER", "T",
     "a push goes out when no app said message_delivered for so long, though one is connected", OPTION_MS,
     .scope = CONFIG_SERVE, IN(outbox.unacked_after_ms), .fallback = "20s", .min = 100, .max = 60 * MIN},
    {"push-max-age", "VAULTIFY_PUSH_MAX_AGE", "T", "a push that could not be sent for so long is given up",
     OPTION_MS, .scope = CONFIG_SERVE, IN(outbox.max_age_ms), .fallback = "24h", .min = 1 * S,
     .max = 28 * DAY},
    {"push-device-max-age", "VAULTIFY_PUSH_DEVICE_MAX_AGE", "T",
     "a device that was not registered again for so long is forgotten", OPTION_LONG_MS, .scope = CONFIG_SERVE,
     IN(device_max_age_ms), .fallback = "270d", .min = 1 * DAY, .max = 3660 * DAY},
    {"push-content", "VAULTIFY_PUSH_CONTENT", "on|off",
     "off: pushes say that something came, and neither from whom nor what", OPTION_BOOL, .scope = PUSH,
     IN(outbox.push.content), .fallback = "on"},
    {"push-texts", "VAULTIFY_PUSH_TEXTS", "DIR", "<locale>.txt files that go before the built-in texts",
     OPTION_TEXT, .scope = PUSH, IN(outbox.push.texts_dir), .min = 1, .max = 4000},
    {"push-ca", "VAULTIFY_PUSH_CA", "FILE", "authorities for all push services (PEM) instead of the system's",
     OPTION_TEXT, .scope = PUSH, IN(outbox.push.ca_file), .min = 1, .max = 4000},
    {"push-timeout", "VAULTIFY_PUSH_TIMEOUT", "T", "for one request to a push service", OPTION_MS,
     .scope = PUSH, IN(outbox.push.timeout_ms), .fallback = "15s", .min = 100, .max = 10 * MIN},

    /* Web Push */
    {NULL, "VAPID_PUBLIC_KEY", NULL,
     "key pair for Web Push, base64url; without it the one in DIR/vapid_keys, which\n"
     "                                   `vaultify vapid-keys` makes",
     OPTION_TEXT, .scope = PUSH, IN(outbox.push.webpush.vapid_public), .min = 1, .max = 255},
    {NULL, "VAPID_PRIVATE_KEY", NULL, "its private half", OPTION_TEXT, .scope = PUSH,
     IN(outbox.push.webpush.vapid_private), .min = 1, .max = 255},
    {"vapid-subject", "VAPID_SUBJECT", "URL", "whom push services may write to: mailto: or https:",
     OPTION_TEXT, .scope = PUSH, IN(outbox.push.webpush.vapid_subject), .min = 1, .max = 255},
    {"webpush-hosts", "VAULTIFY_WEBPUSH_HOSTS", "LIST",
     "hosts that subscriptions may lead to, by commas, *. for all below; without it the known browsers'",
     OPTION_TEXT, .scope = PUSH, IN(outbox.push.webpush.hosts), .min = 1, .max = 4 * KIB},
    {"webpush-base", "VAULTIFY_WEBPUSH_BASE", "URL", "where Web Push goes instead of each endpoint's origin",
     OPTION_TEXT, .scope = PUSH, IN(outbox.push.webpush.base), .min = 1, .max = 1 * KIB},
    {"webpush-rate", "VAULTIFY_WEBPUSH_RATE", "N", "pushes a second at most; 0: no limit", OPTION_U32,
     .scope = PUSH, IN(outbox.push.webpush.per_second), .fallback = "0", .max = 1000000},

    /* FCM */
    {NULL, "GOOGLE_APPLICATION_CREDENTIALS_JSON", NULL, "a Firebase service account, as JSON; or else",
     OPTION_TEXT, .scope = PUSH, IN(outbox.push.fcm.credentials_json), .min = 1, .max = 64 * KIB},
    {NULL, "FIREBASE_PROJECT_ID", NULL, "its project,", OPTION_TEXT, .scope = PUSH,
     IN(outbox.push.fcm.project_id), .min = 1, .max = 255},
    {NULL, "FIREBASE_CLIENT_EMAIL", NULL, "its e-mail", OPTION_TEXT, .scope = PUSH,
     IN(outbox.push.fcm.client_email), .min = 1, .max = 255},
    {NULL, "FIREBASE_PRIVATE_KEY", NULL, "and its private key (PEM; \\n may stand for line breaks)",
     OPTION_TEXT, .scope = PUSH, IN(outbox.push.fcm.private_key), .min = 1, .max = 64 * KIB},
    {"fcm-base", "VAULTIFY_FCM_BASE", "URL", "instead of https://fcm.googleapis.com", OPTION_TEXT,
     .scope = PUSH, IN(outbox.push.fcm.base), .min = 1, .max = 1 * KIB},
    {"fcm-token-url", "VAULTIFY_FCM_TOKEN_URL", "URL", "instead of the service account's token_uri",
     OPTION_TEXT, .scope = PUSH, IN(outbox.push.fcm.token_url), .min = 1, .max = 1 * KIB},
    {"fcm-rate", "VAULTIFY_FCM_RATE", "N", "pushes a second at most; 0: no limit", OPTION_U32, .scope = PUSH,
     IN(outbox.push.fcm.per_second), .fallback = "9000", .max = 1000000},

    /* APNs */
    {"apns-key", "APNS_KEY_FILE", "FILE", "Apple's signing key, a .p8 file", OPTION_TEXT, .scope = PUSH,
     IN(outbox.push.apns.key_file), .min = 1, .max = 4000},
    {"apns-key-id", "APNS_KEY_ID", "ID", "its id", OPTION_TEXT, .scope = PUSH, IN(outbox.push.apns.key_id),
     .min = 1, .max = 64},
    {"apns-team-id", "APNS_TEAM_ID", "ID", "the team that it belongs to", OPTION_TEXT, .scope = PUSH,
     IN(outbox.push.apns.team_id), .min = 1, .max = 64},
    {"apns-topic", "APNS_TOPIC", "ID", "the app's bundle id; with a wrong one Apple calls every token dead",
     OPTION_TEXT, .scope = PUSH, IN(outbox.push.apns.topic), .min = 1, .max = 255},
    {"apns-sandbox", "APNS_SANDBOX", "on|off", "Apple's sandbox, for builds from Xcode", OPTION_BOOL,
     .scope = PUSH, IN(outbox.push.apns.sandbox), .fallback = "off"},
    {"apns-critical", "APNS_CRITICAL", "on|off", "emergencies as critical alerts; needs Apple's entitlement",
     OPTION_BOOL, .scope = PUSH, IN(outbox.push.apns.critical), .fallback = "off"},
    {"apns-base", "VAULTIFY_APNS_BASE", "URL", "instead of Apple's address", OPTION_TEXT, .scope = PUSH,
     IN(outbox.push.apns.base), .min = 1, .max = 1 * KIB},
    {"apns-rate", "VAULTIFY_APNS_RATE", "N", "pushes a second at most; 0: no limit", OPTION_U32,
     .scope = PUSH, IN(outbox.push.apns.per_second), .fallback = "0", .max = 1000000},

    /* Expo */
    {"expo", "VAULTIFY_EXPO", "on|off", "pushes to apps built with Expo", OPTION_BOOL, .scope = PUSH,
     IN(outbox.push.expo.on), .fallback = "off"},
    {NULL, "EXPO_ACCESS_TOKEN", NULL, "of the Expo account, where it asks for one", OPTION_TEXT,
     .scope = PUSH, IN(outbox.push.expo.access_token), .min = 1, .max = 4 * KIB},
    {"expo-base", "VAULTIFY_EXPO_BASE", "URL", "instead of https://exp.host", OPTION_TEXT, .scope = PUSH,
     IN(outbox.push.expo.base), .min = 1, .max = 1 * KIB},
    {"expo-rate", "VAULTIFY_EXPO_RATE", "N", "pushes a second at most; 0: no limit", OPTION_U32,
     .scope = PUSH, IN(outbox.push.expo.per_second), .fallback = "600", .max = 1000000},
    {"expo-receipt-delay", "VAULTIFY_EXPO_RECEIPT_DELAY", "T", "before Expo is asked what became of a push",
     OPTION_MS, .scope = PUSH, IN(outbox.push.expo.receipt_delay_ms), .fallback = "15m", .min = 10,
     .max = 12 * 60 * MIN},
};

void config_init(struct config *config) {
    *config = (struct config){0};
    sio_config_init(&config->sio);
    chat_config_init(&config->chat);
    store_config_init(&config->store);
    outbox_config_init(&config->outbox);
}

struct option_set config_options(struct config *config, unsigned scope) {
    return (struct option_set){table, sizeof table / sizeof *table, scope, config};
}

/* ---- what follows from the options ---- */

/* A list of origins allows credentials; "*" cannot, and stands alone. */
static bool finish_cors(struct config *config, char error[OPTION_ERROR_TEXT]) {
    struct sio_cors *cors = &config->sio.cors;
    struct sio_span rest = sio_span_cstr(cors->origins);
    struct sio_strbuf headers;
    cors->credentials = strcmp(cors->origins, "*") != 0;
    while (cors->credentials && rest.p) {
        struct sio_span origin = sio_span_trim(sio_span_cut(&rest, ','));
        if (origin.n && !sio_span_is(origin, "*")) continue;
        snprintf(error, OPTION_ERROR_TEXT,
                 "CORS_ORIGIN is either * or a list of origins without an empty one");
        return false;
    }
    sio_strbuf_init(&headers);
    sio_strbuf_lit(&headers, "Content-Type,Authorization,X-Idempotency-Key");
    if (config->more_cors_headers) sio_strbuf_printf(&headers, ",%s", config->more_cors_headers);
    config->cors_headers = sio_strbuf_take(&headers);
    cors->headers = config->cors_headers;
    cors->methods = "GET,POST,PUT,PATCH,DELETE,OPTIONS";
    return true;
}

static bool check_environment(const struct config *config, char error[OPTION_ERROR_TEXT]) {
    if (config->environment != CONFIG_PRODUCTION) return true;
    const char *wrong = NULL;
    if (!config->secret)
        wrong = "VAULTIFY_ENV=production needs a JWT_SECRET";
    else if (strlen(config->secret) < AUTH_SECRET_MIN_BYTES)
        wrong = "VAULTIFY_ENV=production needs a JWT_SECRET of at least 32 bytes";
    else if (config->demo)
        wrong = "--demo is refused with VAULTIFY_ENV=production";
    if (wrong) snprintf(error, OPTION_ERROR_TEXT, "%s", wrong);
    return !wrong;
}

bool config_finish(struct config *config, unsigned scope, char error[OPTION_ERROR_TEXT]) {
    if ((scope & (CONFIG_SERVE | CONFIG_TOKEN)) && !check_environment(config, error)) return false;
    config->outbox.push.directory = config->store.directory;
    if (!(scope & CONFIG_SERVE)) return true;
    if (config->chat.content_max_bytes > config->sio.max_payload_bytes) {
        snprintf(error, OPTION_ERROR_TEXT,
                 "--content-max is larger than --max-payload: it could never arrive");
        return false;
    }
    if (!config->tls.chain_file != !config->tls.key_file) {
        snprintf(error, OPTION_ERROR_TEXT, "--tls-cert and --tls-key belong together");
        return false;
    }
    config->outbox.ping_window_ms = config->sio.ping_interval_ms + config->sio.ping_timeout_ms;
    config->outbox.device_max_age_days = (uint32_t)(config->device_max_age_ms / (int64_t)DAY);
    config->sio.stop_on_signals = true;
    config->sio.reload_on_sighup = config->tls.chain_file != NULL;
    return finish_cors(config, error);
}

void config_fini(struct config *config) { free(config->cors_headers); }
