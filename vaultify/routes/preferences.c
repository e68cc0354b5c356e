/* /notifications/preferences: a user's language, time zone and quiet hours; and what a conversation may push. */
#include "routes/table.h"
#include "wire/rows.h"
#include "wire/shapes.h"

enum { LOCALE_MAX = 35 /* as long as RFC 5646 asks everybody to take */, QUIET_MAX = 256 };

/* ---- quiet hours ---- */

struct quiet_in {
    int32_t from, to;
};
static const struct wire_field quiet_fields[] = {
    {"from", WIRE_MINUTE, true, 0, 0, offsetof(struct quiet_in, from), .doc = "Begin of the quiet"},
    {"to", WIRE_MINUTE, true, 0, 0, offsetof(struct quiet_in, to), .doc = "Its end; may be of the next day"},
};
static const struct wire_schema quiet_schema = WIRE_SCHEMA(struct quiet_in, quiet_fields);

static bool quiet_read(struct route_call *call, struct sio_span object, struct preferences_row *out) {
    struct quiet_in quiet;
    struct wire_refusal *refusal = &call->refusal;
    if (!wire_decode(object, &quiet_schema, &call->routes->limits, &call->arena, &quiet, NULL, refusal))
        return false;
    if (quiet.from == quiet.to)
        return wire_refuse(refusal, FAULT_INVALID_PAYLOAD, "quietHours must not end when they begin");
    out->quiet_from = quiet.from;
    out->quiet_to = quiet.to;
    return true;
}

/* ---- preferences: a field that is null is taken back, one that is not there stays as it is ---- */

struct preferences_in {
    struct sio_span locale, time_zone, quiet_hours;
};
enum preferences_field { PREFERENCES_LOCALE, PREFERENCES_TIME_ZONE, PREFERENCES_QUIET_HOURS };
static const struct wire_field preferences_fields[] = {
    [PREFERENCES_LOCALE] = {"locale", WIRE_STRING, false, 1, LOCALE_MAX,
                            offsetof(struct preferences_in, locale),
                            .doc = "Language of pushes, such as fr or en-GB; null takes it back"},
    [PREFERENCES_TIME_ZONE] = {"timeZone", WIRE_STRING, false, 1, TIME_ZONE_NAME_MAX,
                               offsetof(struct preferences_in, time_zone),
                               .doc = "Such as Africa/Lagos; null: UTC"},
    [PREFERENCES_QUIET_HOURS] = {"quietHours", WIRE_OBJECT, false, 0, QUIET_MAX,
                                 offsetof(struct preferences_in, quiet_hours),
                                 .doc = "When nothing is pushed; null: never",
                                 .shape = &wire_quiet_hours_shape},
};
const struct wire_schema preferences_body = WIRE_SCHEMA(struct preferences_in, preferences_fields);

static bool locale_valid(struct sio_span locale) {
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (size_t i = 0; i < locale.n; i++)
        if (!memchr(allowed, locale.p[i], sizeof allowed - 1)) return false;
    return true;
}

static bool preferences_read(struct route_call *call, struct preferences_row *out) {
    const struct preferences_in *in = call->body;
    struct wire_refusal *refusal = &call->refusal;
    *out = (struct preferences_row){in->locale, in->time_zone, -1, -1};
    if (!locale_valid(in->locale))
        return wire_refuse(refusal, FAULT_INVALID_PAYLOAD, "locale must be one, such as fr or en-GB");
    if (in->time_zone.n && !time_zone_known(outbox_time_zones(call->routes->config.outbox), in->time_zone))
        return wire_refuse(refusal, FAULT_INVALID_PAYLOAD, "timeZone must be one, such as Africa/Lagos");
    return !in->quiet_hours.n || quiet_read(call, in->quiet_hours, out);
}

static bool is_said(const struct route_call *call, enum preferences_field field) {
    return (call->body_seen & 1u << field) || wire_says_null(call->body_json, &preferences_fields[field]);
}

static void answer_preferences(struct store_op *base, const struct preferences_row *row) {
    struct route_answer answer;
    if (!route_op_answer_open(base, &answer)) return;
    wire_put_preferences(&answer.w, row);
    route_op_answer_send(base, &answer, 200);
}

static void preferences_got(struct store_op *base) {
    answer_preferences(base, &((struct store_preferences_get *)base)->row);
}

