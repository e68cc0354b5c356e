/* The simulation's program: plays seeds, and says which of them failed and how to see that again.
 *
 * Seeds are played in portions, each in a process of its own, so that one that ends its process is a failed seed too.
 * The first seed of a portion is played twice: both must leave the same trace. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/must.h"
#include "run.h"

enum { PORTION = 50, PATIENCE_S = 120 /* real time, for one portion's seed */ };

struct options {
    uint64_t from, seeds;
    unsigned jobs;
    bool trace;
};

/* What a portion's process tells the one that waits for it. */
struct portion {
    pid_t pid;
    uint64_t next, end; /* `next` is being played */
    struct run_totals totals;
};

static void report(uint64_t seed, const char *failure) {
    printf("seed %llu: %s\n    again: sim --from %llu --seeds 1 --trace\n", (unsigned long long)seed, failure,
           (unsigned long long)seed);
    fflush(stdout);
}

static void play_portion(struct portion *p, bool trace) {
    uint64_t first = p->next;
    for (; p->next < p->end; p->next++) {
        struct run_result result, again;
        struct run_totals ignored = {0};
        alarm(PATIENCE_S);
        run_seed(p->next, trace, &p->totals, &result);
        if (result.failure[0] != '\0') report(p->next, result.failure);
        if (p->next != first || trace) continue;
        run_seed(p->next, false, &ignored, &again);
        if (again.trace != result.trace) report(p->next, "does not go the same way twice");
        p->totals.failed += again.trace != result.trace;
    }
}

static void portion_start(struct portion *p, uint64_t first, uint64_t end, bool trace) {
    p->next = first;
    p->end = end;
    pid_t pid = fork();
    must(pid >= 0);
    if (pid == 0) {
        play_portion(p, trace);
        exit(EXIT_SUCCESS);
    }
    p->pid = pid;
}

static void add_totals(struct run_totals *sum, const struct run_totals *more) {
    uint64_t *to = (uint64_t *)sum;
    const uint64_t *from = (const uint64_t *)more;
    for (size_t i = 0; i < sizeof(*sum) / sizeof(*to); i++) to[i] += from[i];
}

/* A portion has ended, perhaps before its time: the rest of it is played by another process. */
static void portion_ended(struct portion *p, int status, bool trace, struct run_totals *sum) {
    struct portion done = *p;
    add_totals(sum, &done.totals);
    *p = (struct portion){0};
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
    sum->failed++;
    if (done.next == done.end) {
        report(done.end - 1, "or one of the portion before it leaves something behind (a leak?)");
        return;
    }
    report(done.next, "ends its process, or never ends");
    if (done.next + 1 < done.end) portion_start(p, done.next + 1, done.end, trace);
}

static void play_all(const struct options *o, struct portion *portions, struct run_totals *sum) {
    uint64_t next = o->from, end = o->from + o->seeds;
    for (unsigned running = 0;;) {
        running = 0;
        for (unsigned i = 0; i < o->jobs; i++) {
            uint64_t portion_end = end - next < PORTION ? end : next + PORTION;
            if (portions[i].pid == 0 && next < end) {
                portion_start(&portions[i], next, portion_end, o->trace);
                next = portion_end;
            }
            running += portions[i].pid != 0;
        }
        if (running == 0) return;
        int status;
        pid_t pid = wait(&status);
        for (unsigned i = 0; i < o->jobs; i++)
            if (portions[i].pid == pid) portion_ended(&portions[i], status, o->trace, sum);
    }
}

static void print_totals(const struct run_totals *t) {
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        {"sessions", t->sessions},
        {"emitted", t->emitted},
        {"arrived", t->arrived},
        {"events from clients", t->events_up},
        {"acks to clients", t->acks},
        {"acks to the server", t->server_acks},
        {"cuts", t->cuts},
        {"of them silent", t->silences},
        {"upgrades", t->upgrades},
        {"probes lost", t->probes_lost},
        {"recoveries", t->recoveries},
        {"ended by the server", t->app_closes},
        {"refused", t->refused},
        {"timed out", t->timeouts},
        {"stops midway", t->stops},
        {"virtual seconds", t->turns_us / 1000000},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        printf("%s%s: %llu", i == 0 ? "" : ", ", rows[i].name, (unsigned long long)rows[i].value);
    printf("\nseeds: %llu played, %llu failed\n", (unsigned long long)t->seeds,
           (unsigned long long)t->failed);
}

static void usage(void) {
    puts("sim [--seeds N] [--from S] [--jobs J] [--trace]\n"
         "Plays N seeds (default 200), the first of them S (default 1), J at a time (default 1).");
    exit(2);
}

static struct options read_options(int argc, char **argv) {
    static const struct option names[] = {{"seeds", required_argument, NULL, 'n'},
                                          {"from", required_argument, NULL, 'f'},
                                          {"jobs", required_argument, NULL, 'j'},
                                          {"trace", no_argument, NULL, 't'},
                                          {0}};
    struct options o = {.from = 1, .seeds = 200, .jobs = 1};
    for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        switch (c) {
        case 'n': o.seeds = strtoull(optarg, NULL, 10); break;
        case 'f': o.from = strtoull(optarg, NULL, 10); break;
        case 'j': o.jobs = (unsigned)strtoul(optarg, NULL, 10); break;
        case 't': o.trace = true; break;
        default: usage();
        }
    }
    if (optind != argc || o.jobs == 0 || o.jobs > 64) usage();
    return o;
}

int main(int argc, char **argv) {
    struct options o = read_options(argc, argv);
    struct run_totals sum = {0};
    struct portion *portions = mmap(NULL, o.jobs * sizeof(struct portion), PROT_READ | PROT_WRITE,
                                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    must(portions != MAP_FAILED);
    play_all(&o, portions, &sum);
    print_totals(&sum);
    return sum.failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
