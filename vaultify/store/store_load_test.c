/* The contract of store.h under load: batches, many threads, full queues, and a process that is killed.
 * Written against store.h alone. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>

#include "base/map.h"
#include "base/must.h"
#include "store/contract.h"

/* ---- many operations at once ---- */

/* Counts operations that are finished and keeps the order in which they were told. */
struct gather {
    sem_t done;
    atomic_uint count;
    struct store_op **order; /* room for all of them, or NULL */
};

static void gather_init(struct gather *g, size_t operations) {
    must(sem_init(&g->done, 0, 0) == 0);
    atomic_init(&g->count, 0);
    g->order = mem_new_array(struct store_op *, operations);
}

static void gather_fini(struct gather *g) {
    sem_destroy(&g->done);
    free(g->order);
}

static void gather_done(struct store_op *op) {
    struct gather *g = op->data;
    g->order[atomic_fetch_add(&g->count, 1)] = op;
    sem_post(&g->done);
}

static void gather_wait(struct gather *g, size_t operations) {
    for (size_t i = 0; i < operations; i++)
        while (sem_wait(&g->done) != 0) { /* a signal; wait on */
        }
}

static void submit(struct fixture *f, struct store_op *op, struct gather *g) {
    op->done = gather_done;
    op->data = g;
    store_submit(f->store, op);
}

/* Holds the store's writing thread inside `done` until it is let go: what is submitted meanwhile waits. */
struct hold {
    sem_t held, go;
};

static void hold_done(struct store_op *op) {
    struct hold *h = op->data;
    store_op_free(op);
    sem_post(&h->held);
    while (sem_wait(&h->go) != 0) { /* a signal; wait on */
    }
    sem_destroy(&h->held);
    sem_destroy(&h->go);
    free(h);
}

static struct hold *hold_writer(struct fixture *f) {
    struct hold *h = mem_new(struct hold);
    must(sem_init(&h->held, 0, 0) == 0 && sem_init(&h->go, 0, 0) == 0);
    struct store_participant_leave *op = store_op_new(STORE_PARTICIPANT_LEAVE, NULL, hold_done, h);
    store_submit(f->store, &op->op);
    while (sem_wait(&h->held) != 0) { /* a signal; wait on */
    }
    return h;
}

static void hold_end(struct hold *h) { sem_post(&h->go); }

/* One batch of everything: each refusal is its own, the rest happens, in the order of submission. */
static void test_one_batch(void **state) {
    enum { COUNT = 60 };
    struct fixture *f = *state;
    struct gather g;
    struct store_op *ops[COUNT];
    gather_init(&g, COUNT);
    struct hold *hold = hold_writer(f);
    for (int i = 0; i < COUNT; i++) {
        struct store_message_add *add = message_new(f->talk, f->users[0], "x", i % 6 == 1 ? "same" : NULL);
        struct store_conversation_create *create;
        ops[i] = &add->op;
        switch (i % 6) {
        case 2: add->conversation = test_id(9, 9); break;
        case 3: add->reply_to = test_id(9, 9); break;
        case 4: /* refused after its savepoint has begun */
        case 5:
            store_op_free(&add->op);
            create = store_op_new(STORE_CONVERSATION_CREATE, NULL, NULL, NULL);
            create->estate = f->estate;
            create->creator = f->users[0];
            create->type = CONVERSATION_DIRECT;
            create->users = i % 6 == 4 ? &f->foreigners[0] : &f->users[3];
            create->user_count = 1;
            ops[i] = &create->op;
            break;
        default: break;
        }
        submit(f, ops[i], &g);
    }
    hold_end(hold);
    gather_wait(&g, COUNT);

    static const enum fault expected[] = {
        FAULT_NONE,           FAULT_NONE, FAULT_CONVERSATION_NOT_FOUND, FAULT_MESSAGE_NOT_FOUND,
        FAULT_USER_NOT_FOUND, FAULT_NONE};
    uint64_t seq = 0, repeated = 0;
    for (int i = 0; i < COUNT; i++) {
        assert_ptr_equal(g.order[i], ops[i]);
        assert_int_equal(ops[i]->fault, expected[i % 6]);
        struct store_message_add *add = (struct store_message_add *)ops[i];
        if (i % 6 == 0) assert_int_equal(add->row.seq, ++seq);
        if (i % 6 == 1 && i == 1) repeated = ++seq;
        if (i % 6 == 1) assert_true(add->row.seq == repeated && add->duplicate == (i != 1));
        if (i % 6 == 5) assert_int_equal(((struct store_conversation_create *)ops[i])->created, i == 5);
        if (i % 6 == 5)
            assert_int_equal(((struct store_conversation_create *)ops[i])->row.participant_count, 2);
        store_op_free(ops[i]);
    }
    gather_fini(&g);
    struct store_message_page *page = page_call(f, f->talk, STORE_BY_AFTER_SEQ, 0, 1000, 0, 0);
    assert_true(page->count == seq && page->total == seq);
    store_op_free(&page->op);
}

