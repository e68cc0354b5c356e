/* Loops and their threads: made, run, stopped, freed. */
#include "loop/loop.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/must.h"
#include "loop/loop_state.h"

static _Thread_local struct sio_loop *loop_here;

struct sio_loop *sio_loop_here(void) {
    return loop_here;
}

bool loop_is_mine(const struct sio_loop *loop) { return loop_here == loop || !loop->group->running; }

unsigned sio_loop_index(const struct sio_loop *loop) { return loop->index; }
unsigned loop_group_count(const struct loop_group *group) { return group->count; }
struct loop_group *loop_group_of(const struct sio_loop *loop) {
    return loop->group;
}
char *loop_read_buffer(struct sio_loop *loop) { return loop->read_buffer; }

struct sio_loop *loop_group_at(const struct loop_group *group, unsigned index) {
    must(index < group->count);
    return group->loops[index];
}

/* ---- made ---- */

/* Waking is all it is for: the prepare hook empties the mailbox. */
static void woken(uv_async_t *async) { loop_turn_begin(container_of(async, struct sio_loop, async)); }

static enum sio_err loop_init(struct sio_loop *loop, struct loop_group *group, unsigned index) {
    loop->group = group;
    loop->index = index;
    if (uv_loop_init(&loop->uv) != 0) return SIO_ERR_IO;
    if (uv_async_init(&loop->uv, &loop->async, woken) != 0) {
        must(uv_loop_close(&loop->uv) == 0);
        return SIO_ERR_IO;
    }
    must(uv_prepare_init(&loop->uv, &loop->prepare) == 0);
    must(uv_idle_init(&loop->uv, &loop->idle) == 0);
    must(uv_timer_init(&loop->uv, &loop->timer) == 0);
    must(uv_prepare_start(&loop->prepare, loop_turn_prepare) == 0);
    loop->uv.data = loop;
    loop->read_buffer = mem_alloc(LOOP_READ_BYTES);
    timer_wheel_init(&loop->wheel, loop_clock_look(loop) / 1000);
    loop_turn_init(loop);
    return SIO_ERR_OK;
}

static struct sio_loop *loop_alloc(void) {
    void *p = aligned_alloc(_Alignof(struct sio_loop), sizeof(struct sio_loop));
    must(p != NULL);
    return memset(p, 0, sizeof(struct sio_loop));
}

enum sio_err loop_group_new(unsigned count, const struct sio_log *log, struct loop_group **out) {
    must(count > 0 && count <= LOOP_MAX_COUNT);
    struct loop_group *group = mem_new(struct loop_group);
    group->log = log;
    for (unsigned i = 0; i < count; i++) {
        struct sio_loop *loop = loop_alloc();
        enum sio_err e = loop_init(loop, group, i);
        if (e != SIO_ERR_OK) {
            sio_log_error(log, "loop not made index=%u", i);
            free(loop);
            loop_group_free(group);
            return e;
        }
        group->loops[group->count++] = loop;
    }
    *out = group;
    return SIO_ERR_OK;
}

/* ---- posting ---- */

/* The loop's own thread is awake, and looks into its mailbox before it sleeps. */
static void wake(struct sio_loop *loop, bool was_empty) {
    if (was_empty && loop_here != loop) uv_async_send(&loop->async);
}

void sio_loop_post(struct sio_loop *loop, struct sio_task *task) {
    wake(loop, mailbox_put(&loop->mailbox, task));
}

void loop_post_and_wake(struct sio_loop *loop, struct sio_task *task) {
    mailbox_put(&loop->mailbox, task);
    uv_async_send(&loop->async);
}

void sio_loop_post_list(struct sio_loop *loop, struct sio_task *first) {
    if (first == NULL) return;
    struct sio_task *newest = mailbox_reverse(first); /* `first` is the oldest now */
    wake(loop, mailbox_put_list(&loop->mailbox, newest, first));
}

/* ---- run ---- */

static void *run_loop(void *arg) {
    struct sio_loop *loop = arg;
    loop_here = loop;
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    loop_here = NULL;
    return NULL;
}

