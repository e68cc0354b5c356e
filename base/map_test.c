/* The map: growing and shrinking, colliding keys, replaced keys, the walk; the hash against known values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/map.h"
#include "base/mem.h"

enum { MANY = 20000 };

static const uint64_t seed[2] = {0x0706050403020100, 0x0f0e0d0c0b0a0908};

struct entry {
    char key[16];
    bool seen;
};

static struct sio_span key_of(const struct entry *e) { return sio_span_cstr(e->key); }

static struct entry *entries_new(int count) {
    struct entry *entries = mem_new_array(struct entry, (size_t)count);
    for (int i = 0; i < count; i++) snprintf(entries[i].key, sizeof entries[i].key, "key-%d", i);
    return entries;
}

static void the_hash_is_siphash_1_3(void **state) {
    const uint64_t zero[2] = {0, 0};
    assert_true(hash_bytes(seed, SIO_SPAN("")) == 0xabac0158050fc4dc);
    /* With a key of zeros; computed by an independent implementation. */
    assert_true(hash_bytes(zero, SIO_SPAN("a")) == 0x407448d2b89b1813);
    assert_true(hash_bytes(zero, SIO_SPAN("abcdefg")) == 0x6db12aae9070f506);
    assert_true(hash_bytes(zero, SIO_SPAN("abcdefgh")) == 0x3f7b849c0b8e35ea);
    assert_true(hash_bytes(zero, SIO_SPAN("a map of byte strings to pointers")) == 0x165d2c9c024b62bc);
}

static void an_empty_map_answers_nothing(void **state) {
    struct map m;
    uint32_t cursor = 0;
    map_init(&m, NULL);
    assert_null(map_get(&m, SIO_SPAN("x")));
    assert_null(map_del(&m, SIO_SPAN("x")));
    assert_null(map_next(&m, &cursor));
    map_fini(&m);
}

static void grows_and_shrinks_and_keeps_all(void **state) {
    struct entry *entries = entries_new(MANY);
    struct map m;
    map_init(&m, NULL);
    for (int i = 0; i < MANY; i++) {
        assert_null(map_put(&m, key_of(&entries[i]), &entries[i]));
        assert_int_equal(m.count, i + 1);
    }
    for (int i = 0; i < MANY; i++) assert_ptr_equal(map_get(&m, key_of(&entries[i])), &entries[i]);
    assert_null(map_get(&m, SIO_SPAN("key-")));
    uint32_t largest = m.capacity;
    for (int i = 0; i < MANY; i += 2) assert_ptr_equal(map_del(&m, key_of(&entries[i])), &entries[i]);
    for (int i = 0; i < MANY; i++)
        assert_ptr_equal(map_get(&m, key_of(&entries[i])), i % 2 ? &entries[i] : NULL);
    for (int i = 1; i < MANY - 20; i += 2) assert_ptr_equal(map_del(&m, key_of(&entries[i])), &entries[i]);
    assert_int_equal(m.count, 10);
    assert_true(m.capacity < largest / 64);
    for (int i = MANY - 19; i < MANY; i += 2) assert_non_null(map_del(&m, key_of(&entries[i])));
    assert_int_equal(m.count, 0);
    assert_null(m.slots);
    free(entries);
}

/* Keys that all belong to one of the last slots, so that their run wraps round the end of the array. */
static int colliding_keys(struct entry *out, int count, uint32_t mask) {
    int found = 0;
    for (int i = 0; found < count; i++) {
        snprintf(out[found].key, sizeof out[found].key, "c%d", i);
        if ((hash_bytes(seed, key_of(&out[found])) & mask) >= mask - 1) found++;
    }
    return found;
}