/* What an operation of the batch reads of its own conversation holds for the messages before it. */
static void test_batch_sees_itself(void **state) {
    struct fixture *f = *state;
    struct gather g;
    gather_init(&g, 4);
    struct hold *hold = hold_writer(f);
    struct store_conversation_create *create = store_op_new(STORE_CONVERSATION_CREATE, NULL, NULL, NULL);
    create->estate = f->estate;
    create->creator = f->users[0];
    create->type = CONVERSATION_DIRECT;
    create->users = &f->users[1];
    create->user_count = 1;
    submit(f, &create->op, &g);
    struct store_estate_group *group = store_op_new(STORE_ESTATE_GROUP, NULL, NULL, NULL);
    group->estate = f->estate;
    submit(f, &group->op, &g);
    hold_end(hold);
    gather_wait(&g, 2);

    hold = hold_writer(f);
    struct store_message_add *add = message_new(group->row.id, f->users[0], "x", NULL);
    submit(f, &add->op, &g);
    struct store_estate_group *again = store_op_new(STORE_ESTATE_GROUP, NULL, NULL, NULL);
    again->estate = f->estate;
    submit(f, &again->op, &g);
    hold_end(hold);
    gather_wait(&g, 2);
    assert_true(!again->created && again->row.last_seq == 1);
    assert_int_equal(again->row.last_activity_at, add->row.created_at);
    store_op_free(&create->op);
    store_op_free(&group->op);
    store_op_free(&add->op);
    store_op_free(&again->op);
    gather_fini(&g);
}

/* ---- many threads ---- */

struct worker {
    struct fixture *f;
    pthread_t thread;
    unsigned number;
    atomic_uint *wrong;
};

static void workers_run(struct fixture *f, unsigned count, void *(*body)(void *)) {
    struct worker workers[8];
    atomic_uint wrong = 0;
    for (unsigned i = 0; i < count; i++) {
        workers[i] = (struct worker){.f = f, .number = i, .wrong = &wrong};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, body, &workers[i]), 0);
    }
    for (unsigned i = 0; i < count; i++) pthread_join(workers[i].thread, NULL);
    assert_int_equal(atomic_load(&wrong), 0);
}

enum { WORKERS = 4, WORKER_MESSAGES = 400 };

static void *send_many(void *data) {
    struct worker *w = data;
    struct gather g;
    struct store_message_add *ops[WORKER_MESSAGES];
    gather_init(&g, WORKER_MESSAGES);
    for (int i = 0; i < WORKER_MESSAGES; i++) {
        ops[i] = message_new(w->f->talk, w->f->users[w->number % 3], "x", NULL);
        submit(w->f, &ops[i]->op, &g);
    }
    gather_wait(&g, WORKER_MESSAGES);
    for (int i = 0; i < WORKER_MESSAGES; i++) {
        bool right = ops[i]->op.fault == FAULT_NONE && g.order[i] == &ops[i]->op;
        if (i > 0) right = right && ops[i]->row.seq > ops[i - 1]->row.seq;
        if (!right) atomic_fetch_add(w->wrong, 1);
    }
    for (int i = 0; i < WORKER_MESSAGES; i++) store_op_free(&ops[i]->op);
    gather_fini(&g);
    return NULL;
}

static void test_seq_without_gaps(void **state) {
    struct fixture *f = *state;
    workers_run(f, WORKERS, send_many);
    struct uuid last = nil;
    int64_t last_at = 0;
    for (uint64_t seq = 0; seq < WORKERS * WORKER_MESSAGES; seq += 1000) {
        struct store_message_page *page = page_call(f, f->talk, STORE_BY_AFTER_SEQ, 0, 1000, seq, 0);
        assert_int_equal(page->total, WORKERS * WORKER_MESSAGES);
        for (size_t i = 0; i < page->count; i++) {
            assert_int_equal(page->rows[i].seq, seq + i + 1);
            assert_true(uuid_compare(&last, &page->rows[i].id) < 0 && page->rows[i].created_at >= last_at);
            last = page->rows[i].id;
            last_at = page->rows[i].created_at;
        }
        store_op_free(&page->op);
    }
}

