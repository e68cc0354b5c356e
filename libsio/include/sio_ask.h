/* Asking many: an event whose answers are collected, and the list of sockets. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sio_api.h"
#include "sio_send.h"
#include "sio_span.h"

SIO_BEGIN

struct sio_answer_of { /* of one receiver */
    struct sio_ref socket;
    struct sio_span id;
    struct sio_span args; /* a JSON array */
    const struct sio_span *attachments;
    size_t attachment_count;
};

struct sio_answers {                  /* lives until the callback returns */
    const struct sio_answer_of *list; /* in no order */
    size_t count;
    size_t receivers; /* that were asked; who left without an answer is among them */
    size_t omitted;   /* answers that came, but not within max_gathered_bytes */
    bool timed_out;   /* some have neither answered in time nor left */
};

/* [any thread] An event to all receivers (SIO_MUST), attachments as in sio_packet_event_binary (too many: there are no
 * receivers), and what they answer, within `timeout_ms` each. `done` runs once, never inside this call, on the calling
 * loop, or on loop 0 when another thread calls: as soon as all have answered or left, or their time is over. */
void sio_broadcast_with_ack(struct sio_namespace *ns, const struct sio_target *target, struct sio_span name,
                            struct sio_span args, const struct sio_span *attachments, size_t attachment_count,
                            uint32_t timeout_ms, void (*done)(const struct sio_answers *answers, void *data),
                            void *data);

struct sio_socket_of {
    struct sio_ref socket;
    struct sio_span id;
    const struct sio_span *rooms; /* joined; its id is not among them */
    size_t room_count;
};

struct sio_sockets {                  /* lives until the callback returns */
    const struct sio_socket_of *list; /* in no order */
    size_t count;
    size_t omitted; /* that are there, but not within max_gathered_bytes */
};

/* [any thread] Who would be the receivers, as each loop sees it when the question comes to it. `done` runs as
 * that of sio_broadcast_with_ack. What else is to be known of a socket is asked on its own loop, by its
 * reference. */
void sio_sockets_fetch(struct sio_namespace *ns, const struct sio_target *target,
                       void (*done)(const struct sio_sockets *sockets, void *data), void *data);

SIO_END
