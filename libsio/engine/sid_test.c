/* Tests of session ids: they say who owns them to those who have the key, and nothing to others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/sid.h"
#include "loop/loop.h"

static struct loop_group *group;
static struct sid_key key;

static int set_up(void **state) {
    if (loop_group_new(64, NULL, &group) != SIO_ERR_OK) return -1;
    sio_loop_random(loop_group_at(group, 0), key.bytes, sizeof(key.bytes));
    return 0;
}

static int tear_down(void **state) {
    loop_group_free(group);
    return 0;
}

static void ids_name_their_loop_and_slot(void **state) {
    static const uint32_t slots[] = {0, 1, 255, 256, 65536, 0x01020304, UINT32_MAX};
    for (unsigned l = 0; l < 64; l += 9) {
        for (size_t i = 0; i < sizeof(slots) / sizeof(*slots); i++) {
            char sid[SID_TEXT];
            unsigned loop;
            uint32_t slot;
            sid_make(&key, loop_group_at(group, l), slots[i], sid);
            for (int c = 0; c < SID_TEXT; c++)
                assert_non_null(
                    memchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", sid[c], 64));
            assert_true(sid_parse(&key, sio_span_of(sid, SID_TEXT), &loop, &slot));
            assert_int_equal(loop, l);
            assert_int_equal(slot, slots[i]);
            assert_true(sid_eq(sid, sio_span_of(sid, SID_TEXT)));
        }
    }
}

static void ids_of_one_slot_differ_in_every_part(void **state) {
    enum { MANY = 200 };
    char sids[MANY][SID_TEXT];
    for (int i = 0; i < MANY; i++) sid_make(&key, loop_group_at(group, 0), 7, sids[i]);
    for (int i = 1; i < MANY; i++) assert_memory_not_equal(sids[i], sids[0], SID_TEXT);
    for (int c = 0; c < SID_TEXT; c++) { /* the owner's characters as well */
        int same = 0;
        for (int i = 1; i < MANY; i++) same += sids[i][c] == sids[0][c];
        assert_true(same < MANY / 2);
    }
}

static void another_key_finds_another_owner(void **state) {
    struct sid_key other = key;
    char sid[SID_TEXT];
    unsigned loop;
    uint32_t slot;
    other.bytes[0] ^= 1;
    other.bytes[3] ^= 0x80;
    sid_make(&key, loop_group_at(group, 2), 5, sid);
    assert_true(sid_parse(&other, sio_span_of(sid, SID_TEXT), &loop, &slot));
    assert_int_equal(loop, 3);
    assert_int_not_equal(slot, 5);
}

static void what_is_no_id_is_refused(void **state) {
    static const char *const bad[] = {
        "",
        "a",
        "AAAAAAAAAAAAAAAAAAA",   /* 19 */
        "AAAAAAAAAAAAAAAAAAAAA", /* 21 */
        "AAAAAAAAAAAAAAAAAAA+",
        "AAAAAAAAAAAAAAAAAAA=",
        "AAAAAAAAAA AAAAAAAAA",
        "AAAAAAAAAAAAAAAAAA\xc3\xa9",
    };
    unsigned loop;
    uint32_t slot;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_false(sid_parse(&key, sio_span_cstr(bad[i]), &loop, &slot));
    assert_true(sid_parse(&key, SIO_SPAN("AAAAAAAAAAAAAAAAAAAA"), &loop, &slot));
}

static void one_other_character_is_another_id(void **state) {
    char sid[SID_TEXT], other[SID_TEXT];
    sid_make(&key, loop_group_at(group, 1), 1, sid);
    for (int i = 0; i < SID_TEXT; i++) {
        memcpy(other, sid, SID_TEXT);
        other[i] = other[i] == 'x' ? 'y' : 'x';
        assert_false(sid_eq(sid, sio_span_of(other, SID_TEXT)));
    }
    assert_false(sid_eq(sid, sio_span_of(sid, SID_TEXT - 1)));
    assert_false(sid_eq(sid, (struct sio_span){0}));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_name_their_loop_and_slot),
        cmocka_unit_test(ids_of_one_slot_differ_in_every_part),
        cmocka_unit_test(another_key_finds_another_owner),
        cmocka_unit_test(what_is_no_id_is_refused),
        cmocka_unit_test(one_other_character_is_another_id),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
