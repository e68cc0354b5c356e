/* The key pair of Web Push in the data directory: DIR/vapid_keys, made once, as lines that an environment takes too. Blocks. */
#pragma once
#include "sio_err.h"
#include "sio_strbuf.h"

enum { VAPID_KEY_TEXT = 96, VAPID_SUBJECT_TEXT = 256 };

/* NUL-terminated; a line that is missing is an empty text. */
struct vapid_file {
    char public_key[VAPID_KEY_TEXT], private_key[VAPID_KEY_TEXT]; /* base64url */
    char subject[VAPID_SUBJECT_TEXT];
};

/* SIO_ERR_NOT_FOUND: there is none; CORRUPT: it has other lines, or too long ones; DENIED, IO. */
enum sio_err vapid_file_read(const char *directory, struct vapid_file *out) SIO_MUST_CHECK;

/* Makes a fresh pair if there is none yet. `subject` may be NULL. SIO_ERR_NOT_FOUND: there is no such directory; DENIED,
 * IO. */
enum sio_err vapid_file_make(const char *directory, const char *subject) SIO_MUST_CHECK;
