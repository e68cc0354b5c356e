/* msgpack items: every form is read, cut anywhere it is refused, and written it is the shortest. */
#include "base/exact_bytes.h"
#include "codec/msgpack.h"

#define BYTES(literal)                                                                                       \
    { literal, sizeof(literal) - 1 }

struct example {
    struct sio_span bytes;
    struct msgpack_item item;
};

static const struct example examples[] = {
    {BYTES("\xc0"), {.kind = MSGPACK_NIL}},
    {BYTES("\xc2"), {.kind = MSGPACK_FALSE}},
    {BYTES("\xc3"), {.kind = MSGPACK_TRUE}},
    {BYTES("\x00"), {.kind = MSGPACK_UINT, .u = 0}},
    {BYTES("\x7f"), {.kind = MSGPACK_UINT, .u = 127}},
    {BYTES("\xcc\xff"), {.kind = MSGPACK_UINT, .u = 255}},
    {BYTES("\xcd\x01\x02"), {.kind = MSGPACK_UINT, .u = 0x102}},
    {BYTES("\xce\xff\xff\xff\xff"), {.kind = MSGPACK_UINT, .u = UINT32_MAX}},
    {BYTES("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"), {.kind = MSGPACK_UINT, .u = UINT64_MAX}},
    {BYTES("\xff"), {.kind = MSGPACK_INT, .i = -1}},
    {BYTES("\xe0"), {.kind = MSGPACK_INT, .i = -32}},
    {BYTES("\xd0\x80"), {.kind = MSGPACK_INT, .i = -128}},
    {BYTES("\xd0\x7f"), {.kind = MSGPACK_INT, .i = 127}},
    {BYTES("\xd1\x80\x00"), {.kind = MSGPACK_INT, .i = INT16_MIN}},
    {BYTES("\xd2\x80\x00\x00\x00"), {.kind = MSGPACK_INT, .i = INT32_MIN}},
    {BYTES("\xd3\x80\x00\x00\x00\x00\x00\x00\x00"), {.kind = MSGPACK_INT, .i = INT64_MIN}},
    {BYTES("\xca\x3f\x00\x00\x00"), {.kind = MSGPACK_FLOAT, .f = 0.5}},
    {BYTES("\xcb\xbf\xe0\x00\x00\x00\x00\x00\x00"), {.kind = MSGPACK_FLOAT, .f = -0.5}},
    {BYTES("\xa0"), {.kind = MSGPACK_STR}},
    {BYTES("\xa2"
           "ab"),
     {.kind = MSGPACK_STR, .bytes = BYTES("ab")}},
    {BYTES("\xd9\x01"
           "a"),
     {.kind = MSGPACK_STR, .bytes = BYTES("a")}},
    {BYTES("\xda\x00\x02\xc3\xa4"), {.kind = MSGPACK_STR, .bytes = BYTES("\xc3\xa4")}},
    {BYTES("\xdb\x00\x00\x00\x01"
           "a"),
     {.kind = MSGPACK_STR, .bytes = BYTES("a")}},
    {BYTES("\xc4\x00"), {.kind = MSGPACK_BIN}},
    {BYTES("\xc4\x02\xff\x00"), {.kind = MSGPACK_BIN, .bytes = BYTES("\xff\x00")}},
    {BYTES("\xc5\x00\x01\x80"), {.kind = MSGPACK_BIN, .bytes = BYTES("\x80")}},
    {BYTES("\xc6\x00\x00\x00\x01\x80"), {.kind = MSGPACK_BIN, .bytes = BYTES("\x80")}},
    {BYTES("\x90"), {.kind = MSGPACK_ARRAY, .count = 0}},
    {BYTES("\xdc\x00\x00"), {.kind = MSGPACK_ARRAY, .count = 0}},
    {BYTES("\xdd\x00\x00\x00\x00"), {.kind = MSGPACK_ARRAY, .count = 0}},
    {BYTES("\x80"), {.kind = MSGPACK_MAP, .count = 0}},
    {BYTES("\xde\x00\x00"), {.kind = MSGPACK_MAP, .count = 0}},
    {BYTES("\xdf\x00\x00\x00\x00"), {.kind = MSGPACK_MAP, .count = 0}},
    {BYTES("\xd4\x00\x00"), {.kind = MSGPACK_EXT, .ext_type = 0, .fixed = true, .bytes = BYTES("\0")}},
    {BYTES("\xd5\x01\x02\x03"), {.kind = MSGPACK_EXT, .ext_type = 1, .fixed = true, .bytes = BYTES("\2\3")}},
    {BYTES("\xd6\xff\x01\x02\x03\x04"),
     {.kind = MSGPACK_EXT, .ext_type = -1, .fixed = true, .bytes = BYTES("\1\2\3\4")}},
    {BYTES("\xd7\x05\x01\x02\x03\x04\x05\x06\x07\x08"),
     {.kind = MSGPACK_EXT, .ext_type = 5, .fixed = true, .bytes = BYTES("\1\2\3\4\5\6\7\x08")}},
    {BYTES("\xd8\x80"
           "0123456789abcdef"),
     {.kind = MSGPACK_EXT, .ext_type = -128, .fixed = true, .bytes = BYTES("0123456789abcdef")}},
    {BYTES("\xc7\x00\x07"), {.kind = MSGPACK_EXT, .ext_type = 7}},
    {BYTES("\xc7\x02\x00\xaa\xbb"), {.kind = MSGPACK_EXT, .bytes = BYTES("\xaa\xbb")}},
    {BYTES("\xc8\x00\x01\x7f\xaa"), {.kind = MSGPACK_EXT, .ext_type = 127, .bytes = BYTES("\xaa")}},
    {BYTES("\xc9\x00\x00\x00\x01\x00\xaa"), {.kind = MSGPACK_EXT, .bytes = BYTES("\xaa")}},
};

