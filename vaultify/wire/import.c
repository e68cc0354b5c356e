/* Reads the lines of an import file into records for the store. */
#include "wire/import.h"

#include <string.h>

#include "base/mem.h"
#include "push/time_zone.h"
#include "wire/fields.h"

enum { NAME_MAX_BYTES = 1000, URL_MAX_BYTES = 4000, METADATA_MAX_BYTES = 1 << 20, LOCALE_MAX_BYTES = 35 };

static const struct wire_limits no_limits = {UINT32_MAX, UINT32_MAX};

/* ---- what the lines carry ---- */

#define ROW(name, kind, required, min, max, member)                                                          \
    { name, kind, required, min, max, offsetof(TYPE, member) }
#define WORD(name, required, member, words)                                                                  \
    { name, WIRE_WORD, required, 0, 0, offsetof(TYPE, member), &(words) }

#define TYPE struct estate_row
static const struct wire_field estate_fields[] = {
    ROW("estateId", WIRE_UUID, true, 0, 0, id),
    ROW("name", WIRE_STRING, true, 1, NAME_MAX_BYTES, name),
    ROW("email", WIRE_STRING, false, 0, NAME_MAX_BYTES, email),
    ROW("address", WIRE_STRING, false, 0, NAME_MAX_BYTES, address),
    ROW("createdAt", WIRE_TIME, false, 0, 0, created_at),
    ROW("updatedAt", WIRE_TIME, false, 0, 0, updated_at),
};
#undef TYPE

#define TYPE struct user_row
static const struct wire_field user_fields[] = {
    ROW("userId", WIRE_UUID, true, 0, 0, id),
    ROW("estateId", WIRE_UUID, false, 0, 0, estate),
    WORD("role", true, role, wire_roles),
    WORD("status", false, status, wire_user_statuses),
    ROW("email", WIRE_STRING, true, 1, NAME_MAX_BYTES, email),
    ROW("firstName", WIRE_STRING, true, 0, NAME_MAX_BYTES, first_name),
    ROW("lastName", WIRE_STRING, true, 0, NAME_MAX_BYTES, last_name),
    ROW("profilePictureUrl", WIRE_STRING, false, 0, URL_MAX_BYTES, picture_url),
    ROW("createdAt", WIRE_TIME, false, 0, 0, created_at),
    ROW("updatedAt", WIRE_TIME, false, 0, 0, updated_at),
    ROW("locale", WIRE_STRING, false, 0, LOCALE_MAX_BYTES, preferences.locale),
    ROW("timeZone", WIRE_STRING, false, 0, TIME_ZONE_NAME_MAX, preferences.time_zone),
    ROW("quietFrom", WIRE_MINUTE, false, 0, 0, preferences.quiet_from),
    ROW("quietTo", WIRE_MINUTE, false, 0, 0, preferences.quiet_to),
};
enum { USER_STATUS_FIELD = 3, USER_QUIET_FIELDS = 1 << 12 | 1 << 13 };
#undef TYPE

struct conversation_line {
    struct conversation_row row;
    bool is_estate_group;
    struct sio_span participants;
};
#define TYPE struct conversation_line
static const struct wire_field conversation_fields[] = {
    ROW("conversationId", WIRE_UUID, true, 0, 0, row.id),
    ROW("estateId", WIRE_UUID, true, 0, 0, row.estate),
    ROW("createdByUserId", WIRE_UUID, false, 0, 0, row.created_by),
    WORD("type", true, row.type, wire_conversation_types),
    ROW("title", WIRE_STRING, false, 0, NAME_MAX_BYTES, row.title),
    ROW("photoUrl", WIRE_STRING, false, 0, URL_MAX_BYTES, row.photo_url),
    ROW("metadata", WIRE_OBJECT, false, 0, METADATA_MAX_BYTES, row.metadata),
    ROW("createdAt", WIRE_TIME, false, 0, 0, row.created_at),
    ROW("updatedAt", WIRE_TIME, false, 0, 0, row.updated_at),
    ROW("participants", WIRE_ARRAY, false, 0, IMPORT_PARTICIPANTS_MAX, participants),
    ROW("isEstateGroup", WIRE_BOOL, false, 0, 0, is_estate_group),
};
enum { CONVERSATION_GROUP_FIELD = 10 };
#undef TYPE

