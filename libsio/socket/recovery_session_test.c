/* Tests of sessions: who was where when, from where on something was missed, and what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "codec/utf8.h"
#include "socket/internal.h"

/* A log and one session in it, which came after number 2. */
struct scene {
    struct recovery_budget budget;
    struct recovery_log log;
    struct recovery_session *session;
    struct admission admission; /* `after` 0: at the log's end */
    struct missed missed;
};

static uint64_t order(struct scene *s, enum logged_action action, const char *room, const char *target,
                      const char *except) {
    struct sio_span to = sio_span_cstr(target), but = sio_span_cstr(except);
    const struct sio_target t = {
        .rooms = &to, .room_count = target != NULL, .except = &but, .except_count = except != NULL};
    struct logged *l = logged_new(action, NULL, 1, sio_span_cstr(room), &t, (struct sio_span){0});
    uint64_t seq = recovery_log_add(&s->log, l);
    logged_unref(l);
    return seq;
}

static uint64_t emit(struct scene *s, const char *target) {
    return order(s, LOGGED_EMIT, NULL, target, NULL);
}

static int begin(void **state) {
    struct scene *s = mem_new(struct scene);
    recovery_budget_init(&s->budget, SIZE_MAX);
    recovery_budget_enter(&s->budget);
    recovery_log_init(&s->log, &s->budget);
    emit(s, NULL);
    emit(s, NULL);
    s->session = recovery_session_new(NULL, 2);
    memcpy(s->session->sid, "abcdefghijklmnopqrst", SID_TEXT);
    s->session->saved_at = 2;
    *state = s;
    return 0;
}

static int end(void **state) {
    struct scene *s = *state;
    missed_fini(&s->missed);
    recovery_session_free(s->session);
    recovery_log_fini(&s->log);
    free(s);
    return 0;
}

/* Everything up to now was given to its socket, the last of it with that number. */
static void saw(struct scene *s, uint64_t sent) {
    s->session->sent = sent;
    s->session->saved_at = recovery_log_last(&s->log);
}

static enum recovery_outcome back(struct scene *s, enum offset_kind kind, uint64_t offset) {
    struct admission admission = s->admission;
    missed_fini(&s->missed);
    if (!admission.after) admission.after = recovery_log_last(&s->log);
    if (!admission.most_bytes) admission.most_bytes = SIZE_MAX;
    return recovery_session_missed(s->session, &s->log, kind, offset, &admission, &s->missed);
}

static void assert_missed(const struct scene *s, const uint64_t *numbers, uint32_t count) {
    assert_int_equal(s->missed.count, count);
    for (uint32_t i = 0; i < count; i++) assert_int_equal(s->missed.list[i]->seq, numbers[i]);
}

#define MISSED(s, ...)                                                                                       \
    assert_missed(s, (const uint64_t[]){0, __VA_ARGS__} + 1, sizeof((const uint64_t[]){__VA_ARGS__}) / 8)

/* ---- who is concerned ---- */

static void a_stay_is_an_interval(void **state) {
    struct scene *s = *state;
    recovery_session_join(s->session, SIO_SPAN("a"), 5, false);
    recovery_session_join(s->session, SIO_SPAN("a"), 7, false); /* is there already */
    assert_false(recovery_session_in(s->session, SIO_SPAN("a"), 5));
    assert_true(recovery_session_in(s->session, SIO_SPAN("a"), 6));
    recovery_session_leave(s->session, SIO_SPAN("a"), 9);
    recovery_session_leave(s->session, SIO_SPAN("a"), 10);
    recovery_session_leave(s->session, SIO_SPAN("b"), 10);
    assert_true(recovery_session_in(s->session, SIO_SPAN("a"), 9));
    assert_false(recovery_session_in(s->session, SIO_SPAN("a"), 10));
    recovery_session_join(s->session, SIO_SPAN("a"), 12, false);
    assert_false(recovery_session_in(s->session, SIO_SPAN("a"), 12));
    assert_true(recovery_session_in(s->session, SIO_SPAN("a"), UINT64_MAX));
    assert_true(recovery_session_in(s->session, SIO_SPAN("abcdefghijklmnopqrst"), 3));
    assert_false(recovery_session_in(s->session, SIO_SPAN("abcdefghijklmnopqrst"), 2));
}

static void a_ref_is_no_text_and_differs_in_each_part(void **state) {
    char a[RECOVERY_REF_NAME], b[RECOVERY_REF_NAME];
    const struct sio_ref ref = {.slot = 1, .generation = 2, .loop = 3};
    const struct sio_ref others[] = {{2, 2, 3}, {1, 3, 3}, {1, 2, 4}};
    assert_false(utf8_valid(recovery_ref_name(ref, a)));
    for (int i = 0; i < 3; i++)
        assert_false(sio_span_eq(recovery_ref_name(ref, a), recovery_ref_name(others[i], b)));
}

