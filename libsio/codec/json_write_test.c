/* Writing JSON: commas, escapes, bytes that are no UTF-8, compacting; seeded random texts there and back. */
#include "base/exact_bytes.h"
#include "codec/utf8.h"
#include "sio_json.h"

static void containers_get_their_commas(void **state) {
    struct sio_strbuf b;
    struct sio_json_writer w;
    sio_strbuf_init(&b);
    sio_json_begin(&w, &b);
    sio_json_array_open(&w);
    sio_json_string(&w, SIO_SPAN("event"));
    sio_json_object_open(&w);
    sio_json_key(&w, SIO_SPAN("a"));
    sio_json_i64(&w, INT64_MIN);
    sio_json_key(&w, SIO_SPAN("b"));
    sio_json_array_open(&w);
    sio_json_array_close(&w);
    sio_json_key(&w, SIO_SPAN("c"));
    sio_json_object_open(&w);
    sio_json_object_close(&w);
    sio_json_key(&w, SIO_SPAN("d"));
    sio_json_raw(&w, SIO_SPAN("{\"x\": 1}"));
    sio_json_key(&w, SIO_SPAN("e"));
    sio_json_raw(&w, sio_span_of(NULL, 0));
    sio_json_key_text(&w, SIO_SPAN("\"\n"));
    sio_json_u64(&w, 1);
    sio_json_object_close(&w);
    sio_json_bool(&w, true);
    sio_json_bool(&w, false);
    sio_json_null(&w);
    sio_json_array_close(&w);
    assert_span_is(sio_strbuf_as_span(&b), "[\"event\",{\"a\":-9223372036854775808,\"b\":[],\"c\":{},"
                                           "\"d\":{\"x\": 1},\"e\":null,\"\\\"\\n\":1},true,false,null]");
    sio_strbuf_fini(&b);
}

