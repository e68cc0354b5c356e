/* A small file with a secret: made once, never changed, readable by its owner alone. Blocks. */
#pragma once
#include "base/span.h"
#include "sio_err.h"
#include "sio_strbuf.h"

enum { SECRET_FILE_MAX_BYTES = 4096 }; /* the rest of a longer one is not read */

/* Appends what is in it, without the line's end. SIO_ERR_NOT_FOUND, DENIED, IO. */
enum sio_err secret_file_read(const char *path, struct sio_strbuf *out) SIO_MUST_CHECK;

/* Writes it if there is none: of two processes that try at once one wins, and neither ever reads half a secret.
 * SIO_ERR_NOT_FOUND (the folder), DENIED, IO. */
enum sio_err secret_file_make(const char *path, struct sio_span bytes) SIO_MUST_CHECK;
