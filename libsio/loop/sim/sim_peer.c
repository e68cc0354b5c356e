/* The far ends of simulated connections, which belong to no loop: what a client program has in its hands. */
#include "base/mem.h"
#include "base/must.h"
#include "loop/sim/sim_state.h"

enum { NEWS_US = 200 /* the longest that a peer takes to notice */ };

struct sim_peer {
    struct sim_end *end;
    struct sim_event news;
    void (*ready)(void *data);
    void *data;
};

static void news_fire(struct sim_event *event) {
    struct sim_peer *peer = container_of(event, struct sim_peer, news);
    peer->ready(peer->data);
}

static void peer_changed(struct sim_end *end) {
    struct sim_peer *peer = end->owner;
    struct sim *sim = end->sim;
    if (peer->news.place == 0) sim_event_set(sim, &peer->news, sim_random(sim, NEWS_US + 1), news_fire);
}

struct sim_peer *sim_connect(struct sim *sim, uint16_t port, void (*ready)(void *data), void *data) {
    struct sim_link *link = sim_link_new(sim);
    struct sim_peer *peer = mem_new(struct sim_peer);
    *peer = (struct sim_peer){.end = &link->ends[0], .ready = ready, .data = data};
    peer->end->owner = peer;
    peer->end->changed = peer_changed;
    sim_arrive_later(&link->ends[1], port);
    return peer;
}

ssize_t sim_peer_read(struct sim_peer *peer, void *p, size_t n) { return sim_end_read(peer->end, p, n); }

ssize_t sim_peer_write(struct sim_peer *peer, struct sio_span bytes) {
    struct iovec iov = {(void *)bytes.p, bytes.n};
    return sim_end_write(peer->end, &iov, 1);
}

void sim_peer_end(struct sim_peer *peer, enum sim_end_kind kind) {
    struct sim *sim = peer->end->sim;
    sim_event_cancel(sim, &peer->news);
    sim_note(sim, "peer ends", (uint64_t)kind, 0);
    switch (kind) {
    case SIM_CLOSE: sim_end_close(peer->end); break;
    case SIM_RESET: sim_end_reset(peer->end); break;
    case SIM_SILENCE: sim_end_vanish(peer->end); break;
    }
    free(peer);
}