#define TYPE struct participant_row
static const struct wire_field participant_fields[] = {
    ROW("userId", WIRE_UUID, true, 0, 0, user),
    ROW("isAdmin", WIRE_BOOL, false, 0, 0, is_admin),
    ROW("isMuted", WIRE_BOOL, false, 0, 0, is_muted),
    ROW("mutedUntil", WIRE_TIME, false, 0, 0, muted_until),
    ROW("isPinned", WIRE_BOOL, false, 0, 0, is_pinned),
    ROW("isArchived", WIRE_BOOL, false, 0, 0, is_archived),
    ROW("notificationsEnabled", WIRE_BOOL, false, 0, 0, notifications_enabled),
    ROW("lastReadMessageId", WIRE_UUID, false, 0, 0, last_read_message),
    ROW("joinedAt", WIRE_TIME, false, 0, 0, joined_at),
    ROW("leftAt", WIRE_TIME, false, 0, 0, left_at),
};
enum { PARTICIPANT_NOTIFICATIONS_FIELD = 6 };
#undef TYPE

static const struct wire_schema estate_schema = WIRE_SCHEMA(struct estate_row, estate_fields);
static const struct wire_schema user_schema = WIRE_SCHEMA(struct user_row, user_fields);
static const struct wire_schema conversation_schema =
    WIRE_SCHEMA(struct conversation_line, conversation_fields);
static const struct wire_schema participant_schema = WIRE_SCHEMA(struct participant_row, participant_fields);

/* ---- one line ---- */

static bool read_estate(struct sio_span value, struct store_import_record *r, struct arena *arena,
                        struct wire_refusal *refusal) {
    r->kind = IMPORT_ESTATE;
    return wire_decode(value, &estate_schema, &no_limits, arena, &r->estate, NULL, refusal);
}

static bool read_user(struct sio_span value, struct store_import_record *r, struct arena *arena,
                      struct wire_refusal *refusal) {
    uint32_t seen;
    r->kind = IMPORT_USER;
    if (!wire_decode(value, &user_schema, &no_limits, arena, &r->user, &seen, refusal)) return false;
    if (!(seen & 1u << USER_STATUS_FIELD)) r->user.status = USER_ACTIVE;
    uint32_t quiet = seen & USER_QUIET_FIELDS;
    if (quiet == 0 || quiet == USER_QUIET_FIELDS) return true;
    return wire_refuse(refusal, FAULT_INVALID_PAYLOAD, "quietFrom and quietTo belong together");
}

/* A participant is an id or an object with user_id. */
static bool read_participant(struct sio_span item, struct participant_row *p, struct arena *arena,
                             struct wire_refusal *refusal) {
    uint32_t seen = 0;
    char text[UUID_TEXT];
    memset(p, 0, sizeof *p);
    if (sio_json_kind(item) == SIO_JSON_STRING) {
        if (item.n != UUID_TEXT + 2 ||
            !uuid_parse(sio_span_of(text, sio_json_string_decode(item, text)), &p->user))
            return wire_refuse(refusal, FAULT_INVALID_PAYLOAD, "participants must be ids or objects");
    } else if (sio_json_kind(item) != SIO_JSON_OBJECT) {
        return wire_refuse(refusal, FAULT_INVALID_PAYLOAD, "participants must be ids or objects");
    } else if (!wire_decode(item, &participant_schema, &no_limits, arena, p, &seen, refusal)) {
        return false;
    }
    if (!(seen & 1u << PARTICIPANT_NOTIFICATIONS_FIELD)) p->notifications_enabled = true;
    return true;
}

