/* Case folding, letter by letter against the C library, and on what is no text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <string.h>
#include <wctype.h>

#include "store/casefold.h"

static void expect(const char *text, const char *folded) {
    char out[256];
    assert_true(CASEFOLD_GROWTH * strlen(text) <= sizeof out);
    size_t n = casefold(sio_span_cstr(text), out);
    assert_int_equal(n, strlen(folded));
    assert_memory_equal(out, folded, n);
}

static void test_names(void **state) {
    expect("", "");
    expect("Ada LOVELACE-2", "ada lovelace-2");
    expect("ÉMILE Œuvre ŞEFİK", "émile œuvre şefİk");
    expect("ẸNÍỌLÁ ṢADÉ", "ẹníọlá ṣadé");
    expect("ƁALA ƊANJUMA ƘURE", "ɓala ɗanjuma ƙure");
    expect("ΣΩΚΡΆΤΗΣ Σωκράτης", "σωκράτησ σωκράτησ");
    expect("ИВАН Ђорђе", "иван ђорђе");
    expect("محمد 王伟 🙂", "محمد 王伟 🙂");
    expect("STRAẞE", "straße");
    expect("ȺȾ", "ⱥⱦ"); /* grow from two bytes to three */
}

static void test_broken_text_stays(void **state) {
    expect("A\xc3", "a\xc3");
    expect("\xe1\xba", "\xe1\xba");
    expect("\xffZ\x80", "\xffz\x80");
    expect("\xc3Q", "\xc3q");
}

static size_t utf8(uint32_t c, char *out) {
    if (c < 0x80) return (size_t)(out[0] = (char)c, 1);
    if (c < 0x800) return (size_t)(out[0] = (char)(0xc0 | c >> 6), out[1] = (char)(0x80 | (c & 0x3f)), 2);
    out[0] = (char)(0xe0 | c >> 12);
    out[1] = (char)(0x80 | (c >> 6 & 0x3f));
    out[2] = (char)(0x80 | (c & 0x3f));
    return 3;
}

/* The scripts that are promised. What the library folds differently: capitals without one small letter, and the two
 * sigmas, which are one. */
static void test_as_the_c_library(void **state) {
    static const struct {
        uint32_t first, last;
    } scripts[] = {{1, 0x24f},     {0x386, 0x3c1},   {0x3c3, 0x3ce},
                   {0x400, 0x556}, {0x1e00, 0x1e95}, {0x1ea0, 0x1eff}};
    locale_t unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
    assert_non_null(unicode); /* glibc has it without any locale installed */
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
        for (uint32_t c = scripts[i].first; c <= scripts[i].last; c++) {
            if (c == 0x130) continue; /* a capital i with its dot: two characters when it is small */
            char in[4], out[8], wanted[4];
            size_t n = utf8(c, in), m = casefold(sio_span_of(in, n), out);
            assert_int_equal(m, utf8((uint32_t)towlower_l((wint_t)c, unicode), wanted));
            assert_memory_equal(out, wanted, m);
            assert_true(m <= CASEFOLD_GROWTH * n);
        }
    freelocale(unicode);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_broken_text_stays),
        cmocka_unit_test(test_as_the_c_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
