/* permessage-deflate: offers, payloads that are anything, and messages there and back. */
#include <stdlib.h>

#include "base/must.h"
#include "codec/deflate.h"
#include "fuzz.h"

static void fuzz_offers(struct sio_span line) {
    struct deflate_terms terms = {0}, again = {0};
    struct sio_strbuf answer = {0};
    if (!deflate_read_offers(line, &terms) || !terms.agreed) return;
    must(!terms.server_bits || (terms.server_bits >= 8 && terms.server_bits <= 15));
    must(!terms.client_bits || (terms.client_bits >= 8 && terms.client_bits <= 15));
    deflate_write_answer(&terms, &answer);
    struct sio_span value =
        sio_span_skip(sio_strbuf_as_span(&answer), sizeof("Sec-WebSocket-Extensions:") - 1);
    value.n -= 2;
    must(deflate_read_offers(value, &again) && again.agreed); /* what we answer is what we understand */
    must(again.server_bits == terms.server_bits && again.client_bits == terms.client_bits);
    sio_strbuf_fini(&answer);
}

/* Never more than the limit and one byte; the same payload says the same again. */
static void fuzz_inflate(struct deflate *deflate, struct sio_span payload, size_t limit) {
    struct sio_strbuf message = {0}, again = {0};
    enum inflate_result result = inflate_message(deflate, payload, limit, &message);
    must(message.n <= limit + 1 && (result != INFLATE_OK || message.n <= limit));
    must(inflate_message(deflate, payload, limit, &again) == result);
    must(result != INFLATE_OK || sio_span_eq(sio_strbuf_as_span(&message), sio_strbuf_as_span(&again)));
    sio_strbuf_fini(&message);
    sio_strbuf_fini(&again);
}

static void fuzz_round_trip(struct deflate *deflate, struct sio_span message) {
    struct sio_strbuf payload = {0}, again = {0};
    deflate_message(deflate, message, &payload);
    must(inflate_message(deflate, sio_strbuf_as_span(&payload), message.n, &again) == INFLATE_OK);
    must(sio_span_eq(sio_strbuf_as_span(&again), message));
    sio_strbuf_clear(&again);
    if (message.n > 0)
        must(inflate_message(deflate, sio_strbuf_as_span(&payload), message.n - 1, &again) ==
             INFLATE_TOO_BIG);
    sio_strbuf_fini(&payload);
    sio_strbuf_fini(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) return 0;
    struct sio_span in = sio_span_of(data + 2, size - 2);
    struct deflate *deflate = deflate_new(1 + data[0] % 9, 1 + data[1] % 9);
    fuzz_offers(in);
    fuzz_inflate(deflate, in, (size_t)(data[0] << 8 | data[1]));
    fuzz_round_trip(deflate, in);
    deflate_free(deflate);
    return 0;
}
