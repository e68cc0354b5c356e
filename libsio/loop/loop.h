/* Loop threads over libuv: timers, mailboxes, end-of-turn work, and non-blocking descriptors. The only
 * folder that knows uv.h. What the rest of libsio knows of the outside world it knows through this header, so
 * that a simulated loop can take its place. */
#pragma once
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "sio_err.h"
#include "sio_log.h"
#include "sio_loop.h"

struct loop_group;

/* `count` loops (at most 64), not yet running. The caller frees, after loop_group_run returned; what is
 * queued for a turn's end is run then, and descriptors still watched are closed. */
enum sio_err loop_group_new(unsigned count, const struct sio_log *log,
                            struct loop_group **out) SIO_MUST_CHECK;
void loop_group_free(struct loop_group *group);

unsigned loop_group_count(const struct loop_group *group);
struct sio_loop *loop_group_at(const struct loop_group *group, unsigned index);

/* Runs all loops, loop 0 on the calling thread; returns when every one has ended. */
enum sio_err loop_group_run(struct loop_group *group) SIO_MUST_CHECK;

/* [any thread] Every loop ends its current turn and leaves loop_group_run. Posts not yet run are run first.
 */
void loop_group_stop(struct loop_group *group);

/* What other threads have posted since loop_group_run returned, and what is left of the loops' last turns, is run on
 * this thread, the loops' only one now. Afterwards a connection is told nothing any more. */
void loop_group_run_late_work(struct loop_group *group);

/* As sio_loop_post, and wakes the loop even when it is the caller's own: for a signal handler, which may run on a loop
 * that is asleep. */
void loop_post_and_wake(struct sio_loop *loop, struct sio_task *task);

struct loop_group *loop_group_of(const struct sio_loop *loop);

/* The thread's one big read buffer, LOOP_READ_BYTES long; anyone's between two calls, nobody's across them.
 */
enum { LOOP_READ_BYTES = 256 * 1024 };
char *loop_read_buffer(struct sio_loop *loop);

/* ---- end of turn ---- */

/* Embed one, zeroed. Queued once a turn at most; `run` is called when all input of the turn has been handled,
 * in the order of queueing. All of a turn's work together has a budget of 20 ms: what is left runs in the
 * next turn, after that turn's input, so that nobody waits for a large fan-out. */
struct loop_turn {
    struct loop_turn *next;
    bool queued;
    void (*run)(struct loop_turn *turn);
};
void loop_at_turn_end(struct sio_loop *loop, struct loop_turn *turn);
void loop_turn_cancel(struct sio_loop *loop, struct loop_turn *turn); /* O(n) at worst; for closing only */

/* The longest turn (from waking to waiting again) since the last reset, in microseconds. [any thread] */
uint64_t loop_turn_max_us(struct sio_loop *loop, bool reset);

/* ---- descriptors ---- */

enum { LOOP_READABLE = 1, LOOP_WRITABLE = 2, LOOP_HANGUP = 4, LOOP_ENDED = 8 };

struct loop_io; /* watches one descriptor on one loop */

/* `ready` is called with the events that are there (LOOP_HANGUP: the peer closed its side or the descriptor
 * failed; LOOP_ENDED, unasked for: the loop is being freed, close and free). Watches for nothing until
 * loop_io_want. The descriptor is non-blocking and becomes the io's.
 * NULL when the system watches no more descriptors: then it is closed. */
struct loop_io *loop_io_new(struct sio_loop *loop, int fd, void (*ready)(void *data, int events), void *data);
void loop_io_want(struct loop_io *io, int events); /* replaces the former wish; 0: nothing */
int loop_io_fd(const struct loop_io *io);

/* Ends watching; `ready` is not called again. Closes the descriptor, or gives it back with loop_io_detach.
 * Frees at the end of the turn, not before. */
void loop_io_close(struct loop_io *io);
int loop_io_detach(struct loop_io *io);

/* Closes a descriptor that nobody watches: an accepted one, or one that was given back. */
void loop_fd_close(int fd);

/* Bytes read (> 0), 0: the peer has ended, -1: nothing there now, -2: the connection failed. */
ssize_t loop_io_read(struct loop_io *io, void *p, size_t n);
/* Bytes written (>= 0, perhaps fewer than given), -2: the connection failed. Never raises SIGPIPE. */
ssize_t loop_io_writev(struct loop_io *io, const struct iovec *iov, int count);
/* Tells the peer that nothing more comes; reading goes on. */
void loop_io_end_writing(struct loop_io *io);

/* ---- listening ---- */

struct loop_listener;

/* Listens on `loop`. `accepted` gets each new non-blocking descriptor (now the callee's) on that loop, with
 * the peer's address. TCP_NODELAY is set. SIO_ERR_IN_USE, SIO_ERR_DENIED, SIO_ERR_INVALID (unknown host), SIO_ERR_IO. Runs
 * out of descriptors without spinning: accepting pauses 100 ms, with one line in the log a minute. */
enum sio_err loop_listen_tcp(struct sio_loop *loop, const char *host, uint16_t port,
                             void (*accepted)(void *data, int fd, const struct sockaddr *peer), void *data,
                             struct loop_listener **out) SIO_MUST_CHECK;
enum sio_err loop_listen_unix(struct sio_loop *loop, const char *path,
                              void (*accepted)(void *data, int fd, const struct sockaddr *peer), void *data,
                              struct loop_listener **out) SIO_MUST_CHECK;
uint16_t loop_listener_port(const struct loop_listener *listener);
void loop_listener_close(struct loop_listener *listener); /* on its loop, or before/after running */

/* SIGINT and SIGTERM call `fn` on loop 0. Before running. */
void loop_on_stop_signals(struct loop_group *group, void (*fn)(void *data), void *data);
/* SIGHUP does. */
void loop_on_hangup_signal(struct loop_group *group, void (*fn)(void *data), void *data);
