/* Access tokens: RFC 7515's example, tokens of our own, and everything hostile that is known about JWT. */
#include "auth/auth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/base64.h"

static const char SECRET[] = "0123456789abcdef0123456789abcdef";
static const char USER[] = "11111111-2222-4333-8444-555555555555";
static const int64_t NOW = 1700000000000;

#define HS256 "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
#define SUB   "\"sub\":\"11111111-2222-4333-8444-555555555555\""
#define EXP   "\"exp\":1700000900"

static struct auth *new_auth(void) {
    struct auth *auth = NULL;
    assert_int_equal(auth_new(sio_span_cstr(SECRET), &auth), SIO_ERR_OK);
    return auth;
}

/* A token of these exact texts, signed as `digest` says: an attacker who holds the secret, or another program
 * that does. */
static void forge(struct sio_strbuf *out, const EVP_MD *digest, struct sio_span header,
                  struct sio_span payload) {
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned mac_n = 0;
    sio_strbuf_clear(out);
    base64url_add(out, header);
    sio_strbuf_char(out, '.');
    base64url_add(out, payload);
    HMAC(digest, SECRET, sizeof SECRET - 1, (unsigned char *)out->p, out->n, mac, &mac_n);
    sio_strbuf_char(out, '.');
    base64url_add(out, sio_span_of(mac, mac_n));
}

static enum fault verify_text(struct sio_span token) {
    struct auth *auth = new_auth();
    struct auth_identity identity;
    enum fault fault = auth_verify(auth, token, NOW, &identity);
    auth_free(auth);
    return fault;
}

static enum fault verify_forged(const char *header, const char *payload) {
    struct sio_strbuf token;
    sio_strbuf_init(&token);
    forge(&token, EVP_sha256(), sio_span_cstr(header), sio_span_cstr(payload));
    enum fault fault = verify_text(sio_strbuf_as_span(&token));
    sio_strbuf_fini(&token);
    return fault;
}

