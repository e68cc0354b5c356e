/* Words for services and kinds, the key that collapses, and the members that every payload has. */
#include "push/note.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/base64.h"
#include "base/must.h"
#include "sio_json.h"

static const char *const service_texts[] = {
#define TEXT(name, number, text) [PUSH_##name] = text,
    PUSH_SERVICE_TABLE(TEXT)
#undef TEXT
};

const char *push_service_text(enum push_service service) {
    must((unsigned)service < PUSH_SERVICE_COUNT_);
    return service_texts[service];
}

const char *push_kind_text(enum push_kind kind) {
    static const char *const texts[PUSH_KIND_COUNT_] = {[PUSH_MESSAGE] = "message",
                                                        [PUSH_BROADCAST] = "broadcast",
                                                        [PUSH_EMERGENCY] = "emergency",
                                                        [PUSH_TEST] = "test"};
    must((unsigned)kind < PUSH_KIND_COUNT_);
    return texts[kind];
}

uint32_t push_kind_ttl_max_s(enum push_kind kind) {
    enum { MINUTE_S = 60, DAY_S = 24 * 60 * MINUTE_S, WEEK_S = 7 * DAY_S };
    static const uint32_t most_s[PUSH_KIND_COUNT_] = {[PUSH_MESSAGE] = WEEK_S,
                                                      [PUSH_BROADCAST] = WEEK_S,
                                                      [PUSH_EMERGENCY] = DAY_S,
                                                      [PUSH_TEST] = 5 * MINUTE_S};
    must((unsigned)kind < PUSH_KIND_COUNT_);
    return most_s[kind];
}

uint32_t push_note_ttl_s(const struct push_note *note, int64_t now_ms, uint32_t most_s) {
    if (note->expires_at <= now_ms) return 0;
    int64_t left_s = (note->expires_at - now_ms) / 1000;
    return left_s < most_s ? (uint32_t)left_s : most_s;
}

/* A letter for what collapses, then the id of it. */
void push_collapse_key(const struct push_note *note, char out[PUSH_COLLAPSE_TEXT + 1]) {
    const struct uuid *id = note->kind == PUSH_EMERGENCY ? &note->message : &note->conversation;
    struct sio_strbuf key;
    sio_strbuf_init(&key);
    sio_strbuf_char(&key, note->kind == PUSH_EMERGENCY ? 'e' : 'c');
    base64url_add(&key, uuid_span(id));
    must(key.n <= PUSH_COLLAPSE_TEXT);
    memcpy(out, key.p, key.n + 1);
    sio_strbuf_fini(&key);
}

/* ---- the payload's members ---- */

/* The id of a test is nil: null, or an empty text. */
static void write_id(struct sio_json_writer *w, struct sio_span name, const struct uuid *id, bool as_text) {
    char text[UUID_TEXT + 1];
    sio_json_key(w, name);
    if (uuid_is_nil(id) && !as_text) {
        sio_json_null(w);
        return;
    }
    uuid_format(id, text);
    sio_json_string(w, sio_span_of(text, uuid_is_nil(id) ? 0 : UUID_TEXT));
}

static void write_number(struct sio_json_writer *w, struct sio_span name, uint64_t number, bool as_text) {
    char text[24];
    sio_json_key(w, name);
    if (as_text)
        sio_json_string(w, sio_span_of(text, (size_t)snprintf(text, sizeof text, "%" PRIu64, number)));
    else
        sio_json_u64(w, number);
}

void push_note_members(struct sio_json_writer *w, const struct push_note *note, bool as_text) {
    sio_json_key(w, SIO_SPAN("type"));
    sio_json_string(w, sio_span_cstr(push_kind_text(note->kind)));
    write_id(w, SIO_SPAN("conversationId"), &note->conversation, as_text);
    write_id(w, SIO_SPAN("messageId"), &note->message, as_text);
    write_number(w, SIO_SPAN("seq"), note->seq, as_text);
    write_number(w, SIO_SPAN("badge"), note->badge, as_text);
}