static void strings_are_escaped_and_mended(void **state) {
    static const struct {
        struct sio_span text, want;
    } rows[] = {
        {{NULL, 0}, SIO_SPAN("\"\"")},
        {SIO_SPAN("plain, and longer than eight bytes"), SIO_SPAN("\"plain, and longer than eight bytes\"")},
        {SIO_SPAN("\"\\/\b\f\n\r\t"), SIO_SPAN("\"\\\"\\\\/\\b\\f\\n\\r\\t\"")},
        {SIO_SPAN("\0\x01\x1f\x7f"), SIO_SPAN("\"\\u0000\\u0001\\u001f\x7f\"")},
        {SIO_SPAN("\xe2\x82\xac\xf0\x9f\x98\x80"), SIO_SPAN("\"\xe2\x82\xac\xf0\x9f\x98\x80\"")},
        {SIO_SPAN("a\xff\xfe"
                  "b"),
         SIO_SPAN("\"a\xef\xbf\xbd\xef\xbf\xbd"
                  "b\"")},
        {SIO_SPAN("\xe2\x82"), SIO_SPAN("\"\xef\xbf\xbd\"")},
        {SIO_SPAN("\xe2\x82\""), SIO_SPAN("\"\xef\xbf\xbd\\\"\"")},
        {SIO_SPAN("\xf0\x9f\xe2\x82\xac"), SIO_SPAN("\"\xef\xbf\xbd\xe2\x82\xac\"")},
        {SIO_SPAN("\xed\xa0\x80"), SIO_SPAN("\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"")},
        {SIO_SPAN("\xc0\xaf\n"), SIO_SPAN("\"\xef\xbf\xbd\xef\xbf\xbd\\n\"")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sio_strbuf b;
        struct sio_json_writer w;
        struct sio_span text = exact_bytes(rows[i].text), value;
        sio_strbuf_init(&b);
        sio_json_begin(&w, &b);
        sio_json_string(&w, text);
        assert_int_equal(b.n, rows[i].want.n);
        assert_memory_equal(b.p, rows[i].want.p, b.n);
        assert_true(sio_json_check(sio_strbuf_as_span(&b), &value));
        sio_strbuf_fini(&b);
        exact_bytes_free(text);
    }
}

static void compacting_spares_strings(void **state) {
    struct sio_strbuf b;
    struct sio_span value;
    sio_strbuf_init(&b);
    assert_true(sio_json_check(SIO_SPAN(" [ 1 , \" \\\" , \" ,\t{ \"a b\" :\r\n[ ] } ] "), &value));
    sio_json_compact(&b, value);
    assert_span_is(sio_strbuf_as_span(&b), "[1,\" \\\" , \",{\"a b\":[]}]");
    sio_strbuf_clear(&b);
    sio_json_compact(&b, sio_span_of(NULL, 0));
    assert_int_equal(b.n, 0);
    sio_strbuf_fini(&b);
}

struct random {
    uint64_t state;
};

static uint64_t next_random(struct random *r) {
    r->state ^= r->state << 13, r->state ^= r->state >> 7, r->state ^= r->state << 17;
    return r->state >> 11;
}

static void write_random_string(struct random *r, struct sio_json_writer *w) {
    static const char *const pieces[] = {"a",  "longer text", "\"", "\\", "\n",           "\x01",
                                         "\t", "\xc3\xa9",    "/",  " ",  "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
    struct sio_strbuf text;
    sio_strbuf_init(&text);
    for (uint64_t i = next_random(r) % 12; i > 0; i--)
        sio_strbuf_span(&text, sio_span_cstr(pieces[next_random(r) % (sizeof pieces / sizeof pieces[0])]));
    sio_json_string(w, sio_strbuf_as_span(&text));
    sio_strbuf_fini(&text);
}

static void write_random_value(struct random *r, struct sio_json_writer *w, int depth) {
    uint64_t choice = next_random(r) % (depth ? 8 : 5);
    if (choice == 0) sio_json_null(w);
    if (choice == 1) sio_json_bool(w, next_random(r) % 2);
    if (choice == 2) sio_json_i64(w, (int64_t)(next_random(r) << 11 | next_random(r)) >> next_random(r) % 64);
    if (choice == 3) sio_json_raw(w, SIO_SPAN("-12.50e+3"));
    if (choice == 4) write_random_string(r, w);
    if (choice == 5 || choice == 6) {
        sio_json_array_open(w);
        for (uint64_t i = next_random(r) % 5; i > 0; i--) write_random_value(r, w, depth - 1);
        sio_json_array_close(w);
    }
    if (choice == 7) {
        static const char *const names[] = {"a", "conversationId", "", "x y"};
        sio_json_object_open(w);
        for (uint64_t i = next_random(r) % 5; i > 0; i--) {
            sio_json_key(w, sio_span_cstr(names[next_random(r) % 4]));
            write_random_value(r, w, depth - 1);
        }
        sio_json_object_close(w);
    }
}

/* The same text with blanks wherever they may stand. */
static void add_blanks(struct random *r, struct sio_strbuf *out, struct sio_span text) {
    bool in_string = false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool edge = !in_string && (strchr("[]{},:\"", c) || i == 0);
        if (edge)
            for (uint64_t k = next_random(r) % 3; k > 0; k--)
                sio_strbuf_char(out, " \t\r\n"[next_random(r) % 4]);
        sio_strbuf_char(out, c);
        if (c == '\\' && in_string) sio_strbuf_char(out, text.p[++i]);
        if (c == '"') in_string = !in_string;
    }
    sio_strbuf_char(out, ' ');
}

static void rewrite(struct sio_json_writer *w, struct sio_span value);

static void rewrite_string(struct sio_json_writer *w, struct sio_span value) {
    char *text = malloc(value.n);
    size_t n = sio_json_string_decode(value, text);
    assert_true(utf8_valid(sio_span_of(text, n)));
    assert_true(sio_json_string_is(value, sio_span_of(text, n)));
    sio_json_string(w, sio_span_of(text, n));
    free(text);
}

static void rewrite_object(struct sio_json_writer *w, struct sio_span value) {
    struct sio_span key, item;
    size_t cursor = 0;
    sio_json_object_open(w);
    while (sio_json_next_member(value, &cursor, &key, &item)) {
        struct sio_span name = sio_span_of(key.p + 1, key.n - 2); /* no name here has escapes */
        assert_non_null(sio_json_member(value, name).p);
        sio_json_key(w, name);
        rewrite(w, item);
    }
    sio_json_object_close(w);
}

/* Takes a value apart and writes it anew. */
static void rewrite(struct sio_json_writer *w, struct sio_span value) {
    size_t cursor = 0;
    struct sio_span item;
    int64_t number;
    switch (sio_json_kind(value)) {
    case SIO_JSON_STRING: rewrite_string(w, value); break;
    case SIO_JSON_OBJECT: rewrite_object(w, value); break;
    case SIO_JSON_ARRAY:
        sio_json_array_open(w);
        while (sio_json_next_item(value, &cursor, &item)) rewrite(w, item);
        sio_json_array_close(w);
        break;
    case SIO_JSON_NUMBER:
        if (sio_json_to_i64(value, &number))
            sio_json_i64(w, number);
        else
            sio_json_raw(w, value);
        break;
    default: sio_json_raw(w, value);
    }
}

static void random_texts_come_back_the_same(void **state) {
    struct random r = {0x5eed0badcafe};
    for (int round = 0; round < 3000; round++) {
        struct sio_strbuf text, spaced, again;
        struct sio_json_writer w;
        struct sio_span value;
        sio_strbuf_init(&text), sio_strbuf_init(&spaced), sio_strbuf_init(&again);
        sio_json_begin(&w, &text);
        write_random_value(&r, &w, 5);
        add_blanks(&r, &spaced, sio_strbuf_as_span(&text));
        struct sio_span exact = exact_bytes(sio_strbuf_as_span(&spaced));
        assert_true(sio_json_check(exact, &value));
        sio_json_begin(&w, &again);
        rewrite(&w, value);
        assert_true(sio_span_eq(sio_strbuf_as_span(&again), sio_strbuf_as_span(&text)));
        sio_strbuf_clear(&again);
        sio_json_compact(&again, value);
        assert_true(sio_span_eq(sio_strbuf_as_span(&again), sio_strbuf_as_span(&text)));
        exact_bytes_free(exact);
        sio_strbuf_fini(&text), sio_strbuf_fini(&spaced), sio_strbuf_fini(&again);
    }
}

/* Valid texts with a few bytes changed: most are refused, none may be read wrongly. */
static void damaged_texts_do_no_harm(void **state) {
    struct random r = {0xdecade};
    for (int round = 0; round < 20000; round++) {
        struct sio_strbuf text;
        struct sio_json_writer w;
        struct sio_span value;
        sio_strbuf_init(&text);
        sio_json_begin(&w, &text);
        sio_json_array_open(&w);
        write_random_value(&r, &w, 3);
        sio_json_array_close(&w);
        for (uint64_t i = next_random(&r) % 3 + 1; i > 0; i--)
            text.p[next_random(&r) % text.n] = "[]{},:\"\\ u0-e.\x80\xe2\n"[next_random(&r) % 17];
        struct sio_span exact =
            exact_bytes(sio_span_head(sio_strbuf_as_span(&text), text.n - next_random(&r) % 2));
        sio_strbuf_clear(&text);
        if (sio_json_check(exact, &value)) {
            struct sio_span compact;
            sio_json_compact(&text, value);
            assert_true(sio_json_check(sio_strbuf_as_span(&text), &compact));
            assert_true(sio_span_eq(compact, sio_strbuf_as_span(&text)));
        }
        exact_bytes_free(exact);
        sio_strbuf_fini(&text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(containers_get_their_commas), cmocka_unit_test(strings_are_escaped_and_mended),
        cmocka_unit_test(compacting_spares_strings),   cmocka_unit_test(random_texts_come_back_the_same),
        cmocka_unit_test(damaged_texts_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
