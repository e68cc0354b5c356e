/* A store in front of the real one. All of it but the real store's threads runs on the test's thread. */
#include "chat/testing/slow_store.h"

#include <dirent.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/must.h"
#include "store/backend.h"

struct kept_answer {
    struct slow_store *store;
    struct store_op *op;
    void (*done)(struct store_op *op);
    void *data;
    struct kept_answer *next;
};

static void answer(struct kept_answer *a) {
    struct store_op *op = a->op;
    op->done = a->done;
    op->data = a->data;
    free(a);
    store_result_post(op, op->fault);
}

static void real_done(struct store_op *op) {
    struct kept_answer *a = op->data;
    struct slow_store *store = a->store;
    store->running--;
    if (!store->late[op->kind]) {
        op->done = a->done;
        op->data = a->data;
        free(a);
        op->done(op);
        return;
    }
    *store->last_kept = a;
    store->last_kept = &a->next;
}

static void submit(struct store *base, struct store_op *op) {
    struct slow_store *store = container_of(base, struct slow_store, store);
    store->submitted[op->kind]++;
    if (store->fail[op->kind] != FAULT_NONE) {
        store_result_post(op, store->fail[op->kind]);
        return;
    }
    struct kept_answer *a = mem_new(struct kept_answer);
    *a = (struct kept_answer){.store = store, .op = op, .done = op->done, .data = op->data};
    op->done = real_done;
    op->data = a;
    store->running++;
    store_submit(store->real, op);
}

static void closed(struct store *base) {}

void slow_store_open(struct slow_store *store) {
    static const struct store_backend backend = {.name = "slow", .submit = submit, .close = closed};
    *store = (struct slow_store){.store = {&backend}, .directory = "/tmp/chat-test-XXXXXX"};
    store->last_kept = &store->first_kept;
    must(mkdtemp(store->directory) != NULL);
    struct store_config config;
    store_config_init(&config);
    config.directory = store->directory;
    config.cache_bytes = 8 << 20;
    must(store_sqlite_open(&config, &store->real) == SIO_ERR_OK);
}

bool slow_store_busy(void *data) { return ((struct slow_store *)data)->running > 0; }

void slow_store_let_go(struct slow_store *store) {
    struct kept_answer *a = store->first_kept;
    store->first_kept = NULL;
    store->last_kept = &store->first_kept;
    while (a) {
        struct kept_answer *next = a->next;
        answer(a);
        a = next;
    }
}

void slow_store_close(struct slow_store *store) {
    store_close(store->real);
    DIR *directory = opendir(store->directory);
    must(directory != NULL);
    for (struct dirent *entry; (entry = readdir(directory));) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", store->directory, entry->d_name);
        if (entry->d_type == DT_REG) unlink(path);
    }
    closedir(directory);
    rmdir(store->directory);
}