/* Signals are loop 0's alone. */
static enum sio_err start_thread(pthread_t *thread, struct sio_loop *loop) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(thread, NULL, run_loop, loop);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) return SIO_ERR_IO;
    char name[16];
    snprintf(name, sizeof(name), "loop-%u", loop->index);
    pthread_setname_np(*thread, name);
    return SIO_ERR_OK;
}

/* What one loop posted to another that had ended already is run here, on the one thread that is left. */
void loop_group_run_late_work(struct loop_group *group) {
    for (int round = 0; round < LOOP_LATE_ROUNDS; round++) {
        bool ran = false;
        for (unsigned i = 0; i < group->count; i++) {
            struct sio_loop *loop = group->loops[i];
            if (!loop_has_work(loop)) continue;
            ran = true;
            loop_here = loop;
            loop_turn_last(loop);
            loop_here = NULL;
        }
        if (!ran) return;
    }
}

enum sio_err loop_group_run(struct loop_group *group) {
    must(!group->running && loop_here == NULL);
    pthread_t threads[LOOP_MAX_COUNT];
    enum sio_err e = SIO_ERR_OK;
    unsigned started = 1;
    group->running = true;
    for (; started < group->count && e == SIO_ERR_OK; started += e == SIO_ERR_OK)
        e = start_thread(&threads[started], group->loops[started]);
    if (e == SIO_ERR_OK) {
        run_loop(group->loops[0]);
    } else {
        sio_log_error(group->log, "thread not started index=%u", started);
        loop_group_stop(group);
    }
    for (unsigned i = 1; i < started; i++) pthread_join(threads[i], NULL);
    group->running = false;
    loop_group_run_late_work(group);
    return e;
}

void loop_group_stop(struct loop_group *group) {
    for (unsigned i = 0; i < group->count; i++) {
        atomic_store_explicit(&group->loops[i]->stop, true, memory_order_release);
        uv_async_send(&group->loops[i]->async);
    }
}

/* ---- signals ---- */

static void signal_came(uv_signal_t *handle, int number) {
    struct loop_signal *signal = container_of(handle, struct loop_signal, signal);
    struct loop_group *group = handle->data;
    loop_turn_begin(group->loops[0]);
    sio_log_info(group->log, "signal number=%d", number);
    signal->fn(signal->data);
}

static void on_signal(struct loop_group *group, int number, void (*fn)(void *data), void *data) {
    must(!group->running && group->signal_count < LOOP_SIGNALS);
    struct loop_signal *signal = &group->signals[group->signal_count++];
    signal->fn = fn;
    signal->data = data;
    must(uv_signal_init(&group->loops[0]->uv, &signal->signal) == 0);
    signal->signal.data = group;
    must(uv_signal_start(&signal->signal, signal_came, number) == 0);
}

void loop_on_stop_signals(struct loop_group *group, void (*fn)(void *data), void *data) {
    on_signal(group, SIGINT, fn, data);
    on_signal(group, SIGTERM, fn, data);
}

void loop_on_hangup_signal(struct loop_group *group, void (*fn)(void *data), void *data) {
    on_signal(group, SIGHUP, fn, data);
}

/* ---- freed ---- */

static void close_handle(uv_handle_t *handle, void *arg) {
    (void)arg;
    if (uv_is_closing(handle)) return;
    if (handle->type == UV_POLL)
        loop_io_sweep(handle);
    else
        uv_close(handle, NULL);
}

/* End-of-turn work is run to its end: frees are put off to there. */
static void loop_fini(struct sio_loop *loop) {
    loop_turn_last(loop);
    uv_walk(&loop->uv, close_handle, NULL);
    loop_turn_last(loop);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    must(uv_loop_close(&loop->uv) == 0);
    free(loop->read_buffer);
    free(loop);
}

void loop_group_free(struct loop_group *group) {
    if (group == NULL) return;
    must(!group->running);
    for (unsigned i = 0; i < group->count; i++) loop_fini(group->loops[i]);
    free(group);
}
