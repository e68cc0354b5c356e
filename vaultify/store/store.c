/* The storage port's common half: making and freeing operations, handing them to a back-end and back. */
#include "store/store.h"

#include <semaphore.h>

#include "base/mem.h"
#include "base/must.h"
#include "store/backend.h"

static const struct {
    size_t size_bytes;
    bool write;
} operations[STORE_OP_COUNT_] = {
#define STORE_OP_ROW(name, writes, structure) [STORE_##name] = {sizeof(struct structure), writes},
    STORE_OP_TABLE(STORE_OP_ROW)
#undef STORE_OP_ROW
};

enum {
    READERS_DEFAULT = 2,
    QUEUE_BYTES_DEFAULT = 64 << 20,
    CACHE_BYTES_DEFAULT = 256 << 20,
    BATCH_DEFAULT = 1000,
};

void store_config_init(struct store_config *config) {
    *config = (struct store_config){
        .readers = READERS_DEFAULT,
        .queue_bytes = QUEUE_BYTES_DEFAULT,
        .cache_bytes = CACHE_BYTES_DEFAULT,
        .batch_max = BATCH_DEFAULT,
    };
}

void *store_op_new(enum store_op_kind kind, struct sio_loop *loop, void (*done)(struct store_op *op),
                   void *data) {
    must((unsigned)kind < STORE_OP_COUNT_);
    struct store_op *op = mem_zalloc(operations[kind].size_bytes);
    op->kind = kind;
    op->loop = loop;
    op->done = done;
    op->data = data;
    arena_init(&op->arena);
    if (kind == STORE_MESSAGE_PAGE) ((struct store_message_page *)(void *)op)->bytes_max = STORE_PAGE_BYTES;
    return op;
}

void store_op_free(struct store_op *op) {
    if (!op) return;
    arena_fini(&op->arena);
    free(op);
}

bool store_op_writes(enum store_op_kind kind) { return operations[kind].write; }

/* ---- sizes ---- */

static size_t import_bytes(const struct store_import *import) {
    size_t bytes = import->record_count * sizeof *import->records;
    for (size_t i = 0; i < import->record_count; i++) {
        const struct store_import_record *r = &import->records[i];
        switch (r->kind) {
        case IMPORT_ESTATE: bytes += r->estate.name.n + r->estate.email.n + r->estate.address.n; break;
        case IMPORT_USER:
            bytes += r->user.email.n + r->user.first_name.n + r->user.last_name.n + r->user.picture_url.n;
            break;
        case IMPORT_CONVERSATION:
            bytes += r->conversation.title.n + r->conversation.photo_url.n + r->conversation.metadata.n +
                     r->conversation.participant_count * sizeof *r->conversation.participants;
            break;
        }
    }
    return bytes;
}

static size_t input_bytes(const struct store_op *op) {
    switch (op->kind) {
    case STORE_MESSAGE_ADD: {
        const struct store_message_add *add = (const void *)op;
        return add->content.n + add->metadata.n + add->client_message_id.n;
    }
    case STORE_CONVERSATION_CREATE: {
        const struct store_conversation_create *create = (const void *)op;
        return create->title.n + create->user_count * sizeof *create->users;
    }
    case STORE_ESTATE_GROUP: return ((const struct store_estate_group *)(const void *)op)->title.n;
    case STORE_REACTION_ADD: return ((const struct store_reaction_add *)(const void *)op)->emoji.n;
    case STORE_REACTION_REMOVE: return ((const struct store_reaction_remove *)(const void *)op)->emoji.n;
    case STORE_IMPORT: return import_bytes((const void *)op);
    default: return 0;
    }
}

size_t store_op_bytes(const struct store_op *op) { return operations[op->kind].size_bytes + input_bytes(op); }

/* ---- results ---- */

static void result_run(struct sio_task *task) {
    struct store_op *op = container_of(task, struct store_op, task);
    op->done(op);
}

/* Takes all operations of that loop out of `*list`, as a list of tasks; both keep their order. */
static struct sio_task *results_cut(struct store_op **list, const struct sio_loop *loop) {
    struct sio_task *tasks = NULL, **tasks_end = &tasks;
    struct store_op **rest_end = list;
    for (struct store_op *op = *list, *next; op; op = next) {
        next = op->next;
        op->next = NULL;
        if (op->loop == loop) {
            op->task = (struct sio_task){.run = result_run};
            *tasks_end = &op->task;
            tasks_end = &op->task.next;
        } else {
            *rest_end = op;
            rest_end = &op->next;
        }
    }
    *rest_end = NULL;
    return tasks;
}

void store_results_post(struct store_op *list) {
    while (list) {
        struct sio_loop *loop = list->loop;
        struct sio_task *tasks = results_cut(&list, loop);
        if (loop) sio_loop_post_list(loop, tasks);
        for (struct sio_task *next; !loop && tasks; tasks = next) {
            next = tasks->next; /* `done` may free it */
            tasks->run(tasks);
        }
    }
}

void store_result_post(struct store_op *op, enum fault fault) {
    op->fault = fault;
    op->next = NULL;
    store_results_post(op);
}

/* ---- dispatch ---- */

void store_submit(struct store *store, struct store_op *op) {
    must(op->done != NULL);
    op->fault = FAULT_NONE;
    op->next = NULL;
    store->backend->submit(store, op);
}

void store_close(struct store *store) {
    if (store) store->backend->close(store);
}

static void call_done(struct store_op *op) { sem_post(op->data); }

enum fault store_call(struct store *store, struct store_op *op) {
    must(op->loop == NULL);
    sem_t finished;
    must(sem_init(&finished, 0, 0) == 0);
    op->done = call_done;
    op->data = &finished;
    store_submit(store, op);
    while (sem_wait(&finished) != 0) { /* a signal; wait on */
    }
    sem_destroy(&finished);
    op->data = NULL;
    return op->fault;
}
