/* Cutting texts: nothing is cut that fits, the limit is kept by whatever comes, and characters stay whole. */
#include "push/payload.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/mem.h"
#include "sio_json.h"

#define ELLIPSIS "\xe2\x80\xa6"
enum { FRAME = sizeof "{'t':'','b':''}" - 1 };

static void write_pair(struct sio_strbuf *out, const struct push_note *note, const void *data) {
    struct sio_json_writer w;
    sio_json_begin(&w, out);
    sio_json_object_open(&w);
    sio_json_key(&w, SIO_SPAN("t"));
    sio_json_string(&w, note->title);
    sio_json_key(&w, SIO_SPAN("b"));
    sio_json_string(&w, note->body);
    sio_json_object_close(&w);
}

static void assert_fits(struct sio_span title, struct sio_span body, size_t room, const char *expected) {
    struct push_note note = {.title = title, .body = body};
    struct sio_span out, value;
    struct arena arena;
    arena_init(&arena);
    assert_true(push_payload_fit(&note, FRAME + room, write_pair, NULL, &arena, &out));
    assert_true(out.n <= FRAME + room);
    assert_true(sio_json_check(out, &value));
    if (expected) assert_string_equal(arena_span(&arena, out).p, expected);
    arena_fini(&arena);
}

static void what_fits_stays(void **state) {
    assert_fits(SIO_SPAN("Ada"), SIO_SPAN("hello"), 8, "{\"t\":\"Ada\",\"b\":\"hello\"}");
    assert_fits(SIO_SPAN(""), SIO_SPAN(""), 0, "{\"t\":\"\",\"b\":\"\"}");
    assert_fits(SIO_SPAN("a long title"), SIO_SPAN("x"), 13, "{\"t\":\"a long title\",\"b\":\"x\"}");
    assert_fits(SIO_SPAN("\""), SIO_SPAN("\\"), 4, "{\"t\":\"\\\"\",\"b\":\"\\\\\"}");
}

static void what_does_not_fit_ends_in_an_ellipsis(void **state) {
    assert_fits(SIO_SPAN("Ada"), SIO_SPAN("hello world"), 11, "{\"t\":\"Ada\",\"b\":\"hello" ELLIPSIS "\"}");
    assert_fits(SIO_SPAN("0123456789"), SIO_SPAN("0123456789"), 16,
                "{\"t\":\"01234" ELLIPSIS "\",\"b\":\"01234" ELLIPSIS "\"}");
    assert_fits(SIO_SPAN("0123456789"), SIO_SPAN("b"), 8, "{\"t\":\"0123" ELLIPSIS "\",\"b\":\"b\"}");
    assert_fits(SIO_SPAN("Ada"), SIO_SPAN("hello"), 5, "{\"t\":\"Ada\",\"b\":\"\"}");
}

static void characters_stay_whole(void **state) {
    /* 4 + 4 + 3 bytes of 11; with 10 the second one goes altogether. */
    assert_fits(SIO_SPAN(""), SIO_SPAN("\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"), 11,
                "{\"t\":\"\",\"b\":\"\xf0\x9f\x98\x80\xf0\x9f\x98\x80" ELLIPSIS "\"}");
    assert_fits(SIO_SPAN(""), SIO_SPAN("\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"), 10,
                "{\"t\":\"\",\"b\":\"\xf0\x9f\x98\x80" ELLIPSIS "\"}");
}

/* Texts that grow in JSON, that are no UTF-8, and huge ones, for every room. */
static void the_limit_is_kept(void **state) {
    static const struct sio_span units[] = {
        {"a", 1},    {"\"", 1},   {"\x01", 1},         {"\n", 1},   {"\xc3\xa9", 2}, {"\xf0\x9f\x98\x80", 4},
        {"\xff", 1}, {"\xf0", 1}, {"\xf0\x9f\x98", 3}, {"\x80", 1}, {"\0", 1}};
    enum { TEXT_BYTES = 100 << 10 };
    char *text = mem_alloc(TEXT_BYTES);
    for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
        size_t n = 0;
        for (; n + units[u].n <= TEXT_BYTES; n += units[u].n) memcpy(text + n, units[u].p, units[u].n);
        struct sio_span all = sio_span_of(text, n);
        for (size_t room = 0; room < 40; room++) assert_fits(all, all, room, NULL);
        for (size_t room = 40; room < 4096; room += 97) assert_fits(sio_span_of(text, 9), all, room, NULL);
    }
    free(text);
}

static void what_is_too_large_without_texts_is_said(void **state) {
    struct push_note note = {.title = SIO_SPAN("t")};
    struct sio_span out;
    struct arena arena;
    arena_init(&arena);
    assert_false(push_payload_fit(&note, FRAME - 1, write_pair, NULL, &arena, &out));
    arena_fini(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_stays),
        cmocka_unit_test(what_does_not_fit_ends_in_an_ellipsis),
        cmocka_unit_test(characters_stay_whole),
        cmocka_unit_test(the_limit_is_kept),
        cmocka_unit_test(what_is_too_large_without_texts_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
