/* What the contract tests of push.h share: a store that is listened to, with a clock that stands still, and the
 * operations in one line. Included by test programs alone. */
#pragma once
#include "store/contract.h"

#include <cmocka.h>

#include "store/push.h"

enum { SERVICE = 3, OTHER_SERVICE = 5, DEAF_SERVICE = 9 /* nobody listens for it */ };

static int64_t clock_ms; /* the store's; tests move it */
static int64_t clock_now(void) { return clock_ms; }

static unsigned waits_called;
CONTRACT_HELPER void waits_count(void *data) { __atomic_add_fetch(&waits_called, 1, __ATOMIC_SEQ_CST); }

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
