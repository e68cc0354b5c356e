/* TLS on a connection: handshakes and data cut into single bytes, both versions, refusals, slow readers, endings,
 * moves between loops, and a certificate that is replaced. The client is OpenSSL between two buffers. */
#include <malloc.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "net/net_stage.h"

enum { ALL = 1 << 20 };

static struct stage stage;
static char folder[] = "/tmp/libsio-tls-XXXXXX";
static char chain_file[64], key_file[64];

static struct peer {
    SSL_CTX *rules;
    SSL *ssl;
    BIO *in, *out;           /* ciphertext */
    struct sio_strbuf heard; /* plaintext */
    bool ended;              /* by a close_notify */
    bool broken;
} peer;

/* ---- a certificate ---- */

static void write_files(EVP_PKEY *key, X509 *certificate) {
    FILE *file = fopen(key_file, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
    fclose(file);
    file = fopen(chain_file, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, certificate), 1);
    fclose(file);
}

static void make_certificate(long serial) {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    assert_true(key != NULL && certificate != NULL);
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               (const unsigned char *)"localhost", -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    X509_set_pubkey(certificate, key);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    write_files(key, certificate);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

/* ---- the client ---- */

static void peer_free(void) {
    SSL_free(peer.ssl);
    SSL_CTX_free(peer.rules);
    sio_strbuf_fini(&peer.heard);
    peer = (struct peer){0};
    ERR_clear_error();
}

/* A new connection to a new client, whose handshake has not begun. */
static void peer_open(int version) {
    peer_free();
    stage_reopen(&stage);
    peer.rules = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(peer.rules, 0); /* so that it would do TLS 1.1 */
    SSL_CTX_set_min_proto_version(peer.rules, version);
    SSL_CTX_set_max_proto_version(peer.rules, version);
    peer.ssl = SSL_new(peer.rules);
    peer.in = BIO_new(BIO_s_mem());
    peer.out = BIO_new(BIO_s_mem());
    SSL_set_bio(peer.ssl, peer.in, peer.out);
    SSL_set_connect_state(peer.ssl);
}

static void peer_read_plain(void) {
    char *p = sio_strbuf_reserve(&peer.heard, ALL);
    int n = SSL_read(peer.ssl, p, ALL);
    if (n > 0) {
        peer.heard.n += (size_t)n;
        peer_read_plain();
        return;
    }
    int why = SSL_get_error(peer.ssl, n);
    peer.ended |= why == SSL_ERROR_ZERO_RETURN;
    peer.broken |= why == SSL_ERROR_SSL;
    ERR_clear_error();
}

/* What the client has to send goes out in such pieces; true if there was anything. */
static bool peer_send(size_t piece) {
    char bytes[4096];
    size_t most = piece < sizeof(bytes) ? piece : sizeof(bytes);
    int n = BIO_read(peer.out, bytes, (int)most);
    if (n <= 0) return false;
    stage_send(&stage, sio_span_of(bytes, (size_t)n));
    stage_step(&stage, 1);
    return true;
}

static bool peer_receive(size_t piece) {
    char bytes[65536];
    ssize_t n = read(stage.client, bytes, piece < sizeof(bytes) ? piece : sizeof(bytes));
    stage.ended |= n == 0 || (n < 0 && errno != EAGAIN);
    if (n <= 0) return false;
    assert_int_equal(BIO_write(peer.in, bytes, (int)n), n);
    peer_read_plain();
    return true;
}

/* Until nobody has anything to say. */
static void peer_run(size_t piece) {
    for (int silent = 0; silent < 4; silent++) {
        peer_read_plain(); /* drives the handshake too */
        stage_step(&stage, 1);
        if (peer_send(piece) || peer_receive(piece)) silent = -1;
    }
}

static void peer_write(struct sio_span bytes) {
    if (bytes.n > 0) assert_int_equal(SSL_write(peer.ssl, bytes.p, (int)bytes.n), bytes.n);
}

static void peer_say(struct sio_span bytes, size_t piece) {
    peer_write(bytes);
    peer_run(piece);
}

static void peer_shake_hands(int version, size_t piece) {
    peer_open(version);
    peer_run(piece);
    assert_true(SSL_is_init_finished(peer.ssl));
    assert_int_equal(SSL_version(peer.ssl), version);
}

static void heard(struct sio_span bytes) {
    stage_cut_dates(&peer.heard);
    if (!sio_span_eq(sio_strbuf_as_span(&peer.heard), bytes)) {
        sio_strbuf_char(&peer.heard, '\0');
        fail_msg("heard %zu bytes instead of %zu: %.200s", peer.heard.n - 1, bytes.n, peer.heard.p);
    }
}

static void forget(void) {
    sio_strbuf_clear(&peer.heard);
    sio_strbuf_clear(&stage.seen);
}

static void peer_upgrade(int version) {
    peer_shake_hands(version, ALL);
    peer_say(SIO_SPAN(STAGE_HANDSHAKE), ALL);
    heard(SIO_SPAN(STAGE_SWITCH));
    forget();
}

static int begin(void **state) {
    (void)state;
    stage_open(&stage, SOCK_STREAM, 1);
    make_certificate(1);
    struct sio_tls files = {chain_file, key_file};
    assert_int_equal(net_tls_new(&files, NULL, &stage.tls), SIO_ERR_OK);
    return 0;
}

static int end(void **state) {
    (void)state;
    peer_free();
    stage_close(&stage);
    net_tls_free(stage.tls);
    return 0;
}

static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

/* ---- data ---- */

static void build_talk(struct sio_strbuf *in, struct sio_strbuf *out, size_t binary_n) {
    static char binary[40000];
    struct rcbuf *echo = stage_server_frame(true, sio_span_of(binary, binary_n));
    sio_strbuf_lit(in, STAGE_HANDSHAKE);
    sio_strbuf_lit(out, STAGE_SWITCH);
    stage_frame(in, 0x81, SIO_SPAN("h\xc3\xa9\xf0\x9f\x98\x80"));
    sio_strbuf_lit(out, "\x81\x07h\xc3\xa9\xf0\x9f\x98\x80");
    stage_frame(in, 0x82, sio_span_of(binary, binary_n));
    sio_strbuf_span(out, rcbuf_span(echo));
    stage_frame(in, 0x89, SIO_SPAN("ping"));
    sio_strbuf_lit(out, "\x8a\x04ping");
    rcbuf_unref(echo);
}

static void test_pieces_of_every_size(void **state) {
    (void)state;
    static const size_t pieces[] = {1, 2, 5, 100, 1000, ALL};
    for (size_t v = 0; v < 2; v++)
        for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
            struct sio_strbuf in = {0}, out = {0};
            build_talk(&in, &out, pieces[i] < 100 ? 300 : 40000);
            peer_shake_hands(versions[v], pieces[i]);
            peer_say(sio_strbuf_as_span(&in), pieces[i]);
            heard(sio_strbuf_as_span(&out));
            stage_hang_up(&stage);
            assert_true(stage_holds(&stage.seen, "closed by peer;"));
            sio_strbuf_fini(&in);
            sio_strbuf_fini(&out);
        }
}

