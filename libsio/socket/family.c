/* Namespaces made on demand: a family's pattern and callback say for whom, its children come with the first client
 * that asks and go with the last reference.
 *
 * Loops look children up at CONNECT alone, under one mutex. Each socket, CONNECT under way, order and answer on its way
 * to a loop holds a reference, and so may the owner. The last one is given back under the mutex, so that whoever finds
 * a child finds a living one. */
#include <regex.h>

#include "base/mem.h"
#include "base/must.h"
#include "socket/internal.h"

struct sio_family {
    struct sio_server *server;
    struct sio_handlers handlers;
    struct sio_match match; /* its pattern is compiled, and NULL here */
    bool has_pattern;
    regex_t pattern;
    struct sio_family *next;
};

/* ---- before the server runs ---- */

/* Searching finds any part, so the pattern is told that it is the whole. */
static bool pattern_compile(struct sio_family *f, const char *pattern) {
    struct sio_strbuf whole;
    char why[128];
    sio_strbuf_init(&whole);
    sio_strbuf_printf(&whole, "^(%s)$", pattern);
    int e = regcomp(&f->pattern, whole.p, REG_EXTENDED | REG_NOSUB);
    sio_strbuf_fini(&whole);
    f->has_pattern = e == 0;
    if (e == 0) return true;
    regerror(e, &f->pattern, why, sizeof(why));
    sio_log_error(f->server->config.log, "namespaces: the pattern %s is none: %s", pattern, why);
    return false;
}

struct sio_family *sio_server_namespace_match(struct sio_server *server, const struct sio_match *match,
                                              const struct sio_handlers *handlers) {
    must(!server->ran && (match->pattern || match->accepts));
    struct sio_family *f = mem_new(struct sio_family);
    f->server = server;
    f->match = *match;
    f->match.pattern = NULL;
    if (handlers) f->handlers = *handlers;
    if (match->pattern && !pattern_compile(f, match->pattern)) {
        free(f);
        return NULL;
    }
    struct sio_family **end = &server->families; /* the first one made is asked first */
    while (*end) end = &(*end)->next;
    *end = f;
    return f;
}

/* ---- found and made ---- */

static bool pattern_matches(const struct sio_family *f, struct sio_span name) {
    if (!f->has_pattern) return true;
    if (name.n && memchr(name.p, 0, name.n)) return false;
    char *text = mem_str(name.p, name.n);
    bool matches = regexec(&f->pattern, text, 0, NULL, 0) == 0;
    free(text);
    return matches;
}

static bool family_accepts(const struct sio_family *f, struct sio_span name, struct sio_span auth) {
    return pattern_matches(f, name) && (!f->match.accepts || f->match.accepts(name, auth, f->handlers.data));
}

/* Under the mutex. */
static struct sio_namespace *child_new(struct sio_family *f, struct sio_span name) {
    struct sio_namespace *ns = namespace_new(f->server, name, DIRECTORY_FEW_STRIPES);
    ns->family = f;
    ns->handlers = f->handlers;
    atomic_init(&ns->refs, 0);
    if (f->match.made) ns->data = f->match.made(name, f->handlers.data);
    map_put(&f->server->children, namespace_name(ns), ns);
    return ns;
}

static struct sio_namespace *child_find(struct sio_server *server, struct sio_span name) {
    pthread_mutex_lock(&server->children_mutex);
    struct sio_namespace *ns = map_get(&server->children, name);
    if (ns) namespace_ref(ns);
    pthread_mutex_unlock(&server->children_mutex);
    return ns;
}

static struct sio_namespace *child_get(struct sio_family *f, struct sio_span name, enum sio_err *why) {
    struct sio_server *server = f->server;
    pthread_mutex_lock(&server->children_mutex);
    struct sio_namespace *ns = map_get(&server->children, name);
    bool full = server->children.count >= server->config.max_dynamic_namespaces;
    if (!ns && !full) ns = child_new(f, name);
    if (ns) namespace_ref(ns);
    pthread_mutex_unlock(&server->children_mutex);
    *why = ns ? SIO_ERR_OK : SIO_ERR_LIMIT;
    return ns;
}

