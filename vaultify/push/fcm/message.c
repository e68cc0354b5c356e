/* FCM's message. There is no collapse_key in it: FCM keeps at most four a device, and treats what has a notification as
 * collapsible whatever the key. What replaces what on the screen is said where it is shown: by `tag` on Android and in
 * browsers, by apns-collapse-id on iOS, one a conversation and one an emergency. */
#include "push/fcm/message.h"

#include "push/payload.h"
#include "sio_json.h"

/* What each kind is to each platform. Android's channels are the app's to make. */
static const struct fcm_kind {
    const char *priority, *channel;           /* Android */
    const char *apns_priority, *interruption; /* iOS */
    const char *urgency;                      /* browsers */
} kinds[PUSH_KIND_COUNT_] = {
    [PUSH_MESSAGE] = {"HIGH", "messages", "10", "active", "high"},
    [PUSH_BROADCAST] = {"NORMAL", "broadcasts", "5", "active", "normal"},
    [PUSH_EMERGENCY] = {"HIGH", "emergencies", "10", "time-sensitive", "high"},
    [PUSH_TEST] = {"HIGH", "messages", "10", "active", "high"},
};

struct frame {
    const struct fcm_kind *kind;
    uint32_t ttl_s;
    int64_t now_ms;
    char collapse[PUSH_COLLAPSE_TEXT + 1];
};

static void add_text(struct sio_json_writer *w, const char *name, struct sio_span text) {
    sio_json_key(w, sio_span_cstr(name));
    sio_json_string(w, text);
}

static void add_word(struct sio_json_writer *w, const char *name, const char *word) {
    add_text(w, name, sio_span_cstr(word));
}

/* FCM wants numbers in headers and durations as text. */
static void add_number(struct sio_json_writer *w, const char *name, int64_t number, const char *unit) {
    char text[32];
    snprintf(text, sizeof text, "%lld%s", (long long)number, unit);
    add_word(w, name, text);
}

static void open_member(struct sio_json_writer *w, const char *name) {
    sio_json_key(w, sio_span_cstr(name));
    sio_json_object_open(w);
}

/* ---- the blocks ---- */

static void write_shared(struct sio_json_writer *w, const struct push_note *note) {
    add_text(w, "token", note->target.token);
    open_member(w, "notification");
    add_text(w, "title", note->title);
    add_text(w, "body", note->body);
    sio_json_object_close(w);
    open_member(w, "data");
    push_note_members(w, note, true);
    sio_json_object_close(w);
}

static void write_android(struct sio_json_writer *w, const struct push_note *note,
                          const struct frame *frame) {
    open_member(w, "android");
    add_word(w, "priority", frame->kind->priority);
    add_number(w, "ttl", frame->ttl_s, "s");
    open_member(w, "notification");
    add_word(w, "channel_id", frame->kind->channel);
    add_word(w, "tag", frame->collapse);
    sio_json_key(w, SIO_SPAN("notification_count"));
    sio_json_u64(w, note->badge < INT32_MAX ? note->badge : INT32_MAX);
    sio_json_object_close(w);
    sio_json_object_close(w);
}

static void write_aps(struct sio_json_writer *w, const struct push_note *note, const struct frame *frame) {
    char thread[UUID_TEXT + 1];
    uuid_format(&note->conversation, thread);
    open_member(w, "aps");
    sio_json_key(w, SIO_SPAN("badge"));
    sio_json_u64(w, note->badge);
    add_word(w, "sound", "default");
    add_word(w, "thread-id", thread);
    add_word(w, "interruption-level", frame->kind->interruption);
    sio_json_object_close(w);
}

static void write_apns(struct sio_json_writer *w, const struct push_note *note, const struct frame *frame) {
    open_member(w, "apns");
    open_member(w, "headers");
    add_word(w, "apns-priority", frame->kind->apns_priority);
    add_number(w, "apns-expiration", frame->now_ms / 1000 + frame->ttl_s, "");
    add_word(w, "apns-collapse-id", frame->collapse);
    sio_json_object_close(w);
    open_member(w, "payload");
    write_aps(w, note, frame);
    sio_json_object_close(w);
    sio_json_object_close(w);
}

static void write_webpush(struct sio_json_writer *w, const struct frame *frame) {
    open_member(w, "webpush");
    open_member(w, "headers");
    add_word(w, "Urgency", frame->kind->urgency);
    add_number(w, "TTL", frame->ttl_s, "");
    add_word(w, "Topic", frame->collapse);
    sio_json_object_close(w);
    open_member(w, "notification");
    add_word(w, "tag", frame->collapse);
    sio_json_object_close(w);
    sio_json_object_close(w);
}

static void write_message(struct sio_strbuf *out, const struct push_note *note, const void *data) {
    struct sio_json_writer w;
    sio_json_begin(&w, out);
    sio_json_object_open(&w);
    open_member(&w, "message");
    write_shared(&w, note);
    write_android(&w, note, data);
    write_apns(&w, note, data);
    write_webpush(&w, data);
    sio_json_object_close(&w);
    sio_json_object_close(&w);
}

bool fcm_message(const struct push_note *note, int64_t now_ms, struct arena *arena, struct sio_span *out) {
    struct frame frame = {.kind = &kinds[note->kind], .now_ms = now_ms};
    frame.ttl_s = push_note_ttl_s(note, now_ms, push_kind_ttl_max_s(note->kind));
    push_collapse_key(note, frame.collapse);
    return push_payload_fit(note, FCM_MESSAGE_MAX_BYTES, write_message, &frame, arena, out);
}
