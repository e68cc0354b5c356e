/* Devices: where a user's pushes go. */
#include "store/sqlite/devices.h"

#include "store/sqlite/columns.h"
#include "store/sqlite/ops.h"
#include "store/sqlite/push_cancel.h"
#include "store/sqlite/users.h"

/* ---- dropping ---- */

void device_drop(struct writer *w, int64_t user_key, int64_t device_key) {
    push_cancel_device(w, user_key, device_key);
    struct query q = query_begin(&w->db, "DELETE FROM devices WHERE device_key = ?");
    query_put_i64(&q, device_key);
    query_run(&q);
}

bool device_drop_dead(struct writer *w, int64_t device_key, int64_t dead_since) {
    struct query q = query_begin(&w->db, "SELECT user_key FROM devices WHERE device_key = ?1"
                                         " AND (?2 = 0 OR last_seen_at <= ?2)");
    query_put_i64(&q, device_key);
    query_put_i64(&q, dead_since);
    int64_t user_key = query_step(&q) ? query_get_i64(&q) : 0;
    query_end(&q);
    if (user_key) device_drop(w, user_key, device_key);
    return user_key != 0;
}

/* Drops the devices whose keys the query yields; they are all this user's. */
static void devices_drop(struct writer *w, struct query *q, int64_t user_key, struct arena *arena) {
    int64_t *keys = NULL;
    size_t count = 0, capacity = 0;
    while (query_step(q)) {
        keys = query_room(arena, keys, count, &capacity, sizeof *keys);
        keys[count++] = query_get_i64(q);
    }
    for (size_t i = 0; i < count; i++) device_drop(w, user_key, keys[i]);
}

/* ---- registering ---- */

struct held_token {
    int64_t key, user_key; /* key 0: nobody has it */
    struct uuid id;
    uint8_t service;
    int64_t created_at;
};

static struct held_token token_find(struct db *db, struct sio_span token) {
    struct held_token held = {0};
    struct query q =
        query_begin(db, "SELECT device_key, user_key, id, service, created_at FROM devices WHERE token = ?");
    query_put_text(&q, token);
    if (query_step(&q)) {
        held.key = query_get_i64(&q);
        held.user_key = query_get_i64(&q);
        held.id = query_get_uuid(&q);
        held.service = (uint8_t)query_get_i64(&q);
        held.created_at = query_get_i64(&q);
    }
    query_end(&q);
    return held;
}

/* An app got a new token for the same device: the old one would only fail. */
static void namesakes_drop(struct writer *w, const struct device_row *row, int64_t user_key,
                           struct arena *arena) {
    if (!row->device_id.n) return;
    struct query q = query_begin(&w->db, "SELECT device_key FROM devices"
                                         " WHERE user_key = ? AND device_id = ? AND token <> ?");
    query_put_i64(&q, user_key);
    query_put_text(&q, row->device_id);
    query_put_text(&q, row->token);
    devices_drop(w, &q, user_key, arena);
}

static void surplus_drop(struct writer *w, int64_t user_key, int64_t newest_key, struct arena *arena) {
    struct query q = query_begin(&w->db, "SELECT device_key FROM devices WHERE user_key = ?"
                                         " ORDER BY device_key = ? DESC, last_seen_at DESC, device_key DESC"
                                         " LIMIT -1 OFFSET ?");
    query_put_i64(&q, user_key);
    query_put_i64(&q, newest_key);
    query_put_i64(&q, STORE_DEVICES_A_USER);
    devices_drop(w, &q, user_key, arena);
}

