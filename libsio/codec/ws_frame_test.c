/* WebSocket frames: every rule of RFC 6455 §5 about a head, masking at every offset, close frames, the key.
 */
#include "base/exact_bytes.h"
#include "codec/ws_frame.h"

static enum parse_result parse(struct sio_span bytes, bool from_client, bool deflate, struct ws_head *head) {
    struct sio_span exact = exact_bytes(bytes);
    enum parse_result r = ws_head_parse(exact, from_client, deflate, head);
    exact_bytes_free(exact);
    return r;
}

#define CLIENT(bytes)   parse(SIO_SPAN(bytes), true, false, &head)
#define SERVER(bytes)   parse(SIO_SPAN(bytes), false, false, &head)
#define DEFLATED(bytes) parse(SIO_SPAN(bytes), true, true, &head)

struct example {
    struct sio_span bytes;
    bool from_client, deflate;
    struct ws_head head;
};

static const struct example examples[] = {
    {{"\x81\x05", 2}, false, false, {WS_TEXT, true, false, false, {0}, 5, 2}},
    {{"\x81\x85\x37\xfa\x21\x3d", 6},
     true,
     false,
     {WS_TEXT, true, false, true, {0x37, 0xfa, 0x21, 0x3d}, 5, 6}},
    {{"\x01\x80zzzz", 6}, true, false, {WS_TEXT, false, false, true, "zzzz", 0, 6}},
    {{"\x00\x83zzzz", 6}, true, false, {WS_CONTINUATION, false, false, true, "zzzz", 3, 6}},
    {{"\x80\x83zzzz", 6}, true, false, {WS_CONTINUATION, true, false, true, "zzzz", 3, 6}},
    {{"\x82\xfe\x00\x7ezzzz", 8}, true, false, {WS_BINARY, true, false, true, "zzzz", 126, 8}},
    {{"\x82\xfe\xff\xffzzzz", 8}, true, false, {WS_BINARY, true, false, true, "zzzz", 65535, 8}},
    {{"\x82\xff\0\0\0\0\0\1\0\0zzzz", 14}, true, false, {WS_BINARY, true, false, true, "zzzz", 65536, 14}},
    {{"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", 10},
     false,
     false,
     {WS_BINARY, true, false, false, {0}, INT64_MAX, 10}},
    {{"\x88\x80zzzz", 6}, true, false, {WS_CLOSE, true, false, true, "zzzz", 0, 6}},
    {{"\x89\xfdzzzz", 6}, true, false, {WS_PING, true, false, true, "zzzz", 125, 6}},
    {{"\x8a\x81zzzz", 6}, true, false, {WS_PONG, true, false, true, "zzzz", 1, 6}},
    {{"\xc1\x81zzzz", 6}, true, true, {WS_TEXT, true, true, true, "zzzz", 1, 6}},
    {{"\x42\x81zzzz", 6}, true, true, {WS_BINARY, false, true, true, "zzzz", 1, 6}},
};

static void assert_same_head(const struct ws_head *a, const struct ws_head *b) {
    assert_int_equal(a->opcode, b->opcode);
    assert_int_equal(a->fin, b->fin);
    assert_int_equal(a->rsv1, b->rsv1);
    assert_int_equal(a->masked, b->masked);
    assert_memory_equal(a->mask, b->mask, 4);
    assert_int_equal(a->length, b->length);
    assert_int_equal(a->size, b->size);
}

static void heads_are_read_however_cut(void **unused) {
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        const struct example *e = &examples[i];
        struct ws_head head;
        for (size_t n = 0; n < e->bytes.n; n++)
            assert_int_equal(parse(sio_span_head(e->bytes, n), e->from_client, e->deflate, &head),
                             PARSE_NEED_MORE);
        assert_int_equal(parse(e->bytes, e->from_client, e->deflate, &head), PARSE_OK);
        assert_same_head(&head, &e->head);
    }
}

static void bytes_behind_a_head_do_not_matter(void **unused) {
    struct ws_head head;
    assert_int_equal(CLIENT("\x81\x85zzzzhello\xff\xff"), PARSE_OK);
    assert_int_equal(head.size, 6);
    assert_int_equal(head.length, 5);
}

