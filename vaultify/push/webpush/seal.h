/* Encrypting a message for one browser: aes128gcm in one record (RFC 8188) with keys as RFC 8291 derives them. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "push/webpush/point.h"

enum {
    WEBPUSH_SCALAR_BYTES = 32,
    WEBPUSH_SALT_BYTES = 16,
    WEBPUSH_AUTH_BYTES = 16,
    WEBPUSH_SEALED_MAX_BYTES = 4096, /* services take no more */
    WEBPUSH_SEALED_MORE_BYTES = 103, /* than the text: head, delimiter, tag */
    WEBPUSH_TEXT_MAX_BYTES = WEBPUSH_SEALED_MAX_BYTES - WEBPUSH_SEALED_MORE_BYTES,
};

/* What is used again for each message. One thread. */
struct webpush_seal;
struct webpush_seal *webpush_seal_new(void);
void webpush_seal_free(struct webpush_seal *seal);

/* With a fresh key pair and salt (some 90 us, most of them for the two multiplications on the curve). `text` has at
 * most WEBPUSH_TEXT_MAX_BYTES; `keys` is the browser's point, then its auth secret; `out` has room for
 * text.n + WEBPUSH_SEALED_MORE_BYTES, and all of it is written. False: the point is none. */
bool webpush_seal_text(struct webpush_seal *seal, struct sio_span keys, struct sio_span text, uint8_t *out);

/* The same with this private key and salt, which must serve once only: for the RFC's vector. False also when the key is
 * none. */
bool webpush_seal_text_with(struct webpush_seal *seal, const uint8_t key[WEBPUSH_SCALAR_BYTES],
                            const uint8_t salt[WEBPUSH_SALT_BYTES], struct sio_span keys,
                            struct sio_span text, uint8_t *out);
