/* The counters' file is mapped, shared. */
#include "push_count.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

struct push_count *push_count_map(const char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    void *p = MAP_FAILED;
    if (fd >= 0 && ftruncate(fd, sizeof(struct push_count)) == 0)
        p = mmap(NULL, sizeof(struct push_count), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd >= 0) close(fd);
    if (p != MAP_FAILED) return p;
    fprintf(stderr, "the file of counters cannot be mapped: %s\n", path);
    exit(1);
}
