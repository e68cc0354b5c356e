/* The wall clock, for commands; what runs on a loop asks its loop. */
#pragma once
#include <stdint.h>
#include <time.h>

static inline int64_t clock_wall_ms(void) { /* since 1970 */
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
