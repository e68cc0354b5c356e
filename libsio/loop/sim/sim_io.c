/* Watched descriptors of the simulation: numbers that stand for one end of a connection, and who is ready. */
#include <unistd.h>

#include "base/mem.h"
#include "base/must.h"
#include "loop/sim/sim_state.h"

struct loop_io {
    struct list in_loop; /* loop->ios, then loop->closing */
    struct sio_loop *loop;
    struct sim_end *end;
    int fd;
    uint8_t wish;
    bool closed;
    void (*ready)(void *data, int events);
    void *data;
};

/* ---- descriptors ---- */

/* The lowest free number, as the kernel does it: one that is used too long meets another connection. */
int sim_descriptor_new(struct sim *sim, struct sim_end *end) {
    size_t i = 0;
    while (i < sim->descriptor_count && sim->descriptors[i] != NULL) i++;
    if (i == sim->descriptor_count) {
        size_t bytes = ++sim->descriptor_count * sizeof(struct sim_end *);
        sim->descriptors = mem_realloc(sim->descriptors, bytes);
    }
    sim->descriptors[i] = end;
    return SIM_FIRST_FD + (int)i;
}

static struct sim_end **descriptor(struct sim *sim, int fd) {
    must(fd >= SIM_FIRST_FD && (size_t)(fd - SIM_FIRST_FD) < sim->descriptor_count);
    struct sim_end **at = &sim->descriptors[fd - SIM_FIRST_FD];
    must(*at != NULL);
    return at;
}

void loop_fd_close(int fd) {
    struct sim_end **at = descriptor(sim_of_thread(), fd);
    sim_end_close(*at);
    *at = NULL;
}

/* ---- watched ---- */

static void end_changed(struct sim_end *end) {
    struct loop_io *io = end->owner;
    if ((sim_end_events(end) & io->wish) != 0) sim_wake(io->loop);
}

struct loop_io *loop_io_new(struct sio_loop *loop, int fd, void (*ready)(void *data, int events),
                            void *data) {
    must(sim_loop_is_mine(loop));
    if (sim_chance(loop->sim, loop->sim->weather.no_watch_per_mille)) {
        loop_fd_close(fd);
        return NULL;
    }
    struct loop_io *io = mem_new(struct loop_io);
    *io = (struct loop_io){.loop = loop, .fd = fd, .ready = ready, .data = data};
    io->end = *descriptor(loop->sim, fd);
    must(io->end->owner == NULL);
    io->end->owner = io;
    io->end->changed = end_changed;
    list_insert(&loop->ios, &io->in_loop);
    return io;
}

void loop_io_want(struct loop_io *io, int events) {
    must(!io->closed && sim_loop_is_mine(io->loop));
    io->wish = (uint8_t)events;
    end_changed(io->end);
}

int loop_io_fd(const struct loop_io *io) { return io->fd; }
ssize_t loop_io_read(struct loop_io *io, void *p, size_t n) { return sim_end_read(io->end, p, n); }
ssize_t loop_io_writev(struct loop_io *io, const struct iovec *iov, int count) {
    return sim_end_write(io->end, iov, count);
}
void loop_io_end_writing(struct loop_io *io) { sim_end_finish(io->end); }

int loop_io_detach(struct loop_io *io) {
    must(!io->closed && sim_loop_is_mine(io->loop));
    io->closed = true;
    io->end->changed = NULL;
    io->end->owner = NULL;
    list_remove(&io->in_loop);
    list_insert(&io->loop->closing, &io->in_loop);
    return io->fd;
}

void loop_io_close(struct loop_io *io) { loop_fd_close(loop_io_detach(io)); }

/* ---- a turn's input ---- */

/* As with libuv, a failed descriptor is watched no more; reading and writing will say why. */
static void call(struct loop_io *io) {
    int there = sim_end_events(io->end) & io->wish;
    if (io->end->failed && io->wish != 0) {
        there = LOOP_HANGUP | io->wish;
        io->wish = 0;
    }
    if (there == 0) return;
    sim_note(io->loop->sim, "ready", (uint64_t)io->fd, (uint64_t)there);
    sim_pass(io->loop->sim, 30);
    io->ready(io->data, there);
}

static bool is_ready(const struct loop_io *io) { return (sim_end_events(io->end) & io->wish) != 0; }

/* Who is ready is called in an order of the seed's, and some only in the next turn. */
bool sim_io_input(struct sio_loop *loop) {
    struct sim *sim = loop->sim;
    struct loop_io **ready = NULL;
    size_t count = 0;
    sim_listen_input(loop);
    list_each (&loop->ios, node) {
        struct loop_io *io = container_of(node, struct loop_io, in_loop);
        if (!is_ready(io) || sim_chance(sim, sim->weather.partial_per_mille / 4)) continue;
        ready = mem_realloc(ready, (count + 1) * sizeof(struct loop_io *));
        size_t at = sim_random(sim, count + 1);
        ready[count] = count > at ? ready[at] : io;
        ready[at] = io;
        count++;
    }
    for (size_t i = 0; i < count; i++)
        if (!ready[i]->closed) call(ready[i]);
    free(ready);
    list_each (&loop->ios, node)
        if (is_ready(container_of(node, struct loop_io, in_loop))) return true;
    return sim_listen_waits(loop);
}

void sim_io_free_closed(struct sio_loop *loop) {
    list_each (&loop->closing, node) {
        list_remove(node);
        free(container_of(node, struct loop_io, in_loop));
    }
}

void sim_io_sweep(struct sio_loop *loop) {
    while (!list_empty(&loop->ios)) {
        struct loop_io *io = container_of(loop->ios.next, struct loop_io, in_loop);
        io->ready(io->data, LOOP_ENDED);
        if (!io->closed) loop_io_close(io);
    }
}
