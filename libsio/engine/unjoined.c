/* Sessions that have joined no namespace yet: each loop has room for some, and above that the one least missed makes room for
 * the next. They cost memory before anybody has proved who he is, and whoever fills the room is not to lock others out. */
#include "base/mem.h"
#include "engine/internal.h"

/* Who has gone farther is missed more: clients poll or have a WebSocket before they join. */
static enum unjoined_rank rank_of(const struct engine_session *s) {
    if (s->conn) return UNJOINED_WEBSOCKET;
    return s->polling->get ? UNJOINED_POLLING : UNJOINED_IDLE;
}

static struct unjoined *unjoined_of(const struct engine_session *s) {
    return &engine_loop_of(s->engine, s->loop)->unjoined;
}

void unjoined_init(struct unjoined *u, uint32_t room) {
    u->room = room;
    for (int rank = 0; rank < UNJOINED_RANKS; rank++) list_init(&u->ranks[rank]);
}

void unjoined_add(struct engine_session *s) {
    list_init(&s->handshake->in_unjoined);
    s->handshake->session = s;
    unjoined_of(s)->count++;
}

void unjoined_look(struct engine_session *s) {
    if (s->joined) return;
    list_remove(&s->handshake->in_unjoined);
    if (s->state == SESSION_OPEN && !s->deciding)
        list_insert(&unjoined_of(s)->ranks[rank_of(s)], &s->handshake->in_unjoined);
}

void unjoined_remove(struct engine_session *s) {
    if (s->joined) return;
    list_remove(&s->handshake->in_unjoined);
    unjoined_of(s)->count--;
}

bool unjoined_make_room(struct engine_loop *l) {
    struct unjoined *u = &l->unjoined;
    if (u->count < u->room) return true;
    for (int rank = 0; rank < UNJOINED_RANKS; rank++) {
        if (list_empty(&u->ranks[rank])) continue;
        struct handshake *oldest = container_of(u->ranks[rank].next, struct handshake, in_unjoined);
        atomic_fetch_add_explicit(&l->refused, 1, memory_order_relaxed);
        session_end(oldest->session, SIO_FORCED_CLOSE, true);
        return true;
    }
    return false;
}
