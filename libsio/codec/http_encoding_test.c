/* Content codings: preference by quality, and answers that any inflater reads. */
#include "codec/http_encoding.h"

#define ZLIB_CONST /* its input is not written to */
#include <zlib.h>

#include "base/exact_bytes.h"

static void the_best_quality_is_chosen(void **unused) {
    static const struct {
        const char *accept;
        enum http_encoding expected;
    } rows[] = {
        {"", HTTP_IDENTITY},
        {"identity", HTTP_IDENTITY},
        {"br", HTTP_IDENTITY},
        {"gzip", HTTP_GZIP},
        {"GZip", HTTP_GZIP},
        {"deflate", HTTP_DEFLATE},
        {"gzip, deflate, br", HTTP_GZIP},
        {"deflate, gzip", HTTP_DEFLATE},
        {"deflate;q=0.5, gzip;q=0.8", HTTP_GZIP},
        {"gzip;q=0.5, deflate ; q=0.501", HTTP_DEFLATE},
        {"gzip;q=0", HTTP_IDENTITY},
        {"gzip;q=0, deflate", HTTP_DEFLATE},
        {"gzip;q=0.000, *", HTTP_DEFLATE},
        {"*", HTTP_GZIP},
        {"*;q=0", HTTP_IDENTITY},
        {"*, deflate", HTTP_DEFLATE},
        {"*;q=1, deflate;q=0.9", HTTP_GZIP},
        {"gzip;q=x", HTTP_IDENTITY},
        {"gzip;q=9", HTTP_GZIP},
        {",,gzip", HTTP_GZIP},
        {"gzipped", HTTP_IDENTITY},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct sio_span exact = exact_bytes(sio_span_cstr(rows[i].accept));
        assert_int_equal(http_encoding_choose(exact), rows[i].expected);
        exact_bytes_free(exact);
    }
}

static void assert_inflates(struct sio_span coded, struct sio_span expected) {
    char *out = malloc(expected.n + 1);
    z_stream z = {.next_in = (const Bytef *)coded.p, .avail_in = (uInt)coded.n, .next_out = (Bytef *)out};
    assert_non_null(out);
    z.avail_out = (uInt)expected.n + 1;
    assert_int_equal(inflateInit2(&z, 15 + 32), Z_OK); /* either header */
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(z.total_out, expected.n);
    if (expected.n) assert_memory_equal(out, expected.p, expected.n);
    inflateEnd(&z);
    free(out);
}

static void what_is_coded_is_read_again(void **unused) {
    struct sio_strbuf text, coded;
    sio_strbuf_init(&text);
    sio_strbuf_init(&coded);
    for (size_t n = 0; n < 100000; n = n * 3 + 1) {
        while (text.n < n) sio_strbuf_printf(&text, "42[\"message\",%zu]", text.n * 7919);
        struct sio_span in = sio_span_head(sio_strbuf_as_span(&text), n);
        for (enum http_encoding e = HTTP_GZIP; e <= HTTP_DEFLATE; e++) {
            sio_strbuf_clear(&coded);
            http_encode(e, in, &coded);
            assert_int_equal((unsigned char)coded.p[0], e == HTTP_GZIP ? 0x1f : 0x78);
            assert_inflates(sio_strbuf_as_span(&coded), in);
        }
    }
    sio_strbuf_fini(&text);
    sio_strbuf_fini(&coded);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_quality_is_chosen),
        cmocka_unit_test(what_is_coded_is_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
