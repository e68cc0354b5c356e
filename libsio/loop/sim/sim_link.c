/* A simulated connection: bytes travel in pieces, late, through buffers of a limited size, and it can break. */
#include "base/mem.h"
#include "base/must.h"
#include "loop/sim/sim_state.h"

static struct sim_flow *flow_in(const struct sim_end *end) { return &end->link->flows[end->side]; }
static struct sim_flow *flow_out(const struct sim_end *end) { return &end->link->flows[1 - end->side]; }
static struct sim_end *other_end(const struct sim_end *end) { return &end->link->ends[1 - end->side]; }

struct sim_link *sim_link_new(struct sim *sim) {
    struct sim_link *link = mem_new(struct sim_link);
    for (int side = 0; side < 2; side++) {
        link->ends[side] = (struct sim_end){.sim = sim, .link = link, .side = side};
        link->flows[side].link = link;
        link->flows[side].capacity =
            sim->weather.buffer_bytes / 2 + sim_random(sim, sim->weather.buffer_bytes / 2);
    }
    return link;
}

static void link_free(struct sim_link *link) {
    struct sim *sim = link->ends[0].sim;
    for (int side = 0; side < 2; side++) {
        sim_event_cancel(sim, &link->flows[side].delivery);
        sim_event_cancel(sim, &link->ends[side].reset);
        sio_strbuf_fini(&link->flows[side].bytes);
    }
    free(link);
}

static void tell(struct sim_end *end) {
    if (!end->closed && end->changed != NULL) end->changed(end);
}

/* At least one of `n`; all of them, or by chance fewer. */
static size_t part_of(struct sim *sim, size_t n) {
    return n > 1 && sim_chance(sim, sim->weather.partial_per_mille) ? 1 + sim_random(sim, n) : n;
}

static void drop(struct sim_flow *flow, size_t n) {
    flow->bytes.n -= n;
    if (flow->bytes.n > 0) memmove(flow->bytes.p, flow->bytes.p + n, flow->bytes.n);
}

/* ---- on the way ---- */

static uint64_t draw_delay(struct sim *sim) {
    const struct sim_weather *w = &sim->weather;
    bool stall = sim_chance(sim, w->stall_per_mille);
    return sim_random(sim, (uint64_t)(stall ? w->stall_us : w->delay_us) + 1);
}

static void flow_arrive(struct sim_event *event);

static void flow_go(struct sim_flow *flow) {
    struct sim *sim = flow->link->ends[0].sim;
    bool under_way = flow->bytes.n > flow->arrived || (flow->ended && !flow->end_arrived);
    if (under_way && !flow->link->silent && flow->delivery.place == 0)
        sim_event_set(sim, &flow->delivery, draw_delay(sim), flow_arrive);
}

static void reset_arrives(struct sim_event *event);

/* The same way as the bytes, but it may overtake them. */
static void send_reset(struct sim_end *to) {
    if (to->closed || to->link->silent) return;
    sim_event_set(to->sim, &to->reset, draw_delay(to->sim), reset_arrives);
}

/* Bytes for an end that is closed are answered with a reset, as the kernel does. */
static void flow_arrive(struct sim_event *event) {
    struct sim_flow *flow = container_of(event, struct sim_flow, delivery);
    struct sim_end *reader = &flow->link->ends[flow == &flow->link->flows[1]];
    if (reader->closed) {
        if (flow->bytes.n > 0) send_reset(other_end(reader));
        drop(flow, flow->bytes.n);
        flow->arrived = 0;
        return;
    }
    if (flow->bytes.n > flow->arrived) flow->arrived += part_of(reader->sim, flow->bytes.n - flow->arrived);
    if (flow->arrived == flow->bytes.n) flow->end_arrived = flow->ended;
    sim_note(reader->sim, "arrive", (uint64_t)reader->side, flow->arrived);
    tell(reader);
    flow_go(flow);
}

/* Some systems give out what had arrived before, others do not. */
static void reset_arrives(struct sim_event *event) {
    struct sim_end *end = container_of(event, struct sim_end, reset);
    struct sim_flow *in = flow_in(end);
    sim_event_cancel(end->sim, &in->delivery);
    if (sim_chance(end->sim, 500)) in->arrived = 0;
    in->bytes.n = in->arrived;
    end->failed = true;
    sim_note(end->sim, "reset", (uint64_t)end->side, in->arrived);
    tell(end);
}

/* ---- what an end can do ---- */

static size_t room(const struct sim_flow *flow) { return flow->capacity - flow->bytes.n; }

int sim_end_events(const struct sim_end *end) {
    const struct sim_flow *in = flow_in(end);
    int events = in->arrived > 0 || in->end_arrived ? LOOP_READABLE : 0;
    if (room(flow_out(end)) > 0) events |= LOOP_WRITABLE;
    if (in->end_arrived) events |= LOOP_HANGUP;
    return end->failed ? LOOP_READABLE | LOOP_WRITABLE | LOOP_HANGUP : events;
}

ssize_t sim_end_read(struct sim_end *end, void *p, size_t n) {
    must(!end->closed && n > 0);
    struct sim_flow *in = flow_in(end);
    if (in->arrived == 0) return end->failed ? -2 : in->end_arrived ? 0 : -1;
    size_t got = part_of(end->sim, n < in->arrived ? n : in->arrived);
    memcpy(p, in->bytes.p, got);
    drop(in, got);
    in->arrived -= got;
    sim_note(end->sim, "read", (uint64_t)end->side, got);
    tell(other_end(end)); /* there is room again */
    return (ssize_t)got;
}

ssize_t sim_end_write(struct sim_end *end, const struct iovec *iov, int count) {
    must(!end->closed);
    struct sim_flow *out = flow_out(end);
    if (end->failed || out->ended) return -2;
    size_t wanted = 0, left;
    for (int i = 0; i < count; i++) wanted += iov[i].iov_len;
    if (wanted > room(out)) wanted = room(out);
    if (wanted == 0) return 0;
    left = wanted = part_of(end->sim, wanted);
    for (int i = 0; left > 0; i++) {
        size_t n = iov[i].iov_len < left ? iov[i].iov_len : left;
        sio_strbuf_add(&out->bytes, iov[i].iov_base, n);
        left -= n;
    }
    sim_note(end->sim, "write", (uint64_t)end->side, wanted);
    flow_go(out);
    return (ssize_t)wanted;
}

/* ---- the end ---- */

void sim_end_finish(struct sim_end *end) {
    flow_out(end)->ended = true;
    flow_go(flow_out(end));
}

/* Who closes with bytes unread resets the connection, as kernels do. */
void sim_end_close(struct sim_end *end) {
    must(!end->closed);
    end->closed = true;
    if (other_end(end)->closed) {
        link_free(end->link);
        return;
    }
    if (flow_in(end)->arrived > 0 && !end->failed)
        send_reset(other_end(end));
    else if (!end->failed)
        sim_end_finish(end);
    sim_note(end->sim, "close", (uint64_t)end->side, 0);
    tell(other_end(end));
}

void sim_end_reset(struct sim_end *end) {
    send_reset(other_end(end));
    end->failed = true;
    sim_end_close(end);
}

void sim_end_vanish(struct sim_end *end) {
    end->link->silent = true;
    for (int side = 0; side < 2; side++) {
        sim_event_cancel(end->sim, &end->link->flows[side].delivery);
        sim_event_cancel(end->sim, &end->link->ends[side].reset);
    }
    sim_end_close(end);
}
