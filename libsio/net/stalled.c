/* What waits on connections whose peers do not read, and its limit. */
#include "net/stalled.h"

#include <stdatomic.h>

#include "base/mem.h"

struct stalled_loop {
    struct list conns; /* who has taken nothing for the longest time is first */
    size_t weight;     /* of all their queues */
};

struct net_stalled {
    size_t limit; /* for each loop */
    unsigned count;
    atomic_ulong closed;
    struct stalled_loop loops[];
};

struct net_stalled *net_stalled_new(unsigned loops, size_t limit_bytes) {
    struct net_stalled *stalled = mem_zalloc(sizeof(*stalled) + loops * sizeof(struct stalled_loop));
    stalled->limit = limit_bytes / loops;
    stalled->count = loops;
    for (unsigned i = 0; i < loops; i++) list_init(&stalled->loops[i].conns);
    return stalled;
}

/* Connections may be closed later than this: they are not to look for it any more. */
void net_stalled_free(struct net_stalled *stalled) {
    for (unsigned i = 0; i < stalled->count; i++)
        list_each (&stalled->loops[i].conns, node) list_remove(node);
    free(stalled);
}

uint64_t net_stalled_closed(const struct net_stalled *stalled) {
    return atomic_load_explicit(&stalled->closed, memory_order_relaxed);
}

static struct stalled_loop *loop_of(const struct net_conn *conn) {
    return &conn->options->stalled->loops[sio_loop_index(conn->loop)];
}

/* Its memory is free at once; its end is told at the end of the turn, as with every failure. */
static void give_up(struct net_conn *conn) {
    stalled_remove(conn);
    out_queue_clear(&conn->out);
    conn->blocked = false;
    conn->failed = true;
    conn_turn_later(conn);
    atomic_fetch_add_explicit(&conn->options->stalled->closed, 1, memory_order_relaxed);
}

/* Who has taken something last is spared: its answer may be larger than all of the limit. */
static void keep_limit(struct net_stalled *stalled, struct stalled_loop *loop) {
    while (loop->weight > stalled->limit && loop->conns.next != loop->conns.prev)
        give_up(container_of(loop->conns.next, struct net_conn, in_stalled));
}

void stalled_add(struct net_conn *conn) {
    if (conn->options->stalled == NULL) return;
    struct stalled_loop *loop = loop_of(conn);
    out_queue_weigh(&conn->out);
    list_insert(&loop->conns, &conn->in_stalled);
    loop->weight += conn->out.weight;
    keep_limit(conn->options->stalled, loop);
}

void stalled_look(struct net_conn *conn) {
    if (list_empty(&conn->in_stalled)) return;
    struct stalled_loop *loop = loop_of(conn);
    loop->weight -= conn->out.weight;
    out_queue_weigh(&conn->out);
    loop->weight += conn->out.weight;
    keep_limit(conn->options->stalled, loop);
}

void stalled_remove(struct net_conn *conn) {
    if (list_empty(&conn->in_stalled)) return;
    loop_of(conn)->weight -= conn->out.weight;
    out_queue_weigh(&conn->out); /* all of it, before parts of it leave */
    list_remove(&conn->in_stalled);
}