static void only_what_concerns_it_is_missed(void **state) {
    struct scene *s = *state;
    recovery_session_join(s->session, SIO_SPAN("in"), 2, false);
    recovery_session_join(s->session, SIO_SPAN("not"), 2, false);
    uint64_t everybody = emit(s, NULL), room = emit(s, "in");
    emit(s, "elsewhere");
    order(s, LOGGED_EMIT, NULL, "in", "not");
    order(s, LOGGED_EMIT, NULL, NULL, "abcdefghijklmnopqrst");
    uint64_t own = emit(s, "abcdefghijklmnopqrst");
    assert_int_equal(back(s, OFFSET_NONE, 0), RECOVERY_DONE);
    MISSED(s, everybody, room, own);
}

/* A join that was ordered earlier is done later, where its receiver had joined by itself meanwhile. */
static void an_earlier_join_begins_a_stay_earlier(void **state) {
    struct scene *s = *state;
    recovery_session_join(s->session, SIO_SPAN("a"), 7, false);
    recovery_session_join(s->session, SIO_SPAN("a"), 5, false);
    assert_false(recovery_session_in(s->session, SIO_SPAN("a"), 5));
    assert_true(recovery_session_in(s->session, SIO_SPAN("a"), 6));
}

/* ---- from where on ---- */

static void who_was_given_nothing_may_say_anything(void **state) {
    struct scene *s = *state;
    uint64_t first = emit(s, NULL);
    assert_int_equal(back(s, OFFSET_NONE, 0), RECOVERY_DONE);
    MISSED(s, first);
    assert_int_equal(back(s, OFFSET_BAD, 0), RECOVERY_DONE);
    assert_int_equal(back(s, OFFSET_GOOD, 1), RECOVERY_DONE);
    MISSED(s, first);
}

static void what_was_lost_on_the_way_is_missed_too(void **state) {
    struct scene *s = *state;
    recovery_session_join(s->session, SIO_SPAN("in"), 2, false);
    uint64_t a = emit(s, "in"), b = emit(s, "in");
    uint64_t foreign = emit(s, "elsewhere");
    saw(s, b);
    uint64_t c = emit(s, "in");
    assert_int_equal(back(s, OFFSET_GOOD, b), RECOVERY_DONE);
    MISSED(s, c);
    assert_int_equal(back(s, OFFSET_GOOD, a), RECOVERY_DONE);
    MISSED(s, b, c);
    assert_int_equal(back(s, OFFSET_NONE, 0), RECOVERY_DONE);
    MISSED(s, a, b, c);
    assert_int_equal(back(s, OFFSET_GOOD, 1), RECOVERY_DONE); /* of its session before */
    MISSED(s, a, b, c);
    assert_int_equal(back(s, OFFSET_BAD, 0), RECOVERY_BAD_OFFSET);
    assert_int_equal(back(s, OFFSET_GOOD, foreign), RECOVERY_BAD_OFFSET);
    assert_int_equal(back(s, OFFSET_GOOD, c), RECOVERY_BAD_OFFSET);
    assert_int_equal(back(s, OFFSET_GOOD, UINT64_MAX), RECOVERY_BAD_OFFSET);
}

static void a_log_that_does_not_reach_back_is_no_ground(void **state) {
    struct scene *s = *state;
    uint64_t a = emit(s, NULL), b = emit(s, NULL);
    saw(s, b);
    s->budget.most = s->log.bytes;
    uint64_t c = emit(s, NULL); /* number 1 goes */
    assert_int_equal(back(s, OFFSET_GOOD, a), RECOVERY_DONE);
    MISSED(s, b, c);
    emit(s, NULL);
    emit(s, NULL); /* `a` goes */
    assert_int_equal(back(s, OFFSET_GOOD, a), RECOVERY_TOO_MUCH);
    assert_int_equal(back(s, OFFSET_NONE, 0), RECOVERY_TOO_MUCH);
    emit(s, NULL); /* `b` goes; it has that */
    assert_int_equal(back(s, OFFSET_GOOD, b), RECOVERY_DONE);
    assert_int_equal(s->missed.count, 4);
    emit(s, NULL);
    assert_int_equal(back(s, OFFSET_GOOD, b), RECOVERY_TOO_MUCH);
}

static void more_than_may_be_sent_is_not_looked_for(void **state) {
    struct scene *s = *state;
    uint64_t a = emit(s, NULL);
    saw(s, a);
    for (int i = 0; i < 10; i++) emit(s, NULL);
    assert_int_equal(back(s, OFFSET_GOOD, a), RECOVERY_DONE);
    s->admission.most_bytes = s->missed.bytes;
    assert_int_equal(back(s, OFFSET_GOOD, a), RECOVERY_DONE);
    s->admission.most_bytes /= 2;
    assert_int_equal(back(s, OFFSET_GOOD, a), RECOVERY_TOO_MUCH);
    assert_int_equal(s->missed.count, 6);
}

