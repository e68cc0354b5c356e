/* The outbox's worker: takes what the store has written down, asks chat who is there, decides, and hands what is due
 * to the push services. One thread of its own (outgoing HTTP has another, push/http.h); nobody waits for it.
 *
 * Memory is bounded by what is in flight (in_flight_max of each provider), never by what waits. A service that fails
 * rests for a while that doubles, and the others go on. */
#pragma once
#include "chat/chat.h"
#include "metrics/metrics.h"
#include "push/provider.h"
#include "push/texts.h"
#include "push/time_zone.h"
#include "store/push.h"

struct outbox;

struct outbox_config {
    struct push_config push;
    uint32_t unacked_after_ms; /* sockets, and none said message_delivered: push; default 20000 */
    uint32_t
        ping_window_ms; /* ping interval and timeout: an older client's socket that lives so long has got it */
    uint32_t max_age_ms; /* a job that could not be sent for so long is a dead letter; default 24 h */
    uint32_t device_max_age_days; /* devices not registered anew for so long go; default 270 */
    const struct sio_log *log;
    struct metrics *metrics;
};
void outbox_config_init(struct outbox_config *config);

/* Opens the services that are configured: SIO_ERR_INVALID when one's configuration is wrong. One line in the log for each,
 * on or off. */
enum sio_err outbox_new(const struct outbox_config *config, struct outbox **out) SIO_MUST_CHECK;
uint32_t outbox_services(const struct outbox *outbox); /* bits of those that are on */

/* Begins to work; `chat` NULL: everybody counts as offline (tools). Calls store_push_listen. Once. */
enum sio_err outbox_start(struct outbox *outbox, struct store *store, struct chat *chat) SIO_MUST_CHECK;
/* What is in flight gets `drain_ms`, then is put back. After it the store is not touched any more. Blocks; not on a loop.
 * The order at the end: the loops stop, outbox_stop, store_close (which may wake the outbox until then), outbox_free. A
 * question that chat has not answered by then may be answered or dropped later: it holds what it needs. */
void outbox_stop(struct outbox *outbox, uint32_t drain_ms);
void outbox_free(struct outbox *outbox);

/* Something may have become due: a store's operation outside the worker made it so. Any thread. */
void outbox_wake(struct outbox *outbox);

/* ---- for routes and commands; any thread ---- */

const struct push_config *outbox_push_config(const struct outbox *outbox);
struct time_zones *outbox_time_zones(const struct outbox *outbox);
/* base64url, for the page's subscribe call; NULL: Web Push is off. */
const char *outbox_vapid_public_key(const struct outbox *outbox);

/* A test push to each device of a user, at once and past the queue. */
struct outbox_tested {
    struct device_row device;     /* spans live during `done` */
    const char *outcome, *reason; /* sent, retry, token_dead, key_problem, refused, off */
};
struct outbox_test {
    struct uuid user; /* in */
    void (*done)(struct outbox_test *test, enum fault fault, const struct outbox_tested *devices,
                 size_t count); /* on the worker's thread */
    void *data;
};
/* `test` is the caller's again in `done`, which comes exactly once; FAULT_INTERNAL (perhaps on the caller's thread): the
 * outbox stops. */
void outbox_test(struct outbox *outbox, struct outbox_test *test);

/* Gauges of queue lengths, oldest ages and rests, as text; `stats` as the store gave it. */
void outbox_write_metrics(struct outbox *outbox, const struct store_push_stats *stats, int64_t now_ms,
                          struct sio_strbuf *out);
