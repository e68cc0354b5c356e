/* A simulated Engine.IO 4 client: polling, WebSocket, and the upgrade between them, as the official client does it.
 *
 *   OPENING ──"0{…}"──▶ OPEN ──it is told to, or sees the server's end──▶ closed
 *
 *   polling: one GET under way at all times, and one POST at a time with all that is queued
 *   polling ──"2probe", "3probe"──▶ pausing: no new GET, no new POST ──both answered──▶ "5", then the WebSocket alone */
#pragma once
#include "http.h"

enum eio_mode { EIO_POLLING, EIO_WEBSOCKET, EIO_UPGRADES, EIO_MODES };

enum eio_end {
    EIO_BROKEN,        /* the connection broke, or the server did what no server may do */
    EIO_SERVER_CLOSED, /* with "1" or a close frame */
    EIO_LEFT,          /* eio_leave is done, and the server has heard everything */
};

struct eio_queued;

struct eio {
    /* set by the owner before eio_open */
    struct sim *sim;
    const char *path;
    uint16_t port;
    enum eio_mode mode;
    bool keep_alive;      /* polling over connections that are used again */
    bool lazy_probe;      /* its probe never says "5": the server is to lose patience */
    uint64_t patience_us; /* without a ping */
    void (*on_open)(struct eio *eio);
    void (*on_message)(struct eio *eio, bool binary, struct sio_span message);
    void (*on_upgraded)(struct eio *eio);
    void (*on_probe_lost)(struct eio *eio, uint64_t after_us); /* by the server; polling goes on */
    void (*on_closed)(struct eio *eio, enum eio_end end, const char *why); /* the last call */

    bool open, closed, leaving;
    bool on_websocket; /* the transport is `ws` */
    bool probing;      /* `ws` is a probe */
    bool pausing;
    char sid[21];
    struct http get, post;
    struct wire ws;
    bool switched; /* `ws` has its 101 */
    uint64_t probe_opened_us;
    struct eio_queued *first, **last;
    struct sim_event poll, probe, alarm;
};

void eio_open(struct eio *eio);
void eio_send(struct eio *eio, bool binary, struct sio_span message);
/* Says goodbye behind all that was sent; on_closed follows, with EIO_LEFT if nothing goes wrong. */
void eio_leave(struct eio *eio);
/* Everything at once, without on_closed. */
void eio_cut(struct eio *eio, enum sim_end_kind kind);
/* The probe alone, if there is one that has not begun to take over; true if so. */
bool eio_cut_probe(struct eio *eio, enum sim_end_kind kind);
