/* The signing secret in its file: made once, never changed, readable by its owner alone. */
#include "app/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/auth.h"
#include "base/base64.h"

enum { SECRET_RANDOM_BYTES = 48, SECRET_FILE_MAX_BYTES = 4096 };

static enum sio_err err_of(int error) {
    return error == ENOENT                     ? SIO_ERR_NOT_FOUND
           : error == EACCES || error == EPERM ? SIO_ERR_DENIED
                                               : SIO_ERR_IO;
}

static enum sio_err read_file(const char *path, struct sio_strbuf *out) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return err_of(errno);
    char bytes[SECRET_FILE_MAX_BYTES];
    ssize_t n = read(fd, bytes, sizeof bytes);
    close(fd);
    if (n < 0) return SIO_ERR_IO;
    while (n > 0 && (bytes[n - 1] == '\n' || bytes[n - 1] == '\r')) n--;
    if (n < AUTH_SECRET_MIN_BYTES) return SIO_ERR_CORRUPT;
    sio_strbuf_add(out, bytes, (size_t)n);
    return SIO_ERR_OK;
}

static enum sio_err write_all(int fd, struct sio_span bytes) {
    while (bytes.n) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return SIO_ERR_IO;
        bytes = sio_span_skip(bytes, (size_t)n);
    }
    return fsync(fd) == 0 ? SIO_ERR_OK : SIO_ERR_IO;
}

/* Written beside and linked into place: of two processes that try at once one wins, and neither ever reads
 * half a secret. */
static enum sio_err make_file(const char *path) {
    uint8_t random[SECRET_RANDOM_BYTES];
    struct sio_strbuf text, temporary;
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) return SIO_ERR_IO;
    sio_strbuf_init(&text);
    sio_strbuf_init(&temporary);
    sio_strbuf_printf(&temporary, "%s.%ld", path, (long)getpid());
    base64url_add(&text, sio_span_of(random, sizeof random));
    sio_strbuf_char(&text, '\n');
    int fd = open(temporary.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    enum sio_err err = fd < 0 ? err_of(errno) : write_all(fd, sio_strbuf_as_span(&text));
    if (fd >= 0 && close(fd) != 0 && err == SIO_ERR_OK) err = SIO_ERR_IO;
    if (err == SIO_ERR_OK && link(temporary.p, path) != 0 && errno != EEXIST) err = err_of(errno);
    unlink(temporary.p);
    sio_strbuf_fini(&temporary);
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
