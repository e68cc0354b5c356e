/* The commands' way to the data. The store's lock tells whether somebody else has it; who has it but answers
 * nothing on the control socket is starting, stopping or a command like this one, and is waited for. */
#include "app/admin.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/command.h"
#include "app/control_client.h"
#include "sio_json.h"
#include "sio_strbuf.h"
#include "store/store.h"
#include "wire/import.h"

enum { WAIT_FOR_DATA_MS = 15000, WAIT_STEP_MS = 50 };

/* One thing to do, in two ways. */
struct errand {
    const char *path;     /* of the control request */
    struct sio_span body; /* NULL bytes: GET */
    bool (*in_store)(struct store *store, void *data);
    bool (*in_reply)(const struct control_reply *reply, void *data);
    void *data;
};

static const char *directory_of(const struct config *config) { return config->store.directory; }

static bool ask_server(const struct config *config, const struct errand *errand, bool *answered) {
    struct control_reply reply;
    enum sio_err err =
        control_request(directory_of(config), errand->path, errand->body, CONTROL_TIMEOUT_MS, &reply);
    bool ok = false;
    *answered = err != SIO_ERR_CLOSED;
    if (err == SIO_ERR_OK)
        ok = errand->in_reply(&reply, errand->data);
    else if (*answered)
        command_complain("the server on %s did not answer: %s", directory_of(config), sio_err_text(err));
    sio_strbuf_fini(&reply.body);
    return ok;
}

/* Quietly at first, for that the server has the data is no error; what else is wrong is said by a second try.
 */
static enum sio_err open_store(const struct config *config, struct store **store) {
    struct sio_log log;
    struct store_config store_config = config->store;
    enum sio_err err = store_sqlite_open(&store_config, store);
    if (err == SIO_ERR_OK || err == SIO_ERR_IN_USE) return err;
    sio_log_init(&log, STDERR_FILENO, SIO_LOG_ERROR);
    store_config.log = &log;
    return store_sqlite_open(&store_config, store);
}

static bool run_errand(const struct config *config, const struct errand *errand) {
    for (int waited_ms = 0;; waited_ms += WAIT_STEP_MS) {
        struct store *store = NULL;
        bool answered;
        enum sio_err err = open_store(config, &store);
        if (err == SIO_ERR_OK) {
            bool ok = errand->in_store(store, errand->data);
            store_close(store);
            return ok;
        }
        if (err != SIO_ERR_IN_USE) {
            command_complain("cannot open %s: %s", directory_of(config), sio_err_text(err));
            return false;
        }
        bool ok = ask_server(config, errand, &answered);
        if (answered) return ok;
        if (waited_ms >= WAIT_FOR_DATA_MS) break;
        usleep(WAIT_STEP_MS * 1000);
    }
    command_complain("%s is in use by a process that does not answer", directory_of(config));
    return false;
}

/* ---- replies ---- */

/* `line` 0: none in particular, as when there is only one. Returns false. */
static bool complain_line(const char *source, uint32_t line, struct sio_span error) {
    if (line)
        command_complain("%s: line %u: %.*s", source, line, (int)error.n, error.p);
    else
        command_complain("%s: %.*s", source, (int)error.n, error.p);
    return false;
}

/* A member's text, decoded into the arena; empty when it is no string. */
static struct sio_span reply_text(struct sio_span object, struct sio_span name, struct arena *arena) {
    struct sio_span value = sio_json_member(object, name);
    if (sio_json_kind(value) != SIO_JSON_STRING) return (struct sio_span){0};
    char *text = arena_alloc(arena, value.n + 1);
    return sio_span_of(text, sio_json_string_decode(value, text));
}

static uint64_t reply_count(struct sio_span object, struct sio_span name) {
    int64_t n = 0;
    return sio_json_to_i64(sio_json_member(object, name), &n) && n > 0 ? (uint64_t)n : 0;
}

/* The reply's object when it is a success; else a complaint with the server's own sentence. */
static bool reply_object(const struct control_reply *reply, const char *about, struct arena *arena,
                         struct sio_span *object) {
    bool is_object =
        sio_json_check(sio_strbuf_as_span(&reply->body), object) && sio_json_kind(*object) == SIO_JSON_OBJECT;
    if (is_object && reply->status >= 200 && reply->status < 300) return true;
    struct sio_span text = {0};
    if (is_object) text = reply_text(*object, SIO_SPAN("message"), arena); /* of every refused request */
    if (is_object && !text.n) text = reply_text(*object, SIO_SPAN("error"), arena); /* of a refused import */
    if (text.n) return complain_line(about, (uint32_t)reply_count(*object, SIO_SPAN("line")), text);
    command_complain("%s: the server answered with status %d", about, reply->status);
    return false;
}

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
        complain_line(errand->source, line, error);
        goto out;
    }
    op->records = records;
    enum fault fault = store_call(store, &op->op);
    if (fault == FAULT_INVALID_PAYLOAD)
        complain_line(errand->source, op->error_line, op->error);
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
    bool ok = reply_object(reply, errand->source, &arena, &object);
    if (ok)
        *errand->out = (struct admin_written){reply_count(object, SIO_SPAN("estates")),
                                              reply_count(object, SIO_SPAN("users")),
                                              reply_count(object, SIO_SPAN("conversations"))};
    arena_fini(&arena);
    return ok;
}

bool admin_import(const struct config *config, struct sio_span json_lines, const char *source,
                  struct admin_written *out) {
    struct import_errand import = {json_lines, source, out};
    struct errand errand = {"/control/import", json_lines, import_in_store, import_in_reply, &import};
    return run_errand(config, &errand);
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
    if (!reply_object(reply, "user", errand->arena, &object)) return false;
    *errand->out = (struct admin_user){reply_text(object, SIO_SPAN("email"), errand->arena),
                                       reply_text(object, SIO_SPAN("role"), errand->arena),
                                       reply_text(object, SIO_SPAN("status"), errand->arena), true};
    return true;
}

bool admin_find_user(const struct config *config, const struct uuid *id, struct arena *arena,
                     struct admin_user *out) {
    struct stat info;
    char path[sizeof "/control/users/" + UUID_TEXT] = "/control/users/", text[UUID_TEXT + 1];
    if (stat(directory_of(config), &info) != 0) {
        command_complain("cannot open %s: %s", directory_of(config), strerror(errno));
        return false;
    }
    uuid_format(id, text);
    memcpy(path + strlen(path), text, UUID_TEXT);
    struct find_errand find = {id, arena, out};
    struct errand errand = {path, {0}, find_in_store, find_in_reply, &find};
    return run_errand(config, &errand);
}