static void rfc7515_a1(void **state) {
    char key[BASE64_ROOM(86)];
    size_t key_n;
    const char *signed_text = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
                              "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc1"
                              "9yb290Ijp0cnVlfQ";
    assert_true(base64url_decode_strict(key,
                                        sio_span_cstr("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75"
                                                      "aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"),
                                        &key_n));
    assert_int_equal(key_n, 64);
    struct auth *auth = NULL;
    struct auth_identity identity;
    struct sio_strbuf token;
    assert_int_equal(auth_new(sio_span_of(key, key_n), &auth), SIO_ERR_OK);
    sio_strbuf_init(&token);
    sio_strbuf_printf(&token, "%s.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", signed_text);
    /* The signature is right, so the claims are read; `iss` alone names no user. */
    assert_int_equal(auth_verify(auth, sio_strbuf_as_span(&token), NOW, &identity), FAULT_TOKEN_INVALID);
    auth_free(auth);

    unsigned char mac[32];
    unsigned mac_n = 0;
    struct sio_strbuf expected;
    sio_strbuf_init(&expected);
    HMAC(EVP_sha256(), key, (int)key_n, (const unsigned char *)signed_text, strlen(signed_text), mac, &mac_n);
    base64url_add(&expected, sio_span_of(mac, mac_n));
    assert_true(sio_span_is(sio_strbuf_as_span(&expected), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
    sio_strbuf_fini(&expected);
    sio_strbuf_fini(&token);
}

/* A token made elsewhere (Python's hmac over the same three texts): proves the whole path against other code.
 */
static void token_of_another_program(void **state) {
    struct auth *auth = new_auth();
    struct auth_identity identity;
    const char *token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMTExMTExMS0yMjIyLTQzMzMtODQ0NC0"
                        "1NTU1NTU1NTU1NTUiLCJlbWFpbCI6ImFkYUBleGFtcGxlLmNvbSIsInJvbGUiOiJSZXNpZGVuY2UiLCJ"
                        "pYXQiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDAwMDkwMH0.ozHaSCaOIYfS1GeGyOGuF80uhWAA8bXKNpx"
                        "DzdcLp08";
    assert_int_equal(auth_verify(auth, sio_span_cstr(token), NOW, &identity), FAULT_NONE);
    struct uuid user;
    assert_true(uuid_parse(sio_span_cstr(USER), &user));
    assert_true(uuid_eq(&identity.user, &user));
    assert_int_equal(identity.expires_at, 1700000900000);
    auth_free(auth);
}

static void issued_is_accepted_until_it_expires(void **state) {
    struct auth *auth = new_auth();
    struct auth_identity identity;
    struct uuid user;
    struct sio_strbuf token;
    sio_strbuf_init(&token);
    assert_true(uuid_parse(sio_span_cstr(USER), &user));
    sio_strbuf_lit(&token, "before ");
    auth_issue(auth, &user, SIO_SPAN("a\"b@example.com"), SIO_SPAN("Admin"), NOW, 900000, &token);
    struct sio_span text = sio_span_skip(sio_strbuf_as_span(&token), 7);
    assert_int_equal(auth_verify(auth, text, NOW, &identity), FAULT_NONE);
    assert_true(uuid_eq(&identity.user, &user));
    assert_int_equal(identity.expires_at, NOW + 900000);
    assert_int_equal(auth_verify(auth, text, NOW + 899999, &identity), FAULT_NONE);
    assert_int_equal(auth_verify(auth, text, NOW + 900000, &identity), FAULT_TOKEN_EXPIRED);
    sio_strbuf_clear(&token);
    auth_issue(auth, &user, SIO_SPAN(""), SIO_SPAN(""), NOW + 1, 500, &token);
    assert_int_equal(auth_verify(auth, sio_strbuf_as_span(&token), NOW + 501, &identity), FAULT_NONE);
    sio_strbuf_fini(&token);
    auth_free(auth);
}

static void every_change_of_a_character_is_refused(void **state) {
    struct auth *auth = new_auth();
    struct auth_identity identity;
    struct sio_strbuf token;
    sio_strbuf_init(&token);
    forge(&token, EVP_sha256(), SIO_SPAN(HS256), SIO_SPAN("{" SUB "," EXP "}"));
    assert_int_equal(auth_verify(auth, sio_strbuf_as_span(&token), NOW, &identity), FAULT_NONE);
    for (size_t i = 0; i < token.n; i++) {
        char old = token.p[i];
        for (const char *c = "A.Z0_-=+ /\n"; *c; c++) {
            if (*c == old) continue;
            token.p[i] = *c;
            assert_int_not_equal(auth_verify(auth, sio_strbuf_as_span(&token), NOW, &identity), FAULT_NONE);
        }
        token.p[i] = old;
    }
    for (size_t n = 0; n < token.n; n++)
        assert_int_not_equal(auth_verify(auth, sio_span_of(token.p, n), NOW, &identity), FAULT_NONE);
    sio_strbuf_fini(&token);
    auth_free(auth);
}

static void algorithms_other_than_hs256(void **state) {
    const char *headers[] = {
        "{\"alg\":\"none\"}",
        "{\"alg\":\"None\"}",
        "{\"alg\":\"RS256\"}",
        "{\"alg\":\"HS512\"}",
        "{\"alg\":\"hs256\"}",
        "{\"alg\":\"Hs256\"}",
        "{\"alg\":\"HS256 \"}",
        "{\"alg\":\"HS256\\u0000\"}",
        "{\"alg\":\"\"}",
        "{\"alg\":null}",
        "{\"alg\":[\"HS256\"]}",
        "{\"alg\":256}",
        "{\"typ\":\"JWT\"}",
        "{}",
        "[]",
        "null",
        "\"HS256\"",
        "",
        "{\"alg\":\"none\",\"alg\":\"HS256\"}",
        "{\"alg\":\"HS256\",\"alg\":\"none\"}",
        "{\"alg\":\"HS256\",\"\\u0061lg\":\"HS256\"}",
        "{\"alg\":\"HS256\",\"crit\":[\"exp\"]}",
        "{\"alg\":\"HS256\",\"crit\":[]}",
        "{\"alg\":\"HS256\",\"crit\":null}",
        "{\"alg\":\"HS256\"",
        "{\"alg\":\"HS256\"}x",
        "{'alg':'HS256'}",
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        assert_int_equal(verify_forged(headers[i], "{" SUB "," EXP "}"), FAULT_TOKEN_INVALID);
    assert_int_equal(verify_forged("{\"kid\":\"1\",\"alg\":\"HS256\"}", "{" SUB "," EXP "}"), FAULT_NONE);
}

static void signatures_of_other_algorithms(void **state) {
    struct sio_strbuf token;
    sio_strbuf_init(&token);
    forge(&token, EVP_sha512(), SIO_SPAN("{\"alg\":\"HS512\"}"), SIO_SPAN("{" SUB "," EXP "}"));
    assert_int_equal(verify_text(sio_strbuf_as_span(&token)), FAULT_TOKEN_INVALID);
    forge(&token, EVP_sha512(), SIO_SPAN(HS256), SIO_SPAN("{" SUB "," EXP "}"));
    assert_int_equal(verify_text(sio_strbuf_as_span(&token)), FAULT_TOKEN_INVALID);
    forge(&token, EVP_sha1(), SIO_SPAN(HS256), SIO_SPAN("{" SUB "," EXP "}"));
    assert_int_equal(verify_text(sio_strbuf_as_span(&token)), FAULT_TOKEN_INVALID);
    sio_strbuf_fini(&token);
}

static void wrong_shapes(void **state) {
    struct sio_strbuf good, bad;
    sio_strbuf_init(&good);
    sio_strbuf_init(&bad);
    forge(&good, EVP_sha256(), SIO_SPAN(HS256), SIO_SPAN("{" SUB "," EXP "}"));
    assert_int_equal(verify_text(SIO_SPAN("")), FAULT_TOKEN_MISSING);
    const char *shapes[] = {".",  "..",  "...",   "a",    "a.b",  "a.b.",  "a..c",
                            ".b", ".b.", "a.b.c", "null", "true", "{}.{}", "eyJhbGciOiJub25lIn0.e30."};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        assert_int_equal(verify_text(sio_span_cstr(shapes[i])), FAULT_TOKEN_INVALID);
    const char *around[][2] = {{"", "."}, {".", ""},  {"", "="},  {"", ".x"},      {" ", ""},
                               {"", " "}, {"", "\n"}, {"", "AA"}, {"Bearer ", ""}, {"\"", "\""}};
    for (size_t i = 0; i < sizeof around / sizeof *around; i++) {
        sio_strbuf_clear(&bad);
        sio_strbuf_printf(&bad, "%s%s%s", around[i][0], good.p, around[i][1]);
        assert_int_equal(verify_text(sio_strbuf_as_span(&bad)), FAULT_TOKEN_INVALID);
    }
    /* The last character of a 32-byte signature carries two bits that must be zero. */
    const char *alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t value = (size_t)(strchr(alphabet, good.p[good.n - 1]) - alphabet);
    for (size_t low = 1; low < 4; low++) {
        good.p[good.n - 1] = alphabet[(value & ~(size_t)3) | low];
        assert_int_equal(verify_text(sio_strbuf_as_span(&good)), FAULT_TOKEN_INVALID);
    }
    sio_strbuf_fini(&good);
    sio_strbuf_fini(&bad);
}

static void huge_tokens(void **state) {
    struct sio_strbuf payload, token;
    sio_strbuf_init(&payload);
    sio_strbuf_init(&token);
    /* As large as allowed, and one step more. */
    sio_strbuf_lit(&payload, "{" SUB "," EXP ",\"x\":\"");
    while (payload.n < 2900) sio_strbuf_char(&payload, 'x');
    sio_strbuf_lit(&payload, "\"}");
    forge(&token, EVP_sha256(), SIO_SPAN(HS256), sio_strbuf_as_span(&payload));
    assert_true(token.n <= AUTH_TOKEN_MAX_BYTES);
    assert_int_equal(verify_text(sio_strbuf_as_span(&token)), FAULT_NONE);
    payload.n -= 2;
    while (payload.n < 4000) sio_strbuf_char(&payload, 'x');
    sio_strbuf_lit(&payload, "\"}");
    forge(&token, EVP_sha256(), SIO_SPAN(HS256), sio_strbuf_as_span(&payload));
    assert_int_equal(verify_text(sio_strbuf_as_span(&token)), FAULT_TOKEN_INVALID);
    sio_strbuf_clear(&payload);
    for (int i = 0; i < 1400; i++) sio_strbuf_char(&payload, '[');
    for (int i = 0; i < 1400; i++) sio_strbuf_char(&payload, ']');
    forge(&token, EVP_sha256(), SIO_SPAN(HS256), sio_strbuf_as_span(&payload));
    assert_int_equal(verify_text(sio_strbuf_as_span(&token)), FAULT_TOKEN_INVALID);
    sio_strbuf_clear(&token);
    for (int i = 0; i < 1000000; i++) sio_strbuf_char(&token, i % 3 ? 'A' : '.');
    assert_int_equal(verify_text(sio_strbuf_as_span(&token)), FAULT_TOKEN_INVALID);
    sio_strbuf_fini(&payload);
    sio_strbuf_fini(&token);
}

struct claim_case {
    const char *payload;
    enum fault fault;
};

static void claims(void **state) {
    const struct claim_case cases[] = {
        {"{" SUB "," EXP "}", FAULT_NONE},
        {"{" EXP "," SUB ",\"iat\":1,\"email\":\"e\",\"role\":\"Admin\",\"scope\":[{}]}", FAULT_NONE},
        {" {" SUB " ,\n" EXP "} ", FAULT_NONE},
        /* exp */
        {"{" SUB "}", FAULT_TOKEN_INVALID},
        {"{" SUB ",\"exp\":-1}", FAULT_TOKEN_INVALID},
        {"{" SUB ",\"exp\":0}", FAULT_TOKEN_EXPIRED},
        {"{" SUB ",\"exp\":1e3}", FAULT_TOKEN_EXPIRED},
        {"{" SUB ",\"exp\":1700000000}", FAULT_TOKEN_EXPIRED},
        {"{" SUB ",\"exp\":1700000000.5}", FAULT_NONE},
        {"{" SUB ",\"exp\":1699999999.9}", FAULT_TOKEN_EXPIRED},
        {"{" SUB ",\"exp\":1.7000009e9}", FAULT_NONE},
        {"{" SUB ",\"exp\":1e300}", FAULT_NONE},
        {"{" SUB ",\"exp\":99999999999999999999999999}", FAULT_NONE},
        {"{" SUB ",\"exp\":-1e300}", FAULT_TOKEN_INVALID},
        {"{" SUB ",\"exp\":\"1700000900\"}", FAULT_TOKEN_INVALID},
        {"{" SUB ",\"exp\":null}", FAULT_TOKEN_INVALID},
        {"{" SUB ",\"exp\":true}", FAULT_TOKEN_INVALID},
        {"{" SUB ",\"exp\":[1700000900]}", FAULT_TOKEN_INVALID},
        {"{" SUB ",\"exp\":{}}", FAULT_TOKEN_INVALID},
        {"{" SUB ",\"Exp\":1700000900}", FAULT_TOKEN_INVALID},
        {"{" SUB "," EXP "," EXP "}", FAULT_TOKEN_INVALID},
        {"{" SUB ",\"exp\":1," EXP "}", FAULT_TOKEN_INVALID},
        {"{" SUB "," EXP ",\"\\u0065xp\":9999999999}", FAULT_TOKEN_INVALID},
        /* nbf */
        {"{" SUB "," EXP ",\"nbf\":1700000000}", FAULT_NONE},
        {"{" SUB "," EXP ",\"nbf\":1700000001}", FAULT_TOKEN_INVALID},
        {"{" SUB "," EXP ",\"nbf\":\"0\"}", FAULT_TOKEN_INVALID},
        {"{" SUB "," EXP ",\"nbf\":null}", FAULT_TOKEN_INVALID},
        {"{" SUB "," EXP ",\"nbf\":1,\"nbf\":1}", FAULT_TOKEN_INVALID},
        /* sub */
        {"{" EXP "}", FAULT_TOKEN_INVALID},
        {"{\"sub\":\"admin\"," EXP "}", FAULT_TOKEN_INVALID},
        {"{\"sub\":\"\"," EXP "}", FAULT_TOKEN_INVALID},
        {"{\"sub\":1," EXP "}", FAULT_TOKEN_INVALID},
        {"{\"sub\":null," EXP "}", FAULT_TOKEN_INVALID},
        {"{\"sub\":[\"11111111-2222-4333-8444-555555555555\"]," EXP "}", FAULT_TOKEN_INVALID},
        {"{\"sub\":\"00000000-0000-0000-0000-000000000000\"," EXP "}", FAULT_TOKEN_INVALID},
        {"{\"sub\":\"11111111222243338444555555555555\"," EXP "}", FAULT_TOKEN_INVALID},
        {"{\"sub\":\"{1111111-2222-4333-8444-55555555555}\"," EXP "}", FAULT_TOKEN_INVALID},
        {"{\"sub\":\"11111111-2222-4333-8444-555555555555 \"," EXP "}", FAULT_TOKEN_INVALID},
        {"{" SUB "," SUB "," EXP "}", FAULT_TOKEN_INVALID},
        /* not an object of claims at all */
        {"", FAULT_TOKEN_INVALID},
        {"null", FAULT_TOKEN_INVALID},
        {"[" EXP "]", FAULT_TOKEN_INVALID},
        {"\"sub\"", FAULT_TOKEN_INVALID},
        {"{" SUB "," EXP ",}", FAULT_TOKEN_INVALID},
        {"{" SUB "," EXP "}{}", FAULT_TOKEN_INVALID},
        {"{" SUB "," EXP ",\"x\":\"\xff\"}", FAULT_TOKEN_INVALID},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum fault fault = verify_forged(HS256, cases[i].payload);
        if (fault != cases[i].fault) print_error("%s: %s\n", cases[i].payload, fault_code(fault));
        assert_int_equal(fault, cases[i].fault);
    }
}

static void another_secret(void **state) {
    struct auth *auth = NULL, *other = NULL;
    struct auth_identity identity;
    struct uuid user;
    struct sio_strbuf token;
    sio_strbuf_init(&token);
    assert_true(uuid_parse(sio_span_cstr(USER), &user));
    assert_int_equal(auth_new(SIO_SPAN(""), &auth), SIO_ERR_INVALID);
    assert_int_equal(auth_new(SIO_SPAN("0123456789abcdef0123456789abcdeF"), &other), SIO_ERR_OK);
    auth = new_auth();
    auth_issue(other, &user, SIO_SPAN(""), SIO_SPAN(""), NOW, 1000, &token);
    assert_int_equal(auth_verify(auth, sio_strbuf_as_span(&token), NOW, &identity), FAULT_TOKEN_INVALID);
    sio_strbuf_fini(&token);
    auth_free(other);
    auth_free(auth);
}

static void bearer(void **state) {
    assert_true(sio_span_is(auth_bearer(SIO_SPAN("Bearer abc")), "abc"));
    assert_true(sio_span_is(auth_bearer(SIO_SPAN("bearer   abc  ")), "abc"));
    assert_true(sio_span_is(auth_bearer(SIO_SPAN(" BEARER abc")), "abc"));
    const char *none[] = {"", "Bearer", "Bearer ", "abc", "Basic abc", "Bearerabc", "Bearer\xc2\xa0x"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_int_equal(auth_bearer(sio_span_cstr(none[i])).n, 0);
}

static void secrets_are_compared_whole(void **state) {
    struct sio_span secret = SIO_SPAN("a secret");
    assert_true(auth_secret_is(SIO_SPAN("a secret"), secret));
    const char *others[] = {"", "a secre", "a secret ", "b secret", "a secreT"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(auth_secret_is(sio_span_cstr(others[i]), secret));
    assert_false(auth_secret_is(sio_span_of(NULL, 0), secret));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc7515_a1),
        cmocka_unit_test(token_of_another_program),
        cmocka_unit_test(issued_is_accepted_until_it_expires),
        cmocka_unit_test(every_change_of_a_character_is_refused),
        cmocka_unit_test(algorithms_other_than_hs256),
        cmocka_unit_test(signatures_of_other_algorithms),
        cmocka_unit_test(wrong_shapes),
        cmocka_unit_test(huge_tokens),
        cmocka_unit_test(claims),
        cmocka_unit_test(another_secret),
        cmocka_unit_test(bearer),
        cmocka_unit_test(secrets_are_compared_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
