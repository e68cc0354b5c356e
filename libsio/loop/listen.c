/* Listening sockets, TCP and Unix: accepting in portions, and pausing while descriptors are out. */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/must.h"
#include "loop/loop_state.h"

enum {
    LISTEN_BACKLOG = 4096,
    ACCEPT_A_TURN = 64, /* then others have their turn */
    ACCEPT_PAUSE_MS = 100,
    ACCEPT_LOG_MS = 60 * 1000,
};

struct loop_listener {
    struct sio_loop *loop;
    struct loop_io *io;
    struct sio_timer pause;
    struct loop_turn turn; /* frees, once closed */
    void (*accepted)(void *data, int fd, const struct sockaddr *peer);
    void *data;
    uint64_t logged_ms; /* 0: never */
    uint16_t port;
    bool closed;
    char *path; /* of a Unix socket, with the file's identity: it is removed at the end if it is still ours */
    dev_t device;
    ino_t inode;
};

static enum sio_err err_of_errno(int number) {
    switch (number) {
    case EADDRINUSE: return SIO_ERR_IN_USE;
    case EACCES:
    case EPERM: return SIO_ERR_DENIED;
    case EADDRNOTAVAIL:
    case ENAMETOOLONG:
    case ENOENT:
    case ENOTDIR: return SIO_ERR_INVALID;
    default: return SIO_ERR_IO;
    }
}

/* ---- accepting ---- */

static void resume(struct sio_timer *timer) {
    struct loop_listener *listener = container_of(timer, struct loop_listener, pause);
    loop_io_want(listener->io, LOOP_READABLE);
}

static void pause_accepting(struct loop_listener *listener, int number) {
    uint64_t now_ms = sio_loop_now_ms(listener->loop);
    if (listener->logged_ms == 0 || now_ms - listener->logged_ms >= ACCEPT_LOG_MS) {
        listener->logged_ms = now_ms | 1;
        sio_log_error(listener->loop->group->log, "accepting pauses reason=\"%s\"", strerror(number));
    }
    loop_io_want(listener->io, 0);
    sio_timer_start(listener->loop, &listener->pause, ACCEPT_PAUSE_MS, resume);
}

/* Of the errors only the lack of something lasts; the others are those of one connection that has gone. */
static bool is_lack(int number) {
    return number == EMFILE || number == ENFILE || number == ENOBUFS || number == ENOMEM;
}

