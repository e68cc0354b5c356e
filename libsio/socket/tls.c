/* Certificates read anew while the server runs: asked for from anywhere, done on loop 0, one at a time. */
#include "base/mem.h"
#include "socket/internal.h"

void sio_server_reload_tls(struct sio_server *s) {
    if (!atomic_exchange(&s->reload_asked, true)) loop_post_and_wake(sio_server_loop(s, 0), &s->reload_task);
}

static void reload(struct sio_task *task) {
    struct sio_server *s = container_of(task, struct sio_server, reload_task);
    atomic_store(&s->reload_asked,
                 false); /* from here on it may be asked for again: files change meanwhile */
    for (struct listener *l = s->listeners; l; l = l->next)
        if (l->tls)
            (void)!net_tls_reload(l->tls); /* a failure is in the log, and the old certificate stays */
}

static void reload_signal(void *server) { sio_server_reload_tls(server); }

void tls_prepare(struct sio_server *s) {
    s->reload_task.run = reload;
    if (s->config.reload_on_sighup) loop_on_hangup_signal(s->group, reload_signal, s);
}

uint64_t tls_failed(const struct sio_server *s) {
    uint64_t failed = 0;
    for (const struct listener *l = s->listeners; l; l = l->next)
        if (l->tls) failed += net_tls_failed(l->tls);
    return failed;
}
