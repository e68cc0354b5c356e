/* The load program: one work against a running server, its CPU and memory read from /proc, one JSON line as
 * the result.
 *
 *   load WORK --port N --pid PID --users FILE --secret TEXT [--count N] [--rounds N] [--window N] [--receivers N] [--rate N]
 *
 * The users file has one user id a line, as the users of the run were imported; which of them does what is
 * said at each work. Both our server and the peer are driven by exactly this program. */
#include <getopt.h>
#include <sys/resource.h>

#include "auth/auth.h"
#include "base/mem.h"
#include "client.h"
#include "process.h"
#include "sio_json.h"
#include "works.h"

static void die(const char *message) {
    fprintf(stderr, "load: %s\n", message);
    exit(1);
}

static void read_users(struct run *run, const char *path) {
    FILE *f = fopen(path, "r");
    char line[64];
    if (!f) die("the users file cannot be read");
    while (fgets(line, sizeof(line), f)) {
        struct uuid user;
        struct sio_strbuf token;
        if (!uuid_parse(sio_span_trim(sio_span_of(line, strcspn(line, "\n"))), &user))
            die("the users file has a bad line");
        sio_strbuf_init(&token);
        auth_issue(run->auth, &user, (struct sio_span){0}, (struct sio_span){0}, (int64_t)time(NULL) * 1000,
                   3600000, &token);
        run->tokens = mem_realloc(run->tokens, (run->user_count + 1) * sizeof(*run->tokens));
        run->tokens[run->user_count++] = sio_strbuf_take(&token);
    }
    fclose(f);
}

static const struct {
    const char *name;
    void (*run)(struct run *run);
} works[] = {
    {"broadcast", work_broadcast}, {"burst", work_burst}, {"connect", work_connect}, {"send", work_send},
    {"idle", work_idle},           {"storm", work_storm}, {"push", work_push},       {"paced", work_paced},
};

int main(int argc, char **argv) {
    static const struct option options[] = {
        {"port", required_argument, NULL, 'p'},   {"pid", required_argument, NULL, 'i'},
        {"users", required_argument, NULL, 'u'},  {"secret", required_argument, NULL, 's'},
        {"count", required_argument, NULL, 'c'},  {"rounds", required_argument, NULL, 'r'},
        {"window", required_argument, NULL, 'w'}, {"receivers", required_argument, NULL, 'v'},
        {"rate", required_argument, NULL, 't'},   {0},
    };
    struct run run = {.count = 1000, .rounds = 200, .window = 64, .receivers = 1, .rate = 1000};
    const char *users = NULL, *secret = NULL;
    for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (o) {
        case 'p': run.port = (uint16_t)strtoul(optarg, NULL, 10); break;
        case 'i': run.pid = (int)strtol(optarg, NULL, 10); break;
        case 'u': users = optarg; break;
        case 's': secret = optarg; break;
        case 'c': run.count = (uint32_t)strtoul(optarg, NULL, 10); break;
        case 'r': run.rounds = (uint32_t)strtoul(optarg, NULL, 10); break;
        case 'w': run.window = (uint32_t)strtoul(optarg, NULL, 10); break;
        case 'v': run.receivers = (uint32_t)strtoul(optarg, NULL, 10); break;
        case 't': run.rate = (uint32_t)strtoul(optarg, NULL, 10); break;
        default: return 2;
        }
    }
    if (optind >= argc || !run.port || !run.pid || !users || !secret)
        die("usage: see the top of bench/load.c");
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (auth_new(sio_span_cstr(secret), &run.auth) != SIO_ERR_OK) die("the secret is empty");
    read_users(&run, users);
    for (size_t i = 0; i < sizeof(works) / sizeof(*works); i++) {
        if (strcmp(argv[optind], works[i].name) != 0) continue;
        works[i].run(&run);
        return 0;
    }
    die("there is no such work");
}
