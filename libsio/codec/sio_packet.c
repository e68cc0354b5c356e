/* Socket.IO 5 packets: `<type>[<attachments>-][/<namespace>,][<ack id>][<JSON>]`, read and begun. */
#include "codec/packets.h"

#include "codec/json_scan.h"
#include "codec/sio_placeholder.h"
#include "codec/utf8.h"
#include "sio_json.h"

static bool is_binary(enum sio_type type) { return type == SIO_BINARY_EVENT || type == SIO_BINARY_ACK; }

/* ---- the parts, each cut from the front of `*rest` ---- */

static bool read_type(struct sio_span *rest, enum sio_type *type) {
    if (rest->n == 0 || rest->p[0] < '0' || rest->p[0] > '6') return false;
    *type = (enum sio_type)(rest->p[0] - '0');
    *rest = sio_span_skip(*rest, 1);
    return *type != SIO_CONNECT_ERROR;
}

/* `1-` to `255-`, nothing but the shortest digits. */
static bool read_attachments(struct sio_span *rest, uint32_t *count) {
    size_t n = 0;
    *count = 0;
    while (n < rest->n && n < 3 && json_is_digit(rest->p[n]))
        *count = *count * 10 + (uint32_t)(rest->p[n++] - '0');
    if (n == 0 || rest->p[0] == '0' || *count > SIO_MAX_ATTACHMENTS) return false;
    if (n == rest->n || rest->p[n] != '-') return false;
    *rest = sio_span_skip(*rest, n + 1);
    return true;
}

/* Up to the comma, or to the end of the packet. */
static bool read_namespace(struct sio_span *rest, struct sio_span *ns) {
    *ns = SIO_SPAN("/");
    if (rest->n == 0 || rest->p[0] != '/') return true;
    const char *comma = memchr(rest->p, ',', rest->n);
    size_t n = comma ? (size_t)(comma - rest->p) : rest->n;
    *ns = sio_span_head(*rest, n);
    *rest = sio_span_skip(*rest, comma ? n + 1 : n);
    return utf8_valid(*ns);
}

static struct sio_span skip_blanks(struct sio_span s) {
    while (s.n && json_is_blank(s.p[0])) s = sio_span_skip(s, 1);
    return s;
}

/* Digits; blanks around them are forgiven, and blanks alone are 0, because the reference reads the id as
 * JavaScript's Number() does. */
static bool read_id(struct sio_span *rest, bool *has_id, uint64_t *id) {
    *has_id = rest->n > 0 && (json_is_digit(rest->p[0]) || json_is_blank(rest->p[0]));
    *id = 0;
    if (!*has_id) return true;
    *rest = skip_blanks(*rest);
    for (; rest->n && json_is_digit(rest->p[0]); *rest = sio_span_skip(*rest, 1)) {
        *id = *id * 10 + (uint64_t)(rest->p[0] - '0'); /* SIO_ID_MAX * 10 + 9 fits */
        if (*id > SIO_ID_MAX) return false;
    }
    *rest = skip_blanks(*rest);
    return rest->n == 0 || !json_is_digit(rest->p[0]);
}

/* ---- what each type may carry ---- */

/* Names that the libraries on both sides keep for themselves. */
static bool name_reserved(struct sio_span name) {
    static const struct sio_span reserved[] = {
        {"connect", 7},        {"connect_error", 13}, {"disconnect", 10},
        {"disconnecting", 13}, {"newListener", 11},   {"removeListener", 14},
    };
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (sio_json_string_is(name, reserved[i])) return true;
    return false;
}

bool sio_event_valid(struct sio_span json) {
    struct sio_span name;
    size_t cursor = 0;
    if (sio_json_kind(json) != SIO_JSON_ARRAY || !sio_json_next_item(json, &cursor, &name)) return false;
    if (sio_json_kind(name) == SIO_JSON_NUMBER) return true;
    return sio_json_kind(name) == SIO_JSON_STRING && !name_reserved(name);
}

