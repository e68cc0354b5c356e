/* Orders to many sockets at once, as JSON objects: {op, ns, rooms, except, exceptSelf, …}. */
#include <stdlib.h>

#include "features.h"

enum { NAMES = 16 };

struct receivers {
    struct span rooms[NAMES], except[NAMES];
    struct sio_target target;
};

static void receivers_read(struct receivers *r, struct sio_ref self, struct span order) {
    r->target = (struct sio_target){
        .rooms = r->rooms,
        .room_count = texts_of(sio_json_member(order, SPAN("rooms")), r->rooms, NAMES),
        .except = r->except,
        .except_count = texts_of(sio_json_member(order, SPAN("except")), r->except, NAMES),
    };
    if (is_true(sio_json_member(order, SPAN("exceptSelf")))) r->target.except_socket = self;
}

static struct sio_namespace *namespace_of(struct app *app, struct span order) {
    struct span name = text_of(sio_json_member(order, SPAN("ns")));
    return span_is(name, "/gate") ? app->gate : span_is(name, "/other") ? app->other : app->main;
}

/* [i, args…, a filler of `size` bytes] */
static struct sio_packet *packet_of(struct sio_namespace *ns, struct span order, uint32_t i) {
    struct strbuf args;
    struct sio_json_writer w;
    struct span item, given = sio_json_member(order, SPAN("args"));
    uint32_t size = number_of(sio_json_member(order, SPAN("size")), 0);
    bool binary = is_true(sio_json_member(order, SPAN("binary")));
    char *filler = mem_alloc(size + 1);
    memset(filler, 'x', size);
    strbuf_init(&args);
    sio_json_begin(&w, &args);
    sio_json_array_open(&w);
    sio_json_i64(&w, i);
    for (size_t cursor = 0; sio_json_next_item(given, &cursor, &item);) sio_json_raw(&w, item);
    if (size && !binary) sio_json_string(&w, span_of(filler, size));
    if (binary) sio_json_raw(&w, SPAN("{\"_placeholder\":true,\"num\":0}"));
    if (binary) sio_json_raw(&w, SPAN("{\"_placeholder\":true,\"num\":1}"));
    sio_json_array_close(&w);
    struct span attachments[2] = {span_of(filler, size), SPAN("small")};
    struct sio_packet *p = sio_packet_event_binary(ns, text_of(sio_json_member(order, SPAN("event"))),
                                                   strbuf_as_span(&args), attachments, binary ? 2 : 0);
    free(filler);
    strbuf_fini(&args);
    return p;
}

static void emit(struct sio_namespace *ns, struct sio_ref self, struct span order,
                 const struct sio_target *target, bool to_self) {
    enum sio_delivery delivery = is_true(sio_json_member(order, SPAN("volatile")))  ? SIO_VOLATILE
                                 : is_true(sio_json_member(order, SPAN("mayDrop"))) ? SIO_MAY_DROP
                                                                                    : SIO_MUST;
    uint32_t times = number_of(sio_json_member(order, SPAN("times")), 1);
    for (uint32_t i = 0; i < times; i++) {
        struct sio_packet *p = packet_of(ns, order, i);
        if (to_self)
            sio_emit(ns, self, p, delivery);
        else
            sio_broadcast(ns, target, p, delivery);
        sio_packet_unref(p);
    }
}

static void order_run(struct app *app, struct sio_ref self, struct span order) {
    struct receivers r;
    struct sio_namespace *ns = namespace_of(app, order);
    struct span op = text_of(sio_json_member(order, SPAN("op")));
    struct span room = text_of(sio_json_member(order, SPAN("room")));
    receivers_read(&r, self, order);
    if (span_is(op, "emit") || span_is(op, "emitSelf"))
        emit(ns, self, order, &r.target, span_is(op, "emitSelf"));
    else if (span_is(op, "join"))
        sio_sockets_join(ns, &r.target, room);
    else if (span_is(op, "leave"))
        sio_sockets_leave(ns, &r.target, room);
    else if (span_is(op, "disconnect") || span_is(op, "close"))
        sio_sockets_disconnect(ns, &r.target, span_is(op, "close"));
}

void orders_run(struct app *app, struct sio_ref self, struct span orders) {
    struct span order;
    for (size_t cursor = 0; sio_json_next_item(orders, &cursor, &order);) order_run(app, self, order);
}