static void assert_same(const struct msgpack_item *a, const struct msgpack_item *b) {
    assert_int_equal(a->kind, b->kind);
    assert_true(a->u == b->u && a->i == b->i && memcmp(&a->f, &b->f, sizeof a->f) == 0);
    assert_true(sio_span_eq(a->bytes, b->bytes));
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->ext_type, b->ext_type);
    assert_int_equal(a->fixed, b->fixed);
}

static void every_form_is_read(void **unused) {
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        struct sio_span exact = exact_bytes(examples[i].bytes), rest = exact;
        struct msgpack_item item;
        assert_true(msgpack_next(&rest, &item));
        assert_int_equal(rest.n, 0);
        assert_same(&item, &examples[i].item);
        exact_bytes_free(exact);
    }
}

static void cut_anywhere_it_is_refused(void **unused) {
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        for (size_t n = 0; n < examples[i].bytes.n; n++) {
            struct sio_span exact = exact_bytes(sio_span_head(examples[i].bytes, n)), rest = exact;
            struct msgpack_item item;
            assert_false(msgpack_next(&rest, &item));
            exact_bytes_free(exact);
        }
}

static void containers_are_read_head_by_head(void **unused) {
    struct sio_span rest = BYTES("\x82\xa1"
                                 "a\x92\x01\x02\xa1"
                                 "b\xc0");
    static const enum msgpack_kind kinds[] = {MSGPACK_MAP,  MSGPACK_STR, MSGPACK_ARRAY, MSGPACK_UINT,
                                              MSGPACK_UINT, MSGPACK_STR, MSGPACK_NIL};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct msgpack_item item;
        assert_true(msgpack_next(&rest, &item));
        assert_int_equal(item.kind, kinds[i]);
    }
    assert_int_equal(rest.n, 0);
}

static void what_is_wrong_is_refused(void **unused) {
    static const struct sio_span bad[] = {
        BYTES("\xc1"),             /* reserved */
        BYTES("\xa1\x80"),         /* no UTF-8 */
        BYTES("\xa3\xed\xa0\x80"), /* a surrogate */
        BYTES("\xd9\x02\xc3"
              "a"),                            /* a character cut short */
        BYTES("\x92\x01"),                     /* two items in one byte */
        BYTES("\x81\x01"),                     /* a pair in one byte */
        BYTES("\xdd\xff\xff\xff\xff\x00\x00"), /* lengths that lie */
        BYTES("\xdf\xff\xff\xff\xff\x00\x00"), /* twice the count does not fit */
        BYTES("\xdf\x80\x00\x00\x01\x00\x00"), /* nor does this one */
        BYTES("\xdb\xff\xff\xff\xff"
              "a"),
        BYTES("\xc6\xff\xff\xff\xff"
              "a"),
        BYTES("\xc9\xff\xff\xff\xff\x00"
              "a"),
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct sio_span exact = exact_bytes(bad[i]), rest = exact;
        struct msgpack_item item;
        assert_false(msgpack_next(&rest, &item));
        exact_bytes_free(exact);
    }
}

