/* Socket.IO packets in msgpack: a map {type, nsp, data?, id?}, read and written. */
#include "base/must.h"
#include "codec/msgpack.h"
#include "codec/msgpack_json.h"
#include "codec/packets.h"
#include "sio_json.h"

/* ---- reading ---- */

enum { NO_TYPE = -1 };

struct reader {
    struct sio_span rest;
    struct sio_strbuf *json;
    struct sio_span *attachments;
    int64_t type;
    struct sio_wire *wire;
};

/* A floating-point number without fraction is an integer too, as for JavaScript. */
static bool read_integer(struct reader *r, int64_t *out) {
    struct msgpack_item item;
    if (!msgpack_next(&r->rest, &item)) return false;
    switch (item.kind) {
    case MSGPACK_UINT: *out = (int64_t)item.u; return item.u <= SIO_ID_MAX;
    case MSGPACK_INT: *out = item.i; return true;
    case MSGPACK_FLOAT:
        if (!(item.f >= 0 && item.f <= (double)SIO_ID_MAX)) return false;
        *out = (int64_t)item.f;
        return (double)*out == item.f;
    default: return false;
    }
}

static bool read_type(struct reader *r) { return read_integer(r, &r->type); }

static bool read_namespace(struct reader *r) {
    struct msgpack_item item;
    if (!msgpack_next(&r->rest, &item) || item.kind != MSGPACK_STR) return false;
    r->wire->ns = item.bytes;
    return true;
}

static bool read_id(struct reader *r) {
    int64_t id;
    r->wire->has_id = false;
    r->wire->id = 0;
    if (msgpack_take_undefined(&r->rest)) return true;
    if (!read_integer(r, &id) || id < 0 || (uint64_t)id > SIO_ID_MAX) return false;
    r->wire->has_id = true;
    r->wire->id = (uint64_t)id;
    return true;
}

static bool read_data(struct reader *r) {
    sio_strbuf_clear(r->json);
    r->wire->json = (struct sio_span){0};
    r->wire->attachments = 0;
    if (msgpack_take_undefined(&r->rest)) return true;
    sio_strbuf_reserve(r->json, r->rest.n);
    if (!msgpack_to_json(&r->rest, r->json, r->attachments, &r->wire->attachments)) return false;
    r->wire->json = sio_strbuf_as_span(r->json);
    return true;
}

/* Written behind the data and cut off again. */
static bool pass_over(struct reader *r) {
    struct sio_span ignored[SIO_MAX_ATTACHMENTS];
    uint32_t count;
    size_t n = r->json->n;
    bool fine = msgpack_to_json(&r->rest, r->json, ignored, &count);
    r->json->n = n;
    return fine;
}

static const struct {
    const char *name;
    bool (*read)(struct reader *r);
} members[] = {
    {"type", read_type},
    {"nsp", read_namespace},
    {"data", read_data},
    {"id", read_id},
};

static bool read_member(struct reader *r) {
    struct msgpack_item key;
    if (!msgpack_next(&r->rest, &key) || key.kind != MSGPACK_STR) return false;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (sio_span_is(key.bytes, members[i].name)) return members[i].read(r);
    return pass_over(r);
}

/* ---- what each type may carry ---- */

static bool finish_event(struct sio_wire *w) {
    w->type = w->attachments ? SIO_BINARY_EVENT : SIO_EVENT;
    return sio_event_valid(w->json);
}

static bool finish_ack(struct sio_wire *w) {
    w->type = w->attachments ? SIO_BINARY_ACK : SIO_ACK;
    if (sio_json_kind(w->json) != SIO_JSON_ARRAY) return false;
    if (!w->has_id) w->json = (struct sio_span){0}; /* answers nothing */
    return true;
}

static bool finish_connect(struct sio_wire *w) {
    w->type = SIO_CONNECT;
    w->has_id = false; /* an id there means nothing */
    w->id = 0;
    return w->attachments == 0 && (w->json.n == 0 || sio_json_kind(w->json) == SIO_JSON_OBJECT);
}

static bool finish_disconnect(struct sio_wire *w) {
    w->type = SIO_DISCONNECT;
    w->has_id = false;
    w->id = 0;
    return w->json.n == 0;
}

static bool finish(struct reader *r) {
    if (r->wire->ns.n == 0 || r->wire->ns.p[0] != '/') return false;
    if (r->wire->json.n) r->wire->json.p = r->json->p; /* the buffer may have moved behind it */
    switch (r->type) {
    case SIO_CONNECT: return finish_connect(r->wire);
    case SIO_DISCONNECT: return finish_disconnect(r->wire);
    case SIO_EVENT: return finish_event(r->wire);
    case SIO_ACK: return finish_ack(r->wire);
    default: return false; /* CONNECT_ERROR is the server's alone */
    }
}

bool sio_msgpack_parse(struct sio_span message, struct sio_strbuf *json,
                       struct sio_span attachments[SIO_MAX_ATTACHMENTS], struct sio_wire *out) {
    struct reader r = {
        .rest = message, .json = json, .attachments = attachments, .type = NO_TYPE, .wire = out};
    struct msgpack_item map;
    *out = (struct sio_wire){0};
    sio_strbuf_clear(json);
    if (!msgpack_next(&r.rest, &map) || map.kind != MSGPACK_MAP) return false;
    for (uint32_t i = 0; i < map.count; i++)
        if (!read_member(&r)) return false;
    return r.rest.n == 0 && finish(&r);
}

/* ---- writing ---- */

static void write_map(struct sio_strbuf *out, uint32_t pairs) {
    char *p = sio_strbuf_reserve(out, MSGPACK_HEAD_MAX_BYTES);
    out->n += msgpack_head(p, MSGPACK_MAP, pairs, false);
}

void sio_msgpack_write(struct sio_strbuf *out, const struct sio_outgoing *packet) {
    bool data = packet->json.n > 0;
    write_map(out, 2 + (uint32_t)data + (packet->id != NULL));
    msgpack_write_str(out, SIO_SPAN("type"));
    msgpack_write_u64(out, packet->type);
    msgpack_write_str(out, SIO_SPAN("nsp"));
    msgpack_write_str(out, packet->ns);
    if (data) {
        msgpack_write_str(out, SIO_SPAN("data"));
        msgpack_from_json(out, packet->type == SIO_EVENT ? &packet->name : NULL, packet->json,
                          packet->attachments, packet->attachment_count);
    }
    if (packet->id) {
        msgpack_write_str(out, SIO_SPAN("id"));
        msgpack_write_u64(out, *packet->id);
    }
}

/* "data" is the last member then: its array's head counts one more, and its end is the packet's. */
void sio_msgpack_write_longer(struct sio_strbuf *out, struct sio_span event, struct sio_span text) {
    struct sio_span rest = event;
    struct msgpack_item item;
    for (int i = 0; i < 6; i++) must(msgpack_next(&rest, &item)); /* map, "type", 2, "nsp", …, "data" */
    sio_strbuf_span(out, sio_span_head(event, event.n - rest.n));
    must(msgpack_next(&rest, &item) && item.kind == MSGPACK_ARRAY);
    char *p = sio_strbuf_reserve(out, MSGPACK_HEAD_MAX_BYTES);
    out->n += msgpack_head(p, MSGPACK_ARRAY, item.count + 1, false);
    sio_strbuf_span(out, rest);
    msgpack_write_str(out, text);
}
