/* Tests of namespaces made on demand: which names, how many, and that the last reference takes them along. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "socket/internal.h"

struct counts {
    int made, dropped;
};

static void *count_made(struct sio_span name, void *data) {
    struct counts *c = data;
    c->made++;
    return c;
}

static void count_dropped(void *namespace_data, void *data) {
    struct counts *c = data;
    assert_ptr_equal(namespace_data, c);
    c->dropped++;
}

static bool accepts_vip(struct sio_span name, struct sio_span auth, void *data) {
    return sio_span_is(auth, "{}");
}

static struct sio_server *server_with(uint32_t max, struct counts *counts) {
    struct sio_config config;
    struct sio_server *server;
    sio_config_init(&config);
    config.threads = 2;
    config.max_dynamic_namespaces = max;
    config.max_namespace_bytes = 10;
    assert_int_equal(sio_server_new(&config, &server), SIO_ERR_OK);
    sio_server_namespace(server, "/fixed", NULL);
    struct sio_match pattern = {.pattern = "/a|/b+|/fixed", .made = count_made, .dropped = count_dropped};
    struct sio_match both = {.pattern = "/vip.*", .accepts = accepts_vip};
    assert_non_null(sio_server_namespace_match(server, &pattern, &(struct sio_handlers){.data = counts}));
    assert_non_null(sio_server_namespace_match(server, &both, NULL));
    return server;
}

static enum sio_err find(struct sio_server *server, const char *name, const char *auth) {
    enum sio_err why;
    struct sio_namespace *ns = family_find(server, sio_span_cstr(name), sio_span_cstr(auth), &why);
    assert_true((ns != NULL) == (why == SIO_ERR_OK));
    if (ns) assert_true(sio_span_eq(sio_namespace_name(ns), sio_span_cstr(name)));
    sio_namespace_unref(ns);
    return why;
}

static void names_and_clients_are_matched(void **state) {
    struct counts counts = {0};
    struct sio_server *server = server_with(10, &counts);
    static const struct {
        const char *name, *auth;
        enum sio_err expected;
    } cases[] = {
        {"/a", "", SIO_ERR_OK},          {"/b", "", SIO_ERR_OK},
        {"/bbb", "", SIO_ERR_OK},        {"/ab", "", SIO_ERR_NOT_FOUND},
        {"/A", "", SIO_ERR_NOT_FOUND},   {"x/a", "", SIO_ERR_NOT_FOUND},
        {"/a/b", "", SIO_ERR_NOT_FOUND}, {"/bbbbbbbbbb", "", SIO_ERR_NOT_FOUND},
        {"/vip1", "{}", SIO_ERR_OK},     {"/vip1", "", SIO_ERR_NOT_FOUND},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(find(server, cases[i].name, cases[i].auth), cases[i].expected);
    assert_int_equal(counts.made, 3);
    assert_int_equal(counts.dropped, 3);
    sio_server_free(server);
}

static void there_is_one_of_a_name_until_nobody_holds_it(void **state) {
    struct counts counts = {0};
    struct sio_server *server = server_with(10, &counts);
    struct sio_stats stats;
    enum sio_err why;
    assert_null(sio_namespace_find(server, SIO_SPAN("/a")));
    struct sio_namespace *a = family_find(server, SIO_SPAN("/a"), SIO_SPAN(""), &why);
    assert_ptr_equal(family_find(server, SIO_SPAN("/a"), SIO_SPAN(""), &why), a);
    assert_ptr_equal(sio_namespace_find(server, SIO_SPAN("/a")), a);
    assert_ptr_equal(sio_namespace_ref(a), a);
    assert_ptr_equal(sio_namespace_data(a), &counts);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(counts.dropped, 0);
        sio_server_stats(server, &stats, false);
        assert_int_equal(stats.dynamic_namespaces, 1);
        sio_namespace_unref(a);
    }
    assert_int_equal(counts.dropped, 1);
    assert_null(sio_namespace_find(server, SIO_SPAN("/a")));
    sio_server_free(server);
}

static void no_more_than_allowed(void **state) {
    struct counts counts = {0};
    struct sio_server *server = server_with(1, &counts);
    enum sio_err why;
    struct sio_namespace *a = family_find(server, SIO_SPAN("/a"), SIO_SPAN(""), &why);
    assert_int_equal(find(server, "/b", ""), SIO_ERR_LIMIT);
    assert_int_equal(find(server, "/a", ""), SIO_ERR_OK);
    assert_int_equal(find(server, "/c", ""), SIO_ERR_NOT_FOUND);
    sio_namespace_unref(a);
    assert_int_equal(find(server, "/b", ""), SIO_ERR_OK);
    sio_server_free(server);
}

static void a_fixed_namespace_needs_no_reference(void **state) {
    struct counts counts = {0};
    struct sio_server *server = server_with(1, &counts);
    struct sio_namespace *fixed = sio_namespace_find(server, SIO_SPAN("/fixed"));
    assert_non_null(fixed);
    sio_namespace_unref(fixed);
    sio_namespace_unref(fixed);
    assert_ptr_equal(sio_namespace_find(server, SIO_SPAN("/fixed")), fixed);
    assert_null(sio_namespace_data(fixed));
    sio_server_free(server);
}

static void what_is_no_pattern_is_refused(void **state) {
    struct counts counts = {0};
    struct sio_server *server = server_with(1, &counts);
    assert_null(sio_server_namespace_match(server, &(struct sio_match){.pattern = "/(a"}, NULL));
    assert_null(sio_server_namespace_match(server, &(struct sio_match){.pattern = "/[a"}, NULL));
    sio_server_free(server);
}

/* ---- what it keeps, when the server is freed with it ---- */

