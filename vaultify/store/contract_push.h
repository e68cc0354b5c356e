/* What the contract tests of push.h share: a store that is listened to, with a clock that stands still, and the
 * operations in one line. Included by test programs alone. */
#pragma once
#include "store/contract.h"

#include <cmocka.h>

#include "store/push.h"

enum { SERVICE = 3, OTHER_SERVICE = 5, DEAF_SERVICE = 9 /* nobody listens for it */ };

static int64_t clock_ms; /* the store's; tests move it */
static int64_t clock_now(void) { return clock_ms; }

static unsigned waits_called; /* before the answers of the commit that wrote fan-outs */
CONTRACT_HELPER void waits_count(void *data) { waits_called++; }

CONTRACT_HELPER void push_start(struct fixture *f) {
    store_start(f);
    store_push_listen(f->store, 1u << SERVICE | 1u << OTHER_SERVICE, waits_count, NULL);
}

/* As after a crash of whoever works the outbox off: what it had claimed or read, it has forgotten. */
CONTRACT_HELPER void push_restart(struct fixture *f) {
    store_stop(f);
    push_start(f);
}

CONTRACT_HELPER int push_setup(void **state) {
    if (setup(state) != 0) return -1;
    struct fixture *f = *state;
    store_stop(f);
    clock_ms = 1800000000000;
    waits_called = 0;
    f->config.wall_ms = clock_now;
    push_start(f);
    return 0;
}
#define PUSH_CASE(name) cmocka_unit_test_setup_teardown(test_##name, push_setup, teardown)

CONTRACT_HELPER struct store_device_put *device_put(struct fixture *f, struct uuid user, uint8_t service,
                                                    const char *token, const char *device_id) {
    struct store_device_put *op = store_op_new(STORE_DEVICE_PUT, NULL, NULL, NULL);
    op->row = (struct device_row){.user = user,
                                  .platform = DEVICE_ANDROID,
                                  .service = service,
                                  .token = sio_span_cstr(token),
                                  .keys = sio_span_of("k\0y", 3),
                                  .device_id = sio_span_cstr(device_id)};
    store_call(f->store, &op->op);
    return op;
}

/* One that must succeed; its id. */
CONTRACT_HELPER struct uuid device_add(struct fixture *f, struct uuid user, uint8_t service,
                                       const char *token) {
    struct store_device_put *op = device_put(f, user, service, token, "");
    assert_int_equal(op->op.fault, FAULT_NONE);
    struct uuid id = op->row.id;
    store_op_free(&op->op);
    return id;
}

CONTRACT_HELPER enum fault device_remove(struct fixture *f, struct uuid user, const char *token,
                                         struct uuid id) {
    struct store_device_remove *op = store_op_new(STORE_DEVICE_REMOVE, NULL, NULL, NULL);
    op->user = user;
    op->token = sio_span_cstr(token);
    op->id = id;
    enum fault fault = store_call(f->store, &op->op);
    store_op_free(&op->op);
    return fault;
}

CONTRACT_HELPER struct store_device_list *devices_of(struct fixture *f, struct uuid user) {
    struct store_device_list *op = store_op_new(STORE_DEVICE_LIST, NULL, NULL, NULL);
    op->user = user;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    return op;
}

/* The user's tokens, the latest seen first, by commas. */
CONTRACT_HELPER void assert_tokens(struct fixture *f, struct uuid user, const char *expected) {
    struct store_device_list *op = devices_of(f, user);
    char text[1024] = "";
    for (size_t i = 0; i < op->count; i++) {
        size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "%s%.*s", i ? "," : "", (int)op->rows[i].token.n,
                 op->rows[i].token.p);
    }
    assert_string_equal(text, expected);
    store_op_free(&op->op);
}

/* ---- from messages to jobs ---- */

CONTRACT_HELPER struct message_row emergency_add(struct fixture *f, struct uuid conversation,
                                                 struct uuid sender) {
    struct store_message_add *op = message_new(conversation, sender, "Fire", NULL);
    op->type = MESSAGE_SYSTEM;
    op->metadata = SIO_SPAN("{\"broadcast_type\":\"emergency\"}");
    op->emergency = true;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    struct message_row row = op->row;
    store_op_free(&op->op);
    return row;
}

CONTRACT_HELPER struct store_push_candidates *candidates_call(struct fixture *f, uint32_t limit) {
    struct store_push_candidates *op = store_op_new(STORE_PUSH_CANDIDATES, NULL, NULL, NULL);
    op->limit = limit;
    op->now = clock_ms;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    return op;
}

CONTRACT_HELPER struct store_push_watches *watches_call(struct fixture *f) {
    struct store_push_watches *op = store_op_new(STORE_PUSH_WATCHES, NULL, NULL, NULL);
    op->limit = STORE_PUSH_BATCH_MAX;
    op->now = clock_ms;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    return op;
}

/* The same decision about all of them; how many jobs that made. */
CONTRACT_HELPER uint32_t decide(struct fixture *f, const struct push_candidate *candidates, size_t count,
                                const struct push_mark *marks, size_t mark_count, enum push_decision decision,
                                int64_t due_at) {
    struct push_decided *decided = mem_new_array(struct push_decided, count + 1);
    for (size_t i = 0; i < count; i++)
        decided[i] = (struct push_decided){.user_key = candidates[i].user_key,
                                           .conversation_key = candidates[i].conversation_key,
                                           .seq = candidates[i].seq,
                                           .emergency = candidates[i].emergency,
                                           .decision = decision,
                                           .due_at = due_at};
    struct store_push_decide *op = store_op_new(STORE_PUSH_DECIDE, NULL, NULL, NULL);
    op->decided = decided;
    op->decided_count = count;
    op->marks = marks;
    op->mark_count = mark_count;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    assert_true((op->jobs > 0) == (op->services != 0));
    uint32_t jobs = op->jobs;
    store_op_free(&op->op);
    free(decided);
    return jobs;
}

