/* Sending: to one socket, with or without an answer, and to rooms. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "sio_api.h"
#include "sio_socket.h"
#include "sio_span.h"

SIO_BEGIN

struct sio_packet;

/* What happens when a receiver's queue is full (sio_config.out_queue_bytes). */
enum sio_delivery {
    SIO_MUST,     /* the slow connection is closed: it comes back and catches up */
    SIO_MAY_DROP, /* this packet is dropped for that receiver, and counted */
    SIO_VOLATILE, /* the same, and already when anything waits for that receiver, be it of this very turn, or
                     when it polls and has no request waiting: for what is worth nothing a moment later */
};

/* An event encoded once for any number of receivers, all of them in `ns`; immutable, counted references: the caller has
 * one, and gives it back with sio_packet_unref. [any thread]
 * `args` is a JSON array. */
struct sio_packet *sio_packet_event(const struct sio_namespace *ns, struct sio_span name,
                                    struct sio_span args);
/* The same with attachments: `args` holds {"_placeholder":true,"num":N} in their places. NULL with a line in
 * the log: more than max_attachments; sending and unreferencing NULL do nothing. */
struct sio_packet *sio_packet_event_binary(const struct sio_namespace *ns, struct sio_span name,
                                           struct sio_span args, const struct sio_span *attachments,
                                           size_t count);
void sio_packet_unref(struct sio_packet *packet);

/* [any thread] To one socket of `ns`, for which the packet was made. Takes no reference of the caller's. */
void sio_emit(struct sio_namespace *ns, struct sio_ref to, struct sio_packet *packet,
              enum sio_delivery delivery);

/* A client's acknowledgement; lives until the callback returns. */
struct sio_answer {
    struct sio_span args; /* a JSON array; empty: there is none, because the time passed or the socket went */
    const struct sio_span *attachments;
    size_t attachment_count;
    bool timed_out; /* `args` is empty because the time passed */
};

/* To one socket with an answer: `done` runs on the loop, once; when the socket goes, after on_disconnect; inside this
 * call when it has gone already, or with too many attachments. SIO_MUST; not recovered. A `timeout_ms` of 0 is no time,
 * not for ever. */
void sio_emit_with_ack(struct sio_socket *socket, struct sio_span name, struct sio_span args,
                       uint32_t timeout_ms, void (*done)(const struct sio_answer *answer, void *data),
                       void *data);
/* The same with attachments, as in sio_packet_event_binary. */
void sio_emit_binary_with_ack(struct sio_socket *socket, struct sio_span name, struct sio_span args,
                              const struct sio_span *attachments, size_t count, uint32_t timeout_ms,
                              void (*done)(const struct sio_answer *answer, void *data), void *data);

/* Receivers: everyone in any of `rooms` (all of the namespace when room_count is 0), once each, but nobody
 * who is in any of `except` and not the socket `except_socket`. A socket's id is a room of its own. */
struct sio_target {
    const struct sio_span *rooms;
    size_t room_count;
    const struct sio_span *except;
    size_t except_count;
    struct sio_ref except_socket; /* generation 0: nobody */
};

/* [any thread] To all receivers; joining, leaving and disconnecting are what sio_socket.h says of one socket, but no
 * on_disconnect runs inside the call. */
void sio_broadcast(struct sio_namespace *ns, const struct sio_target *target, struct sio_packet *packet,
                   enum sio_delivery delivery);
void sio_sockets_join(struct sio_namespace *ns, const struct sio_target *target, struct sio_span room);
void sio_sockets_leave(struct sio_namespace *ns, const struct sio_target *target, struct sio_span room);
void sio_sockets_disconnect(struct sio_namespace *ns, const struct sio_target *target, enum sio_leave how);

SIO_END