/* Every write that was answered is seen by every read begun afterwards. */
static void *write_and_read(void *data) {
    struct worker *w = data;
    for (int i = 0; i < 40; i++) {
        struct store_message_add *add = message_new(w->f->talk, w->f->users[0], "x", NULL);
        store_call(w->f->store, &add->op);
        struct store_message_page *page =
            page_call(w->f, w->f->talk, STORE_BY_AFTER_SEQ, 0, 1, add->row.seq - 1, 0);
        struct store_conversation_load *load = load_call(w->f, w->f->talk, true, w->f->users[1]);
        bool right = page->count == 1 && uuid_eq(&page->rows[0].id, &add->row.id) &&
                     page->total >= add->row.seq && load->row.last_seq >= add->row.seq &&
                     load->row.last_message->seq == load->row.last_seq &&
                     load->row.unread_count == load->row.last_seq;
        if (!right) atomic_fetch_add(w->wrong, 1);
        store_op_free(&add->op);
        store_op_free(&page->op);
        store_op_free(&load->op);
    }
    return NULL;
}

static void test_reads_see_writes(void **state) { workers_run(*state, WORKERS, write_and_read); }

static void *create_direct(void *data) {
    struct worker *w = data;
    for (int i = 0; i < 20; i++) {
        int a = w->number % 2 ? 0 : 3, b = 3 - a;
        struct store_conversation_create *op =
            create_call(w->f, CONVERSATION_DIRECT, w->f->users[a], &w->f->users[b], 1);
        if (op->op.fault != FAULT_NONE) atomic_fetch_add(w->wrong, 1);
        store_op_free(&op->op);
        struct store_estate_group *group = group_call(w->f, w->f->estate);
        if (group->op.fault != FAULT_NONE) atomic_fetch_add(w->wrong, 1);
        store_op_free(&group->op);
    }
    return NULL;
}

static void test_made_once_by_many(void **state) {
    struct fixture *f = *state;
    workers_run(f, WORKERS, create_direct);
    struct store_user_conversations *op = store_op_new(STORE_USER_CONVERSATIONS, NULL, NULL, NULL);
    op->user = f->users[3];
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    assert_int_equal(op->count, 2); /* one direct, one estate group */
    store_op_free(&op->op);
}

/* ---- a full queue ---- */

static void test_busy(void **state) {
    enum { COUNT = 50, CONTENT = 1000 };
    struct fixture *f = *state;
    store_stop(f);
    f->config.queue_bytes = 16 << 10;
    store_start(f);
    char *content = mem_alloc(CONTENT + 1);
    memset(content, 'x', CONTENT);
    content[CONTENT] = '\0';

    struct gather g;
    gather_init(&g, COUNT + 1);
    struct hold *hold = hold_writer(f);
    for (int i = 0; i < COUNT; i++) submit(f, &message_new(f->talk, f->users[0], content, NULL)->op, &g);
    hold_end(hold);
    gather_wait(&g, COUNT);
    unsigned busy = 0, done = 0;
    for (int i = 0; i < COUNT; i++) {
        struct store_op *op = g.order[i];
        if (op->fault == FAULT_BUSY) busy++;
        if (op->fault == FAULT_NONE) done++;
        store_op_free(op);
    }
    assert_true(busy > 0 && done > 0 && busy + done == COUNT);
    struct store_message_page *page = page_call(f, f->talk, STORE_BY_PAGE, 1, 1, 0, 0);
    assert_int_equal(page->total, done);
    store_op_free(&page->op);

    /* One that is larger than the whole queue is taken when nothing else waits. */
    char *large = mem_alloc((64 << 10) + 1);
    memset(large, 'y', 64 << 10);
    large[64 << 10] = '\0';
    assert_int_equal(message_add(f, f->talk, f->users[0], large).seq, done + 1);
    free(large);
    free(content);
    gather_fini(&g);
}

/* ---- killed ---- */

enum { KILLS = 25, KILL_CONVERSATIONS = 4, KILL_WINDOW = 64, ACKED_MAX = 200000 };

/* One acknowledged message, as the child writes it into the pipe: small enough to be written whole. */
struct acked {
    struct uuid id;
    uint32_t conversation, number;
    uint64_t seq;
};

struct child {
    struct fixture *f;
    const struct uuid *conversations;
    int pipe;
    sem_t room;
};

struct child_message {
    struct child *child;
    uint32_t conversation, number;
    char client_id[24];
};

static void child_done(struct store_op *op) {
    struct store_message_add *add = (struct store_message_add *)op;
    struct child_message *m = op->data;
    struct acked acked = {add->row.id, m->conversation, m->number, add->row.seq};
    if (op->fault != FAULT_NONE || add->duplicate) _exit(3);
    if (write(m->child->pipe, &acked, sizeof acked) != sizeof acked) _exit(4);
    sem_post(&m->child->room);
    store_op_free(op);
    free(m);
}