/* The owner's: a timer, which goes when a namespace does. */
struct keeper {
    struct sio_task task;
    struct sio_timer timer;
    struct sio_loop *loop;
    int dropped;
};

static void never(struct sio_timer *timer) { fail(); }

static void keeper_begin(struct sio_task *task) {
    struct keeper *k = container_of(task, struct keeper, task);
    sio_timer_start(k->loop, &k->timer, 10000, never);
}

static void keeper_dropped(void *namespace_data, void *data) {
    struct keeper *k = data;
    k->dropped++;
    sio_timer_stop(k->loop, &k->timer);
    sio_timer_start(k->loop, &k->timer, 10000, never);
}

static void keep_event(struct sio_server *server, struct sio_span name) {
    enum sio_err why;
    struct sio_namespace *ns = family_find(server, name, SIO_SPAN(""), &why);
    struct sio_packet *p = sio_packet_event(ns, SIO_SPAN("kept"), SIO_SPAN("[]"));
    sio_broadcast(ns, &(struct sio_target){0}, p, SIO_MUST);
    sio_packet_unref(p);
    sio_namespace_unref(ns);
}

/* With recovery a namespace has a timer while it keeps events, a neighbour of all others of that loop. */
static void a_namespace_leaves_no_timer_behind(void **state) {
    struct sio_config config;
    struct sio_server *server;
    struct keeper k = {.task.run = keeper_begin};
    sio_config_init(&config);
    config.threads = 1;
    config.recovery.max_disconnection_ms = 80000 - config.ping_interval_ms - config.ping_timeout_ms;
    assert_int_equal(sio_server_new(&config, &server), SIO_ERR_OK);
    struct sio_match any = {.pattern = "/[a-d]", .dropped = keeper_dropped};
    assert_non_null(sio_server_namespace_match(server, &any, &(struct sio_handlers){.data = &k}));
    k.loop = sio_server_loop(server, 0);
    sio_loop_post(k.loop, &k.task);
    for (unsigned i = 0; i < 4; i++) keep_event(server, sio_span_of(&"/a/b/c/d"[2 * i], 2));
    sio_server_free(server);
    assert_int_equal(k.dropped, 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_clients_are_matched),
        cmocka_unit_test(there_is_one_of_a_name_until_nobody_holds_it),
        cmocka_unit_test(no_more_than_allowed),
        cmocka_unit_test(a_fixed_namespace_needs_no_reference),
        cmocka_unit_test(what_is_no_pattern_is_refused),
        cmocka_unit_test(a_namespace_leaves_no_timer_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
