/* An import: estates, users and conversations, compared with what is there; all of it happens or nothing. */
#include "store/sqlite/import.h"

#include "sio_strbuf.h"
#include "store/sqlite/columns.h"
#include "store/sqlite/estate_group.h"
#include "store/sqlite/ops.h"
#include "store/sqlite/participants.h"
#include "store/sqlite/push_cancel.h"
#include "store/sqlite/users.h"

bool import_refuse(struct import *im, const char *format, ...) {
    struct sio_strbuf text;
    char line[512];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    sio_strbuf_init(&text);
    sio_strbuf_span(&text, sio_span_cstr(line));
    im->op->error = arena_span(&im->op->op.arena, sio_strbuf_as_span(&text));
    im->op->error_line = im->record->line;
    sio_strbuf_fini(&text);
    return false;
}

void import_estate_changed(struct import *im, int64_t estate_key) {
    struct sio_span key = sio_span_of(&estate_key, sizeof estate_key);
    if (estate_key == 0 || map_get(&im->changed, key)) return;
    struct arena *arena = &im->op->op.arena;
    struct sio_span kept = arena_span(arena, key);
    map_put(&im->changed, kept, im);
    im->changed_keys =
        query_room(arena, im->changed_keys, im->changed_count, &im->changed_capacity, sizeof estate_key);
    im->changed_keys[im->changed_count++] = estate_key;
}

/* ---- estates ---- */

static bool estate_differs(const struct estate_row *old, const struct estate_row *new) {
    return !sio_span_eq(old->name, new->name) || !sio_span_eq(old->email, new->email) ||
           !sio_span_eq(old->address, new->address) ||
           import_time(new->created_at, old->created_at) != old->created_at ||
           import_time(new->updated_at, old->updated_at) != old->updated_at;
}

static void estate_write(struct import *im, int64_t key, const struct estate_row *row,
                         const struct estate_row *old) {
    int64_t now = im->w->now;
    struct query q = query_begin(
        &im->w->db, "INSERT INTO estates (estate_key, id, name, email, address, created_at, updated_at)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)"
                    " ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email,"
                    " address = excluded.address, created_at = excluded.created_at,"
                    " updated_at = excluded.updated_at");
    query_put_key_or_null(&q, key);
    query_put_uuid(&q, &row->id);
    query_put_text(&q, row->name);
    query_put_text(&q, row->email);
    query_put_text(&q, row->address);
    query_put_i64(&q, import_time(row->created_at, key ? old->created_at : now));
    query_put_i64(&q, import_time(row->updated_at, now));
    query_run(&q);
    im->op->estates_written++;
}

static bool import_estate(struct import *im, const struct estate_row *row) {
    struct db *db = &im->w->db;
    if (uuid_is_nil(&row->id)) return import_refuse(im, "An estate needs an id");
    if (row->name.n == 0) return import_refuse(im, "An estate needs a name");
    struct estate_row old = {0};
    struct query q = query_begin(db, "SELECT e.estate_key, " ESTATE_COLUMNS " FROM estates e WHERE e.id = ?");
    query_put_uuid(&q, &row->id);
    int64_t key = 0;
    if (query_step(&q)) {
        key = query_get_i64(&q);
        columns_estate(&q, &im->op->op.arena, &old);
    }
    query_end(&q);
    if (key && !estate_differs(&old, row)) return true;
    estate_write(im, key, row, &old);
    import_estate_changed(im, key ? key : estate_key_find(db, &row->id));
    return true;
}

/* ---- users ---- */

struct known_user {
    int64_t key, estate_key; /* 0: none */
    struct user_row row;
};

static struct known_user user_load(struct import *im, const struct uuid *id) {
    struct known_user known = {0};
    struct query q =
        query_begin(&im->w->db, "SELECT u.user_key, u.estate_key, " USER_COLUMNS
                                " FROM users u LEFT JOIN estates e USING (estate_key) WHERE u.id = ?");
    query_put_uuid(&q, id);
    if (query_step(&q)) {
        known.key = query_get_i64(&q);
        known.estate_key = query_get_i64(&q);
        columns_user(&q, &im->op->op.arena, &known.row);
    }
    query_end(&q);
    return known;
}

