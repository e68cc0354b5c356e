/* Fuzz target: HTTP/1.1 heads and chunked bodies. The first byte says where the input is cut; a cut may not
 * change what is read. */
#include "fuzz.h"

#include "base/must.h"
#include "codec/http1.h"

enum { HEAD_LIMIT_BYTES = 1024 };

static char *copy_of(struct sio_span s) {
    char *p = malloc(s.n + 1);
    must(p);
    if (s.n) memcpy(p, s.p, s.n);
    return p;
}

static void within(struct sio_span part, struct sio_span whole) {
    must(part.n == 0 ||
         (part.p >= whole.p && part.n <= whole.n && part.p - whole.p <= (long)(whole.n - part.n)));
}

static void printable(struct sio_span part) {
    for (size_t i = 0; i < part.n; i++) must(part.p[i] > ' ' && part.p[i] < 0x7f);
}

/* Of a bad head, too: its refusal tells the client what is here. */
static void check_known(struct sio_span in, const struct http1_head *head) {
    within(head->method, in);
    within(head->target, in);
    within(head->path, head->target);
    within(head->query, head->target);
    within(head->headers, in);
    printable(head->method);
    printable(head->path);
    printable(head->query);
    struct sio_span rest = head->headers, name, value;
    size_t bytes = 0;
    while (http1_next_header(&rest, &name, &value)) {
        within(name, head->headers);
        within(value, head->headers);
        must(name.n > 0 && !memchr(name.p, ' ', name.n));
        if (value.n) must(!memchr(value.p, '\n', value.n) && !memchr(value.p, '\0', value.n));
        bytes += name.n + value.n;
    }
    must(rest.n == 0 && bytes <= head->headers.n);
}

static void check_head(const struct http1_head *head, size_t n) {
    must(head->size <= n && head->size <= HEAD_LIMIT_BYTES);
    must(!(head->chunked && head->has_length) && head->content_length <= INT64_MAX);
    if (head->upgrade_websocket)
        must(http1_has_token(head->headers, SIO_SPAN("connection"), SIO_SPAN("upgrade")) &&
             http1_header(head->headers, SIO_SPAN("upgrade")).p);
}

static void fuzz_head(struct sio_span in, size_t cut) {
    struct http1_head head, again;
    int status, status_again;
    enum parse_result r = http1_head_parse(in, HEAD_LIMIT_BYTES, &head, &status);
    must((r == PARSE_BAD) == (status != 0));
    check_known(in, &head);
    if (r == PARSE_OK) check_head(&head, in.n);
    if (r == PARSE_NEED_MORE) must(in.n < HEAD_LIMIT_BYTES);

    enum parse_result part =
        http1_head_parse(sio_span_head(in, cut), HEAD_LIMIT_BYTES, &again, &status_again);
    if (part == PARSE_BAD) must(r == PARSE_BAD);
    if (part == PARSE_OK) must(r == PARSE_OK && again.size == head.size);
    if (r == PARSE_OK && cut >= head.size) must(part == PARSE_OK);
}

static void fuzz_chunked(struct sio_span in, size_t cut) {
    char *whole = copy_of(in), *pieces = copy_of(in);
    struct http1_chunked a = {0}, b = {0};
    size_t n, taken, n1, taken1, n2 = 0, taken2 = 0;
    enum parse_result r = http1_chunked_decode(&a, whole, in.n, &n, &taken);
    must(n <= taken && taken <= in.n);

    enum parse_result cut_r = http1_chunked_decode(&b, pieces, cut, &n1, &taken1);
    if (cut_r == PARSE_NEED_MORE) {
        must(taken1 == cut);
        cut_r = http1_chunked_decode(&b, pieces + cut, in.n - cut, &n2, &taken2);
    }
    must(cut_r == r && taken1 + taken2 == taken && n1 + n2 == n);
    must(memcmp(whole, pieces, n1) == 0 && memcmp(whole + n1, pieces + cut, n2) == 0);
    free(whole);
    free(pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1) return 0;
    struct sio_span in = sio_span_of(data + 1, size - 1);
    size_t cut = in.n ? data[0] % (in.n + 1) : 0;
    fuzz_head(in, cut);
    fuzz_chunked(in, cut);
    return 0;
}