static bool read_participants(struct sio_span array, struct conversation_row *row, struct arena *arena,
                              struct wire_refusal *refusal) {
    struct sio_span item;
    size_t cursor = 0, n = 0;
    while (sio_json_next_item(array, &cursor, &item)) n++;
    struct participant_row *rows = arena_array(arena, struct participant_row, n);
    cursor = 0;
    for (size_t i = 0; sio_json_next_item(array, &cursor, &item); i++)
        if (!read_participant(item, &rows[i], arena, refusal)) return false;
    row->participants = rows;
    row->participant_count = row->participant_total = n;
    return true;
}

/* The platform knew the estate's group by its title alone. */
static bool is_estate_group(const struct conversation_line *line, uint32_t seen) {
    if (line->row.type != CONVERSATION_GROUP) return false;
    if (seen & 1u << CONVERSATION_GROUP_FIELD) return line->is_estate_group;
    struct sio_span title = line->row.title;
    return title.n > 0 && memmem(title.p, title.n, "Estate Group", strlen("Estate Group"));
}

static bool read_conversation(struct sio_span value, struct store_import_record *r, struct arena *arena,
                              struct wire_refusal *refusal) {
    struct conversation_line line;
    uint32_t seen;
    r->kind = IMPORT_CONVERSATION;
    if (!wire_decode(value, &conversation_schema, &no_limits, arena, &line, &seen, refusal)) return false;
    line.row.estate_group = is_estate_group(&line, seen);
    r->conversation = line.row;
    return read_participants(line.participants, &r->conversation, arena, refusal);
}

static const struct {
    const char *name;
    bool (*read)(struct sio_span value, struct store_import_record *r, struct arena *arena,
                 struct wire_refusal *refusal);
} kinds[] = {{"estate", read_estate}, {"user", read_user}, {"conversation", read_conversation}};

static bool read_line(struct sio_span line, struct store_import_record *r, struct arena *arena,
                      struct wire_refusal *refusal) {
    struct sio_span object, key, value, second;
    size_t cursor = 0;
    if (!sio_json_check(line, &object)) return wire_refuse(refusal, FAULT_INVALID_JSON, "not valid JSON");
    if (sio_json_kind(object) != SIO_JSON_OBJECT || !sio_json_next_member(object, &cursor, &key, &value) ||
        sio_json_next_member(object, &cursor, &second, &second))
        return wire_refuse(refusal, FAULT_INVALID_PAYLOAD, "must be an object with exactly one member");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (!sio_json_string_is(key, sio_span_cstr(kinds[i].name))) continue;
        if (sio_json_kind(value) != SIO_JSON_OBJECT)
            return wire_refuse(refusal, FAULT_INVALID_PAYLOAD, "%s must be an object", kinds[i].name);
        return kinds[i].read(value, r, arena, refusal);
    }
    return wire_refuse(refusal, FAULT_INVALID_PAYLOAD, "must be an estate, a user or a conversation");
}

/* ---- the file ---- */

static bool is_blank(struct sio_span line) {
    for (size_t i = 0; i < line.n; i++)
        if (line.p[i] != ' ' && line.p[i] != '\t' && line.p[i] != '\r') return false;
    return true;
}

static size_t count_lines(struct sio_span text) {
    size_t n = 0;
    while (text.p && text.n > 0) n += !is_blank(sio_span_cut(&text, '\n'));
    return n;
}

bool wire_import_parse(struct sio_span json_lines, struct arena *arena, struct store_import_record **out,
                       size_t *count, struct sio_span *error, uint32_t *error_line) {
    struct wire_refusal refusal = {0};
    if (sio_span_starts(json_lines, SIO_SPAN("\xEF\xBB\xBF"))) json_lines = sio_span_skip(json_lines, 3);
    *out = arena_array(arena, struct store_import_record, count_lines(json_lines));
    *count = 0;
    for (uint32_t line = 1; json_lines.p && json_lines.n > 0; line++) {
        struct sio_span text = sio_span_cut(&json_lines, '\n');
        if (is_blank(text)) continue;
        struct store_import_record *r = &(*out)[(*count)++];
        r->line = line;
        if (read_line(text, r, arena, &refusal)) continue;
        *error = arena_span(arena, sio_span_cstr(refusal.text));
        *error_line = line;
        return false;
    }
    return true;
}
