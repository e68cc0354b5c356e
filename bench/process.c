/* CPU and memory of another process from /proc: schedstat counts nanoseconds, stat only ticks. */
#include "process.h"

#include <dirent.h>
#include <unistd.h>

static void gone(int pid) {
    fprintf(stderr, "load: process %d is gone\n", pid);
    exit(1);
}

uint64_t process_cpu_us(int pid) {
    char path[320];
    snprintf(path, sizeof(path), "/proc/%d/task", pid);
    DIR *d = opendir(path);
    if (!d) gone(pid);
    uint64_t total = 0;
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        unsigned long long ns = 0;
        snprintf(path, sizeof(path), "/proc/%d/task/%s/schedstat", pid, e->d_name);
        FILE *f = e->d_name[0] == '.' ? NULL : fopen(path, "r");
        if (!f) continue;
        if (fscanf(f, "%llu", &ns) == 1) total += ns / 1000;
        fclose(f);
    }
    closedir(d);
    return total;
}

uint64_t process_rss_bytes(int pid) {
    char path[64];
    unsigned long long size = 0, resident = 0;
    snprintf(path, sizeof(path), "/proc/%d/statm", pid);
    FILE *f = fopen(path, "r");
    if (!f || fscanf(f, "%llu %llu", &size, &resident) != 2) gone(pid);
    fclose(f);
    return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}
