/* Looking for people: in one's own estate alone, within limits, in turns. */
#include "chat/testing/world.h"

static void found(enum fault fault, const struct store_resident_page *page, void *data) {
    struct answer *answer = data;
    answer->count++;
    answer->fault = fault;
    answer->n = page ? page->total : 0;
    if (page && page->count > 0) answer->id = page->rows[0].id;
}

static void look_act(struct chat_user *me, const void *in, struct answer *answer) {
    chat_residents(me, in, found, answer);
}

static struct chat_resident_search search(unsigned estate, const char *name) {
    return (struct chat_resident_search){
        .estate = world_estate(estate), .name = sio_span_cstr(name), .page = 1, .limit = 10};
}

static struct answer look_as(struct world *w, unsigned user, unsigned estate,
                             struct chat_resident_search in) {
    struct answer answer = {0};
    world_act(w, user, estate, look_act, &in, sizeof in, &answer);
    world_run(w);
    assert_int_equal(answer.count, 1);
    return answer;
}

static void ones_own_estate_alone(void **state) {
    struct world w;
    world_open(&w, NULL);
    world_put_users(&w, 1, 3, 1);
    world_put_users(&w, 4, 2, 2);
    world_put_user(&w, 6, 1, ROLE_RESIDENCE, USER_SUSPENDED);
    world_put_user(&w, 7, 0, ROLE_RESIDENCE, USER_ACTIVE);
    assert_int_equal(look_as(&w, 1, 1, search(1, "")).n, 3);
    assert_int_equal(look_as(&w, 4, 2, search(2, "")).n, 2);
    assert_int_equal(look_as(&w, 1, 1, search(2, "")).fault, FAULT_FORBIDDEN);
    assert_int_equal(look_as(&w, 1, 1, search(9, "")).fault, FAULT_FORBIDDEN); /* there is none */
    assert_int_equal(look_as(&w, 1, 1, search(0, "")).fault, FAULT_FORBIDDEN);
    assert_int_equal(look_as(&w, 7, 0, search(0, "")).fault, FAULT_FORBIDDEN); /* who has no estate */
    world_close(&w);
}

static void by_name_and_within_limits(void **state) {
    struct world w;
    char name[STORE_SEARCH_BYTES + 2];
    world_open(&w, NULL);
    world_put_users(&w, 1, 3, 1);
    struct answer one = look_as(&w, 1, 1, search(1, "  U2 "));
    struct uuid wanted = world_user(2);
    assert_true(one.n == 1 && uuid_eq(&one.id, &wanted));
    memset(name, 'u', sizeof name);
    name[STORE_SEARCH_BYTES] = 0;
    assert_int_equal(look_as(&w, 1, 1, search(1, name)).fault, FAULT_NONE);
    name[STORE_SEARCH_BYTES] = 'u';
    name[STORE_SEARCH_BYTES + 1] = 0;
    assert_int_equal(look_as(&w, 1, 1, search(1, name)).fault, FAULT_INVALID_PAYLOAD);
    struct chat_resident_search in = search(1, "");
    in.page = 0;
    assert_int_equal(look_as(&w, 1, 1, in).fault, FAULT_INVALID_PAYLOAD);
    in.page = 1, in.limit = 101;
    assert_int_equal(look_as(&w, 1, 1, in).fault, FAULT_INVALID_PAYLOAD);
    world_close(&w);
}

/* What is looked for is kept while others are served, and one user's share is limited. */
static void in_turns(void **state) {
    enum { MANY = 20 };
    struct world w;
    struct answer answers[MANY] = {0};
    world_open(&w, NULL);
    world_put_users(&w, 1, 3, 1);
    look_as(&w, 1, 1, search(1, "")); /* the estate is there now */
    w.store.late[STORE_RESIDENT_PAGE] = true;
    for (unsigned i = 0; i < MANY; i++) {
        struct chat_resident_search in = search(1, "u3");
        world_act(&w, 1, 1, look_act, &in, sizeof in, &answers[i]);
    }
    world_run(&w);
    unsigned busy = 0, found_it = 0;
    for (unsigned i = 0; i < MANY; i++) busy += answers[i].fault == FAULT_BUSY;
    assert_int_equal(busy, MANY - w.config.user_reads_max);
    w.store.late[STORE_RESIDENT_PAGE] = false;
    slow_store_let_go(&w.store);
    world_run(&w);
    for (unsigned i = 0; i < MANY; i++) found_it += answers[i].fault == FAULT_NONE && answers[i].n == 1;
    assert_int_equal(found_it, w.config.user_reads_max);
    w.store.fail[STORE_RESIDENT_PAGE] = FAULT_INTERNAL;
    assert_int_equal(look_as(&w, 1, 1, search(1, "")).fault, FAULT_INTERNAL);
    world_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ones_own_estate_alone),
        cmocka_unit_test(by_name_and_within_limits),
        cmocka_unit_test(in_turns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
