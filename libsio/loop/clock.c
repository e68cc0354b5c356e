/* Time and randomness of a loop. */
#include <errno.h>
#include <sys/random.h>

#include "base/must.h"
#include "loop/loop_state.h"

uint64_t loop_clock_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint64_t loop_clock_look(struct sio_loop *loop) { return loop->now_us = loop_clock_us(); }

uint64_t sio_loop_now_ms(const struct sio_loop *loop) { return loop->now_us / 1000; }

int64_t sio_loop_wall_ms(const struct sio_loop *loop) {
    (void)loop;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void fill_random(char *p, size_t n) {
    while (n > 0) {
        ssize_t got = getrandom(p, n, 0);
        must(got > 0 || errno == EINTR);
        if (got < 0) continue;
        p += got;
        n -= (size_t)got;
    }
}

/* Small wishes are served from the loop's store, and wiped there once they are given out. */
void sio_loop_random(struct sio_loop *loop, void *out, size_t n) {
    must(loop_is_mine(loop));
    if (n > LOOP_RANDOM_BYTES / 4) {
        fill_random(out, n);
        return;
    }
    if (loop->random_left < n) {
        fill_random(loop->random, LOOP_RANDOM_BYTES);
        loop->random_left = LOOP_RANDOM_BYTES;
    }
    loop->random_left -= n;
    memcpy(out, loop->random + loop->random_left, n);
    explicit_bzero(loop->random + loop->random_left, n);
}

/* The clock is read anew, so that a timer started late in a long turn is not early. */
void sio_timer_start(struct sio_loop *loop, struct sio_timer *timer, uint64_t delay_ms,
                     void (*fire)(struct sio_timer *timer)) {
    must(loop_is_mine(loop));
    const uint64_t longest_ms = UINT64_C(1) << 40;
    timer->fire = fire;
    uint64_t now_ms = (loop_clock_us() + 999) / 1000;
    timer_wheel_start(&loop->wheel, timer, now_ms + (delay_ms < longest_ms ? delay_ms : longest_ms));
}

void sio_timer_stop(struct sio_loop *loop, struct sio_timer *timer) {
    must(loop_is_mine(loop));
    timer_wheel_stop(&loop->wheel, timer);
}
