/* Dead letters and test pushes, in the store or through the server. */
#include "app/admin_push.h"

#include <semaphore.h>
#include <unistd.h>

#include "app/command.h"
#include "app/errand.h"
#include "base/mem.h"
#include "base/timefmt.h"

static bool complain_fault(enum fault fault) {
    command_complain("%s", fault_message(fault));
    return false;
}

static struct sio_span text_of_uuid(const struct uuid *id, struct arena *arena) {
    char text[UUID_TEXT + 1];
    uuid_format(id, text);
    return arena_span(arena, sio_span_of(text, UUID_TEXT));
}

static struct sio_span text_of_time(int64_t unix_ms, struct arena *arena) {
    char text[TIME_TEXT + 1];
    time_format(unix_ms, text);
    return arena_span(arena, sio_span_of(text, TIME_TEXT));
}

static size_t items_count(struct sio_span array) {
    struct sio_span item;
    size_t cursor = 0, n = 0;
    while (sio_json_next_item(array, &cursor, &item)) n++;
    return n;
}

/* ---- list ---- */

struct list_errand {
    struct admin_push_list *list;
    struct arena *arena;
};

static bool list_in_store(struct store *store, void *data) {
    struct list_errand *errand = data;
    struct store_push_dead_list *op = store_op_new(STORE_PUSH_DEAD_LIST, NULL, NULL, NULL);
    op->after_key = (int64_t)errand->list->after_key;
    op->limit = STORE_PUSH_BATCH_MAX;
    enum fault fault = store_call(store, &op->op);
    struct admin_push_dead *rows = arena_array(errand->arena, struct admin_push_dead, op->count);
    for (size_t i = 0; i < op->count; i++)
        rows[i] = (struct admin_push_dead){
            .key = (uint64_t)op->rows[i].key,
            .attempts = op->rows[i].attempts,
            .user = text_of_uuid(&op->rows[i].user, errand->arena),
            .provider = arena_span(errand->arena, sio_span_cstr(push_service_text(op->rows[i].service))),
            .error = arena_span(errand->arena, op->rows[i].error),
            .died_at = text_of_time(op->rows[i].died_at, errand->arena),
        };
    errand->list->rows = rows;
    errand->list->count = op->count;
    store_op_free(&op->op);
    return fault == FAULT_NONE || complain_fault(fault);
}

static bool list_in_reply(const struct control_reply *reply, void *data) {
    struct list_errand *errand = data;
    struct sio_span object, item;
    if (!errand_reply_object(reply, "push list", errand->arena, &object)) return false;
    struct sio_span array = sio_json_member(object, SIO_SPAN("data"));
    struct admin_push_dead *rows = arena_array(errand->arena, struct admin_push_dead, items_count(array));
    size_t cursor = 0, n = 0;
    while (sio_json_next_item(array, &cursor, &item))
        rows[n++] = (struct admin_push_dead){
            .key = errand_reply_count(item, SIO_SPAN("key")),
            .attempts = errand_reply_count(item, SIO_SPAN("attempts")),
            .user = errand_reply_text(item, SIO_SPAN("user_id"), errand->arena),
            .provider = errand_reply_text(item, SIO_SPAN("provider"), errand->arena),
            .error = errand_reply_text(item, SIO_SPAN("error"), errand->arena),
            .died_at = errand_reply_text(item, SIO_SPAN("died_at"), errand->arena),
        };
    errand->list->rows = rows;
    errand->list->count = n;
    return true;
}

bool admin_push_list(const struct config *config, struct admin_push_list *list, struct arena *arena) {
    char path[64];
    snprintf(path, sizeof path, "/control/push/dead?after=%llu", (unsigned long long)list->after_key);
    struct list_errand data = {list, arena};
    struct errand errand = {path, {0}, true, list_in_store, list_in_reply, &data};
    return errand_run(config, &errand);
}

/* ---- retry ---- */

static bool retry_in_store(struct store *store, void *data) {
    struct admin_push_retry *retry = data;
    struct store_push_dead_retry *op = store_op_new(STORE_PUSH_DEAD_RETRY, NULL, NULL, NULL);
    op->key = (int64_t)retry->key;
    enum fault fault = store_call(store, &op->op);
    retry->count = op->count;
    retry->server_runs = false;
    store_op_free(&op->op);
    return fault == FAULT_NONE || complain_fault(fault);
}

static bool retry_in_reply(const struct control_reply *reply, void *data) {
    struct admin_push_retry *retry = data;
    struct arena arena;
    struct sio_span object;
    arena_init(&arena);
    bool ok = errand_reply_object(reply, "push retry", &arena, &object);
    if (ok) retry->count = errand_reply_count(object, SIO_SPAN("count"));
    retry->server_runs = true;
    arena_fini(&arena);
    return ok;
}

