/* The signing secret in its file, a random one unless the operator has put his own there. */
#include "app/secret.h"

#include <sys/random.h>

#include "auth/auth.h"
#include "base/base64.h"
#include "base/secret_file.h"

enum { SECRET_RANDOM_BYTES = 48 };

static enum sio_err read_file(const char *path, struct sio_strbuf *out) {
    enum sio_err err = secret_file_read(path, out);
    return err == SIO_ERR_OK && out->n < AUTH_SECRET_MIN_BYTES ? SIO_ERR_CORRUPT : err;
}

static enum sio_err make_file(const char *path) {
    uint8_t random[SECRET_RANDOM_BYTES];
    struct sio_strbuf text;
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) return SIO_ERR_IO;
    sio_strbuf_init(&text);
    base64url_add(&text, sio_span_of(random, sizeof random));
    sio_strbuf_char(&text, '\n');
    enum sio_err err = secret_file_make(path, sio_strbuf_as_span(&text));
    explicit_bzero(text.p, text.n);
    sio_strbuf_fini(&text);
    return err;
}

enum sio_err secret_load(const struct config *config, bool may_make, struct sio_strbuf *out) {
    struct sio_strbuf path;
    sio_strbuf_init(out);
    if (config->secret) {
        sio_strbuf_span(out, sio_span_cstr(config->secret));
        return SIO_ERR_OK;
    }
    sio_strbuf_init(&path);
    sio_strbuf_printf(&path, "%s/jwt_secret", config->store.directory);
    enum sio_err err = read_file(path.p, out);
    if (err == SIO_ERR_NOT_FOUND && may_make) {
        err = make_file(path.p);
        if (err == SIO_ERR_OK) err = read_file(path.p, out);
    }
    sio_strbuf_fini(&path);
    return err;
}
