/* Fuzz target: WebSocket heads, masking and close payloads, as a server and as a client sees them. */
#include "fuzz.h"

#include "base/must.h"
#include "codec/utf8.h"
#include "codec/ws_frame.h"

static void fuzz_head(struct sio_span in, bool from_client, bool deflate) {
    struct ws_head head, again;
    enum parse_result r = ws_head_parse(in, from_client, deflate, &head);
    if (r != PARSE_OK) return;
    must(head.size <= in.n && head.size <= WS_HEAD_MAX_BYTES && head.masked == from_client);
    must(head.length <= INT64_MAX);
    if (head.opcode >= WS_CLOSE) must(head.fin && head.length <= 125 && !head.rsv1);
    for (size_t n = 0; n < head.size; n++)
        must(ws_head_parse(sio_span_head(in, n), from_client, deflate, &again) == PARSE_NEED_MORE);

    /* There is one way to write a head: what is written again is what was read, but for the mask. */
    char out[WS_HEAD_MAX_BYTES];
    size_t written = ws_head_write(out, head.opcode, head.fin, head.rsv1, head.length);
    must(written == head.size - (from_client ? 4u : 0u) && out[0] == in.p[0]);
    must((out[1] & 0x7f) == (in.p[1] & 0x7f) && memcmp(out + 2, in.p + 2, written - 2) == 0);
}

static void fuzz_mask(struct sio_span in) {
    if (in.n < 6) return;
    struct sio_span payload = sio_span_skip(in, 6);
    uint8_t mask[4];
    memcpy(mask, in.p, 4);
    uint64_t offset = (uint8_t)in.p[4];
    size_t cut = (uint8_t)in.p[5] % (payload.n + 1);
    char *p = malloc(payload.n + 1);
    must(p);
    if (payload.n) memcpy(p, payload.p, payload.n);
    ws_mask(p, cut, mask, offset);
    ws_mask(p + cut, payload.n - cut, mask, offset + cut);
    for (size_t i = 0; i < payload.n; i++)
        must((uint8_t)p[i] == ((uint8_t)payload.p[i] ^ mask[(offset + i) & 3]));
    free(p);
}

static void fuzz_close(struct sio_span in) {
    uint16_t code;
    struct sio_span reason;
    if (!ws_close_parse(in, &code, &reason)) return;
    must(in.n == 0 ? code == 0 : code >= 1000 && code <= 4999 && reason.n == in.n - 2 && utf8_valid(reason));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sio_span in = sio_span_of(data, size);
    for (int i = 0; i < 4; i++) fuzz_head(in, i & 1, i & 2);
    fuzz_mask(in);
    fuzz_close(in);
    if (ws_key_valid(in)) {
        char accept[28];
        ws_accept(in, accept);
    }
    return 0;
}
