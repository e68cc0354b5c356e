/* The commands' way to the data. The store's lock tells whether somebody else has it; who has it but answers
 * nothing on the control socket is starting, stopping or a command like this one, and is waited for. */
#include "app/errand.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/command.h"
#include "sio_json.h"

enum { WAIT_FOR_DATA_MS = 15000, WAIT_STEP_MS = 50 };

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

static bool has_data(const struct config *config) {
    struct stat info;
    if (stat(directory_of(config), &info) == 0) return true;
    command_complain("cannot open %s: %s", directory_of(config), strerror(errno));
    return false;
}

bool errand_run(const struct config *config, const struct errand *errand) {
    if (errand->looks_only && !has_data(config)) return false;
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

bool errand_complain(const char *source, uint32_t line, struct sio_span error) {
    if (line)
        command_complain("%s: line %u: %.*s", source, line, (int)error.n, error.p);
    else
        command_complain("%s: %.*s", source, (int)error.n, error.p);
    return false;
}

struct sio_span errand_reply_text(struct sio_span object, struct sio_span name, struct arena *arena) {
    struct sio_span value = sio_json_member(object, name);
    if (sio_json_kind(value) != SIO_JSON_STRING) return (struct sio_span){0};
    char *text = arena_alloc(arena, value.n + 1);
    return sio_span_of(text, sio_json_string_decode(value, text));
}

uint64_t errand_reply_count(struct sio_span object, struct sio_span name) {
    int64_t n = 0;
    return sio_json_to_i64(sio_json_member(object, name), &n) && n > 0 ? (uint64_t)n : 0;
}

bool errand_reply_object(const struct control_reply *reply, const char *about, struct arena *arena,
                         struct sio_span *object) {
    bool is_object =
        sio_json_check(sio_strbuf_as_span(&reply->body), object) && sio_json_kind(*object) == SIO_JSON_OBJECT;
    if (is_object && reply->status >= 200 && reply->status < 300) return true;
    struct sio_span text = {0};
    if (is_object)
        text = errand_reply_text(*object, SIO_SPAN("message"), arena); /* of every refused request */
    if (is_object && !text.n)
        text = errand_reply_text(*object, SIO_SPAN("error"), arena); /* of a refused import */
    if (text.n) return errand_complain(about, (uint32_t)errand_reply_count(*object, SIO_SPAN("line")), text);
    command_complain("%s: the server answered with status %d", about, reply->status);
    return false;
}