/* What the record does not give stays; a new user has none. */
static struct preferences_row preferences_merge(const struct known_user *old,
                                                const struct preferences_row *given) {
    struct preferences_row merged = {.quiet_from = -1, .quiet_to = -1};
    if (old->key) merged = old->row.preferences;
    if (given->locale.n) merged.locale = given->locale;
    if (given->time_zone.n) merged.time_zone = given->time_zone;
    if (given->quiet_from != given->quiet_to) {
        merged.quiet_from = given->quiet_from;
        merged.quiet_to = given->quiet_to;
    }
    return merged;
}

static bool preferences_differ(const struct preferences_row *a, const struct preferences_row *b) {
    return !sio_span_eq(a->locale, b->locale) || !sio_span_eq(a->time_zone, b->time_zone) ||
           a->quiet_from != b->quiet_from || a->quiet_to != b->quiet_to;
}

static bool user_differs(const struct user_row *old, const struct user_row *new) {
    return !uuid_eq(&old->estate, &new->estate) || old->role != new->role || old->status != new->status ||
           !sio_span_eq(old->email, new->email) || !sio_span_eq(old->first_name, new->first_name) ||
           !sio_span_eq(old->last_name, new->last_name) || !sio_span_eq(old->picture_url, new->picture_url) ||
           import_time(new->created_at, old->created_at) != old->created_at ||
           import_time(new->updated_at, old->updated_at) != old->updated_at;
}

static bool email_is_free(struct import *im, const struct user_row *row) {
    struct query q = query_begin(&im->w->db, "SELECT id FROM users WHERE email = ? AND id <> ?");
    query_put_text(&q, row->email);
    query_put_uuid(&q, &row->id);
    bool taken = query_step(&q);
    struct uuid holder = taken ? query_get_uuid(&q) : (struct uuid){{0}};
    query_end(&q);
    if (!taken) return true;
    char text[UUID_TEXT + 1];
    uuid_format(&holder, text);
    return import_refuse(im, "The e-mail address %.*s belongs to the user %s already",
                         (int)(row->email.n < 128 ? row->email.n : 128), row->email.p, text);
}

static int64_t user_write(struct import *im, const struct known_user *old, const struct user_row *row,
                          int64_t estate_key, const struct preferences_row *preferences) {
    int64_t now = im->w->now;
    struct query q = query_begin(
        &im->w->db, "INSERT INTO users (user_key, id, estate_key, role, status, email, first_name, last_name,"
                    " picture_url, created_at, updated_at, locale, time_zone, quiet_from, quiet_to,"
                    " first_name_folded, last_name_folded)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?7, ?8, ?, ?, ?, ?, ?, ?, ?, casefold(?7), casefold(?8))"
                    " ON CONFLICT (id) DO UPDATE SET estate_key = excluded.estate_key, role = excluded.role,"
                    " status = excluded.status, email = excluded.email, first_name = excluded.first_name,"
                    " last_name = excluded.last_name, picture_url = excluded.picture_url,"
                    " created_at = excluded.created_at, updated_at = excluded.updated_at,"
                    " locale = excluded.locale, time_zone = excluded.time_zone,"
                    " quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to,"
                    " first_name_folded = excluded.first_name_folded,"
                    " last_name_folded = excluded.last_name_folded");
    query_put_key_or_null(&q, old->key);
    query_put_uuid(&q, &row->id);
    query_put_key_or_null(&q, estate_key);
    query_put_text(&q, role_text(row->role));
    query_put_text(&q, user_status_text(row->status));
    query_put_text(&q, row->email);
    query_put_text(&q, row->first_name);
    query_put_text(&q, row->last_name);
    query_put_text(&q, row->picture_url);
    query_put_i64(&q, import_time(row->created_at, old->key ? old->row.created_at : now));
    query_put_i64(&q, import_time(row->updated_at, now));
    query_put_text(&q, preferences->locale);
    query_put_text(&q, preferences->time_zone);
    query_put_i64(&q, preferences->quiet_from);
    query_put_i64(&q, preferences->quiet_to);
    if (!query_run(&q)) return 0;
    im->op->users_written++;
    import_estate_changed(im, old->estate_key);
    import_estate_changed(im, estate_key);
    return old->key ? old->key : sqlite3_last_insert_rowid(im->w->db.handle);
}

