/* One connection of a simulated client: bytes to be sent, bytes received, whether it still stands. */
#pragma once
#include "loop/sim/sim.h"
#include "sio_strbuf.h"

struct wire {
    struct sim *sim;
    struct sim_peer *peer; /* NULL: not connected */
    struct sio_strbuf in, out;
    bool ended;  /* the server writes no more */
    bool failed; /* reset */
    void (*news)(struct wire *wire);
};

/* `news` is called, never inside another call of ours, when bytes have come or the connection ended. */
void wire_open(struct wire *wire, struct sim *sim, uint16_t port, void (*news)(struct wire *wire));
void wire_send(struct wire *wire, struct sio_span bytes);
void wire_take(struct wire *wire, size_t n);              /* the first bytes of `in` are done with */
void wire_end(struct wire *wire, enum sim_end_kind kind); /* nothing happens if it is not connected */