bool admin_push_retry(const struct config *config, struct admin_push_retry *retry) {
    char body[64] = "{}";
    if (retry->key) snprintf(body, sizeof body, "{\"key\":%llu}", (unsigned long long)retry->key);
    struct errand errand = {"/control/push/retry", sio_span_cstr(body), true,
                            retry_in_store,        retry_in_reply,      retry};
    return errand_run(config, &errand);
}

/* ---- test ---- */

struct test_errand {
    const struct config *config;
    struct admin_push_test *test;
    struct arena *arena;
    struct outbox_test outbox;
    enum fault fault;
    sem_t done;
};

/* On the outbox's thread, while the command waits. */
static void tested(struct outbox_test *outbox, enum fault fault, const struct outbox_tested *devices,
                   size_t count) {
    struct test_errand *errand = container_of(outbox, struct test_errand, outbox);
    struct admin_push_tested *rows = arena_array(errand->arena, struct admin_push_tested, count);
    for (size_t i = 0; i < count; i++) {
        const struct device_row *device = &devices[i].device;
        rows[i] = (struct admin_push_tested){
            .device = text_of_uuid(&device->id, errand->arena),
            .platform = device_platform_text(device->platform),
            .provider = sio_span_cstr(push_service_text(device->service)),
            .outcome = arena_span(errand->arena, sio_span_cstr(devices[i].outcome)),
            .reason = arena_span(errand->arena, sio_span_cstr(devices[i].reason)),
        };
    }
    errand->fault = fault;
    errand->test->devices = rows;
    errand->test->count = count;
    sem_post(&errand->done);
}

static void wait_for(sem_t *semaphore) {
    while (sem_wait(semaphore) != 0) {
    } /* a signal came in between */
}

/* An outbox of the command's own: what else waits in the store goes out as well, for nobody is connected. */
static bool test_in_store(struct store *store, void *data) {
    enum { DRAIN_MS = 2000 };
    struct test_errand *errand = data;
    struct outbox_config config = errand->config->outbox;
    struct outbox *outbox = NULL;
    struct sio_log log;
    sio_log_init(&log, STDERR_FILENO, SIO_LOG_WARN);
    config.log = &log;
    enum sio_err err = outbox_new(&config, &outbox);
    if (err == SIO_ERR_OK) err = outbox_start(outbox, store, NULL);
    if (err == SIO_ERR_OK) {
        errand->outbox = (struct outbox_test){.user = errand->test->user, .done = tested};
        outbox_test(outbox, &errand->outbox);
        wait_for(&errand->done);
        outbox_stop(outbox, DRAIN_MS);
    } else {
        command_complain("push test: no push can be sent: %s", sio_err_text(err));
    }
    if (outbox) outbox_free(outbox);
    if (err != SIO_ERR_OK) return false;
    return errand->fault == FAULT_NONE || complain_fault(errand->fault);
}

static bool test_in_reply(const struct control_reply *reply, void *data) {
    struct test_errand *errand = data;
    struct sio_span object, item;
    if (!errand_reply_object(reply, "push test", errand->arena, &object)) return false;
    struct sio_span array = sio_json_member(object, SIO_SPAN("data"));
    struct admin_push_tested *rows = arena_array(errand->arena, struct admin_push_tested, items_count(array));
    size_t cursor = 0, n = 0;
    while (sio_json_next_item(array, &cursor, &item))
        rows[n++] = (struct admin_push_tested){
            .device = errand_reply_text(item, SIO_SPAN("device_token_id"), errand->arena),
            .platform = errand_reply_text(item, SIO_SPAN("platform"), errand->arena),
            .provider = errand_reply_text(item, SIO_SPAN("provider"), errand->arena),
            .outcome = errand_reply_text(item, SIO_SPAN("outcome"), errand->arena),
            .reason = errand_reply_text(item, SIO_SPAN("reason"), errand->arena),
        };
    errand->test->devices = rows;
    errand->test->count = n;
    return true;
}

bool admin_push_test(const struct config *config, struct admin_push_test *test, struct arena *arena) {
    char user[UUID_TEXT + 1], body[sizeof "{\"user\":\"\"}" + UUID_TEXT];
    struct test_errand data = {.config = config, .test = test, .arena = arena};
    uuid_format(&test->user, user);
    snprintf(body, sizeof body, "{\"user\":\"%s\"}", user);
    sem_init(&data.done, 0, 0);
    struct errand errand = {"/control/push/test", sio_span_cstr(body), true,
                            test_in_store,        test_in_reply,       &data};
    bool ok = errand_run(config, &errand);
    sem_destroy(&data.done);
    return ok;
}
