/* Events encoded once, as ready frames that every receiver shares. */
#include "base/mem.h"
#include "base/must.h"
#include "codec/ws_frame.h"
#include "socket/internal.h"

struct sio_packet *packet_new(struct span text, const struct span *attachments, size_t count) {
    struct sio_packet *p = mem_alloc(sizeof(*p) + (1 + count) * sizeof(struct rcbuf *));
    atomic_init(&p->refs, 1);
    p->count = (uint32_t)(1 + count);
    p->frames[0] = net_frame_new(WS_TEXT, text);
    for (size_t i = 0; i < count; i++) p->frames[1 + i] = net_frame_new(WS_BINARY, attachments[i]);
    return p;
}

static bool array_is_empty(struct span array) {
    size_t i = 1;
    while (i < array.n &&
           (array.p[i] == ' ' || array.p[i] == '\n' || array.p[i] == '\r' || array.p[i] == '\t'))
        i++;
    return i < array.n && array.p[i] == ']';
}

void packet_event_text(struct strbuf *text, const struct sio_namespace *ns, uint32_t attachments,
                       const uint64_t *ack, struct span name, struct span args) {
    must(args.n >= 2 && args.p[0] == '[');
    struct sio_json_writer w;
    strbuf_reserve(text, args.n + name.n + ns->name_n + 40);
    strbuf_char(text, '4');
    sio_wire_begin(text, attachments ? SIO_BINARY_EVENT : SIO_EVENT, attachments, namespace_name(ns),
                   ack != NULL, ack ? *ack : 0);
    strbuf_char(text, '[');
    sio_json_begin(&w, text);
    sio_json_string(&w, name);
    if (array_is_empty(args)) {
        strbuf_char(text, ']');
    } else {
        strbuf_char(text, ',');
        strbuf_span(text, span_skip(args, 1));
    }
}

struct sio_packet *sio_packet_event_binary(const struct sio_namespace *ns, struct span name, struct span args,
                                           const struct span *attachments, size_t count) {
    must(count <= SIO_MAX_ATTACHMENTS);
    struct strbuf text;
    strbuf_init(&text);
    packet_event_text(&text, ns, (uint32_t)count, NULL, name, args);
    struct sio_packet *p = packet_new(strbuf_as_span(&text), attachments, count);
    strbuf_fini(&text);
    return p;
}

struct sio_packet *sio_packet_event(const struct sio_namespace *ns, struct span name, struct span args) {
    return sio_packet_event_binary(ns, name, args, NULL, 0);
}

void sio_packet_unref(struct sio_packet *p) {
    if (!p || atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) != 1) return;
    for (uint32_t i = 0; i < p->count; i++) rcbuf_unref(p->frames[i]);
    free(p);
}