static void test_requests_one_behind_the_other(void **state) {
    (void)state;
    peer_shake_hands(TLS1_3_VERSION, ALL);
    peer_say(SIO_SPAN("GET /one HTTP/1.1\r\nHost: a\r\n\r\nGET /two HTTP/1.1\r\nHost: a\r\n\r\n"), ALL);
    assert_true(stage_holds(&peer.heard, "\r\n\r\n/one") && stage_holds(&peer.heard, "\r\n\r\n/two"));
    sio_strbuf_clear(&peer.heard);
    peer_say(SIO_SPAN("GET /big?3000000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), ALL);
    assert_true(peer.heard.n > 3000000 && peer.ended && stage.ended);
    const char *body = peer.heard.p + peer.heard.n - 3000000;
    for (size_t i = 0; i < 3000000; i++) assert_int_equal(body[i], 'a' + i % 23);
}

/* A request that waits for its answer: what is read ahead is bounded, and nothing of it gets lost. */
static void test_reading_ahead(void **state) {
    (void)state;
    struct sio_strbuf in = {0};
    peer_shake_hands(TLS1_3_VERSION, ALL);
    sio_strbuf_lit(&in, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    for (int i = 0; i < 2000; i++) sio_strbuf_printf(&in, "GET /%d HTTP/1.1\r\nHost: a\r\n\r\n", i);
    peer_say(sio_strbuf_as_span(&in), ALL);
    assert_int_equal(peer.heard.n, 0);
    assert_true(stage.conn->ahead->text.n < 20000);
    stage_answer(stage.waiting, SIO_SPAN("at last"), false);
    peer_run(ALL);
    assert_true(stage_holds(&peer.heard, "\r\n\r\nat last") && stage_holds(&peer.heard, "\r\n\r\n/1999"));
    sio_strbuf_fini(&in);
}

static void test_new_keys(void **state) {
    (void)state;
    peer_upgrade(TLS1_3_VERSION);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(SSL_key_update(peer.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
        struct sio_strbuf in = {0};
        stage_frame(&in, 0x81, SIO_SPAN("hi"));
        peer_say(sio_strbuf_as_span(&in), ALL);
        heard(SIO_SPAN("\x81\x02hi"));
        forget();
        sio_strbuf_fini(&in);
    }
}

/* ---- refusals ---- */

static void check_refused(void) {
    stage_await_end(&stage);
    stage_hang_up(&stage);
    assert_true(stage_holds(&stage.seen, "closed in error;"));
    assert_false(stage_holds(&stage.seen, "head"));
}

static void test_who_speaks_no_tls(void **state) {
    (void)state;
    stage_reopen(&stage);
    stage_run(&stage, SIO_SPAN("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    stage_await_end(&stage);
    peer_open(TLS1_1_VERSION);
    peer_run(ALL);
    assert_true(peer.broken && !SSL_is_init_finished(peer.ssl));
    check_refused();
    stage_step(&stage, 2);
    assert_int_equal(net_tls_failed(stage.tls), 2);
}

static void test_application_protocols(void **state) {
    (void)state;
    const unsigned char *chosen;
    unsigned n;
    peer_open(TLS1_3_VERSION);
    SSL_set_alpn_protos(peer.ssl, (const unsigned char *)"\x02h2\x08http/1.1", 12);
    peer_run(ALL);
    SSL_get0_alpn_selected(peer.ssl, &chosen, &n);
    assert_true(sio_span_is(sio_span_of(chosen, n), "http/1.1"));
    peer_open(TLS1_3_VERSION);
    SSL_set_alpn_protos(peer.ssl, (const unsigned char *)"\x02h2", 3);
    peer_run(ALL);
    assert_true(peer.broken);
    check_refused();
}

static void test_a_half_open_handshake_has_an_end(void **state) {
    (void)state;
    stage.options.limits.head_timeout_ms = 60;
    peer_open(TLS1_3_VERSION);
    peer_read_plain();
    for (int i = 0; i < 50; i++) peer_send(1);
    uint64_t start_ms = stage_real_ms();
    check_refused();
    assert_true(stage_real_ms() - start_ms < 1000);
    assert_int_equal(net_tls_failed(stage.tls), 1);
}

/* The patience with heads goes on as without TLS, and its end can be told. */
static void test_a_late_head(void **state) {
    (void)state;
    stage.options.limits.head_timeout_ms = 200;
    peer_shake_hands(TLS1_3_VERSION, ALL);
    while (!peer.ended) peer_run(ALL);
    assert_memory_equal(peer.heard.p, "HTTP/1.1 408 ", 13);
}

static void test_broken_records(void **state) {
    (void)state;
    peer_upgrade(TLS1_3_VERSION);
    stage_run(&stage, SIO_SPAN("\x17\x03\x03\x00\x20 this is no ciphertext at all ..."));
    check_refused();
    peer_upgrade(TLS1_2_VERSION);
    SSL_renegotiate(peer.ssl);
    SSL_do_handshake(peer.ssl);
    peer_run(ALL);
    assert_true(peer.broken); /* the wish is refused */
}

/* ---- slow readers ---- */

static void test_a_slow_reader(void **state) {
    (void)state;
    peer_upgrade(TLS1_3_VERSION);
    stage_flood(&stage, 2000);
    assert_true(stage.refused > 0 && stage.conn->blocked);
    assert_in_range(net_conn_queued(stage.conn), 90000, 100000);
    stage_step(&stage, 3);
    size_t wanted = stage.sent * 1004;
    peer_run(777);
    assert_int_equal(peer.heard.n, wanted);
    for (size_t at = 0; at < wanted; at += 1004) {
        assert_memory_equal(peer.heard.p + at, "\x81\x7e\x03\xe8", 4);
        for (size_t i = 4; i < 1004; i++) assert_int_equal(peer.heard.p[at + i], 'f');
    }
    stage_seen(&stage, "drained;");
    assert_false(tls_is_blocked(stage.conn->tls));
}

static void test_a_slow_reader_counts_as_stalled(void **state) {
    (void)state;
    stage.options.stalled = net_stalled_new(1, 300000);
    peer_upgrade(TLS1_3_VERSION);
    stage_flood(&stage, 2000);
    assert_false(list_empty(&stage.conn->in_stalled));
    stage_step(&stage, 1);
    assert_in_range(stage.conn->out.weight, stage.conn->out.bytes - 3000, stage.conn->out.bytes + 3000);
    peer_run(ALL);
    assert_true(list_empty(&stage.conn->in_stalled));
    assert_int_equal(stage.conn->out.weight, 0);
    net_stalled_free(stage.options.stalled);
    stage.options.stalled = NULL;
}

/* ---- endings ---- */

static void test_the_peer_ends_behind_a_message(void **state) {
    (void)state;
    for (size_t v = 0; v < 2; v++) {
        struct sio_strbuf in = {0};
        peer_upgrade(versions[v]);
        stage_frame(&in, 0x81, SIO_SPAN("last"));
        peer_write(sio_strbuf_as_span(&in));
        SSL_shutdown(peer.ssl); /* in the same piece; the descriptor stays open */
        peer_run(ALL);
        stage_await_seen(&stage, "text last;closed by peer;");
        assert_true(peer.ended);
        sio_strbuf_fini(&in);
    }
}

static void test_we_end(void **state) {
    (void)state;
    for (size_t v = 0; v < 2; v++) {
        struct sio_strbuf in = {0};
        peer_upgrade(versions[v]);
        stage_frame(&in, 0x81, SIO_SPAN("close"));
        stage_frame(&in, 0x88, SIO_SPAN("\x03\xe8"));
        peer_say(sio_strbuf_as_span(&in), ALL);
        heard(SIO_SPAN("\x88\x02\x03\xe8"));
        assert_true(peer.ended && stage.ended);
        stage_seen(&stage, "text close;closed by us;");
        sio_strbuf_fini(&in);
    }
}

/* ---- loops, certificates, memory ---- */

static void test_moves_between_loops(void **state) {
    (void)state;
    struct net_tls *tls = stage.tls;
    stage_close(&stage);
    stage_open(&stage, SOCK_STREAM, 3);
    stage.tls = tls;
    peer_shake_hands(TLS1_3_VERSION, ALL);
    peer_write(SIO_SPAN("POST /move/2 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbo"));
    while (peer_send(ALL)) {
    }
    stage_await_seen(&stage, "open 2;head /move/2;");
    peer_write(SIO_SPAN("dyGET /move/1 HTTP/1.1\r\nHost: x\r\n\r\n" STAGE_HANDSHAKE));
    while (peer_send(3)) {
    }
    stage_await_seen(&stage, "open 1;head /move/1;request GET /move/1 ;Host;head /ws;request GET /ws ;");
    for (uint64_t until = stage_real_ms() + 3000; !stage_holds(&peer.heard, "X-B: c\r\n\r\n");) {
        assert_true(stage_real_ms() < until);
        peer_run(ALL);
    }
    assert_true(stage_holds(&peer.heard, "\r\n\r\nbody"));
    assert_int_equal(sio_loop_index(net_conn_loop(stage.conn)), 1);
}

static long peer_serial(void) {
    X509 *certificate = SSL_get1_peer_certificate(peer.ssl);
    long serial = ASN1_INTEGER_get(X509_get0_serialNumber(certificate));
    X509_free(certificate);
    return serial;
}

static void test_a_new_certificate(void **state) {
    (void)state;
    struct sio_strbuf in = {0};
    stage_frame(&in, 0x81, SIO_SPAN("on"));
    peer_upgrade(TLS1_3_VERSION);
    assert_int_equal(peer_serial(), 1);
    make_certificate(2);
    assert_int_equal(net_tls_reload(stage.tls), SIO_ERR_OK);
    peer_say(sio_strbuf_as_span(&in), ALL); /* with what it began with */
    heard(SIO_SPAN("\x81\x02on"));
    peer_shake_hands(TLS1_3_VERSION, ALL);
    assert_int_equal(peer_serial(), 2);
    assert_int_equal(truncate(chain_file, 100), 0);
    assert_int_equal(net_tls_reload(stage.tls), SIO_ERR_INVALID);
    peer_shake_hands(TLS1_3_VERSION, ALL);
    assert_int_equal(peer_serial(), 2);
    sio_strbuf_fini(&in);
}

static void test_files_that_are_none(void **state) {
    (void)state;
    struct net_tls *tls = NULL;
    struct sio_tls missing = {"/nowhere", key_file}, swapped = {key_file, chain_file};
    assert_int_equal(net_tls_new(&missing, NULL, &tls), SIO_ERR_INVALID);
    assert_int_equal(net_tls_new(&swapped, NULL, &tls), SIO_ERR_INVALID);
    char other[80];
    snprintf(other, sizeof(other), "%s.other", key_file);
    assert_int_equal(rename(key_file, other), 0);
    make_certificate(3); /* another key's */
    struct sio_tls mixed = {chain_file, other};
    assert_int_equal(net_tls_new(&mixed, NULL, &tls), SIO_ERR_INVALID);
    assert_int_equal(unlink(other), 0);
}

/* Records' buffers go when nothing is under way; a session's own state stays. */
static void test_an_idle_connection_is_small(void **state) {
    (void)state;
    peer_upgrade(TLS1_3_VERSION);
    size_t before = mallinfo2().uordblks;
    struct tls *tls = stage.conn->tls;
    stage.conn->tls = NULL;
    tls_free(tls);
    size_t idle = before - mallinfo2().uordblks;
    print_message("an idle TLS connection: %zu bytes\n", idle);
    if (idle != 0) assert_true(idle < 16384); /* 0: a sanitizer's own allocator */
}

/* ---- */

static int make_folder(void **state) {
    (void)state;
    if (mkdtemp(folder) == NULL) return -1;
    snprintf(chain_file, sizeof(chain_file), "%s/chain.pem", folder);
    snprintf(key_file, sizeof(key_file), "%s/key.pem", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    unlink(chain_file);
    unlink(key_file);
    return rmdir(folder);
}

int main(void) {
#define TLS_TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        TLS_TEST(test_pieces_of_every_size),
        TLS_TEST(test_requests_one_behind_the_other),
        TLS_TEST(test_reading_ahead),
        TLS_TEST(test_new_keys),
        TLS_TEST(test_who_speaks_no_tls),
        TLS_TEST(test_application_protocols),
        TLS_TEST(test_a_half_open_handshake_has_an_end),
        TLS_TEST(test_a_late_head),
        TLS_TEST(test_broken_records),
        TLS_TEST(test_a_slow_reader),
        TLS_TEST(test_a_slow_reader_counts_as_stalled),
        TLS_TEST(test_the_peer_ends_behind_a_message),
        TLS_TEST(test_we_end),
        TLS_TEST(test_moves_between_loops),
        TLS_TEST(test_a_new_certificate),
        TLS_TEST(test_files_that_are_none),
        TLS_TEST(test_an_idle_connection_is_small),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