static void listener_ready(void *data, int events) {
    struct loop_listener *listener = data;
    if (events & LOOP_ENDED) {
        loop_listener_close(listener);
        return;
    }
    for (int i = 0; i < ACCEPT_A_TURN && !listener->closed; i++) {
        struct sockaddr_storage peer = {0};
        socklen_t n = sizeof(peer);
        int fd =
            accept4(loop_io_fd(listener->io), (struct sockaddr *)&peer, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            listener->accepted(listener->data, fd, (struct sockaddr *)&peer);
        else if (errno == EAGAIN)
            return;
        else if (is_lack(errno)) {
            pause_accepting(listener, errno);
            return;
        }
    }
}

/* ---- opening ---- */

static void listener_free(struct loop_turn *turn) {
    struct loop_listener *listener = container_of(turn, struct loop_listener, turn);
    free(listener->path);
    free(listener);
}

/* Takes the bound socket, in any case. */
static enum sio_err listener_start(struct sio_loop *loop, int fd,
                                   void (*accepted)(void *data, int fd, const struct sockaddr *peer),
                                   void *data, struct loop_listener **out) {
    if (listen(fd, LISTEN_BACKLOG) != 0) {
        enum sio_err e = err_of_errno(errno);
        close(fd);
        return e;
    }
    struct loop_listener *listener = mem_new(struct loop_listener);
    listener->loop = loop;
    listener->accepted = accepted;
    listener->data = data;
    listener->turn.run = listener_free;
    listener->io = loop_io_new(loop, fd, listener_ready, listener);
    if (listener->io == NULL) {
        free(listener);
        return SIO_ERR_IO;
    }
    loop_io_want(listener->io, LOOP_READABLE);
    *out = listener;
    return SIO_ERR_OK;
}

/* TCP_NODELAY is handed down from the listening socket to each connection. */
static int bind_tcp(const struct addrinfo *at) {
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    const int on = 1, off = 0;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (at->ai_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    if (bind(fd, at->ai_addr, at->ai_addrlen) == 0) return fd;
    int number = errno;
    close(fd);
    errno = number;
    return -1;
}

static uint16_t bound_port(int fd) {
    struct sockaddr_storage address = {0};
    socklen_t n = sizeof(address);
    if (getsockname(fd, (struct sockaddr *)&address, &n) != 0) return 0;
    return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                               : ((struct sockaddr_in *)&address)->sin_port);
}

enum sio_err loop_listen_tcp(struct sio_loop *loop, const char *host, uint16_t port,
                             void (*accepted)(void *data, int fd, const struct sockaddr *peer), void *data,
                             struct loop_listener **out) {
    must(loop_is_mine(loop));
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char service[8];
    snprintf(service, sizeof(service), "%u", port);
    if (getaddrinfo(host, service, &hints, &found) != 0) return SIO_ERR_INVALID;
    int fd = -1;
    for (struct addrinfo *at = found; at != NULL && fd < 0; at = at->ai_next) fd = bind_tcp(at);
    enum sio_err e = fd < 0 ? err_of_errno(errno) : SIO_ERR_OK;
    freeaddrinfo(found);
    if (e != SIO_ERR_OK) return e;
    uint16_t got = bound_port(fd);
    e = listener_start(loop, fd, accepted, data, out);
    if (e == SIO_ERR_OK) (*out)->port = got;
    return e;
}

/* An old socket file is in the way only while somebody still answers there. */
static enum sio_err clear_path(const struct sockaddr_un *address) {
    struct stat old;
    if (lstat(address->sun_path, &old) != 0) return errno == ENOENT ? SIO_ERR_OK : err_of_errno(errno);
    if (!S_ISSOCK(old.st_mode)) return SIO_ERR_EXISTS;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return SIO_ERR_IO;
    bool answers = connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 || errno == EAGAIN;
    close(fd);
    if (answers) return SIO_ERR_IN_USE;
    return unlink(address->sun_path) == 0 ? SIO_ERR_OK : err_of_errno(errno);
}

/* The mode is set before the name exists, so there is no moment in which others could connect. */
static enum sio_err bind_unix(const struct sockaddr_un *address, int *out) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return SIO_ERR_IO;
    if (fchmod(fd, S_IRUSR | S_IWUSR) != 0 ||
        bind(fd, (const struct sockaddr *)address, sizeof(*address)) != 0) {
        enum sio_err e = err_of_errno(errno);
        close(fd);
        return e;
    }
    *out = fd;
    return SIO_ERR_OK;
}

enum sio_err loop_listen_unix(struct sio_loop *loop, const char *path,
                              void (*accepted)(void *data, int fd, const struct sockaddr *peer), void *data,
                              struct loop_listener **out) {
    must(loop_is_mine(loop));
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t n = strlen(path);
    if (n == 0 || n >= sizeof(address.sun_path)) return SIO_ERR_INVALID;
    memcpy(address.sun_path, path, n);
    int fd = -1;
    enum sio_err e = clear_path(&address);
    if (e == SIO_ERR_OK) e = bind_unix(&address, &fd);
    if (e == SIO_ERR_OK) e = listener_start(loop, fd, accepted, data, out);
    if (e != SIO_ERR_OK) return e;
    struct stat file;
    if (lstat(path, &file) == 0) {
        (*out)->path = mem_str(path, n);
        (*out)->device = file.st_dev;
        (*out)->inode = file.st_ino;
    }
    return SIO_ERR_OK;
}

uint16_t loop_listener_port(const struct loop_listener *listener) { return listener->port; }

/* ---- closing ---- */

void loop_listener_close(struct loop_listener *listener) {
    must(!listener->closed);
    listener->closed = true;
    struct stat file;
    if (listener->path != NULL && lstat(listener->path, &file) == 0 && file.st_ino == listener->inode &&
        file.st_dev == listener->device)
        unlink(listener->path);
    sio_timer_stop(listener->loop, &listener->pause);
    loop_io_close(listener->io);
    loop_at_turn_end(listener->loop, &listener->turn);
}
