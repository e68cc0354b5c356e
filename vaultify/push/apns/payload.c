/* Apple's payload: `aps` for the system, beside it what the app reads. */
#include "push/apns/payload.h"

#include "base/must.h"
#include "push/payload.h"
#include "sio_json.h"

/* What each kind is to iOS. */
struct apns_kind {
    const char *priority, *interruption;
    bool critical; /* sounds through mute and focus */
};
static const struct apns_kind kinds[PUSH_KIND_COUNT_] = {
    [PUSH_MESSAGE] = {"10", "active"},
    [PUSH_BROADCAST] = {"5", "active"},
    [PUSH_EMERGENCY] = {"10", "time-sensitive"},
    [PUSH_TEST] = {"10", "active"},
};
/* Of an app that Apple has given the entitlement. */
static const struct apns_kind critical_emergency = {"10", "critical", .critical = true};

/* ---- the body ---- */

static void add_text(struct sio_json_writer *w, const char *name, struct sio_span text) {
    sio_json_key(w, sio_span_cstr(name));
    sio_json_string(w, text);
}

static void write_sound(struct sio_json_writer *w, const struct apns_kind *kind) {
    if (!kind->critical) {
        add_text(w, "sound", SIO_SPAN("default"));
        return;
    }
    sio_json_key(w, SIO_SPAN("sound"));
    sio_json_object_open(w);
    sio_json_key(w, SIO_SPAN("critical"));
    sio_json_u64(w, 1);
    add_text(w, "name", SIO_SPAN("default"));
    sio_json_key(w, SIO_SPAN("volume"));
    sio_json_u64(w, 1);
    sio_json_object_close(w);
}

static void write_aps(struct sio_json_writer *w, const struct push_note *note, const struct apns_kind *kind) {
    char thread[UUID_TEXT + 1];
    uuid_format(&note->conversation, thread);
    sio_json_key(w, SIO_SPAN("aps"));
    sio_json_object_open(w);
    sio_json_key(w, SIO_SPAN("alert"));
    sio_json_object_open(w);
    add_text(w, "title", note->title);
    add_text(w, "body", note->body);
    sio_json_object_close(w);
    sio_json_key(w, SIO_SPAN("badge"));
    sio_json_u64(w, note->badge);
    write_sound(w, kind);
    add_text(w, "thread-id", sio_span_of(thread, UUID_TEXT));
    add_text(w, "interruption-level", sio_span_cstr(kind->interruption));
    sio_json_object_close(w);
}

static void write_payload(struct sio_strbuf *out, const struct push_note *note, const void *data) {
    struct sio_json_writer w;
    sio_json_begin(&w, out);
    sio_json_object_open(&w);
    write_aps(&w, note, data);
    push_note_members(&w, note, false);
    sio_json_object_close(&w);
}

/* ---- the headers ---- */

static void add_header(struct push_request *out, struct arena *arena, const char *name, const char *value) {
    struct sio_strbuf line;
    must(out->header_count < PUSH_HEADERS_MAX);
    sio_strbuf_init(&line);
    sio_strbuf_printf(&line, "%s: %s", name, value);
    out->headers[out->header_count++] = arena_span(arena, sio_strbuf_as_span(&line)).p;
    sio_strbuf_fini(&line);
}

void apns_payload(const struct push_note *note, bool critical, int64_t now_ms, struct arena *arena,
                  struct push_request *out) {
    const struct apns_kind *kind =
        critical && note->kind == PUSH_EMERGENCY ? &critical_emergency : &kinds[note->kind];
    char collapse[PUSH_COLLAPSE_TEXT + 1], id[UUID_TEXT + 1], expiration[24];
    int64_t expires_s = now_ms / 1000 + push_note_ttl_s(note, now_ms, push_kind_ttl_max_s(note->kind));
    push_collapse_key(note, collapse);
    uuid_format(&note->id, id);
    snprintf(expiration, sizeof expiration, "%lld", (long long)expires_s);
    add_header(out, arena, "content-type", "application/json");
    add_header(out, arena, "apns-push-type", "alert");
    add_header(out, arena, "apns-priority", kind->priority);
    add_header(out, arena, "apns-expiration", expiration);
    add_header(out, arena, "apns-collapse-id", collapse);
    add_header(out, arena, "apns-id", id);
    /* Without texts it has a fixed size, far below the limit. */
    must(push_payload_fit(note, APNS_PAYLOAD_MAX_BYTES, write_payload, kind, arena, &out->body));
}
