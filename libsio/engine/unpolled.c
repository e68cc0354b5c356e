/* What waits between two polls, of all polling sessions of a loop together, and its limit: above it, what waits for the one
 * that has polled least recently is thrown away, and the session closed. */
#include "base/mem.h"
#include "engine/internal.h"

static struct unpolled *unpolled_of(const struct polling *p) {
    return &engine_loop_of(p->session->engine, p->session->loop)->unpolled;
}

void unpolled_init(struct unpolled *u, size_t limit) {
    u->limit = limit;
    list_init(&u->sessions);
}

/* In memory: what others wait for too counts in part. Packets may be shorter than what holds them. */
static size_t weight_of(struct rcbuf *frame) {
    unsigned refs = atomic_load_explicit(&frame->refs, memory_order_relaxed);
    return (sizeof(*frame) + frame->n) / refs + sizeof(frame);
}

static void weigh(struct unpolled *u, struct polling *p) {
    for (; p->weighed < p->count; p->weighed++) {
        size_t weight = weight_of(p->queue[p->weighed]);
        p->weight += weight;
        u->weight += weight;
    }
}

/* One that is closed already only tells it with the next poll. */
static void give_up(struct engine_session *s) {
    polling_drop(s->polling);
    if (s->state != SESSION_OPEN || s->doomed) return;
    atomic_fetch_add_explicit(&engine_loop_of(s->engine, s->loop)->unpolled_closed, 1, memory_order_relaxed);
    sio_log_info(s->engine->config->log,
                 "a slow receiver is closed: too much waits for all that do not poll");
    engine_close_later(s, SIO_TRANSPORT_ERROR);
}

/* Who has polled last is spared: a packet may be larger than all of the limit. */
static void keep_limit(struct unpolled *u) {
    while (u->weight > u->limit && u->sessions.next != u->sessions.prev)
        give_up(container_of(u->sessions.next, struct polling, in_unpolled)->session);
}

void unpolled_look(struct polling *p) {
    struct unpolled *u = unpolled_of(p);
    if (p->count == 0) return;
    weigh(u, p);
    if (list_empty(&p->in_unpolled)) list_insert(&u->sessions, &p->in_unpolled);
    keep_limit(u);
}

void unpolled_taken(struct polling *p, uint32_t count, size_t bytes) {
    struct unpolled *u = unpolled_of(p);
    if (list_empty(&p->in_unpolled)) return;
    size_t weight =
        count == p->count ? p->weight : (size_t)((double)p->weight * (double)bytes / (double)p->bytes);
    u->weight -= weight;
    p->weight -= weight;
    p->weighed -= count < p->weighed ? count : p->weighed;
    list_remove(&p->in_unpolled);
    if (count < p->count) list_insert(&u->sessions, &p->in_unpolled);
}
