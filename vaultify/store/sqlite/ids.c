/* Growing version 7 UUIDs: 48 bits of time, a 12-bit counter, 62 random bits. */
#include "store/sqlite/ids.h"

#include <errno.h>
#include <sys/random.h>

#include "base/must.h"

enum {
    COUNTER_MAX = 0xfff,
    COUNTER_START_MASK = 0x7ff, /* starts in the lower half: at least 2048 ids a millisecond */
    RANDOM_BYTES = 10,
};

static void pool_fill(struct ids *ids) {
    for (size_t n = 0; n < sizeof ids->pool;) {
        ssize_t got = getrandom(ids->pool + n, sizeof ids->pool - n, 0);
        must(got > 0 || errno == EINTR);
        if (got > 0) n += (size_t)got;
    }
    ids->pool_left = sizeof ids->pool;
}

void ids_init(struct ids *ids, const struct uuid *last) {
    ids->ms = 0;
    for (int i = 0; i < 6; i++) ids->ms = ids->ms << 8 | last->b[i];
    ids->counter = COUNTER_MAX; /* the next id takes a new millisecond */
    ids->pool_left = 0;
}

struct uuid ids_next(struct ids *ids, int64_t now_ms) {
    if (ids->pool_left < RANDOM_BYTES) pool_fill(ids);
    ids->pool_left -= RANDOM_BYTES;
    uint8_t random[RANDOM_BYTES];
    memcpy(random, ids->pool + ids->pool_left, sizeof random);

    if (now_ms > ids->ms || ids->counter == COUNTER_MAX) {
        ids->ms = now_ms > ids->ms ? now_ms : ids->ms + 1;
        ids->counter = ((unsigned)random[0] << 8 | random[1]) & COUNTER_START_MASK;
    } else {
        ids->counter++;
    }
    random[0] = (uint8_t)(ids->counter >> 8);
    random[1] = (uint8_t)ids->counter;
    return uuid_v7(ids->ms, random);
}
