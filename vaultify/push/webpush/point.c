/* Reading a point over EVP, which refuses what is not on the curve. */
#include "push/webpush/point.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/must.h"

enum { UNCOMPRESSED = 0x04 };

EVP_PKEY *webpush_point_import(struct sio_span point) {
    if (point.n != WEBPUSH_POINT_BYTES || point.p[0] != UNCOMPRESSED) return NULL;
    char group[] = "P-256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)point.p, point.n),
        OSSL_PARAM_construct_end()};
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    must(ctx && EVP_PKEY_fromdata_init(ctx) > 0);
    if (EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, (OSSL_PARAM *)params) <= 0)
        ERR_clear_error(); /* it would be taken for one of the thread's next TLS connection */
    EVP_PKEY_CTX_free(ctx);
    return key;
}

bool webpush_point_check(struct sio_span point) {
    EVP_PKEY *key = webpush_point_import(point);
    EVP_PKEY_free(key);
    return key != NULL;
}