static void integers_are_written_in_the_shortest_form(void **unused) {
    static const struct {
        int64_t v;
        size_t n;
    } cases[] = {{0, 1},
                 {127, 1},
                 {128, 2},
                 {255, 2},
                 {256, 3},
                 {65535, 3},
                 {65536, 5},
                 {UINT32_MAX, 5},
                 {INT64_C(1) << 32, 9},
                 {INT64_MAX, 9},
                 {-1, 1},
                 {-32, 1},
                 {-33, 2},
                 {-128, 2},
                 {-129, 3},
                 {-32768, 3},
                 {-32769, 5},
                 {INT32_MIN, 5},
                 {(int64_t)INT32_MIN - 1, 9},
                 {INT64_MIN, 9}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sio_strbuf out;
        struct msgpack_item item;
        sio_strbuf_init(&out);
        msgpack_write_i64(&out, cases[i].v);
        assert_int_equal(out.n, cases[i].n);
        struct sio_span rest = sio_strbuf_as_span(&out);
        assert_true(msgpack_next(&rest, &item));
        assert_true(cases[i].v >= 0 ? item.u == (uint64_t)cases[i].v : item.i == cases[i].v);
        sio_strbuf_fini(&out);
    }
}

static void check_sized(void (*write)(struct sio_strbuf *out, struct sio_span bytes), size_t n, size_t head) {
    char *text = calloc(1, n + 1);
    struct sio_strbuf out;
    struct msgpack_item item;
    sio_strbuf_init(&out);
    write(&out, sio_span_of(text, n));
    assert_int_equal(out.n, head + n);
    struct sio_span rest = sio_strbuf_as_span(&out);
    assert_true(msgpack_next(&rest, &item));
    assert_int_equal(item.bytes.n, n);
    sio_strbuf_fini(&out);
    free(text);
}

static void strings_and_bytes_have_the_shortest_head(void **unused) {
    static const struct {
        size_t n, str, bin;
    } cases[] = {{0, 1, 2}, {31, 1, 2}, {32, 2, 2}, {255, 2, 2}, {256, 3, 3}, {65535, 3, 3}, {65536, 5, 5}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check_sized(msgpack_write_str, cases[i].n, cases[i].str);
        check_sized(msgpack_write_bin, cases[i].n, cases[i].bin);
    }
}

static void heads_of_containers(void **unused) {
    static const struct {
        enum msgpack_kind kind;
        uint32_t n;
        bool widest;
        struct sio_span bytes;
    } cases[] = {
        {MSGPACK_ARRAY, 0, false, BYTES("\x90")},
        {MSGPACK_ARRAY, 15, false, BYTES("\x9f")},
        {MSGPACK_ARRAY, 16, false, BYTES("\xdc\x00\x10")},
        {MSGPACK_ARRAY, 65536, false, BYTES("\xdd\x00\x01\x00\x00")},
        {MSGPACK_ARRAY, 1, true, BYTES("\xdd\x00\x00\x00\x01")},
        {MSGPACK_MAP, 15, false, BYTES("\x8f")},
        {MSGPACK_MAP, 16, false, BYTES("\xde\x00\x10")},
        {MSGPACK_MAP, 65536, false, BYTES("\xdf\x00\x01\x00\x00")},
        {MSGPACK_MAP, 0, true, BYTES("\xdf\x00\x00\x00\x00")},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[MSGPACK_HEAD_MAX_BYTES];
        size_t n = msgpack_head(out, cases[i].kind, cases[i].n, cases[i].widest);
        assert_true(sio_span_eq(sio_span_of(out, n), cases[i].bytes));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_is_read),
        cmocka_unit_test(cut_anywhere_it_is_refused),
        cmocka_unit_test(containers_are_read_head_by_head),
        cmocka_unit_test(what_is_wrong_is_refused),
        cmocka_unit_test(integers_are_written_in_the_shortest_form),
        cmocka_unit_test(strings_and_bytes_have_the_shortest_head),
        cmocka_unit_test(heads_of_containers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
