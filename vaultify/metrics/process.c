/* The process about itself, from /proc: memory, CPU, open descriptors, and since when it runs. */
#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "metrics/metrics.h"

static double seconds(struct timeval t) { return (double)t.tv_sec + (double)t.tv_usec / 1e6; }

static void put_memory(struct sio_strbuf *out) {
    unsigned long long pages, resident;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f && fscanf(f, "%llu %llu", &pages, &resident) == 2) {
        double page_bytes = (double)sysconf(_SC_PAGESIZE);
        metrics_write_gauge(out, "process_resident_memory_bytes", NULL, "Resident memory size in bytes",
                            (double)resident * page_bytes);
        metrics_write_gauge(out, "process_virtual_memory_bytes", NULL, "Virtual memory size in bytes",
                            (double)pages * page_bytes);
    }
    if (f) fclose(f);
}

static void put_cpu(struct sio_strbuf *out) {
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0) return;
    metrics_write_counter(out, "process_cpu_seconds_total", NULL, "User and system CPU time spent in seconds",
                          seconds(usage.ru_utime) + seconds(usage.ru_stime));
}

static void put_descriptors(struct sio_strbuf *out) {
    struct rlimit limit;
    DIR *folder = opendir("/proc/self/fd");
    if (folder) {
        unsigned count = 0;
        for (struct dirent *entry; (entry = readdir(folder));) count += entry->d_name[0] != '.';
        closedir(folder);
        metrics_write_gauge(out, "process_open_fds", NULL, "Open file descriptors",
                            (double)count - 1); /* without the folder's own */
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        metrics_write_gauge(out, "process_max_fds", NULL, "Limit of open file descriptors",
                            (double)limit.rlim_cur);
}

/* The 22nd field of stat, in ticks since the machine started; the name before it may hold blanks and parentheses. */
static bool start_ticks(unsigned long long *ticks) {
    char line[1024];
    FILE *f = fopen("/proc/self/stat", "re");
    size_t n = f ? fread(line, 1, sizeof line - 1, f) : 0;
    if (f) fclose(f);
    line[n] = 0;
    const char *rest = strrchr(line, ')');
    for (int field = 2; rest && field < 22; field++) rest = strchr(rest + 1, ' ');
    return rest && sscanf(rest, "%llu", ticks) == 1;
}

static void put_start(struct sio_strbuf *out) {
    unsigned long long ticks;
    struct timespec wall, up;
    if (!start_ticks(&ticks) || clock_gettime(CLOCK_REALTIME, &wall) != 0 ||
        clock_gettime(CLOCK_BOOTTIME, &up) != 0)
        return;
    metrics_write_gauge(out, "process_start_time_seconds", NULL,
                        "Start time of the process since 1970 in seconds",
                        (double)(wall.tv_sec - up.tv_sec) + (double)ticks / (double)sysconf(_SC_CLK_TCK));
}

void metrics_write_process(struct sio_strbuf *out) {
    put_memory(out);
    put_cpu(out);
    put_descriptors(out);
    put_start(out);
}
