/* Sessions: who somebody is over several sockets, what it is given, and what it has missed when it comes back.
 *
 * "After n" does not include number n of the log. */
#pragma once
#include "base/list.h"
#include "engine/sid.h"
#include "sio.h"
#include "socket/recovery_log.h"

enum { RECOVERY_FORMER_STAYS = 16 /* past stays that a session remembers; see recovery_session.c */ };

struct stay { /* somebody is in a room for what is after `after`, up to and with `until` */
    uint64_t after, until;
    bool hidden; /* no room that is joined anew: the name of a sio_ref */
    uint32_t name_n;
    char name[];
};

enum recovery_state {
    RECOVERY_LIVE,  /* has a socket */
    RECOVERY_AWAY,  /* waits for its client, in recovery.away */
    RECOVERY_TAKEN, /* its client is back, its owner is being asked */
};

struct recovery_session {
    struct sio_namespace *ns;
    char pid[SID_TEXT], sid[SID_TEXT];
    /* under the recovery's mutex */
    enum recovery_state state;
    struct sio_ref socket; /* its present or last socket */
    struct list in_away;
    uint64_t until_ms; /* AWAY: not longer */
    /* of the socket's loop while LIVE, of whoever has taken it while TAKEN; under the mutex while AWAY */
    void *data;
    struct stay **stays;
    uint32_t stay_count, stay_capacity;
    uint64_t start;    /* it gets what is after it */
    uint64_t live;     /* its present socket gets what is after it; what is before was sent at its recovery */
    uint64_t sent;     /* the last that was given to one of its sockets; 0: none */
    uint64_t saved_at; /* all up to here was seen by its last socket */
    uint64_t floor;    /* what was up to here cannot be judged any more */
};

struct recovery_session *recovery_session_new(struct sio_namespace *ns, uint64_t start);
void recovery_session_free(struct recovery_session *session); /* not its data */
/* Once is enough; but what was ordered earlier and is done later makes the stay begin earlier. */
void recovery_session_join(struct recovery_session *session, struct sio_span room, uint64_t after,
                           bool hidden);
void recovery_session_leave(struct recovery_session *session, struct sio_span room, uint64_t until);
/* Was it in the room when the order of that number was given? */
bool recovery_session_in(const struct recovery_session *session, struct sio_span room, uint64_t seq);
/* Is it among the receivers? */
bool recovery_session_concerned(const struct recovery_session *session, const struct logged *logged);
/* A socket's address as the name of a room that no text equals. */
enum { RECOVERY_REF_NAME = 11 };
struct sio_span recovery_ref_name(struct sio_ref ref, char out[RECOVERY_REF_NAME]);

enum recovery_outcome {
    RECOVERY_DONE,
    RECOVERY_UNKNOWN, /* no such session: never, not any more, of another server, or being recovered just now */
    RECOVERY_BAD_OFFSET, /* not one that this session was given */
    RECOVERY_TOO_MUCH,   /* the log does not reach back, or more was missed than a queue holds */
    RECOVERY_OUTCOMES
};

enum offset_kind { OFFSET_NONE, OFFSET_BAD, OFFSET_GOOD /* of this tag */ };

struct missed { /* one reference each */
    struct logged **list;
    uint32_t count, capacity;
    size_t bytes;
};

/* Can it go on after what its client says it has? What is after *from has to be made up for. */
enum recovery_outcome recovery_session_judge(const struct recovery_session *session,
                                             const struct recovery_log *log, enum offset_kind kind,
                                             uint64_t offset, uint64_t *from);
struct admission { /* by the owner, into these rooms besides those that it is in */
    const struct sio_span *rooms;
    size_t count;
    uint64_t after;    /* that number; at least saved_at */
    size_t most_bytes; /* to be made up for; more is too much, and is not looked for */
};

/* What it missed after what its client says it has, in order; brings its stays up to the log's end. Only when it
 * answers RECOVERY_DONE is the session still good for anything. */
enum recovery_outcome recovery_session_missed(struct recovery_session *session,
                                              const struct recovery_log *log, enum offset_kind kind,
                                              uint64_t offset, const struct admission *admission,
                                              struct missed *missed);
void missed_fini(struct missed *missed);
