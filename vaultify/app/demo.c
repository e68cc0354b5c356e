/* The demo's people, how they come into the store, and how they are shown. */
#include "app/demo.h"

#include "app/clock.h"
#include "app/record.h"
#include "wire/import.h"

enum { TOKEN_LIFETIME_MS = 24 * 60 * 60 * 1000 };

/* Ids that a person can read and type. */
#define ESTATE_ID(n) "e0000000-0000-4000-8000-00000000000" n
#define USER_ID(n)   "a0000000-0000-4000-8000-0000000000" n

static const struct demo_estate {
    const char *id, *name, *address;
} estates[] = {
    {ESTATE_ID("1"), "Palm Grove Estate", "1 Palm Grove Road"},
    {ESTATE_ID("2"), "Cedar Court", "8 Cedar Lane"},
};

static const struct demo_user {
    const char *id;
    unsigned estate; /* its place above */
    const char *first_name, *last_name, *email, *role;
} users[] = {
    {USER_ID("01"), 0, "Ada", "Okafor", "ada@palmgrove.example", "Admin"},
    {USER_ID("02"), 0, "Samuel", "Bright", "samuel@palmgrove.example", "Security Personnel"},
    {USER_ID("03"), 0, "Rita", "Mensah", "rita@palmgrove.example", "Residence"},
    {USER_ID("04"), 0, "Tunde", "Balogun", "tunde@palmgrove.example", "Residence"},
    {USER_ID("05"), 0, "Grace", "Kimani", "grace@palmgrove.example", "Residence"},
    {USER_ID("06"), 0, "Omar", "Haddad", "omar@palmgrove.example", "Residence"},
    {USER_ID("07"), 0, "Lena", "Fischer", "lena@palmgrove.example", "Residence"},
    {USER_ID("08"), 0, "Chidi", "Eze", "chidi@palmgrove.example", "Residence"},
    {USER_ID("11"), 1, "Nora", "Silva", "nora@cedarcourt.example", "Residence"},
    {USER_ID("12"), 1, "Ivan", "Petrov", "ivan@cedarcourt.example", "Residence"},
};

enum { ESTATE_COUNT = sizeof estates / sizeof *estates, USER_COUNT = sizeof users / sizeof *users };

/* ---- making ---- */

static void write_records(struct sio_strbuf *out) {
    for (size_t i = 0; i < ESTATE_COUNT; i++) {
        const struct record_field fields[] = {
            {"estate_id", estates[i].id}, {"name", estates[i].name}, {"address", estates[i].address}};
        record_write(out, "estate", fields, sizeof fields / sizeof *fields);
    }
    for (size_t i = 0; i < USER_COUNT; i++) {
        const struct record_field fields[] = {{"user_id", users[i].id},
                                              {"estate_id", estates[users[i].estate].id},
                                              {"first_name", users[i].first_name},
                                              {"last_name", users[i].last_name},
                                              {"email", users[i].email},
                                              {"role", users[i].role},
                                              {"status", "active"}};
        record_write(out, "user", fields, sizeof fields / sizeof *fields);
    }
}

static bool store_is_empty(struct store *store, enum sio_err *err) {
    struct store_user_list *op = store_op_new(STORE_USER_LIST, NULL, NULL, NULL);
    *err = store_call(store, &op->op) == FAULT_NONE ? SIO_ERR_OK : SIO_ERR_IO;
    bool empty = *err == SIO_ERR_OK && op->user_count == 0;
    store_op_free(&op->op);
    return empty;
}

enum sio_err demo_make(struct store *store) {
    enum sio_err err;
    if (!store_is_empty(store, &err)) return err;
    struct store_import *op = store_op_new(STORE_IMPORT, NULL, NULL, NULL);
    struct store_import_record *records;
    struct sio_strbuf lines;
    sio_strbuf_init(&lines);
    write_records(&lines);
    err = SIO_ERR_INVALID;
    if (wire_import_parse(sio_strbuf_as_span(&lines), &op->op.arena, &records, &op->record_count, &op->error,
                          &op->error_line)) {
        op->records = records;
        err = store_call(store, &op->op) == FAULT_NONE ? SIO_ERR_OK : SIO_ERR_IO;
    }
    sio_strbuf_fini(&lines);
    store_op_free(&op->op);
    return err;
}

/* ---- showing ---- */

struct shown_user {
    bool active;
    struct sio_strbuf token;
};

/* Whoever was removed or suspended since is not shown. */
static enum sio_err find_user(struct store *store, const struct auth *auth, const struct demo_user *user,
                              struct shown_user *out) {
    struct store_user_get *op = store_op_new(STORE_USER_GET, NULL, NULL, NULL);
    enum fault fault = FAULT_INTERNAL;
    sio_strbuf_init(&out->token);
    if (uuid_parse(sio_span_cstr(user->id), &op->user)) fault = store_call(store, &op->op);
    out->active = fault == FAULT_NONE && op->row.status == USER_ACTIVE;
    if (out->active)
        auth_issue(auth, &op->user, op->row.email, role_text(op->row.role), clock_wall_ms(),
                   TOKEN_LIFETIME_MS, &out->token);
    store_op_free(&op->op);
    return fault == FAULT_NONE || fault == FAULT_USER_UNKNOWN ? SIO_ERR_OK : SIO_ERR_IO;
}

static void print_users(FILE *out, const struct shown_user *shown) {
    for (size_t e = 0; e < ESTATE_COUNT; e++) {
        fprintf(out, "\n%s  %s\n", estates[e].name, estates[e].id);
        for (size_t i = 0; i < USER_COUNT; i++) {
            if (users[i].estate != e || !shown[i].active) continue;
            fprintf(out, "\n  %s %s, %s  %s\n  %s\n", users[i].first_name, users[i].last_name, users[i].role,
                    users[i].id, shown[i].token.p);
        }
    }
}

/* Not with a token written out again: the ones above are to be copied. */
static void print_try(FILE *out, const char *address) {
    fprintf(out, "\nTry it, with one of these as TOKEN:\n\n");
    fprintf(out, "  curl -H \"Authorization: Bearer $TOKEN\" %s/messaging/estate/" ESTATE_ID("1") "/group\n",
            address);
    fprintf(out, "  const socket = io('ws%s/messaging', { auth: { token: TOKEN } });\n\n",
            address + strlen("http"));
}

static void print_demo(FILE *out, const char *address, const struct shown_user *shown) {
    size_t active = 0;
    for (size_t i = 0; i < USER_COUNT; i++) active += shown[i].active;
    if (active) {
        fprintf(out, "\nDemo users, each with an access token for 24 hours:\n");
        print_users(out, shown);
        print_try(out, address);
    } else {
        fprintf(out, "\nThere were users here already, so the demo's were not made.\n");
    }
    fflush(out);
}

enum sio_err demo_print(FILE *out, struct store *store, const struct auth *auth, const char *address) {
    struct shown_user shown[USER_COUNT];
    enum sio_err err = SIO_ERR_OK;
    for (size_t i = 0; i < USER_COUNT; i++) {
        enum sio_err one = find_user(store, auth, &users[i], &shown[i]);
        if (one != SIO_ERR_OK) err = one;
    }
    if (err == SIO_ERR_OK) {
        print_demo(out, address, shown);
    }
    for (size_t i = 0; i < USER_COUNT; i++) sio_strbuf_fini(&shown[i].token);
    return err;
}
