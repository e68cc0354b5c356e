/* What a stored message costs: MESSAGE_ADD at full load, CPU a row in the store's threads and rows a second.
 *
 * --push: everybody has a device, so commits write fan-outs as well, which nobody works off.
 * --delivered: the other one says of each message, once it is stored, that it has arrived.
 *
 *   store_bench [--rows 200000] [--conversations 1000] [--window 1000] [--client-ids] [--push] [--delivered] [--data DIR] */
#include <getopt.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/must.h"
#include "store/push.h"

enum { USERS = 100, IMPORT_CHUNK = 1000 };

struct bench {
    struct store *store;
    unsigned rows, conversations, window; /* window: operations in flight at most */
    bool client_ids, push, delivered;
    const char *directory;
    struct uuid *ids; /* of the conversations */
    struct uuid estate, users[USERS];
    sem_t room;
    atomic_uint failed;
};

static struct uuid numbered_id(uint8_t kind, unsigned n) {
    return (struct uuid){{kind, 1, 2, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n, 0x40, 0, 0x80}};
}

static double cpu_s(clockid_t clock) {
    struct timespec t;
    must(clock_gettime(clock, &t) == 0);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- people and conversations ---- */

static void import_run(struct bench *b, const struct store_import_record *records, size_t count) {
    struct store_import *op = store_op_new(STORE_IMPORT, NULL, NULL, NULL);
    op->records = records;
    op->record_count = count;
    if (store_call(b->store, &op->op) != FAULT_NONE) {
        fprintf(stderr, "import failed: %.*s\n", (int)op->error.n, op->error.p);
        exit(1);
    }
    store_op_free(&op->op);
}

static void people_import(struct bench *b) {
    static char emails[USERS][16];
    struct store_import_record records[USERS + 1] = {
        {.kind = IMPORT_ESTATE, .estate = {.id = b->estate, .name = SIO_SPAN("Bench")}}};
    for (unsigned i = 0; i < USERS; i++) {
        int n = snprintf(emails[i], sizeof emails[i], "u%u", i);
        b->users[i] = numbered_id(2, i);
        records[i + 1] = (struct store_import_record){.kind = IMPORT_USER,
                                                      .user = {.id = b->users[i],
                                                               .estate = b->estate,
                                                               .status = USER_ACTIVE,
                                                               .email = sio_span_of(emails[i], (size_t)n),
                                                               .first_name = SIO_SPAN("First"),
                                                               .last_name = SIO_SPAN("Last")}};
    }
    import_run(b, records, USERS + 1);
}

static void conversations_import(struct bench *b) {
    struct store_import_record *records = mem_new_array(struct store_import_record, IMPORT_CHUNK);
    struct participant_row members[2] = {{.user = b->users[0]}, {.user = b->users[1]}};
    for (unsigned from = 0; from < b->conversations; from += IMPORT_CHUNK) {
        unsigned count = b->conversations - from < IMPORT_CHUNK ? b->conversations - from : IMPORT_CHUNK;
        for (unsigned i = 0; i < count; i++) {
            b->ids[from + i] = numbered_id(3, from + i);
            records[i] = (struct store_import_record){.kind = IMPORT_CONVERSATION,
                                                      .conversation = {.id = b->ids[from + i],
                                                                       .estate = b->estate,
                                                                       .type = CONVERSATION_GROUP,
                                                                       .participants = members,
                                                                       .participant_count = 2}};
        }
        import_run(b, records, count);
    }
    free(records);
}

/* ---- pushes ---- */

enum { SERVICE = 1 };

static void fanouts_wait(void *data) {}

static void devices_register(struct bench *b) {
    for (unsigned i = 0; i < 2; i++) {
        struct store_device_put *op = store_op_new(STORE_DEVICE_PUT, NULL, NULL, NULL);
        op->row = (struct device_row){
            .user = b->users[i], .service = SERVICE, .token = i ? SIO_SPAN("first") : SIO_SPAN("second")};
        must(store_call(b->store, &op->op) == FAULT_NONE);
        store_op_free(&op->op);
    }
}

/* ---- the load ---- */

/* On the store's writer thread, so what it does counts as the writer's. */
static void row_done(struct store_op *op) {
    struct bench *b = op->data;
    if (op->fault != FAULT_NONE) atomic_fetch_add(&b->failed, 1);
    store_op_free(op);
    sem_post(&b->room);
}

static void message_done(struct store_op *op) {
    struct bench *b = op->data;
    const struct message_row *row = &container_of(op, struct store_message_add, op)->row;
    if (b->delivered && op->fault == FAULT_NONE) {
        struct store_delivered_advance *has = store_op_new(STORE_DELIVERED_ADVANCE, NULL, row_done, b);
        has->conversation = row->conversation;
        has->user = b->users[uuid_eq(&row->sender, &b->users[0])];
        has->message = row->id;
        has->keep = true;
        store_submit(b->store, &has->op);
        store_op_free(op);
    } else {
        row_done(op);
    }
}

/* A mixed congruential generator: the same run every time. */
static unsigned next_random(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(*state >> 33);
}

static void messages_submit(struct bench *b) {
    static const char content[] =
        "The gate at the north entrance is closed between ten and twelve tomorrow morning.";
    char(*client_ids)[32] = mem_alloc((size_t)b->rows * 32);
    uint64_t random = 1;
    for (unsigned i = 0; i < b->rows; i++) {
        while (sem_wait(&b->room) != 0) { /* a signal; wait on */
        }
        struct store_message_add *op = store_op_new(STORE_MESSAGE_ADD, NULL, message_done, b);
        op->conversation = b->ids[next_random(&random) % b->conversations];
        op->sender = b->users[i % 2];
        op->content = sio_span_of(content, sizeof content - 1);
        if (b->client_ids) {
            int n =
                snprintf(client_ids[i], 32, "%08x-%08x-%08x", next_random(&random), next_random(&random), i);
            op->client_message_id = sio_span_of(client_ids[i], (size_t)n);
        }
        store_submit(b->store, &op->op);
    }
    for (unsigned i = 0; i < b->window; i++) sem_wait(&b->room);
    free(client_ids);
}

static void load_run(struct bench *b) {
    must(sem_init(&b->room, 0, b->window) == 0);
    double wall = cpu_s(CLOCK_MONOTONIC), process = cpu_s(CLOCK_PROCESS_CPUTIME_ID),
           own = cpu_s(CLOCK_THREAD_CPUTIME_ID);
    messages_submit(b);
    wall = cpu_s(CLOCK_MONOTONIC) - wall;
    own = cpu_s(CLOCK_THREAD_CPUTIME_ID) - own;
    process = cpu_s(CLOCK_PROCESS_CPUTIME_ID) - process;
    printf("rows=%u conversations=%u window=%u client_ids=%s push=%s delivered=%s failed=%u\n", b->rows,
           b->conversations, b->window, b->client_ids ? "yes" : "no", b->push ? "yes" : "no",
           b->delivered ? "yes" : "no", atomic_load(&b->failed));
    printf("store CPU %.2f us a row, submitter %.2f us, %.0f rows/s\n", (process - own) / b->rows * 1e6,
           own / b->rows * 1e6, b->rows / wall);
}

static unsigned number(const char *text) {
    unsigned long long n = 0;
    if (!sio_span_to_u64(sio_span_cstr(text), &n) || n == 0 || n > 100000000) {
        fprintf(stderr, "not a number from 1 to 100000000: %s\n", text);
        exit(2);
    }
    return (unsigned)n;
}

static void options_parse(struct bench *b, int argc, char **argv) {
    static const struct option options[] = {{"rows", 1, NULL, 'r'},      {"conversations", 1, NULL, 'c'},
                                            {"window", 1, NULL, 'w'},    {"client-ids", 0, NULL, 'i'},
                                            {"data", 1, NULL, 'd'},      {"push", 0, NULL, 'p'},
                                            {"delivered", 0, NULL, 'g'}, {0}};
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (c) {
        case 'r': b->rows = number(optarg); break;
        case 'c': b->conversations = number(optarg); break;
        case 'w': b->window = number(optarg); break;
        case 'i': b->client_ids = true; break;
        case 'p': b->push = true; break;
        case 'g': b->delivered = true; break;
        case 'd': b->directory = optarg; break;
        default: exit(2);
        }
    }
}

int main(int argc, char **argv) {
    struct bench b = {.rows = 200000, .conversations = 1000, .window = 1000, .estate = numbered_id(1, 0)};
    char fresh[] = "/tmp/store-bench-XXXXXX";
    options_parse(&b, argc, argv);
    if (!b.directory) b.directory = mkdtemp(fresh);
    if (!b.directory) return 1;

    struct sio_log log;
    sio_log_init(&log, STDERR_FILENO, SIO_LOG_WARN);
    struct store_config config;
    store_config_init(&config);
    config.directory = b.directory;
    config.log = &log;
    enum sio_err e = store_sqlite_open(&config, &b.store);
    if (e != SIO_ERR_OK) {
        fprintf(stderr, "the store does not open: %s\n", sio_err_text(e));
        return 1;
    }
    b.ids = mem_new_array(struct uuid, b.conversations);
    if (b.push) store_push_listen(b.store, 1u << SERVICE, fanouts_wait, NULL);
    people_import(&b);
    conversations_import(&b);
    if (b.push) devices_register(&b);
    load_run(&b);
    store_close(b.store);
    printf("data left in %s\n", b.directory);
    free(b.ids);
    return 0;
}
