/* Reading estates and users. */
#include "store/sqlite/users.h"

#include "store/sqlite/columns.h"
#include "store/sqlite/ops.h"

static int64_t key_get(struct query *q) {
    int64_t key = query_step(q) ? query_get_i64(q) : 0;
    query_end(q);
    return key;
}

int64_t estate_key_find(struct db *db, const struct uuid *id) {
    struct query q = query_begin(db, "SELECT estate_key FROM estates WHERE id = ?");
    query_put_uuid(&q, id);
    return key_get(&q);
}

int64_t user_find(struct db *db, const struct uuid *id) {
    struct query q = query_begin(db, "SELECT user_key FROM users WHERE id = ?");
    query_put_uuid(&q, id);
    return key_get(&q);
}

int64_t user_find_active(struct db *db, const struct uuid *id, int64_t estate_key) {
    struct query q =
        query_begin(db, "SELECT user_key FROM users WHERE id = ? AND estate_key = ? AND status = ?");
    query_put_uuid(&q, id);
    query_put_i64(&q, estate_key);
    query_put_text(&q, user_status_text(USER_ACTIVE));
    return key_get(&q);
}

enum fault read_user_get(struct db *db, struct store_op *base) {
    struct store_user_get *op = (struct store_user_get *)base;
    struct query q =
        query_begin(db, "SELECT " USER_COLUMNS
                        ", e.name FROM users u LEFT JOIN estates e USING (estate_key) WHERE u.id = ?");
    query_put_uuid(&q, &op->user);
    bool found = query_step(&q);
    if (found) {
        columns_user(&q, &op->op.arena, &op->row);
        op->estate_name = query_get_text(&q, &op->op.arena);
    }
    query_end(&q);
    return found ? FAULT_NONE : FAULT_USER_UNKNOWN;
}

/* All rows of a query for USER_COLUMNS. */
static const struct user_row *users_read(struct query *q, struct arena *arena, size_t *out_count) {
    struct user_row *users = NULL;
    size_t count = 0, capacity = 0;
    while (query_step(q)) {
        users = query_room(arena, users, count, &capacity, sizeof *users);
        columns_user(q, arena, &users[count++]);
    }
    *out_count = count;
    return users;
}

enum fault read_estate_load(struct db *db, struct store_op *base) {
    struct store_estate_load *op = (struct store_estate_load *)base;
    struct arena *arena = &op->op.arena;
    struct query q = query_begin(db, "SELECT e.estate_key, c.id, " ESTATE_COLUMNS
                                     " FROM estates e LEFT JOIN conversations c"
                                     " ON c.estate_key = e.estate_key AND c.estate_group = 1 WHERE e.id = ?");
    query_put_uuid(&q, &op->estate);
    int64_t key = 0;
    if (query_step(&q)) {
        key = query_get_i64(&q);
        op->group = query_get_uuid(&q);
        columns_estate(&q, arena, &op->row);
    }
    query_end(&q);
    if (!key) return FAULT_FORBIDDEN;

    q = query_begin(db, "SELECT " USER_COLUMNS " FROM users u JOIN estates e USING (estate_key)"
                        " WHERE u.estate_key = ? ORDER BY u.user_key");
    query_put_i64(&q, key);
    op->users = users_read(&q, arena, &op->user_count);
    return FAULT_NONE;
}

enum fault read_user_list(struct db *db, struct store_op *base) {
    struct store_user_list *op = (struct store_user_list *)base;
    struct query q =
        query_begin(db, "SELECT " USER_COLUMNS " FROM users u LEFT JOIN estates e USING (estate_key)"
                        " ORDER BY e.name, e.id, u.email");
    op->users = users_read(&q, &op->op.arena, &op->user_count);
    return FAULT_NONE;
}
