/* A connection's move to another loop: its descriptor, its unsent and its unread bytes are posted there, and
 * a new connection begins with them. */
#include "base/mem.h"
#include "base/must.h"
#include "net/conn_state.h"

struct mover {
    struct sio_task task;
    struct sio_loop *to;
    const struct net_options *options;
    int fd;
    struct tls *tls;
    struct out_queue out;
    struct sio_strbuf text; /* the head that decided it, and what came behind */
    uint8_t ip[16];
    uint8_t family;
    bool local, served;
};

static void arrive(struct sio_task *task) {
    struct mover *mover = container_of(task, struct mover, task);
    struct net_conn *conn = conn_new(mover->to, mover->fd, mover->tls, mover->options);
    memcpy(conn->ip, mover->ip, sizeof(conn->ip));
    conn->family = mover->family;
    conn->local = mover->local;
    conn->served = mover->served;
    conn->out = mover->out;
    conn_open(conn);
    if (conn->state != NET_CLOSED) {
        conn_input(conn, mover->text.p, mover->text.n);
        conn_turn_later(conn);
    }
    sio_strbuf_fini(&mover->text);
    free(mover);
}

void conn_move(struct net_conn *conn, unsigned loop, struct bytes *rest) {
    must(loop != sio_loop_index(conn->loop));
    struct mover *mover = mem_new(struct mover);
    mover->task.run = arrive;
    mover->to = loop_group_at(loop_group_of(conn->loop), loop);
    mover->options = conn->options;
    memcpy(mover->ip, conn->ip, sizeof(mover->ip));
    mover->family = conn->family;
    mover->local = conn->local;
    mover->served = conn->served;
    mover->tls = conn->tls;
    conn->tls = NULL;
    mover->out = conn->out;
    conn->out = (struct out_queue){0};
    sio_strbuf_span(&mover->text, sio_strbuf_as_span(&conn->http->head_text));
    sio_strbuf_add(&mover->text, rest->p, rest->n);
    rest->n = 0;
    mover->fd = loop_io_detach(conn->io);
    conn->io = NULL;
    conn_leave(conn);
    sio_loop_post(mover->to, &mover->task);
}