void preferences_get_handle(struct route_call *call, struct chat_user *me) {
    struct store_preferences_get *op = route_op_new(call, STORE_PREFERENCES_GET, preferences_got);
    op->user = chat_me(me).id;
    route_op_submit(call, &op->op);
}

static void preferences_are_set(struct store_op *base) {
    answer_preferences(base, &((struct store_preferences_set *)base)->row);
}

void preferences_set_handle(struct route_call *call, struct chat_user *me) {
    struct preferences_row row;
    if (!preferences_read(call, &row)) {
        route_refuse_text(call, call->refusal.fault, sio_span_cstr(call->refusal.text));
        return;
    }
    struct store_preferences_set *op = route_op_new(call, STORE_PREFERENCES_SET, preferences_are_set);
    op->user = chat_me(me).id;
    op->set_locale = is_said(call, PREFERENCES_LOCALE);
    op->set_time_zone = is_said(call, PREFERENCES_TIME_ZONE);
    op->set_quiet = is_said(call, PREFERENCES_QUIET_HOURS);
    op->row = row;
    route_op_submit(call, &op->op);
}

/* ---- one conversation ---- */

struct mute_in {
    int64_t muted_until;
    bool is_muted, notifications_enabled;
};
enum mute_field { MUTE_IS_MUTED, MUTE_UNTIL, MUTE_NOTIFICATIONS };
static const struct wire_field mute_fields[] = {
    [MUTE_IS_MUTED] = {"isMuted", WIRE_BOOL, false, 0, 0, offsetof(struct mute_in, is_muted),
                       .doc = "Pushes nothing but emergencies"},
    [MUTE_UNTIL] = {"mutedUntil", WIRE_TIME, false, 0, 0, offsetof(struct mute_in, muted_until),
                    .doc = "Mutes until then, also without isMuted"},
    [MUTE_NOTIFICATIONS] = {"notificationsEnabled", WIRE_BOOL, false, 0, 0,
                            offsetof(struct mute_in, notifications_enabled),
                            .doc = "False: the same as muted, for good"},
};
const struct wire_schema mute_body = WIRE_SCHEMA(struct mute_in, mute_fields);

static void mute_is_set(struct store_op *base) {
    struct store_mute_set *op = (struct store_mute_set *)base;
    struct route_answer answer;
    if (!route_op_answer_open(base, &answer)) return;
    sio_json_object_open(&answer.w);
    sio_json_key(&answer.w, SIO_SPAN("conversation_id"));
    wire_put_uuid(&answer.w, &op->conversation);
    sio_json_key(&answer.w, SIO_SPAN("is_muted"));
    sio_json_bool(&answer.w, op->is_muted);
    sio_json_key(&answer.w, SIO_SPAN("muted_until"));
    wire_put_time(&answer.w, op->muted_until);
    sio_json_key(&answer.w, SIO_SPAN("notifications_enabled"));
    sio_json_bool(&answer.w, op->notifications_enabled);
    sio_json_object_close(&answer.w);
    route_op_answer_send(base, &answer, 200);
}

enum { LONG_OVER = 1 /* ms since 1970: 0 would be until further notice */ };

/* A time alone mutes until then. */
void mute_set_handle(struct route_call *call, struct chat_user *me) {
    const struct mute_in *in = call->body;
    if (!call->body_seen) {
        route_refuse_text(call, FAULT_INVALID_PAYLOAD,
                          SIO_SPAN("isMuted, mutedUntil or notificationsEnabled is required"));
        return;
    }
    struct store_mute_set *op = route_op_new(call, STORE_MUTE_SET, mute_is_set);
    op->conversation = call->ids[0];
    op->user = chat_me(me).id;
    op->set_muted = call->body_seen & (1u << MUTE_IS_MUTED | 1u << MUTE_UNTIL);
    op->set_notifications = call->body_seen & 1u << MUTE_NOTIFICATIONS;
    op->is_muted = in->is_muted || !(call->body_seen & 1u << MUTE_IS_MUTED);
    op->muted_until = op->is_muted ? in->muted_until : 0;
    if (op->is_muted && call->body_seen & 1u << MUTE_UNTIL && !in->muted_until) op->muted_until = LONG_OVER;
    op->notifications_enabled = in->notifications_enabled;
    route_op_submit(call, &op->op);
}
