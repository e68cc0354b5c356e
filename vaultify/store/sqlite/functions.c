/* The functions that our SQL calls. */
#include "store/sqlite/functions.h"

#include "base/mem.h"
#include "store/casefold.h"

/* NULL: no text. */
static struct sio_span text_of(sqlite3_value *value) {
    const char *text = (const char *)sqlite3_value_text(value);
    return sio_span_of(text, text ? (size_t)sqlite3_value_bytes(value) : 0);
}

static void casefold_call(sqlite3_context *context, int count, sqlite3_value **values) {
    struct sio_span in = text_of(values[0]);
    if (!in.p) {
        sqlite3_result_null(context);
        return;
    }
    char *out = mem_alloc(CASEFOLD_GROWTH * in.n + 1);
    sqlite3_result_text64(context, out, casefold(in, out), free, SQLITE_UTF8);
}

/* ---- name_has ---- */

static bool has(struct sio_span text, struct sio_span part) {
    return part.n <= text.n && memmem(text.p, text.n, part.p, part.n) != NULL;
}

/* Does `part` begin in the first name and end in the last? Each of its blanks may be the one between them. */
static bool spans_both(struct sio_span first, struct sio_span last, struct sio_span part) {
    for (size_t i = 0; i < part.n; i++) {
        struct sio_span before = sio_span_of(part.p, i), behind = sio_span_skip(part, i + 1);
        if (part.p[i] != ' ' || before.n > first.n || behind.n > last.n) continue;
        if (sio_span_eq(sio_span_skip(first, first.n - before.n), before) &&
            sio_span_eq(sio_span_of(last.p, behind.n), behind))
            return true;
    }
    return false;
}

static void name_has_call(sqlite3_context *context, int count, sqlite3_value **values) {
    struct sio_span first = text_of(values[0]), last = text_of(values[1]), part = text_of(values[2]);
    sqlite3_result_int(context, has(first, part) || has(last, part) || spans_both(first, last, part));
}

void functions_add(struct db *db) {
    static const struct {
        const char *name;
        int arguments;
        void (*call)(sqlite3_context *context, int count, sqlite3_value **values);
    } functions[] = {{"casefold", 1, casefold_call}, {"name_has", 3, name_has_call}};
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        int code = sqlite3_create_function_v2(db->handle, functions[i].name, functions[i].arguments,
                                              SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL,
                                              functions[i].call, NULL, NULL, NULL);
        if (code != SQLITE_OK) db_fail(db, code);
    }
}
