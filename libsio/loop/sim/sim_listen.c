/* Simulated listeners, and the connections on their way to them. */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/mem.h"
#include "base/must.h"
#include "loop/sim/sim_state.h"

enum { FIRST_PORT = 20000, ACCEPT_A_TURN = 8 };

struct loop_listener {
    struct list in_sim;
    struct list waiting; /* struct arrival */
    struct sio_loop *loop;
    void (*accepted)(void *data, int fd, const struct sockaddr *peer);
    void *data;
    uint16_t port;
};

struct arrival {
    struct list in_list; /* sim->arrivals, then listener->waiting */
    struct sim_event event;
    struct sim_end *end;
    uint16_t port;
};

/* ---- listening ---- */

static struct loop_listener *find(struct sim *sim, uint16_t port) {
    list_each (&sim->listeners, node) {
        struct loop_listener *listener = container_of(node, struct loop_listener, in_sim);
        if (listener->port == port) return listener;
    }
    return NULL;
}

enum sio_err loop_listen_tcp(struct sio_loop *loop, const char *host, uint16_t port,
                             void (*accepted)(void *data, int fd, const struct sockaddr *peer), void *data,
                             struct loop_listener **out) {
    struct sim *sim = loop->sim;
    must(sim_loop_is_mine(loop));
    for (uint16_t unused = FIRST_PORT; port == 0; unused++)
        if (find(sim, unused) == NULL) port = unused;
    if (find(sim, port) != NULL) return SIO_ERR_IN_USE;
    struct loop_listener *listener = mem_new(struct loop_listener);
    listener->loop = loop;
    listener->accepted = accepted;
    listener->data = data;
    listener->port = port;
    list_init(&listener->waiting);
    list_insert(&sim->listeners, &listener->in_sim);
    *out = listener;
    return SIO_ERR_OK;
}

/* There is no file system. */
enum sio_err loop_listen_unix(struct sio_loop *loop, const char *path,
                              void (*accepted)(void *data, int fd, const struct sockaddr *peer), void *data,
                              struct loop_listener **out) {
    return SIO_ERR_DENIED;
}

uint16_t loop_listener_port(const struct loop_listener *listener) { return listener->port; }

/* ---- arriving ---- */

static struct sim_end *take(struct arrival *arrival) {
    struct sim_end *end = arrival->end;
    sim_event_cancel(end->sim, &arrival->event);
    list_remove(&arrival->in_list);
    free(arrival);
    return end;
}

static void refuse_all(struct list *arrivals) {
    while (!list_empty(arrivals)) sim_end_reset(take(container_of(arrivals->next, struct arrival, in_list)));
}

static void arrive(struct sim_event *event) {
    struct arrival *arrival = container_of(event, struct arrival, event);
    struct loop_listener *listener = find(arrival->end->sim, arrival->port);
    if (listener == NULL) {
        sim_end_reset(take(arrival));
        return;
    }
    list_remove(&arrival->in_list);
    list_insert(&listener->waiting, &arrival->in_list);
    sim_wake(listener->loop);
}

void sim_arrive_later(struct sim_end *end, uint16_t port) {
    struct arrival *arrival = mem_new(struct arrival);
    arrival->end = end;
    arrival->port = port;
    list_insert(&end->sim->arrivals, &arrival->in_list);
    sim_event_set(end->sim, &arrival->event, sim_random(end->sim, end->sim->weather.delay_us + 1), arrive);
}

/* ---- accepting ---- */

static void accept_one(struct loop_listener *listener) {
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct sim *sim = listener->loop->sim;
    struct sim_end *end = take(container_of(listener->waiting.next, struct arrival, in_list));
    int fd = sim_descriptor_new(sim, end);
    sim_note(sim, "accept", (uint64_t)fd, listener->port);
    listener->accepted(listener->data, fd, (struct sockaddr *)&peer);
}

void sim_listen_input(struct sio_loop *loop) {
    list_each (&loop->sim->listeners, node) {
        struct loop_listener *listener = container_of(node, struct loop_listener, in_sim);
        for (int i = 0; i < ACCEPT_A_TURN && listener->loop == loop && !list_empty(&listener->waiting); i++)
            accept_one(listener);
    }
}

bool sim_listen_waits(const struct sio_loop *loop) {
    list_each (&loop->sim->listeners, node) {
        struct loop_listener *listener = container_of(node, struct loop_listener, in_sim);
        if (listener->loop == loop && !list_empty(&listener->waiting)) return true;
    }
    return false;
}

/* ---- the end ---- */

void loop_listener_close(struct loop_listener *listener) {
    refuse_all(&listener->waiting);
    list_remove(&listener->in_sim);
    free(listener);
}

void sim_listen_sweep(struct sim *sim) {
    must(list_empty(&sim->listeners));
    refuse_all(&sim->arrivals);
}
