/* Fuzz target: polling bodies and their packets, base64 and UTF-8 included. */
#include "fuzz.h"

#include "base/base64.h"
#include "base/must.h"
#include "codec/packets.h"
#include "codec/utf8.h"

/* What is decoded leniently is the same bytes when it is encoded and read again. */
static void fuzz_base64(struct sio_span text) {
    size_t room = text.n * 3 / 4 + 3, n, strict_n;
    char *bytes = malloc(room), *again = malloc(BASE64_SIZE(room) + 1), *strict = malloc(room + 3);
    must(bytes && again && strict);
    n = base64_decode_lenient(bytes, text);
    must(n <= room);
    size_t written = base64url_encode(again, bytes, n);
    must(base64url_decode_strict(strict, sio_span_of(again, written), &strict_n));
    must(strict_n == n && memcmp(strict, bytes, n) == 0);
    if (base64url_decode_strict(strict, text, &strict_n)) must(strict_n == n && written == text.n);
    free(bytes);
    free(again);
    free(strict);
}

static void fuzz_utf8(struct sio_span text) {
    size_t cut = text.n / 3;
    uint32_t state =
        utf8_feed(utf8_feed(0, sio_span_head(text, cut)), text.n ? sio_span_skip(text, cut) : text);
    must((state == 0) == utf8_valid(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sio_span body = sio_span_of(data, size), rest = body, text;
    size_t bytes = 0, packets = 0;
    bool first = true;
    for (; eio_payload_next(&rest, &first, &text); packets++) {
        struct eio_packet packet;
        bytes += text.n;
        if (!eio_packet_parse(text, &packet)) continue;
        must(packet.type <= EIO_NOOP && packet.data.n == text.n - 1);
        if (packet.binary) fuzz_base64(packet.data);
    }
    must(packets >= 1 && bytes + packets - 1 == size);
    fuzz_utf8(body);
    return 0;
}
