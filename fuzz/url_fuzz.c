/* Fuzz target: percent-decoding and query strings. The first line is a parameter's name, the rest the query.
 */
#include "fuzz.h"

#include "base/must.h"
#include "codec/http1.h"

/* Decoding shortens, to a third at most. */
static void fuzz_decode(struct sio_span in, bool form) {
    char *out = malloc(in.n + 1);
    must(out);
    size_t n = url_decode(in, form, out);
    must(n <= in.n && in.n <= n * 3);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sio_span query = sio_span_of(data, size), name = sio_span_cut(&query, '\n');
    fuzz_decode(name, false);
    fuzz_decode(name, true);
    char *out = malloc(query.n + 1);
    must(out);
    size_t n = 0;
    if (url_query(query, name, out, &n)) must(n <= query.n);
    free(out);

    /* A query made of one encoded parameter is found by the name that its own decoding gives. */
    if (name.n == 0 || memchr(name.p, '&', name.n) || memchr(name.p, '=', name.n)) return 0;
    char *plain = malloc(name.n), *value = malloc(name.n);
    must(plain && value);
    size_t plain_n = url_decode(name, true, plain);
    must(url_query(name, sio_span_of(plain, plain_n), value, &n) && n == 0);
    free(plain);
    free(value);
    return 0;
}
