/* Lanes: what one namespace has to do on one loop, in the order of its log.
 *
 * Offsets are true only if every loop delivers in the order of the numbers. What other threads order waits in the
 * mailbox, one task each so that the loop's budget is kept; what the loop orders itself must not wait, or it would come
 * behind a leave or a disconnect that its owner calls next. So the lane lets the waiting ones be done first. */
#include "base/mem.h"
#include "base/must.h"
#include "socket/internal.h"

struct lane_work {
    struct sio_task tick; /* its turn in the mailbox */
    struct lane_work *next;
    struct lane *lane;
    struct sio_task *work; /* NULL: done early */
    uint64_t seq;
    bool calls_owner;
};

void lane_init(struct lane *lane, struct sio_namespace *ns, struct sio_loop *loop) {
    *lane = (struct lane){.ns = ns, .loop = loop};
    lane->incoming_end = &lane->incoming;
    lane->end = &lane->first;
}

/* ---- given ---- */

static void run_tick(struct sio_task *task);

void lane_post(struct lane *lane, struct sio_task *work, uint64_t seq, bool calls_owner) {
    struct lane_work *w = mem_new(struct lane_work);
    *w = (struct lane_work){
        .tick = {.run = run_tick}, .lane = lane, .work = work, .seq = seq, .calls_owner = calls_owner};
    *lane->incoming_end = w;
    lane->incoming_end = &w->next;
    sio_loop_post(lane->loop, &w->tick);
}

/* ---- done ---- */

static void take_incoming(struct lane *lane) {
    if (!lane->incoming) return;
    *lane->end = lane->incoming;
    lane->end = lane->incoming_end;
    lane->incoming = NULL;
    lane->incoming_end = &lane->incoming;
}

static void run_first(struct lane *lane) {
    struct lane_work *w = lane->first;
    struct sio_task *work = w->work;
    lane->first = w->next;
    if (!lane->first) lane->end = &lane->first;
    w->work = NULL;
    work->run(work);
}

static void run_tick(struct sio_task *task) {
    struct lane_work *w = container_of(task, struct lane_work, tick);
    struct lane *lane = w->lane;
    if (w->work && !lane->first) {
        recovery_lock(lane->ns);
        take_incoming(lane);
        recovery_unlock(lane->ns);
    }
    if (w->work) {
        must(lane->first == w); /* the mailbox has the same order */
        run_first(lane);
    }
    free(w);
}

bool lane_may_run_early(struct lane *lane) {
    take_incoming(lane);
    for (const struct lane_work *w = lane->first; w; w = w->next)
        if (w->calls_owner) return false;
    return true;
}

void lane_run_early(struct lane *lane) {
    while (lane->first) run_first(lane);
}

uint64_t lane_seen(const struct lane *lane, uint64_t last) {
    for (const struct lane_work *w = lane->first; w; w = w->next)
        if (w->seq) return w->seq - 1;
    for (const struct lane_work *w = lane->incoming; w; w = w->next)
        if (w->seq) return w->seq - 1;
    return last;
}
