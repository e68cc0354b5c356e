/* Fuzz target: access tokens. Any bytes as a token, and any bytes as header and claims that are signed rightly.
 */
#include "fuzz.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "auth/auth.h"
#include "base/base64.h"
#include "base/must.h"

static const char SECRET[] = "0123456789abcdef0123456789abcdef";
enum { NOW_S = 1700000000 };

static void sign(struct sio_strbuf *token) {
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    HMAC(EVP_sha256(), SECRET, sizeof SECRET - 1, (unsigned char *)token->p, token->n, mac, &n);
    sio_strbuf_char(token, '.');
    base64url_add(token, sio_span_of(mac, n));
}

/* The first `header_n` bytes are the header (0: a good one), the rest the claims. */
static void check_signed(const struct auth *auth, struct sio_span bytes, size_t header_n) {
    struct auth_identity identity;
    struct sio_strbuf token;
    sio_strbuf_init(&token);
    base64url_add(&token, header_n ? sio_span_head(bytes, header_n) : SIO_SPAN("{\"alg\":\"HS256\"}"));
    sio_strbuf_char(&token, '.');
    base64url_add(&token, sio_span_skip(bytes, header_n));
    sign(&token);
    if (auth_verify(auth, sio_strbuf_as_span(&token), NOW_S * 1000ll, &identity) == FAULT_NONE) {
        must(!uuid_is_nil(&identity.user));
        must(identity.expires_at > NOW_S * 1000ll);
    }
    sio_strbuf_fini(&token);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct auth *auth; /* made once: a target has no other place for it */
    struct auth_identity identity;
    struct sio_span in = sio_span_of(data, size);
    if (!auth) must(auth_new(sio_span_cstr(SECRET), &auth) == SIO_ERR_OK);
    must(auth_verify(auth, in, NOW_S * 1000ll, &identity) != FAULT_NONE);
    if (!size) return 0;
    check_signed(auth, in, 0);
    check_signed(auth, in, size / 2);
    return 0;
}
