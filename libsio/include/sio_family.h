/* Namespaces made on demand: a family takes the names that match, and each of them is there while it is used. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "sio_api.h"
#include "sio_namespace.h"
#include "sio_send.h"
#include "sio_span.h"

SIO_BEGIN

struct sio_family;

/* Which names a family takes: those that match its pattern and that its callback accepts; one of the two may
 * be NULL. A name is compared as it came, case and query included; one that sio_server_namespace has made is
 * never a family's. */
struct sio_match {
    const char *pattern; /* a POSIX extended regular expression that the whole name matches, "/room-[0-9]+" */
    /* Asked for each client that wants to join, also when the namespace is there already, on the client's
     * loop; `auth` as in sio_connect_auth. The `data` here and below is the handlers'. */
    bool (*accepts)(struct sio_span name, struct sio_span auth, void *data);
    /* A namespace is made, or has gone: its own data, see sio_namespace_data. On any loop; another namespace
     * of the same name may be made before `dropped` is called. `made` runs under a lock and may not call
     * libsio. */
    void *(*made)(struct sio_span name, void *data);
    void (*dropped)(void *namespace_data, void *data);
};

/* Before sio_server_run. All namespaces of the family have its handlers; sio_socket_namespace and
 * sio_connect_namespace say which one it is. The family that was made first is asked first. A namespace is
 * there while it has sockets, CONNECTs under way, or references (with recovery also while it keeps events or sessions);
 * a client that asks when there are max_dynamic_namespaces is refused ("Too many dynamic namespaces"). NULL with a line
 * in the log: the pattern is no regular expression. */
struct sio_family *sio_server_namespace_match(struct sio_server *server, const struct sio_match *match,
                                              const struct sio_handlers *handlers);

/* [any thread] With a reference for the caller; NULL: there is none of that name now. */
struct sio_namespace *sio_namespace_find(struct sio_server *server, struct sio_span name);
/* [any thread] Whoever keeps a family's namespace beyond a callback, also for an ack, holds it. Others need
 * no reference, but may have one. All are given back before sio_server_free. */
struct sio_namespace *sio_namespace_ref(struct sio_namespace *ns);
void sio_namespace_unref(struct sio_namespace *ns);       /* NULL is fine */
void *sio_namespace_data(const struct sio_namespace *ns); /* what `made` returned; NULL without */

/* [any thread] To the receivers in all namespaces of the family that are there now. */
void sio_family_broadcast(struct sio_family *family, const struct sio_target *target, struct sio_span name,
                          struct sio_span args, const struct sio_span *attachments, size_t attachment_count,
                          enum sio_delivery delivery);

SIO_END
