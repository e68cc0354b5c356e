/* Expo's message. It names no channel: Android shows nothing in one that the app has not made, and without a name Expo uses
 * one that it makes itself. */
#include "push/expo/message.h"

#include "base/must.h"
#include "push/payload.h"
#include "sio_json.h"

/* What each kind is to Expo. `interruption` is of iOS; NULL: as ever. */
static const struct expo_kind {
    const char *priority, *interruption;
} kinds[PUSH_KIND_COUNT_] = {
    [PUSH_MESSAGE] = {"high", NULL},
    [PUSH_BROADCAST] = {"default", NULL},
    [PUSH_EMERGENCY] = {"high", "time-sensitive"},
    [PUSH_TEST] = {"high", NULL},
};

static void add_text(struct sio_json_writer *w, const char *name, struct sio_span text) {
    sio_json_key(w, sio_span_cstr(name));
    sio_json_string(w, text);
}

static void add_number(struct sio_json_writer *w, const char *name, uint64_t number) {
    sio_json_key(w, sio_span_cstr(name));
    sio_json_u64(w, number < INT32_MAX ? number : INT32_MAX);
}

/* All but the token; `data` is the time to live in seconds. */
static void write_message(struct sio_strbuf *out, const struct push_note *note, const void *data) {
    const struct expo_kind *kind = &kinds[note->kind];
    struct sio_json_writer w;
    sio_json_begin(&w, out);
    sio_json_object_open(&w);
    add_text(&w, "title", note->title);
    add_text(&w, "body", note->body);
    sio_json_key(&w, SIO_SPAN("data"));
    sio_json_object_open(&w);
    push_note_members(&w, note, false);
    sio_json_object_close(&w);
    add_number(&w, "badge", note->badge);
    add_text(&w, "sound", SIO_SPAN("default"));
    add_text(&w, "priority", sio_span_cstr(kind->priority));
    add_number(&w, "ttl", *(const uint32_t *)data);
    if (kind->interruption) add_text(&w, "interruptionLevel", sio_span_cstr(kind->interruption));
    sio_json_object_close(&w);
}

/* The token's length is its owner's choice, so it must not be what decides whether the others' messages can go. */
static void add_message(struct sio_json_writer *w, const struct push_note *note, int64_t now_ms) {
    uint32_t ttl_s = push_note_ttl_s(note, now_ms, push_kind_ttl_max_s(note->kind));
    struct sio_span message;
    struct arena arena;
    arena_init(&arena);
    must(push_payload_fit(note, EXPO_MESSAGE_MAX_BYTES, write_message, &ttl_s, &arena, &message));
    sio_json_object_open(w);
    add_text(w, "to", note->target.token);
    sio_strbuf_char(w->out, ',');
    sio_strbuf_span(w->out, sio_span_of(message.p + 1, message.n - 2)); /* without its braces */
    sio_json_object_close(w);
    arena_fini(&arena);
}

void expo_messages(struct sio_strbuf *out, const struct push_note *notes, size_t count, int64_t now_ms) {
    struct sio_json_writer w;
    sio_json_begin(&w, out);
    sio_json_array_open(&w);
    for (size_t i = 0; i < count; i++) add_message(&w, &notes[i], now_ms);
    sio_json_array_close(&w);
}

void expo_receipt_ids(struct sio_strbuf *out, const struct sio_span *ids, size_t count) {
    struct sio_json_writer w;
    sio_json_begin(&w, out);
    sio_json_object_open(&w);
    sio_json_key(&w, SIO_SPAN("ids"));
    sio_json_array_open(&w);
    for (size_t i = 0; i < count; i++) sio_json_string(&w, ids[i]);
    sio_json_array_close(&w);
    sio_json_object_close(&w);
}
