/* Orders to many sockets at once, as JSON objects: {op, ns, rooms, except, exceptSelf, …}. */
#include <stdlib.h>

#include "features.h"

enum { NAMES = 16 };

struct receivers {
    struct sio_span rooms[NAMES], except[NAMES];
    struct sio_target target;
};

static void receivers_read(struct receivers *r, struct sio_ref self, struct sio_span order) {
    r->target = (struct sio_target){
        .rooms = r->rooms,
        .room_count = texts_of(sio_json_member(order, SIO_SPAN("rooms")), r->rooms, NAMES),
        .except = r->except,
        .except_count = texts_of(sio_json_member(order, SIO_SPAN("except")), r->except, NAMES),
    };
    if (is_true(sio_json_member(order, SIO_SPAN("exceptSelf")))) r->target.except_socket = self;
}

/* With a reference if it is a family's; NULL: there is none. */
static struct sio_namespace *namespace_of(struct app *app, struct sio_span order) {
    struct sio_span name = text_of(sio_json_member(order, SIO_SPAN("ns")));
    return name.n ? sio_namespace_find(app->server, name) : app->main;
}

/* [i, args…, a filler of `size` bytes] */
static struct sio_packet *packet_of(struct sio_namespace *ns, struct sio_span order, uint32_t i) {
    struct sio_strbuf args;
    struct sio_json_writer w;
    struct sio_span item, given = sio_json_member(order, SIO_SPAN("args"));
    uint32_t size = number_of(sio_json_member(order, SIO_SPAN("size")), 0);
    bool binary = is_true(sio_json_member(order, SIO_SPAN("binary")));
    char *filler = mem_alloc(size + 1);
    memset(filler, 'x', size);
    sio_strbuf_init(&args);
    sio_json_begin(&w, &args);
    sio_json_array_open(&w);
    sio_json_i64(&w, i);
    for (size_t cursor = 0; sio_json_next_item(given, &cursor, &item);) sio_json_raw(&w, item);
    if (size && !binary) sio_json_string(&w, sio_span_of(filler, size));
    if (binary) sio_json_raw(&w, SIO_SPAN("{\"_placeholder\":true,\"num\":0}"));
    if (binary) sio_json_raw(&w, SIO_SPAN("{\"_placeholder\":true,\"num\":1}"));
    sio_json_array_close(&w);
    struct sio_span attachments[2] = {sio_span_of(filler, size), SIO_SPAN("small")};
    struct sio_packet *p = sio_packet_event_binary(ns, text_of(sio_json_member(order, SIO_SPAN("event"))),
                                                   sio_strbuf_as_span(&args), attachments, binary ? 2 : 0);
    free(filler);
    sio_strbuf_fini(&args);
    return p;
}

static void emit(struct sio_namespace *ns, struct sio_ref self, struct sio_span order,
                 const struct sio_target *target, bool to_self) {
    enum sio_delivery delivery = is_true(sio_json_member(order, SIO_SPAN("volatile")))  ? SIO_VOLATILE
                                 : is_true(sio_json_member(order, SIO_SPAN("mayDrop"))) ? SIO_MAY_DROP
                                                                                        : SIO_MUST;
    uint32_t times = number_of(sio_json_member(order, SIO_SPAN("times")), 1);
    for (uint32_t i = 0; i < times; i++) {
        struct sio_packet *p = packet_of(ns, order, i);
        if (to_self)
            sio_emit(ns, self, p, delivery);
        else
            sio_broadcast(ns, target, p, delivery);
        sio_packet_unref(p);
    }
}

/* ---- asking ---- */

struct inquiry {
    struct app *app;
    struct sio_ref asker;
    struct sio_span tag; /* behind it */
    uint64_t began_on;   /* a loop's index, or the count of loops */
};

static struct inquiry *inquiry_new(struct app *app, struct sio_ref self, struct sio_span order) {
    struct sio_span tag = sio_json_member(order, SIO_SPAN("tag"));
    struct inquiry *q = mem_zalloc(sizeof(*q) + tag.n);
    q->app = app;
    q->asker = self;
    q->tag = sio_span_of(q + 1, tag.n);
    q->began_on = sio_loop_here() ? sio_loop_index(sio_loop_here()) : 0;
    if (tag.n) memcpy(q + 1, tag.p, tag.n);
    return q;
}

/* Who is asked answers in which room: told to the asker. Gives `args` away. */
static void inquiry_end(struct inquiry *q, const char *event, struct sio_strbuf *args,
                        const struct sio_span *attachments, size_t attachment_count) {
    if (sio_loop_index(sio_loop_here()) != q->began_on) abort();
    struct sio_packet *p = sio_packet_event_binary(q->app->main, sio_span_cstr(event),
                                                   sio_strbuf_as_span(args), attachments, attachment_count);
    sio_emit(q->app->main, q->asker, p, SIO_MUST);
    sio_packet_unref(p);
    sio_strbuf_fini(args);
    free(q);
}