static bool payload_valid(const struct sio_wire *w) {
    bool absent = w->json.n == 0;
    switch (w->type) {
    case SIO_CONNECT: return absent || sio_json_kind(w->json) == SIO_JSON_OBJECT;
    case SIO_DISCONNECT: return absent;
    case SIO_EVENT: return absent || sio_event_valid(w->json);
    case SIO_ACK: return absent || sio_json_kind(w->json) == SIO_JSON_ARRAY;
    case SIO_BINARY_EVENT: return sio_event_valid(w->json) && sio_placeholders_valid(w->json, w->attachments);
    case SIO_BINARY_ACK:
        return sio_json_kind(w->json) == SIO_JSON_ARRAY && sio_placeholders_valid(w->json, w->attachments);
    case SIO_CONNECT_ERROR: break;
    }
    return false;
}

/* ---- the packet ---- */

bool sio_wire_parse(struct sio_span text, struct sio_wire *out) {
    struct sio_span rest = text;
    *out = (struct sio_wire){0};
    if (!read_type(&rest, &out->type)) return false;
    if (is_binary(out->type) && !read_attachments(&rest, &out->attachments)) return false;
    if (!read_namespace(&rest, &out->ns) || !read_id(&rest, &out->has_id, &out->id)) return false;
    if (out->type == SIO_CONNECT || out->type == SIO_DISCONNECT) { /* an id there means nothing */
        out->has_id = false;
        out->id = 0;
    }
    if (rest.n > 0 && !sio_json_check(rest, &out->json)) return false;
    if (!payload_valid(out)) return false;
    bool ack = out->type == SIO_ACK || out->type == SIO_BINARY_ACK;
    if (ack && !out->has_id) out->json = (struct sio_span){0}; /* answers nothing */
    return true;
}

void sio_wire_begin(struct sio_strbuf *out, enum sio_type type, uint32_t attachments, struct sio_span ns,
                    bool has_id, uint64_t id) {
    sio_strbuf_char(out, (char)('0' + (int)type));
    if (is_binary(type)) {
        sio_strbuf_u64(out, attachments);
        sio_strbuf_char(out, '-');
    }
    if (!sio_span_eq(ns, SIO_SPAN("/"))) {
        sio_strbuf_span(out, ns);
        sio_strbuf_char(out, ',');
    }
    if (has_id) sio_strbuf_u64(out, id);
}

/* ---- written whole ---- */

static enum sio_type type_on_wire(const struct sio_outgoing *packet) {
    if (packet->attachment_count == 0) return packet->type;
    return packet->type == SIO_EVENT ? SIO_BINARY_EVENT : SIO_BINARY_ACK;
}

static bool array_is_empty(struct sio_span array) {
    struct sio_span rest = skip_blanks(sio_span_skip(array, 1));
    return rest.n > 0 && rest.p[0] == ']';
}

/* The name and the arguments become one array. */
static void write_event(struct sio_strbuf *out, struct sio_span name, struct sio_span args) {
    struct sio_json_writer w;
    sio_strbuf_char(out, '[');
    sio_json_begin(&w, out);
    sio_json_string(&w, name);
    if (array_is_empty(args)) {
        sio_strbuf_char(out, ']');
    } else {
        sio_strbuf_char(out, ',');
        sio_strbuf_span(out, sio_span_skip(args, 1));
    }
}

void sio_wire_write(struct sio_strbuf *out, const struct sio_outgoing *packet) {
    sio_wire_begin(out, type_on_wire(packet), (uint32_t)packet->attachment_count, packet->ns,
                   packet->id != NULL, packet->id ? *packet->id : 0);
    if (packet->type == SIO_EVENT)
        write_event(out, packet->name, packet->json);
    else
        sio_strbuf_span(out, packet->json);
}

void sio_wire_write_longer(struct sio_strbuf *out, struct sio_span event, struct sio_span text) {
    while (event.p[event.n - 1] != ']') event.n--; /* blanks behind the arguments */
    sio_strbuf_span(out, sio_span_head(event, event.n - 1));
    sio_strbuf_lit(out, ",\"");
    sio_strbuf_span(out, text);
    sio_strbuf_lit(out, "\"]");
}