static int64_t device_insert(struct writer *w, const struct device_row *row, int64_t user_key) {
    struct query q = query_begin(&w->db, "INSERT INTO devices (id, user_key, platform, service, token, keys,"
                                         " device_id, created_at, last_seen_at)"
                                         " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    query_put_uuid(&q, &row->id);
    query_put_i64(&q, user_key);
    query_put_text(&q, device_platform_text(row->platform));
    query_put_i64(&q, row->service);
    query_put_text(&q, row->token);
    query_put_bytes(&q, row->keys);
    query_put_text(&q, row->device_id);
    query_put_i64(&q, row->created_at);
    query_put_i64(&q, row->last_seen_at);
    return query_run(&q) ? sqlite3_last_insert_rowid(w->db.handle) : 0;
}

static void device_update(struct writer *w, const struct device_row *row, const struct held_token *held) {
    struct query q =
        query_begin(&w->db, "UPDATE devices SET platform = ?, service = ?, keys = ?, device_id = ?,"
                            " last_seen_at = ? WHERE device_key = ?");
    query_put_text(&q, device_platform_text(row->platform));
    query_put_i64(&q, row->service);
    query_put_bytes(&q, row->keys);
    query_put_text(&q, row->device_id);
    query_put_i64(&q, row->last_seen_at);
    query_put_i64(&q, held->key);
    query_run(&q);
    if (row->service == held->service) return;
    q = query_begin(&w->db, "UPDATE push_jobs SET service = ? WHERE user_key = ? AND device_key = ?");
    query_put_i64(&q, row->service);
    query_put_i64(&q, held->user_key);
    query_put_i64(&q, held->key);
    query_run(&q);
}

enum fault write_device_put(struct writer *w, struct store_op *base) {
    struct store_device_put *op = (struct store_device_put *)base;
    struct device_row *row = &op->row;
    struct user_entry *user = writer_user(w, &row->user);
    if (!user) return FAULT_USER_UNKNOWN;
    struct held_token held = token_find(&w->db, row->token);
    op->created = held.user_key != user->key;
    if (held.key && op->created) device_drop(w, held.user_key, held.key);
    namesakes_drop(w, row, user->key, &op->op.arena);

    row->id = op->created ? ids_next(&w->ids, w->now) : held.id;
    row->created_at = op->created ? w->now : held.created_at;
    row->last_seen_at = w->now;
    if (op->created)
        surplus_drop(w, user->key, device_insert(w, row, user->key), &op->op.arena);
    else
        device_update(w, row, &held);
    writer_audience_changed(w);
    return FAULT_NONE;
}

/* ---- removing, listing ---- */

enum fault write_device_remove(struct writer *w, struct store_op *base) {
    struct store_device_remove *op = (struct store_device_remove *)base;
    struct query q = query_begin(&w->db, "SELECT d.device_key, u.user_key FROM users u"
                                         " JOIN devices d USING (user_key)"
                                         " WHERE u.id = ?1 AND CASE WHEN ?2 IS NULL THEN d.token IN (?3, ?4)"
                                         "  ELSE d.id = ?2 END");
    query_put_uuid(&q, &op->user);
    query_put_uuid_or_null(&q, &op->id);
    query_put_text(&q, op->token);
    query_put_text(&q, op->spelling);
    bool found = query_step(&q);
    int64_t device_key = found ? query_get_i64(&q) : 0, user_key = found ? query_get_i64(&q) : 0;
    query_end(&q);
    if (!found) return FAULT_DEVICE_NOT_FOUND;
    device_drop(w, user_key, device_key);
    return FAULT_NONE;
}

enum fault read_device_list(struct db *db, struct store_op *base) {
    struct store_device_list *op = (struct store_device_list *)base;
    struct arena *arena = &op->op.arena;
    struct query q = query_begin(db, "SELECT " DEVICE_COLUMNS " FROM devices d JOIN users u USING (user_key)"
                                     " WHERE d.user_key = ? ORDER BY d.last_seen_at DESC, d.device_key DESC");
    int64_t user_key = user_find(db, &op->user);
    query_put_i64(&q, user_key);
    struct device_row *rows = NULL;
    size_t capacity = 0;
    op->count = 0;
    while (query_step(&q)) {
        rows = query_room(arena, rows, op->count, &capacity, sizeof *rows);
        columns_device(&q, arena, &rows[op->count++]);
    }
    op->rows = rows;
    return FAULT_NONE;
}