/* The same about whoever waits in fan-outs, until none does. */
CONTRACT_HELPER uint32_t decide_fresh(struct fixture *f, enum push_decision decision, int64_t due_at) {
    uint32_t jobs = 0;
    size_t marks = 1;
    while (marks) {
        struct store_push_candidates *op = candidates_call(f, STORE_PUSH_BATCH_MAX);
        marks = op->mark_count;
        jobs += decide(f, op->candidates, op->candidate_count, op->marks, op->mark_count, decision, due_at);
        store_op_free(&op->op);
    }
    return jobs;
}

/* And about all watches that are due. */
CONTRACT_HELPER uint32_t decide_due(struct fixture *f, enum push_decision decision) {
    struct store_push_watches *op = watches_call(f);
    uint32_t jobs = decide(f, op->candidates, op->candidate_count, NULL, 0, decision, 0);
    store_op_free(&op->op);
    return jobs;
}

/* A message of user 0, and jobs for whoever has a device. */
CONTRACT_HELPER struct message_row pushed(struct fixture *f, const char *content) {
    struct message_row row = message_add(f, f->talk, f->users[0], content);
    decide_fresh(f, PUSH_SEND, 0);
    return row;
}

CONTRACT_HELPER size_t watches_due(struct fixture *f) {
    struct store_push_watches *op = watches_call(f);
    size_t count = op->candidate_count;
    store_op_free(&op->op);
    return count;
}

CONTRACT_HELPER enum fault delivered(struct fixture *f, struct uuid conversation, struct uuid user,
                                     struct uuid message) {
    struct store_delivered_advance *op = store_op_new(STORE_DELIVERED_ADVANCE, NULL, NULL, NULL);
    op->conversation = conversation;
    op->user = user;
    op->message = message;
    enum fault fault = store_call(f->store, &op->op);
    store_op_free(&op->op);
    return fault;
}

CONTRACT_HELPER bool user_gone(struct fixture *f, struct uuid user, bool lost) {
    struct store_push_user_gone *op = store_op_new(STORE_PUSH_USER_GONE, NULL, NULL, NULL);
    op->user = user;
    op->lost = lost;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    bool any = op->any;
    store_op_free(&op->op);
    return any;
}

/* ---- jobs ---- */

CONTRACT_HELPER struct store_push_claim *claim_call(struct fixture *f, uint8_t service, uint32_t limit) {
    struct store_push_claim *op = store_op_new(STORE_PUSH_CLAIM, NULL, NULL, NULL);
    op->service = service;
    op->limit = limit;
    op->now = clock_ms;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    return op;
}

/* What is due is claimed and loaded. */
CONTRACT_HELPER struct store_push_load *jobs_take(struct fixture *f, uint8_t service) {
    struct store_push_claim *claim = claim_call(f, service, STORE_PUSH_BATCH_MAX);
    struct store_push_load *op = store_op_new(STORE_PUSH_LOAD, NULL, NULL, NULL);
    op->jobs = claim->jobs;
    op->job_count = claim->count;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    op->jobs = NULL; /* they go with the claim */
    store_op_free(&claim->op);
    return op;
}

/* One job is due, and claimed. */
CONTRACT_HELPER struct store_push_load *job_take(struct fixture *f, uint8_t service) {
    struct store_push_load *op = jobs_take(f, service);
    assert_int_equal(op->count, 1);
    return op;
}

CONTRACT_HELPER void assert_no_job(struct fixture *f, uint8_t service) {
    struct store_push_load *op = jobs_take(f, service);
    assert_int_equal(op->count, 0);
    store_op_free(&op->op);
}

/* How many devices went. */
CONTRACT_HELPER uint32_t settle(struct fixture *f, const struct push_job_row *row, struct push_settled how) {
    how.job = row->key;
    how.seq = row->seq;
    how.device = row->device.id;
    struct store_push_settle *op = store_op_new(STORE_PUSH_SETTLE, NULL, NULL, NULL);
    op->settled = &how;
    op->count = 1;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    uint32_t dropped = op->devices_dropped;
    store_op_free(&op->op);
    return dropped;
}

CONTRACT_HELPER struct store_push_stats *stats_call(struct fixture *f) {
    struct store_push_stats *op = store_op_new(STORE_PUSH_STATS, NULL, NULL, NULL);
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    return op;
}

CONTRACT_HELPER void assert_waiting(struct fixture *f, uint8_t service, uint64_t waiting, uint64_t dead) {
    struct store_push_stats *op = stats_call(f);
    assert_int_equal(op->services[service].waiting, waiting);
    assert_int_equal(op->services[service].dead, dead);
    store_op_free(&op->op);
}

CONTRACT_HELPER struct store_push_dead_list *dead_list(struct fixture *f, int64_t after_key, uint32_t limit) {
    struct store_push_dead_list *op = store_op_new(STORE_PUSH_DEAD_LIST, NULL, NULL, NULL);
    op->after_key = after_key;
    op->limit = limit;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    return op;
}