/* "answers" [tag, {receivers, omitted, timedOut}, [[id, [answer…]]…]], with the attachments of the first. */
static void all_answered(const struct sio_answers *answers, void *data) {
    struct inquiry *q = data;
    struct sio_strbuf args;
    struct sio_json_writer w;
    sio_strbuf_init(&args);
    sio_strbuf_printf(&args, "[%.*s,{\"receivers\":%zu,\"omitted\":%zu,\"timedOut\":%s},", (int)q->tag.n,
                      q->tag.p, answers->receivers, answers->omitted, answers->timed_out ? "true" : "false");
    sio_json_begin(&w, &args);
    sio_json_array_open(&w);
    for (size_t i = 0; i < answers->count; i++) {
        sio_json_array_open(&w);
        sio_json_string(&w, answers->list[i].id);
        sio_json_raw(&w, answers->list[i].args);
        sio_json_array_close(&w);
    }
    sio_json_array_close(&w);
    sio_strbuf_char(&args, ']');
    bool one = answers->count == 1;
    inquiry_end(q, "answers", &args, one ? answers->list->attachments : NULL,
                one ? answers->list->attachment_count : 0);
}

/* "sockets" [tag, omitted, [[id, [room…]]…]] */
static void fetched(const struct sio_sockets *sockets, void *data) {
    struct inquiry *q = data;
    struct sio_strbuf args;
    struct sio_json_writer w;
    sio_strbuf_init(&args);
    sio_strbuf_printf(&args, "[%.*s,%zu,", (int)q->tag.n, q->tag.p, sockets->omitted);
    sio_json_begin(&w, &args);
    sio_json_array_open(&w);
    for (size_t i = 0; i < sockets->count; i++) {
        sio_json_array_open(&w);
        sio_json_string(&w, sockets->list[i].id);
        sio_json_array_open(&w);
        for (size_t r = 0; r < sockets->list[i].room_count; r++)
            sio_json_string(&w, sockets->list[i].rooms[r]);
        sio_json_array_close(&w);
        sio_json_array_close(&w);
    }
    sio_json_array_close(&w);
    sio_strbuf_char(&args, ']');
    inquiry_end(q, "sockets", &args, NULL, 0);
}

static void ask(struct app *app, struct sio_namespace *ns, struct sio_ref self, struct sio_span order,
                const struct sio_target *target) {
    bool binary = is_true(sio_json_member(order, SIO_SPAN("binary")));
    struct sio_span given = sio_json_member(order, SIO_SPAN("args"));
    struct sio_span args = binary    ? SIO_SPAN("[{\"_placeholder\":true,\"num\":0}]")
                           : given.n ? given
                                     : SIO_SPAN("[]");
    sio_broadcast_with_ack(ns, target, SIO_SPAN("asked"), args, &SIO_SPAN("bytes"), binary ? 1 : 0,
                           number_of(sio_json_member(order, SIO_SPAN("timeout")), 5000), all_answered,
                           inquiry_new(app, self, order));
}

/* ---- */

static void order_run(struct app *app, struct sio_ref self, struct sio_span order) {
    struct receivers r;
    struct sio_namespace *ns = namespace_of(app, order);
    struct sio_span op = text_of(sio_json_member(order, SIO_SPAN("op")));
    struct sio_span room = text_of(sio_json_member(order, SIO_SPAN("room")));
    if (!ns) return;
    receivers_read(&r, self, order);
    if (sio_span_is(op, "emit") || sio_span_is(op, "emitSelf"))
        emit(ns, self, order, &r.target, sio_span_is(op, "emitSelf"));
    else if (sio_span_is(op, "ask"))
        ask(app, ns, self, order, &r.target);
    else if (sio_span_is(op, "fetch"))
        sio_sockets_fetch(ns, &r.target, fetched, inquiry_new(app, self, order));
    else if (sio_span_is(op, "join"))
        sio_sockets_join(ns, &r.target, room);
    else if (sio_span_is(op, "leave"))
        sio_sockets_leave(ns, &r.target, room);
    else if (sio_span_is(op, "disconnect") || sio_span_is(op, "close"))
        sio_sockets_disconnect(ns, &r.target,
                               sio_span_is(op, "close") ? SIO_CLOSE_CONNECTION
                                                        : leave_of(sio_json_member(order, SIO_SPAN("how"))));
    sio_namespace_unref(ns == app->main ? NULL : ns);
}

void orders_run(struct app *app, struct sio_ref self, struct sio_span orders) {
    struct sio_span order;
    for (size_t cursor = 0; sio_json_next_item(orders, &cursor, &order);) order_run(app, self, order);
}