static void a_client_masks_and_a_server_does_not(void **unused) {
    struct ws_head head;
    assert_int_equal(CLIENT("\x81\x05"), PARSE_BAD);
    assert_int_equal(CLIENT("\x81\x00"), PARSE_BAD);
    assert_int_equal(SERVER("\x81\x85"), PARSE_BAD);
}

static void reserved_bits_and_opcodes_are_bad(void **unused) {
    struct ws_head head;
    for (unsigned b = 0; b < 256; b++) {
        unsigned opcode = b & 15;
        bool known = opcode <= 2 || (opcode >= 8 && opcode <= 10), control = opcode >= 8, fin = b & 0x80;
        char bytes[6] = {(char)b, (char)0x81, 'z', 'z', 'z', 'z'};
        bool good = known && !(b & 0x30) && (!control || fin);
        bool rsv1 = b & 0x40, message_start = opcode == 1 || opcode == 2;
        assert_int_equal(parse(sio_span_of(bytes, 6), true, false, &head),
                         good && !rsv1 ? PARSE_OK : PARSE_BAD);
        assert_int_equal(parse(sio_span_of(bytes, 1), true, false, &head),
                         good && !rsv1 ? PARSE_NEED_MORE : PARSE_BAD);
        assert_int_equal(parse(sio_span_of(bytes, 6), true, true, &head),
                         good && (!rsv1 || message_start) ? PARSE_OK : PARSE_BAD);
    }
}

static void control_frames_are_short_and_whole(void **unused) {
    struct ws_head head;
    assert_int_equal(CLIENT("\x89\xfdzzzz"), PARSE_OK);
    assert_int_equal(CLIENT("\x89\xfe"), PARSE_BAD);
    assert_int_equal(CLIENT("\x88\xff"), PARSE_BAD);
    assert_int_equal(CLIENT("\x0a\x80zzzz"), PARSE_BAD);
}

static void lengths_are_in_their_shortest_form(void **unused) {
    struct ws_head head;
    assert_int_equal(CLIENT("\x82\xfe\x00\x7d"), PARSE_BAD);
    assert_int_equal(CLIENT("\x82\xfe\x00\x00"), PARSE_BAD);
    assert_int_equal(CLIENT("\x82\xff\0\0\0\0\0\0\xff\xff"), PARSE_BAD);
    assert_int_equal(CLIENT("\x82\xff\0\0\0\0\0\0\0\x01"), PARSE_BAD);
    assert_int_equal(CLIENT("\x82\xff\x80\0\0\0\0\0\0\0"), PARSE_BAD);
    assert_int_equal(CLIENT("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff"), PARSE_BAD);
}

static void what_is_written_is_read_again(void **unused) {
    static const uint64_t lengths[] = {0, 1, 125, 126, 127, 65535, 65536, 1u << 24, UINT32_MAX, INT64_MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        char out[WS_HEAD_MAX_BYTES];
        struct ws_head head;
        size_t n = ws_head_write(out, WS_BINARY, true, false, lengths[i]);
        assert_int_equal(parse(sio_span_of(out, n), false, false, &head), PARSE_OK);
        assert_int_equal(head.size, n);
        assert_int_equal(head.length, lengths[i]);
        assert_int_equal(head.opcode, WS_BINARY);
        assert_true(head.fin);
    }
    char out[WS_HEAD_MAX_BYTES];
    assert_int_equal(ws_head_write(out, WS_TEXT, false, true, 3), 2);
    assert_memory_equal(out, "\x41\x03", 2);
}

static void masking_is_the_same_at_every_offset_and_length(void **unused) {
    const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
    for (uint64_t offset = 0; offset < 9; offset++)
        for (size_t n = 0; n < 40; n++) {
            char *p = malloc(n);
            for (size_t i = 0; i < n; i++) p[i] = (char)(i * 31);
            ws_mask(p, n, mask, offset);
            for (size_t i = 0; i < n; i++)
                assert_int_equal((uint8_t)p[i], (uint8_t)(i * 31) ^ mask[(offset + i) % 4]);
            free(p);
        }
}

