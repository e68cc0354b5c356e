/* Namespaces: those made before the server runs, found by their exact name; and what all of them are made of. */
#include "base/mem.h"
#include "base/must.h"
#include "socket/internal.h"

struct sio_namespace *namespace_new(struct sio_server *server, struct sio_span name, unsigned stripes) {
    struct sio_namespace *ns = mem_zalloc(sizeof(*ns) + name.n);
    unsigned loops = sio_server_loop_count(server);
    ns->server = server;
    ns->name_n = (uint32_t)name.n;
    memcpy(ns->name, name.p, name.n);
    directory_init(&ns->directory, loops, stripes);
    ns->loops = mem_new_array(struct namespace_loop, loops);
    for (unsigned i = 0; i < loops; i++) map_init(&ns->loops[i].rooms, NULL);
    recovery_open(ns);
    return ns;
}

struct sio_namespace *sio_server_namespace(struct sio_server *server, const char *name,
                                           const struct sio_handlers *handlers) {
    must(!server->ran && name[0] == '/' && !namespace_find(server, sio_span_cstr(name)));
    struct sio_namespace *ns = namespace_new(server, sio_span_cstr(name), DIRECTORY_STRIPES);
    if (handlers) ns->handlers = *handlers;
    ns->next = server->namespaces;
    server->namespaces = ns;
    return ns;
}

struct sio_span sio_namespace_name(const struct sio_namespace *ns) {
    return namespace_name(ns);
}
void *sio_namespace_data(const struct sio_namespace *ns) { return ns->data; }

struct sio_namespace *namespace_find(struct sio_server *server, struct sio_span name) {
    for (struct sio_namespace *ns = server->namespaces; ns; ns = ns->next)
        if (sio_span_eq(namespace_name(ns), name)) return ns;
    return NULL;
}

void namespace_free(struct sio_namespace *ns) {
    recovery_close(ns);
    for (unsigned i = 0; i < sio_server_loop_count(ns->server); i++) {
        struct room *r;
        for (uint32_t c = 0; (r = map_next(&ns->loops[i].rooms, &c)) != NULL;) {
            if (r->members != r->one) free(r->members);
            free(r);
        }
        map_fini(&ns->loops[i].rooms);
        free(ns->loops[i].sockets);
    }
    directory_fini(&ns->directory);
    free(ns->loops);
    free(ns);
}