/* ---- orders while it is away ---- */

static void moved_while_away(void **state) {
    struct scene *s = *state;
    recovery_session_join(s->session, SIO_SPAN("a"), 2, false);
    saw(s, 0);
    uint64_t one = emit(s, "a");
    order(s, LOGGED_LEAVE, "a", "a", NULL);
    emit(s, "a");
    emit(s, "b");
    order(s, LOGGED_JOIN, "b", "abcdefghijklmnopqrst", NULL);
    order(s, LOGGED_JOIN, "c", "a", NULL); /* is not there any more */
    uint64_t two = emit(s, "b");
    emit(s, "c");
    assert_int_equal(back(s, OFFSET_NONE, 0), RECOVERY_DONE);
    MISSED(s, one, two);
    order(s, LOGGED_DISCONNECT, NULL, "c", NULL);
    assert_int_equal(back(s, OFFSET_NONE, 0), RECOVERY_DONE);
    order(s, LOGGED_DISCONNECT, NULL, "b", NULL);
    assert_int_equal(back(s, OFFSET_NONE, 0), RECOVERY_UNKNOWN);
}

static void moves_that_its_socket_made_are_not_made_again(void **state) {
    struct scene *s = *state;
    recovery_session_join(s->session, SIO_SPAN("a"), 2, false);
    uint64_t one = emit(s, "a");
    uint64_t join = order(s, LOGGED_JOIN, "b", "a", NULL);
    recovery_session_join(s->session, SIO_SPAN("b"), join, false);
    recovery_session_leave(s->session, SIO_SPAN("b"), join); /* by its owner, at once */
    order(s, LOGGED_DISCONNECT, NULL, "b", NULL);            /* found it gone */
    saw(s, one);
    emit(s, "b");
    assert_int_equal(back(s, OFFSET_NONE, 0), RECOVERY_DONE);
    MISSED(s, one);
}

/* In the order of the numbers: a leave that was ordered before does not take them away, one behind it does. */
static void rooms_come_with_its_admission(void **state) {
    struct scene *s = *state;
    recovery_session_join(s->session, SIO_SPAN("a"), 2, false);
    saw(s, 0);
    order(s, LOGGED_LEAVE, "a", "a", NULL);
    order(s, LOGGED_LEAVE, "b", NULL, NULL);
    uint64_t before = emit(s, "a");
    s->admission = (struct admission){
        .rooms = (struct sio_span[]){SIO_SPAN("a"), SIO_SPAN("b")}, .count = 2, .after = before};
    uint64_t one = emit(s, "a"), two = emit(s, "b");
    order(s, LOGGED_LEAVE, "b", "b", NULL);
    emit(s, "b");
    assert_int_equal(back(s, OFFSET_NONE, 0), RECOVERY_DONE);
    MISSED(s, one, two);
    assert_true(recovery_session_in(s->session, SIO_SPAN("a"), UINT64_MAX));
    assert_false(recovery_session_in(s->session, SIO_SPAN("b"), UINT64_MAX));
}

static void former_stays_are_few(void **state) {
    struct scene *s = *state;
    for (int i = 0; i < 3 * RECOVERY_FORMER_STAYS; i++) {
        char name[16];
        struct sio_span room = sio_span_of(name, (size_t)snprintf(name, sizeof(name), "room %d", i));
        recovery_session_join(s->session, room, recovery_log_last(&s->log), false);
        uint64_t seq = emit(s, NULL);
        recovery_session_leave(s->session, room, seq);
    }
    saw(s, recovery_log_last(&s->log));
    assert_int_equal(s->session->stay_count, RECOVERY_FORMER_STAYS);
    assert_int_equal(s->session->floor, 2 + 2 * RECOVERY_FORMER_STAYS);
    assert_int_equal(back(s, OFFSET_NONE, 0), RECOVERY_TOO_MUCH);
    assert_int_equal(back(s, OFFSET_GOOD, s->session->floor), RECOVERY_DONE);
    assert_int_equal(s->missed.count, RECOVERY_FORMER_STAYS);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_stay_is_an_interval),
        TEST(an_earlier_join_begins_a_stay_earlier),
        TEST(a_ref_is_no_text_and_differs_in_each_part),
        TEST(only_what_concerns_it_is_missed),
        TEST(who_was_given_nothing_may_say_anything),
        TEST(what_was_lost_on_the_way_is_missed_too),
        TEST(a_log_that_does_not_reach_back_is_no_ground),
        TEST(more_than_may_be_sent_is_not_looked_for),
        TEST(moved_while_away),
        TEST(moves_that_its_socket_made_are_not_made_again),
        TEST(rooms_come_with_its_admission),
        TEST(former_stays_are_few),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