struct sio_namespace *family_find(struct sio_server *server, struct sio_span name, struct sio_span auth,
                                  enum sio_err *why) {
    *why = SIO_ERR_NOT_FOUND;
    if (!server->families || name.n > server->config.max_namespace_bytes) return NULL;
    struct sio_namespace *ns = child_find(server, name);
    if (!ns) {
        struct sio_family *f = server->families;
        while (f && !family_accepts(f, name, auth)) f = f->next;
        ns = f ? child_get(f, name, why) : NULL;
        if (!ns || ns->family == f) return ns;
    }
    *why = family_accepts(ns->family, name, auth) ? SIO_ERR_OK
                                                  : SIO_ERR_NOT_FOUND; /* each client is asked for */
    if (*why == SIO_ERR_OK) return ns;
    namespace_unref(ns);
    return NULL;
}

struct sio_namespace *sio_namespace_find(struct sio_server *server, struct sio_span name) {
    struct sio_namespace *ns = namespace_find(server, name);
    return ns ? ns : child_find(server, name);
}

/* ---- references ---- */

/* Those who may come back are forgotten first: what is theirs may point at what is the namespace's. */
static void child_free(struct sio_namespace *ns) {
    const struct sio_family *f = ns->family;
    recovery_close(ns);
    if (f->match.dropped) f->match.dropped(ns->data, f->handlers.data);
    namespace_free(ns);
}

void child_unref(struct sio_namespace *ns) {
    struct sio_family *f = ns->family;
    uint32_t refs = atomic_load_explicit(&ns->refs, memory_order_relaxed);
    while (refs > 1)
        if (atomic_compare_exchange_weak_explicit(&ns->refs, &refs, refs - 1, memory_order_release,
                                                  memory_order_relaxed))
            return;
    pthread_mutex_lock(&f->server->children_mutex);
    bool last = atomic_fetch_sub_explicit(&ns->refs, 1, memory_order_acq_rel) == 1;
    if (last) map_del(&f->server->children, namespace_name(ns));
    pthread_mutex_unlock(&f->server->children_mutex);
    if (last) child_free(ns);
}

struct sio_namespace *sio_namespace_ref(struct sio_namespace *ns) {
    namespace_ref(ns);
    return ns;
}

void sio_namespace_unref(struct sio_namespace *ns) {
    if (ns) namespace_unref(ns);
}

/* ---- all children ---- */

/* With a reference each; the caller frees the list. */
static struct sio_namespace **children_of(struct sio_family *f, size_t *count) {
    struct map *all = &f->server->children;
    struct sio_namespace *ns;
    pthread_mutex_lock(&f->server->children_mutex);
    struct sio_namespace **list = mem_new_array(struct sio_namespace *, all->count + 1);
    *count = 0;
    for (uint32_t cursor = 0; (ns = map_next(all, &cursor)) != NULL;) {
        if (ns->family != f) continue;
        namespace_ref(ns);
        list[(*count)++] = ns;
    }
    pthread_mutex_unlock(&f->server->children_mutex);
    return list;
}

void sio_family_broadcast(struct sio_family *f, const struct sio_target *target, struct sio_span name,
                          struct sio_span args, const struct sio_span *attachments, size_t attachment_count,
                          enum sio_delivery delivery) {
    size_t count;
    struct sio_namespace **children = children_of(f, &count);
    for (size_t i = 0; i < count; i++) { /* each has its own name in the packet */
        struct sio_packet *p =
            sio_packet_event_binary(children[i], name, args, attachments, attachment_count);
        sio_broadcast(children[i], target, p, delivery);
        sio_packet_unref(p);
        namespace_unref(children[i]);
    }
    free(children);
}

void families_stats(struct sio_server *server, struct sio_stats *sums) {
    struct sio_namespace *ns;
    pthread_mutex_lock(&server->children_mutex);
    sums->dynamic_namespaces = server->children.count;
    for (uint32_t cursor = 0; (ns = map_next(&server->children, &cursor)) != NULL;) recovery_stats(ns, sums);
    pthread_mutex_unlock(&server->children_mutex);
}

/* ---- the end ---- */

/* The loops have ended; what is here yet the owner holds, or keeps events or sessions. */
static void children_free(struct sio_server *server) {
    struct sio_namespace *ns;
    for (uint32_t cursor = 0; (ns = map_next(&server->children, &cursor)) != NULL;) child_free(ns);
    map_fini(&server->children);
    pthread_mutex_destroy(&server->children_mutex);
}

void families_free(struct sio_server *server) {
    children_free(server);
    while (server->families) {
        struct sio_family *f = server->families;
        server->families = f->next;
        if (f->has_pattern) regfree(&f->pattern);
        free(f);
    }
}