/* Who moves away leaves the old estate's conversations: nothing crosses estates. */
static void user_leave_estate(struct import *im, int64_t user_key, int64_t estate_key) {
    struct query q = query_begin(&im->w->db, "SELECT p.conversation_key FROM participants p"
                                             " INDEXED BY participants_by_user"
                                             " JOIN conversations c USING (conversation_key)"
                                             " WHERE p.user_key = ? AND p.left_at = 0 AND c.estate_key = ?");
    query_put_i64(&q, user_key);
    query_put_i64(&q, estate_key);
    int64_t *keys = NULL;
    size_t count = 0, capacity = 0;
    while (query_step(&q)) {
        keys = query_room(&im->op->op.arena, keys, count, &capacity, sizeof *keys);
        keys[count++] = query_get_i64(&q);
    }
    for (size_t i = 0; i < count; i++) participant_leave(im->w, keys[i], user_key);
}

/* Into the estate's group, if there is one. Who left it stays out, but not who has just moved (back) here. */
static void user_join_group(struct import *im, const struct user_row *row, int64_t user_key,
                            int64_t estate_key, bool moved) {
    struct db *db = &im->w->db;
    int64_t group = estate_group_find(db, estate_key);
    if (!group) return;
    struct participant_state state = participant_find(db, group, user_key);
    if (state.exists && (!state.left || !moved)) return;
    participant_put(im->w, group, user_key, row->role == ROLE_ADMIN || row->role == ROLE_SUPER_ADMIN);
    import_estate_changed(im, estate_key);
}

static bool import_user(struct import *im, const struct user_row *row) {
    int64_t estate_key = 0;
    if (uuid_is_nil(&row->id)) return import_refuse(im, "A user needs an id");
    if (row->email.n == 0) return import_refuse(im, "A user needs an e-mail address");
    if (!uuid_is_nil(&row->estate) && !(estate_key = estate_key_find(&im->w->db, &row->estate))) {
        char text[UUID_TEXT + 1];
        uuid_format(&row->estate, text);
        return import_refuse(im, "The user's estate %s does not exist", text);
    }
    if (!email_is_free(im, row)) return false;

    struct known_user old = user_load(im, &row->id);
    int64_t key = old.key;
    struct preferences_row preferences = preferences_merge(&old, &row->preferences);
    if (!old.key || user_differs(&old.row, row) || preferences_differ(&old.row.preferences, &preferences))
        key = user_write(im, &old, row, estate_key, &preferences);
    if (old.key && row->status != USER_ACTIVE) push_cancel_user(im->w, key);
    bool moved = old.estate_key != estate_key;
    if (old.key && old.estate_key && moved) user_leave_estate(im, key, old.estate_key);
    if (estate_key && row->status == USER_ACTIVE) user_join_group(im, row, key, estate_key, moved);
    return true;
}

/* ---- all ---- */

static bool import_record(struct import *im) {
    switch (im->record->kind) {
    case IMPORT_ESTATE: return import_estate(im, &im->record->estate);
    case IMPORT_USER: return import_user(im, &im->record->user);
    case IMPORT_CONVERSATION: return import_conversation(im, &im->record->conversation);
    }
    return import_refuse(im, "The record is of no known kind");
}

static void changed_give(struct import *im) {
    struct uuid *ids = arena_array(&im->op->op.arena, struct uuid, im->changed_count);
    for (size_t i = 0; i < im->changed_count; i++) {
        struct query q = query_begin(&im->w->db, "SELECT id FROM estates WHERE estate_key = ?");
        query_put_i64(&q, im->changed_keys[i]);
        if (query_step(&q)) ids[i] = query_get_uuid(&q);
        query_end(&q);
    }
    im->op->estates = ids;
    im->op->estate_count = im->changed_count;
}

enum fault write_import(struct writer *w, struct store_op *base) {
    struct store_import *op = (struct store_import *)base;
    struct import im = {.w = w, .op = op};
    bool ok = true;
    map_init(&im.changed, NULL);
    for (size_t i = 0; ok && w->db.error == SQLITE_OK && i < op->record_count; i++) {
        im.record = &op->records[i];
        ok = import_record(&im);
    }
    if (ok) {
        changed_give(&im);
    } else {
        op->estates_written = op->users_written = op->conversations_written = 0;
    }
    map_fini(&im.changed);
    writer_forget_users(w); /* names may have changed, or been taken back */
    return ok ? FAULT_NONE : FAULT_INVALID_PAYLOAD;
}
