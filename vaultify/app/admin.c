/* What the commands do to the data, in the store or through the server. */
#include "app/admin.h"

#include "app/command.h"
#include "app/errand.h"
#include "wire/import.h"

/* ---- import ---- */

struct import_errand {
    struct sio_span json_lines;
    const char *source;
    struct admin_written *out;
};

static bool import_in_store(struct store *store, void *data) {
    struct import_errand *errand = data;
    struct store_import *op = store_op_new(STORE_IMPORT, NULL, NULL, NULL);
    struct store_import_record *records;
    struct sio_span error;
    uint32_t line = 0;
    bool ok = false;
    if (!wire_import_parse(errand->json_lines, &op->op.arena, &records, &op->record_count, &error, &line)) {
        errand_complain(errand->source, line, error);
        goto out;
    }
    op->records = records;
    enum fault fault = store_call(store, &op->op);
    if (fault == FAULT_INVALID_PAYLOAD)
        errand_complain(errand->source, op->error_line, op->error);
    else if (fault != FAULT_NONE)
        command_complain("%s: %s", errand->source, fault_message(fault));
    ok = fault == FAULT_NONE;
    *errand->out = (struct admin_written){op->estates_written, op->users_written, op->conversations_written};
out:
    store_op_free(&op->op);
    return ok;
}

static bool import_in_reply(const struct control_reply *reply, void *data) {
    struct import_errand *errand = data;
    struct arena arena;
    struct sio_span object;
    arena_init(&arena);
    bool ok = errand_reply_object(reply, errand->source, &arena, &object);
    if (ok)
        *errand->out = (struct admin_written){errand_reply_count(object, SIO_SPAN("estates")),
                                              errand_reply_count(object, SIO_SPAN("users")),
                                              errand_reply_count(object, SIO_SPAN("conversations"))};
    arena_fini(&arena);
    return ok;
}

bool admin_import(const struct config *config, struct sio_span json_lines, const char *source,
                  struct admin_written *out) {
    struct import_errand import = {json_lines, source, out};
    struct errand errand = {"/control/import", json_lines, false, import_in_store, import_in_reply, &import};
    return errand_run(config, &errand);
}

/* ---- a user ---- */

struct find_errand {
    const struct uuid *id;
    struct arena *arena;
    struct admin_user *out;
};

static bool complain_user(const struct uuid *id) {
    char text[UUID_TEXT + 1];
    uuid_format(id, text);
    command_complain("there is no user %s", text);
    return false;
}

static bool find_in_store(struct store *store, void *data) {
    struct find_errand *errand = data;
    struct store_user_get *op = store_op_new(STORE_USER_GET, NULL, NULL, NULL);
    op->user = *errand->id;
    enum fault fault = store_call(store, &op->op);
    if (fault == FAULT_NONE)
        *errand->out = (struct admin_user){arena_span(errand->arena, op->row.email), role_text(op->row.role),
                                           user_status_text(op->row.status), false};
    else if (fault == FAULT_USER_UNKNOWN)
        complain_user(errand->id);
    else
        command_complain("%s", fault_message(fault));
    store_op_free(&op->op);
    return fault == FAULT_NONE;
}

static bool find_in_reply(const struct control_reply *reply, void *data) {
    struct find_errand *errand = data;
    struct sio_span object;
    if (reply->status == 404) return complain_user(errand->id);
    if (!errand_reply_object(reply, "user", errand->arena, &object)) return false;
    *errand->out = (struct admin_user){errand_reply_text(object, SIO_SPAN("email"), errand->arena),
                                       errand_reply_text(object, SIO_SPAN("role"), errand->arena),
                                       errand_reply_text(object, SIO_SPAN("status"), errand->arena), true};
    return true;
}

bool admin_find_user(const struct config *config, const struct uuid *id, struct arena *arena,
                     struct admin_user *out) {
    char path[sizeof "/control/users/" + UUID_TEXT] = "/control/users/", text[UUID_TEXT + 1];
    uuid_format(id, text);
    memcpy(path + strlen(path), text, UUID_TEXT);
    struct find_errand find = {id, arena, out};
    struct errand errand = {path, {0}, true, find_in_store, find_in_reply, &find};
    return errand_run(config, &errand);
}