/* Sends until it is killed. */
__attribute__((noreturn)) static void child_run(struct child *child, uint32_t number) {
    if (backend->open(&child->f->config, &child->f->store) != SIO_ERR_OK) _exit(2);
    must(sem_init(&child->room, 0, KILL_WINDOW) == 0);
    for (;; number++) {
        while (sem_wait(&child->room) != 0) { /* a signal; wait on */
        }
        struct child_message *m = mem_new(struct child_message);
        m->child = child;
        m->number = number;
        m->conversation = number % KILL_CONVERSATIONS;
        snprintf(m->client_id, sizeof m->client_id, "client-%u", number);
        struct store_message_add *op = message_new(child->conversations[m->conversation], child->f->users[0],
                                                   m->client_id, m->client_id);
        op->op.done = child_done;
        op->op.data = m;
        store_submit(child->f->store, &op->op);
    }
}

/* Starts a child, kills it some time after its first acknowledgement, and returns what it acknowledged. */
static size_t child_kill(struct child *child, unsigned round, uint32_t number, struct acked *acked,
                         size_t room) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(ends[0]);
        child->pipe = ends[1];
        child_run(child, number);
    }
    close(ends[1]);
    size_t count = 0;
    struct timespec start, now;
    while (count < room && read(ends[0], &acked[count], sizeof *acked) == sizeof *acked) {
        if (count++ == 0) clock_gettime(CLOCK_MONOTONIC, &start);
        clock_gettime(CLOCK_MONOTONIC, &now);
        int64_t us = (now.tv_sec - start.tv_sec) * 1000000 + (now.tv_nsec - start.tv_nsec) / 1000;
        if (us > (int64_t)(round * 1931 % 40000)) kill(pid, SIGKILL); /* what is in the pipe still counts */
    }
    close(ends[0]);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    return count;
}

/* The store holds every acknowledged message once, with the seq and id it was acknowledged with, and each
 * conversation's seq has no gap. Messages that were stored but never acknowledged may be there. */
static void kept_check(struct fixture *f, const struct uuid *conversations, const struct acked *acked,
                       size_t count) {
    size_t found = 0;
    struct map by_client;
    map_init(&by_client, NULL);
    bool *seen = mem_new_array(bool, count + 1);
    char(*keys)[24] = mem_alloc((count + 1) * sizeof *keys);
    for (size_t i = 0; i < count; i++) {
        int n = snprintf(keys[i], sizeof keys[i], "client-%u", acked[i].number);
        assert_null(map_put(&by_client, sio_span_of(keys[i], (size_t)n), (void *)&acked[i]));
    }
    for (uint32_t c = 0; c < KILL_CONVERSATIONS; c++) {
        uint64_t seq = 0, total = 1;
        while (seq < total) {
            struct store_message_page *page =
                page_call(f, conversations[c], STORE_BY_AFTER_SEQ, 0, 1000, seq, 0);
            assert_int_equal(page->op.fault, FAULT_NONE);
            total = page->total;
            assert_true(page->count > 0 || total == 0);
            for (size_t i = 0; i < page->count; i++) {
                const struct message_row *row = &page->rows[i];
                assert_int_equal(row->seq, ++seq);
                const struct acked *a = map_del(&by_client, row->client_message_id);
                if (!a) continue;
                assert_false(seen[a - acked]);
                seen[a - acked] = true;
                assert_true(a->conversation == c && a->seq == row->seq && uuid_eq(&a->id, &row->id));
                found++;
            }
            store_op_free(&page->op);
            if (total == 0) break;
        }
    }
    assert_int_equal(found, count);
    map_fini(&by_client);
    free(seen);
    free(keys);
}

static void test_killed(void **state) {
    struct fixture *f = *state;
    struct uuid conversations[KILL_CONVERSATIONS];
    for (int i = 0; i < KILL_CONVERSATIONS; i++) {
        struct store_conversation_create *op =
            create_call(f, CONVERSATION_GROUP, f->users[0], &f->users[1], 1);
        conversations[i] = op->row.id;
        store_op_free(&op->op);
    }
    store_stop(f); /* no threads while forking */

    struct child child = {.f = f, .conversations = conversations};
    struct acked *acked = mem_new_array(struct acked, ACKED_MAX);
    size_t count = 0;
    for (unsigned round = 0; round < KILLS; round++) {
        /* Numbers of their own for each child: it stores none of them twice. */
        size_t more = child_kill(&child, round, round * ACKED_MAX, acked + count, ACKED_MAX - count);
        assert_true(more > 0);
        count += more;
        store_start(f);
        if (round % 5 == 4 || round == 0) kept_check(f, conversations, acked, count);
        store_stop(f);
    }
    store_start(f);
    kept_check(f, conversations, acked, count);
    free(acked);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        CONTRACT_CASE(one_batch),        CONTRACT_CASE(batch_sees_itself), CONTRACT_CASE(seq_without_gaps),
        CONTRACT_CASE(reads_see_writes), CONTRACT_CASE(made_once_by_many), CONTRACT_CASE(busy),
        CONTRACT_CASE(killed),
    };
    return CONTRACT_RUN(tests);
}
