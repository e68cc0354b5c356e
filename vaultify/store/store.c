/* The storage port's common half: making and freeing operations, handing them to a back-end and back. */
#include "store/push.h"

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
            bytes += r->user.email.n + r->user.first_name.n + r->user.last_name.n + r->user.picture_url.n +
                     r->user.preferences.locale.n + r->user.preferences.time_zone.n;
            break;
        case IMPORT_CONVERSATION:
            bytes += r->conversation.title.n + r->conversation.photo_url.n + r->conversation.metadata.n +
                     r->conversation.participant_count * sizeof *r->conversation.participants;
            break;
        }
    }
    return bytes;
}

static size_t settle_bytes(const struct store_push_settle *settle) {
    size_t bytes = settle->count * sizeof *settle->settled;
    for (size_t i = 0; i < settle->count; i++)
        bytes += settle->settled[i].error.n + settle->settled[i].receipt.n;
    return bytes;
}

static size_t push_input_bytes(const struct store_op *op) {
    switch (op->kind) {
    case STORE_DEVICE_PUT: {
        const struct device_row *row = &((const struct store_device_put *)(const void *)op)->row;
        return row->token.n + row->keys.n + row->device_id.n;
    }
    case STORE_DEVICE_REMOVE: return ((const struct store_device_remove *)(const void *)op)->token.n;
    case STORE_PREFERENCES_SET: {
        const struct preferences_row *row = &((const struct store_preferences_set *)(const void *)op)->row;
        return row->locale.n + row->time_zone.n;
    }
    case STORE_PUSH_DECIDE: {
        const struct store_push_decide *decide = (const void *)op;
        return decide->decided_count * sizeof *decide->decided + decide->mark_count * sizeof *decide->marks;
    }
    case STORE_PUSH_LOAD: {
        const struct store_push_load *load = (const void *)op;
        return load->job_count * sizeof *load->jobs;
    }
    case STORE_PUSH_SETTLE: return settle_bytes((const void *)op);
    case STORE_PUSH_RECEIPTS_SETTLE: {
        const struct store_push_receipts_settle *settle = (const void *)op;
        return settle->count * sizeof *settle->settled;
    }
    default: return 0;
    }
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
    default: return push_input_bytes(op);
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

void store_push_listen(struct store *store, uint32_t services, void (*waits)(void *data), void *data) {
    store->backend->push_listen(store, services, waits, data);
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
