/* The log of a namespace with recovery: what its clients may miss, and who they are, numbered. One thread at a time. */
#pragma once
#include <stdatomic.h>

#include "sio.h"
#include "socket/recovery_budget.h"

enum {
    RECOVERY_TAG = 8,        /* characters: whose offset is it? */
    RECOVERY_OFFSET_MAX = 32 /* bytes of an offset */
};

/* ---- entries ---- */

enum logged_action { LOGGED_EMIT, LOGGED_JOIN, LOGGED_LEAVE, LOGGED_DISCONNECT };

struct logged {
    atomic_uint refs;
    enum logged_action action;
    uint64_t seq;              /* given by the log */
    uint32_t age;              /* the log's, when it was added */
    struct sio_packet *packet; /* of LOGGED_EMIT; one reference */
    size_t size_bytes;         /* of the packet */
    struct sio_span room;      /* of LOGGED_JOIN and LOGGED_LEAVE */
    struct sio_span *names;    /* rooms, then except; with their bytes in this allocation */
    uint32_t room_count, except_count;
};

/* Copies the target's names and `room`; takes a reference of its own to `packet`, which may be NULL. `single`: a name
 * of one receiver alone (recovery_ref_name) instead of rooms; empty otherwise. */
struct logged *logged_new(enum logged_action action, struct sio_packet *packet, size_t size_bytes,
                          struct sio_span room, const struct sio_target *target, struct sio_span single);
void logged_unref(struct logged *logged);

/* ---- the log ---- */

struct recovery_log {
    struct logged **ring; /* entry n stands at n modulo capacity */
    uint32_t capacity, count;
    uint64_t first; /* the oldest entry's number; the next one's is first + count; they begin with 1 */
    size_t bytes;
    struct recovery_budget *budget; /* of bytes, entered by the log's owner; the oldest go first */
    uint32_t age;
};

void recovery_log_init(struct recovery_log *log, struct recovery_budget *budget);
void recovery_log_fini(struct recovery_log *log);
/* Numbers it and keeps a reference. Older ones go when it becomes too much, in the end itself. */
uint64_t recovery_log_add(struct recovery_log *log, struct logged *logged);
/* One step of time passes; what has seen `steps` of them goes, and what is too much by now. */
void recovery_log_age(struct recovery_log *log, uint32_t steps);
static inline uint64_t recovery_log_last(const struct recovery_log *log) {
    return log->first + log->count - 1;
}
/* NULL: not there any more, or not yet. */
struct logged *recovery_log_at(const struct recovery_log *log, uint64_t seq);

/* ---- offsets: the tag of one namespace of one running server, then a sequence number in decimal ---- */

size_t recovery_offset_write(const char tag[RECOVERY_TAG], uint64_t seq, char out[RECOVERY_OFFSET_MAX]);
bool recovery_offset_parse(const char tag[RECOVERY_TAG], struct sio_span text, uint64_t *seq);