static void colliding_keys_survive_removals(void **state) {
    enum { COUNT = 40 };
    struct entry entries[COUNT];
    colliding_keys(entries, COUNT, 63);
    for (int gone = 0; gone < COUNT; gone++) {
        struct map m;
        map_init(&m, seed);
        for (int i = 0; i < COUNT; i++) map_put(&m, key_of(&entries[i]), &entries[i]);
        assert_int_equal(m.capacity, 64);
        assert_ptr_equal(map_del(&m, key_of(&entries[gone])), &entries[gone]);
        assert_null(map_del(&m, key_of(&entries[gone])));
        for (int i = 0; i < COUNT; i++)
            assert_ptr_equal(map_get(&m, key_of(&entries[i])), i == gone ? NULL : &entries[i]);
        map_fini(&m);
    }
}

static void a_replaced_entry_uses_the_new_key(void **state) {
    struct map m;
    map_init(&m, NULL);
    struct entry *old = entries_new(1), *new = entries_new(1);
    assert_null(map_put(&m, key_of(old), old));
    assert_ptr_equal(map_put(&m, key_of(new), new), old);
    free(old); /* its key's bytes too: a map that still read them would be caught by the sanitizer */
    assert_int_equal(m.count, 1);
    assert_ptr_equal(map_get(&m, SIO_SPAN("key-0")), new);
    map_fini(&m);
    free(new);
}

static void keys_are_bytes(void **state) {
    struct map m;
    int a, b, empty;
    map_init(&m, NULL);
    map_put(&m, SIO_SPAN("x\0y"), &a);
    map_put(&m, SIO_SPAN("x\0z"), &b);
    map_put(&m, sio_span_of(NULL, 0), &empty);
    assert_ptr_equal(map_get(&m, SIO_SPAN("x\0y")), &a);
    assert_ptr_equal(map_get(&m, SIO_SPAN("x\0z")), &b);
    assert_ptr_equal(map_get(&m, SIO_SPAN("")), &empty);
    assert_null(map_get(&m, SIO_SPAN("x")));
    map_fini(&m);
}

static void the_walk_meets_each_entry_once(void **state) {
    struct entry *entries = entries_new(1000), *e;
    struct map m;
    uint32_t cursor = 0, met = 0;
    map_init(&m, NULL);
    for (int i = 0; i < 1000; i++) map_put(&m, key_of(&entries[i]), &entries[i]);
    while ((e = map_next(&m, &cursor))) {
        assert_false(e->seen);
        e->seen = true;
        met++;
    }
    assert_int_equal(met, 1000);
    map_fini(&m);
    free(entries);
}

/* Against a plain table of what should be in the map. */
static void random_puts_and_removals(void **state) {
    enum { KEYS = 300, STEPS = 60000 };
    struct entry *entries = entries_new(KEYS);
    bool present[KEYS] = {false};
    uint64_t random = 88172645463325252;
    uint32_t count = 0;
    struct map m;
    map_init(&m, seed);
    for (int step = 0; step < STEPS; step++) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        struct entry *e = &entries[random % KEYS];
        bool *is_in = &present[random % KEYS];
        bool put = (random >> 40) % 1000 < (step / 10000 % 2 ? 200u : 800u); /* fills, then empties */
        void *old = put ? map_put(&m, key_of(e), e) : map_del(&m, key_of(e));
        assert_ptr_equal(old, *is_in ? e : NULL);
        count += (uint32_t)put - (uint32_t)*is_in;
        *is_in = put;
        assert_int_equal(m.count, count);
    }
    for (int i = 0; i < KEYS; i++)
        assert_ptr_equal(map_get(&m, key_of(&entries[i])), present[i] ? &entries[i] : NULL);
    map_fini(&m);
    free(entries);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hash_is_siphash_1_3),
        cmocka_unit_test(an_empty_map_answers_nothing),
        cmocka_unit_test(grows_and_shrinks_and_keeps_all),
        cmocka_unit_test(colliding_keys_survive_removals),
        cmocka_unit_test(a_replaced_entry_uses_the_new_key),
        cmocka_unit_test(keys_are_bytes),
        cmocka_unit_test(the_walk_meets_each_entry_once),
        cmocka_unit_test(random_puts_and_removals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
