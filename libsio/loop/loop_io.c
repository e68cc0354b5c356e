/* One watched descriptor: reading and writing are ours, libuv only says when. So a connection can leave its
 * loop with its descriptor and go on at another. */
#include <errno.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/must.h"
#include "loop/loop_state.h"

struct loop_io {
    uv_poll_t poll; /* poll.data: the owner's */
    void (*ready)(void *data, int events);
    int fd;
    uint8_t wish; /* what is watched for */
    bool closed;
};

static struct sio_loop *io_loop(const struct loop_io *io) { return io->poll.loop->data; }

static void io_gone(uv_handle_t *handle) { free(container_of((uv_poll_t *)handle, struct loop_io, poll)); }

struct loop_io *loop_io_new(struct sio_loop *loop, int fd, void (*ready)(void *data, int events),
                            void *data) {
    must(loop_is_mine(loop));
    struct loop_io *io = mem_new(struct loop_io);
    if (uv_poll_init(&loop->uv, &io->poll, fd) != 0) { /* the kernel watches no more descriptors */
        close(fd);
        free(io);
        return NULL;
    }
    io->poll.data = data;
    io->ready = ready;
    io->fd = fd;
    return io;
}

/* The beginning of a turn may run timers and tasks, and these may close us or wish for something else. */
static void io_ready(uv_poll_t *poll, int status, int events) {
    struct loop_io *io = container_of(poll, struct loop_io, poll);
    loop_turn_begin(io_loop(io));
    if (io->closed) return;
    int there = 0;
    if (status != 0) { /* libuv has ended watching; reading and writing will say why */
        there = LOOP_HANGUP | io->wish;
        io->wish = 0;
    } else {
        if (events & UV_READABLE) there |= LOOP_READABLE;
        if (events & UV_WRITABLE) there |= LOOP_WRITABLE;
        if (events & UV_DISCONNECT) there |= LOOP_HANGUP;
        there &= io->wish;
    }
    if (there != 0) io->ready(poll->data, there);
}

void loop_io_want(struct loop_io *io, int events) {
    must(!io->closed && loop_is_mine(io_loop(io)));
    if (events == io->wish) return;
    io->wish = (uint8_t)events;
    int wish = (events & LOOP_READABLE ? UV_READABLE : 0) | (events & LOOP_WRITABLE ? UV_WRITABLE : 0) |
               (events & LOOP_HANGUP ? UV_DISCONNECT : 0);
    must((wish != 0 ? uv_poll_start(&io->poll, wish, io_ready) : uv_poll_stop(&io->poll)) == 0);
}

int loop_io_fd(const struct loop_io *io) { return io->fd; }

/* ---- reading and writing ---- */

ssize_t loop_io_read(struct loop_io *io, void *p, size_t n) {
    for (;;) {
        ssize_t got = read(io->fd, p, n);
        if (got >= 0) return got;
        if (errno == EAGAIN) return -1;
        if (errno != EINTR) return -2;
    }
}

ssize_t loop_io_writev(struct loop_io *io, const struct iovec *iov, int count) {
    struct msghdr message = {.msg_iov = (struct iovec *)iov, .msg_iovlen = (size_t)count};
    for (;;) {
        ssize_t sent = sendmsg(io->fd, &message, MSG_NOSIGNAL);
        if (sent >= 0) return sent;
        if (errno == EAGAIN || errno == ENOBUFS) return 0;
        if (errno != EINTR) return -2;
    }
}

void loop_io_end_writing(struct loop_io *io) { shutdown(io->fd, SHUT_WR); }

/* ---- the end ---- */

int loop_io_detach(struct loop_io *io) {
    must(!io->closed && loop_is_mine(io_loop(io)));
    io->closed = true;
    uv_close((uv_handle_t *)&io->poll, io_gone);
    return io->fd;
}

void loop_fd_close(int fd) { close(fd); }
void loop_io_close(struct loop_io *io) { loop_fd_close(loop_io_detach(io)); }

void loop_io_sweep(uv_handle_t *handle) {
    struct loop_io *io = container_of((uv_poll_t *)handle, struct loop_io, poll);
    io->ready(io->poll.data, LOOP_ENDED);
    if (!io->closed) loop_io_close(io);
}
