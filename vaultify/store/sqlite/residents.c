/* An estate's people by name: all of them, or those whose names have something in them. */
#include "store/casefold.h"
#include "store/sqlite/columns.h"
#include "store/sqlite/ops.h"
#include "store/sqlite/users.h"

#include "base/must.h"

/* The people on the page that is asked for, in its order. */
struct page {
    int64_t estate_key;
    uint32_t limit;
    uint64_t offset;
    int64_t keys[STORE_PAGE_ROWS];
    size_t count;
    uint64_t total;
};

/* The index has all that is looked at, in the order that is asked for: nobody is sorted, and rows of the table are read
 * of those on the page alone. */
#define RESIDENTS " FROM users INDEXED BY users_by_name WHERE estate_key = ? AND status = ?"
#define BY_NAME   " ORDER BY first_name_folded, last_name_folded, id"

static void residents_put(struct query *q, const struct page *page) {
    query_put_i64(q, page->estate_key);
    query_put_text(q, user_status_text(USER_ACTIVE));
}

static void everybody(struct db *db, struct page *page) {
    struct query q = query_begin(db, "SELECT count(*)" RESIDENTS);
    residents_put(&q, page);
    if (query_step(&q)) page->total = (uint64_t)query_get_i64(&q);
    query_end(&q);
    q = query_begin(db, "SELECT user_key" RESIDENTS BY_NAME " LIMIT ? OFFSET ?");
    residents_put(&q, page);
    query_put_i64(&q, page->limit);
    query_put_i64(&q, (int64_t)page->offset);
    while (query_step(&q)) page->keys[page->count++] = query_get_i64(&q);
}

/* How many there are is known only when all have been looked at. */
static void found(struct db *db, struct page *page, struct sio_span folded) {
    struct query q = query_begin(db, "SELECT user_key" RESIDENTS
                                     " AND name_has(first_name_folded, last_name_folded, ?)" BY_NAME);
    residents_put(&q, page);
    query_put_text(&q, folded);
    while (query_step(&q)) {
        bool on_page = page->total >= page->offset && page->count < page->limit;
        if (on_page) page->keys[page->count++] = query_get_i64(&q);
        page->total++;
    }
}

static void row_load(struct db *db, struct arena *arena, int64_t key, struct user_row *row) {
    struct query q =
        query_begin(db, "SELECT " USER_COLUMNS
                        " FROM users u LEFT JOIN estates e USING (estate_key) WHERE u.user_key = ?");
    query_put_i64(&q, key);
    if (query_step(&q)) columns_user(&q, arena, row);
    query_end(&q);
}

enum fault read_resident_page(struct db *db, struct store_op *base) {
    struct store_resident_page *op = (struct store_resident_page *)base;
    char text[CASEFOLD_GROWTH * STORE_SEARCH_BYTES];
    must(op->search.n <= STORE_SEARCH_BYTES);
    struct page page = {.estate_key = estate_key_find(db, &op->estate),
                        .limit = op->limit < 1                 ? 1
                                 : op->limit > STORE_PAGE_ROWS ? STORE_PAGE_ROWS
                                                               : op->limit};
    if (!page.estate_key) return FAULT_NONE;
    page.offset = op->page > 1 ? (uint64_t)(op->page - 1) * page.limit : 0;
    if (op->search.n > 0)
        found(db, &page, sio_span_of(text, casefold(op->search, text)));
    else
        everybody(db, &page);
    struct user_row *rows = arena_array(&op->op.arena, struct user_row, page.count);
    for (size_t i = 0; i < page.count; i++) row_load(db, &op->op.arena, page.keys[i], &rows[i]);
    op->rows = rows;
    op->count = page.count;
    op->total = page.total;
    return FAULT_NONE;
}
