/* A simulated client's connection: writes as far as there is room, reads what there is. */
#include "wire.h"

static void write_out(struct wire *wire) {
    while (wire->out.n > 0) {
        ssize_t n = sim_peer_write(wire->peer, sio_strbuf_as_span(&wire->out));
        if (n <= 0) return; /* a failure is seen by reading */
        wire->out.n -= (size_t)n;
        if (wire->out.n > 0) memmove(wire->out.p, wire->out.p + n, wire->out.n);
    }
}

static void read_in(struct wire *wire) {
    for (;;) {
        ssize_t n = sim_peer_read(wire->peer, sio_strbuf_reserve(&wire->in, 4096), 4096);
        wire->ended |= n == 0;
        wire->failed |= n == -2;
        if (n <= 0) return;
        wire->in.n += (size_t)n;
    }
}

static void ready(void *data) {
    struct wire *wire = data;
    size_t before = wire->in.n;
    write_out(wire);
    read_in(wire);
    if (wire->in.n > before || wire->ended || wire->failed) wire->news(wire);
}

void wire_open(struct wire *wire, struct sim *sim, uint16_t port, void (*news)(struct wire *wire)) {
    *wire = (struct wire){.sim = sim, .news = news};
    wire->peer = sim_connect(sim, port, ready, wire);
}

void wire_send(struct wire *wire, struct sio_span bytes) {
    sio_strbuf_span(&wire->out, bytes);
    write_out(wire);
}

void wire_take(struct wire *wire, size_t n) {
    wire->in.n -= n;
    if (wire->in.n > 0) memmove(wire->in.p, wire->in.p + n, wire->in.n);
}

void wire_end(struct wire *wire, enum sim_end_kind kind) {
    if (wire->peer == NULL) return;
    sim_peer_end(wire->peer, kind);
    wire->peer = NULL;
    sio_strbuf_fini(&wire->in);
    sio_strbuf_fini(&wire->out);
}
