/* Tests of slot tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "engine/slots.h"

static void an_empty_table_finds_nothing(void **state) {
    struct slots t = {0};
    assert_null(slots_get(&t, 0));
    assert_null(slots_get(&t, UINT32_MAX));
    slots_fini(&t);
}

static void items_stay_in_their_slots_while_it_grows(void **state) {
    enum { MANY = 1000 };
    struct slots t = {0};
    int items[MANY];
    uint32_t slots[MANY];
    for (int i = 0; i < MANY; i++) slots[i] = slots_add(&t, &items[i]);
    assert_int_equal(t.count, MANY);
    for (int i = 0; i < MANY; i++) assert_ptr_equal(slots_get(&t, slots[i]), &items[i]);
    for (int i = 0; i < MANY; i += 2) slots_remove(&t, slots[i]);
    assert_int_equal(t.count, MANY / 2);
    for (int i = 0; i < MANY; i++) {
        void *found = slots_get(&t, slots[i]);
        if (i % 2)
            assert_ptr_equal(found, &items[i]);
        else
            assert_null(found);
    }
    uint32_t capacity = t.capacity;
    for (int i = 0; i < MANY; i += 2) slots[i] = slots_add(&t, &items[i]);
    assert_int_equal(t.capacity, capacity); /* free ones are used first */
    for (int i = 0; i < MANY; i++) assert_ptr_equal(slots_get(&t, slots[i]), &items[i]);
    slots_fini(&t);
}

static void a_slot_used_again_has_another_generation(void **state) {
    struct slots t = {0};
    int item;
    uint32_t slot = slots_add(&t, &item), first = slots_generation(&t, slot);
    assert_int_not_equal(first, 0);
    slots_remove(&t, slot);
    assert_int_equal(slots_add(&t, &item), slot);
    assert_int_not_equal(slots_generation(&t, slot), first);
    slots_remove(&t, slot);
    slots_fini(&t);
}

static void generations_begin_again_behind_the_last_without_0(void **state) {
    struct slots t = {0};
    int item;
    uint32_t slot = slots_add(&t, &item);
    t.slots[slot].generation = UINT32_MAX;
    slots_remove(&t, slot);
    assert_int_equal(slots_add(&t, &item), slot);
    assert_int_equal(slots_generation(&t, slot), 1);
    slots_fini(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_table_finds_nothing),
        cmocka_unit_test(items_stay_in_their_slots_while_it_grows),
        cmocka_unit_test(a_slot_used_again_has_another_generation),
        cmocka_unit_test(generations_begin_again_behind_the_last_without_0),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
