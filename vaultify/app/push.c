/* `vaultify push list`, `push retry`, `push test`: pushes that could not be sent, and one to try. */
#include <stddef.h>

#include "app/admin_push.h"
#include "app/command.h"

/* ---- list ---- */

static void print_dead(const struct admin_push_dead *row) {
    printf("%-8llu %.*s  %-8.*s %.*s  after %llu attempt%s: %.*s\n", (unsigned long long)row->key,
           (int)row->died_at.n, row->died_at.p, (int)row->provider.n, row->provider.p, (int)row->user.n,
           row->user.p, (unsigned long long)row->attempts, row->attempts == 1 ? "" : "s", (int)row->error.n,
           row->error.p);
}

static bool print_page(const struct config *config, struct admin_push_list *list) {
    struct arena arena;
    arena_init(&arena);
    bool ok = admin_push_list(config, list, &arena);
    for (size_t i = 0; ok && i < list->count; i++) print_dead(&list->rows[i]);
    if (ok && list->count) list->after_key = list->rows[list->count - 1].key;
    arena_fini(&arena);
    return ok;
}

static int run_list(const struct config *config, const void *values, const char *operand) {
    struct admin_push_list list = {0};
    unsigned long long printed = 0;
    do {
        if (!print_page(config, &list)) return EXIT_FAILURE;
        printed += list.count;
    } while (list.count == STORE_PUSH_BATCH_MAX);
    if (printed == 0) printf("Every push was sent, or still waits.\n");
    return EXIT_SUCCESS;
}

const struct command command_push_list = {
    .name = "push list",
    .summary = "Lists the pushes that could not be sent, the oldest first: key, time, provider, user, why",
    .scope = CONFIG_DATA,
    .run = run_list};

/* ---- retry ---- */

struct retry_values {
    bool all;
};

static const struct option retry_options[] = {
    {"all", NULL, NULL, "every one of them", OPTION_SWITCH, .offset = offsetof(struct retry_values, all)},
};

static bool retry_all(const struct config *config, struct admin_push_retry *retry, unsigned long long *n) {
    do {
        if (!admin_push_retry(config, retry)) return false;
        *n += retry->count;
    } while (!retry->key && retry->count == STORE_PUSH_BATCH_MAX);
    return true;
}

static int run_retry(const struct config *config, const void *data, const char *operand) {
    const struct retry_values *values = data;
    struct admin_push_retry retry = {0};
    unsigned long long key = 0, n = 0;
    if (!operand == !values->all) {
        command_complain("push retry: say a KEY that `vaultify push list` shows, or --all");
        return EXIT_USAGE;
    }
    if (operand && (!sio_span_to_u64(sio_span_cstr(operand), &key) || key == 0 || key > INT64_MAX)) {
        command_complain("push retry: '%.40s' is no key that `vaultify push list` shows", operand);
        return EXIT_USAGE;
    }
    retry.key = key;
    if (!retry_all(config, &retry, &n)) return EXIT_FAILURE;
    printf("%llu %s again%s.\n", n, n == 1 ? "push waits" : "pushes wait",
           retry.server_runs ? "" : ", for the server to run");
    return EXIT_SUCCESS;
}

const struct command command_push_retry = {.name = "push retry",
                                           .operand = "[KEY]",
                                           .summary = "Has pushes that could not be sent tried again",
                                           .scope = CONFIG_DATA,
                                           .options = retry_options,
                                           .option_count = 1,
                                           .values_size = sizeof(struct retry_values),
                                           .run = run_retry};

/* ---- test ---- */

struct test_values {
    struct uuid user;
};

static const struct option test_options[] = {
    {"user", NULL, "UUID", "whose devices", OPTION_UUID, .required = true,
     .offset = offsetof(struct test_values, user)},
};

static bool print_tested(const struct admin_push_tested *tested) {
    printf("%.*s %.*s through %.*s: %.*s", (int)tested->platform.n, tested->platform.p, (int)tested->device.n,
           tested->device.p, (int)tested->provider.n, tested->provider.p, (int)tested->outcome.n,
           tested->outcome.p);
    bool sent = sio_span_is(tested->outcome, "sent");
    if (!sent && tested->reason.n) printf(" (%.*s)", (int)tested->reason.n, tested->reason.p);
    printf("\n");
    return sent;
}

static bool print_test(const struct admin_push_test *test) {
    bool all_sent = test->count > 0;
    for (size_t i = 0; i < test->count; i++) all_sent &= print_tested(&test->devices[i]);
    if (test->count == 0) command_complain("push test: there is no device of a user with this id");
    return all_sent;
}

static int run_test(const struct config *config, const void *data, const char *operand) {
    const struct test_values *values = data;
    struct admin_push_test test = {.user = values->user};
    struct arena arena;
    arena_init(&arena);
    bool ok = admin_push_test(config, &test, &arena) && print_test(&test);
    arena_fini(&arena);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

const struct command command_push_test = {
    .name = "push test",
    .summary = "Sends a test push to each device of a user now, and says what became of it",
    .scope = CONFIG_DATA | CONFIG_PUSH,
    .options = test_options,
    .option_count = 1,
    .values_size = sizeof(struct test_values),
    .run = run_test};