static void masking_in_pieces_is_masking_the_whole(void **unused) {
    const uint8_t mask[4] = {1, 2, 4, 8};
    char whole[64], pieces[64];
    for (size_t cut = 0; cut <= sizeof whole; cut++) {
        for (size_t i = 0; i < sizeof whole; i++) whole[i] = pieces[i] = (char)i;
        ws_mask(whole, sizeof whole, mask, 0);
        ws_mask(pieces, cut, mask, 0);
        ws_mask(pieces + cut, sizeof pieces - cut, mask, cut);
        assert_memory_equal(whole, pieces, sizeof whole);
    }
}

/* Read from a block of its exact size; `*reason_n` is the reason's length, -1 when refused. */
static int close_code(struct sio_span payload, int *reason_n) {
    struct sio_span exact = exact_bytes(payload), reason;
    uint16_t code;
    bool valid = ws_close_parse(exact, &code, &reason);
    *reason_n = valid ? (int)reason.n : -1;
    if (valid && reason.n) assert_ptr_equal(reason.p, exact.p + 2);
    exact_bytes_free(exact);
    return valid ? code : -1;
}

static void close_payloads(void **unused) {
    int n;
    assert_int_equal(close_code(SIO_SPAN(""), &n), 0);
    assert_int_equal(n, 0);
    assert_int_equal(close_code(SIO_SPAN("\x03\xe8"), &n), 1000);
    assert_int_equal(n, 0);
    assert_int_equal(close_code(SIO_SPAN("\x03\xe9go\xc3\xa9"), &n), 1001);
    assert_int_equal(n, 4);
    assert_int_equal(close_code(SIO_SPAN("\x03"), &n), -1);
    assert_int_equal(close_code(SIO_SPAN("\x03\xe8\xff"), &n), -1);
    assert_int_equal(close_code(SIO_SPAN("\x03\xe8\xc3"), &n), -1);
}

static void close_codes(void **unused) {
    for (unsigned code = 0; code < 65536; code++) {
        char payload[2] = {(char)(code >> 8), (char)code};
        uint16_t read;
        struct sio_span reason;
        bool good = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
                    (code >= 3000 && code <= 4999);
        if (ws_close_parse(sio_span_of(payload, 2), &read, &reason) != good) fail_msg("code %u", code);
        if (good) assert_int_equal(read, code);
    }
}

static void the_key_is_answered_as_in_the_rfc(void **unused) {
    char accept[28];
    struct sio_span key = exact_bytes(SIO_SPAN("dGhlIHNhbXBsZSBub25jZQ=="));
    assert_true(ws_key_valid(key));
    ws_accept(key, accept);
    assert_memory_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", 28);
    exact_bytes_free(key);
    assert_true(ws_key_valid(SIO_SPAN("AQIDBAUGBwgJCgsMDQ4PEC=="))); /* RFC 6455 §4.1, spare bits set */
}

static void keys_of_another_form_are_refused(void **unused) {
    static const char *const bad[] = {
        "",
        "==",
        "dGhlIHNhbXBsZSBub25jZQ=",
        "dGhlIHNhbXBsZSBub25jZQ===",
        "dGhlIHNhbXBsZSBub25jZ===",
        "dGhlIHNhbXBsZSBub25jZQAA",
        "dGhl IHNhbXBsZSBub25jZ==",
        "dGhlIHNhbXBsZSBub25j\r\n==",
        "dGhlIHNhbXBsZSBub25_ZQ==",
        "dGhlIHNhbXBsZSBub25jZQ==dGhlIHNhbXBsZSBub25jZQ==",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct sio_span key = exact_bytes(sio_span_cstr(bad[i]));
        assert_false(ws_key_valid(key));
        exact_bytes_free(key);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_are_read_however_cut),
        cmocka_unit_test(bytes_behind_a_head_do_not_matter),
        cmocka_unit_test(a_client_masks_and_a_server_does_not),
        cmocka_unit_test(reserved_bits_and_opcodes_are_bad),
        cmocka_unit_test(control_frames_are_short_and_whole),
        cmocka_unit_test(lengths_are_in_their_shortest_form),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(masking_is_the_same_at_every_offset_and_length),
        cmocka_unit_test(masking_in_pieces_is_masking_the_whole),
        cmocka_unit_test(close_payloads),
        cmocka_unit_test(close_codes),
        cmocka_unit_test(the_key_is_answered_as_in_the_rfc),
        cmocka_unit_test(keys_of_another_form_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
