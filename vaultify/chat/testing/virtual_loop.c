/* Loops in virtual time: mailboxes and sorted timers, driven by the test. */
#include "chat/testing/virtual_loop.h"

#include <pthread.h>

#include "base/mem.h"
#include "base/must.h"

enum { WALL_START_S = 1767225600 /* 2026-01-01 */ };

struct sio_loop {
    unsigned index;
    struct sio_task *first, *last;
};

struct sio_server {
    unsigned count;
    struct sio_loop *loops;
    struct sio_timer timers; /* a ring, by due_ms */
    uint64_t now_ms;
    long holds;
};

static struct sio_server *the_server;
static struct sio_loop *here;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t posted = PTHREAD_COND_INITIALIZER;

struct sio_server *virtual_server_new(unsigned loops) {
    must(the_server == NULL);
    struct sio_server *server = mem_new(struct sio_server);
    server->count = loops;
    server->loops = mem_new_array(struct sio_loop, loops);
    for (unsigned i = 0; i < loops; i++) server->loops[i].index = i;
    server->timers.prev = server->timers.next = &server->timers;
    server->now_ms = 1000;
    the_server = server;
    return server;
}

void virtual_server_free(struct sio_server *server) {
    the_server = NULL;
    free(server->loops);
    free(server);
}

uint64_t virtual_now_ms(void) { return the_server->now_ms; }
long virtual_holds(void) { return the_server->holds; }

/* ---- what libsio offers ---- */

unsigned sio_server_loop_count(const struct sio_server *server) { return server->count; }
struct sio_loop *sio_server_loop(const struct sio_server *server, unsigned index) {
    return &server->loops[index];
}
void sio_server_hold(struct sio_server *server) { server->holds++; }
void sio_server_release(struct sio_server *server) {
    server->holds--;
    must(server->holds >= 0);
}

struct sio_loop *sio_loop_here(void) {
    return here;
}
unsigned sio_loop_index(const struct sio_loop *loop) { return loop->index; }
uint64_t sio_loop_now_ms(const struct sio_loop *loop) { return the_server->now_ms; }
int64_t sio_loop_wall_ms(const struct sio_loop *loop) {
    return (int64_t)WALL_START_S * 1000 + (int64_t)the_server->now_ms;
}
void sio_loop_random(struct sio_loop *loop, void *out, size_t n) { memset(out, 7, n); }

void sio_loop_post(struct sio_loop *loop, struct sio_task *task) {
    pthread_mutex_lock(&mutex);
    task->next = NULL;
    if (loop->first)
        loop->last->next = task;
    else
        loop->first = task;
    loop->last = task;
    pthread_cond_signal(&posted);
    pthread_mutex_unlock(&mutex);
}

void sio_loop_post_list(struct sio_loop *loop, struct sio_task *first) {
    for (struct sio_task *next; first; first = next) {
        next = first->next;
        sio_loop_post(loop, first);
    }
}

void sio_timer_stop(struct sio_loop *loop, struct sio_timer *timer) {
    if (!timer->next) return;
    timer->prev->next = timer->next;
    timer->next->prev = timer->prev;
    timer->prev = timer->next = NULL;
}

void sio_timer_start(struct sio_loop *loop, struct sio_timer *timer, uint64_t delay_ms,
                     void (*fire)(struct sio_timer *timer)) {
    sio_timer_stop(loop, timer);
    timer->due_ms = the_server->now_ms + delay_ms;
    timer->fire = fire;
    struct sio_timer *before = the_server->timers.prev;
    while (before != &the_server->timers && before->due_ms > timer->due_ms) before = before->prev;
    timer->prev = before;
    timer->next = before->next;
    before->next->prev = timer;
    before->next = timer;
}

/* ---- running ---- */

static struct sio_task *task_take(struct sio_loop **loop) {
    for (unsigned i = 0; i < the_server->count; i++) {
        *loop = &the_server->loops[i];
        struct sio_task *task = (*loop)->first;
        if (!task) continue;
        (*loop)->first = task->next;
        return task;
    }
    return NULL;
}

void virtual_run(bool (*busy)(void *data), void *data) {
    for (;;) {
        struct sio_loop *loop = NULL;
        pthread_mutex_lock(&mutex);
        struct sio_task *task = task_take(&loop);
        while (!task && busy && busy(data)) {
            pthread_cond_wait(&posted, &mutex);
            task = task_take(&loop);
        }
        pthread_mutex_unlock(&mutex);
        if (!task) return;
        here = loop;
        task->run(task);
        here = NULL;
    }
}

void virtual_advance(uint64_t ms, bool (*busy)(void *data), void *data) {
    uint64_t end = the_server->now_ms + ms;
    virtual_run(busy, data);
    for (;;) {
        struct sio_timer *timer = the_server->timers.next;
        if (timer == &the_server->timers || timer->due_ms > end) break;
        if (timer->due_ms > the_server->now_ms) the_server->now_ms = timer->due_ms;
        sio_timer_stop(NULL, timer);
        here = &the_server->loops[0];
        timer->fire(timer);
        here = NULL;
        virtual_run(busy, data);
    }
    the_server->now_ms = end;
}
