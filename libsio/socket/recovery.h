/* Connection state recovery (see ARCHITECTURE.md): what a namespace keeps so that a client that comes back gets exactly
 * what it missed, or is told that it cannot. */
#pragma once
#include <pthread.h>
#include <stdatomic.h>

#include "base/map.h"
#include "socket/lane.h"
#include "socket/recovery_session.h"

struct recovery {
    pthread_mutex_t mutex;
    struct recovery_log log;
    atomic_ullong last;  /* recovery_log_last; written before the directory is asked, read after it is told */
    struct map sessions; /* pid → struct recovery_session */
    struct list away;    /* the first to be forgotten first */
    size_t away_count;
    struct lane *lanes; /* one a loop */
    char tag[RECOVERY_TAG];
    /* on loop 0: time passes in steps */
    bool sweeping;
    uint32_t step_ms, steps;
    struct sio_task sweep_task;
    struct sio_timer sweep_timer;
};

/* Nothing when the configuration does not want it. */
void recovery_open(struct sio_namespace *ns);
void recovery_close(struct sio_namespace *ns); /* after the loops; forgets every session */

void recovery_stats(struct sio_namespace *ns, struct sio_stats *sums); /* adds its own. [any thread] */

/* Nothing happens without recovery. Between the two, orders are numbered and given to lanes. */
void recovery_lock(struct sio_namespace *ns);
void recovery_unlock(struct sio_namespace *ns);
/* Work for a loop in the order in which this thread gives it; *after (may be NULL) becomes the last number before it.
 * Not under the mutex. */
void recovery_post(struct sio_namespace *ns, struct sio_loop *loop, struct sio_task *work, uint64_t *after);
uint64_t recovery_last(const struct sio_namespace *ns); /* 0 without recovery. [any thread] */

/* Under the mutex: logs it, and returns its number. *packet (of LOGGED_EMIT) becomes the one with its offset, with a
 * reference for the caller. */
uint64_t recovery_log_order(struct sio_namespace *ns, enum logged_action action, struct sio_packet **packet,
                            struct sio_span room, const struct sio_target *target, struct sio_span single);

/* ---- what happens to sockets; on their loop ---- */

/* A session for a new socket, which gets what is after `start`. */
struct recovery_session *recovery_begin(struct sio_socket *socket, uint64_t start);
void recovery_joined(struct sio_socket *socket, struct sio_span room, uint64_t after);
void recovery_left(struct sio_socket *socket, struct sio_span room);
/* It has just ended: from here on it misses things. */
void recovery_ending(struct sio_socket *socket);
/* Its owner has been told. The session is kept for its client, or is over. */
void recovery_ended(struct sio_socket *socket, enum sio_reason reason);

/* Under the mutex: it waits for its client, until its time. What is too much is forgotten, in the end itself. */
void recovery_put_away(struct recovery_session *session, uint64_t now_ms);
/* Under the mutex: it does not any more. */
void recovery_take_back(struct recovery_session *session);
/* Nobody finds it any more; its data is somebody else's. */
void recovery_drop(struct recovery_session *session);
/* Tells the owner on that loop that the data of a session is not needed any more, but not inside a call of its own. */
void recovery_forget_later(struct sio_namespace *ns, struct sio_loop *loop, void *socket_data);

/* ---- CONNECT ---- */

/* Old clients know nothing of recovery: their sockets have no session, and come and go as without it. */
bool recovery_concerns(const struct sio_connect *connect);
/* Looks for the session that the client names, ends its former socket if that is still there, then asks the owner
 * (connect_ask). */
void recovery_connect(struct sio_connect *connect);
/* Makes the socket, which takes its session, or gets a new one, and is put into its rooms. `missed` is to be sent. false:
 * the session, gone now, cannot go on, and a new one is for the owner to decide, who has not been asked. */
bool recovery_admit(struct sio_connect *connect, struct missed *missed);
/* The client has gone before its owner accepted; or its owner has refused. */
void recovery_give_back(struct sio_connect *connect);
void recovery_refuse(struct sio_connect *connect);
