/* The signing secret in its file: made once, never changed, readable by its owner alone. */
#include "app/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/auth.h"
#include "auth/base64url.h"

enum { SECRET_RANDOM_BYTES = 48, SECRET_FILE_MAX_BYTES = 4096 };

static enum err err_of(int error) {
    return error == ENOENT ? ERR_NOT_FOUND : error == EACCES || error == EPERM ? ERR_DENIED : ERR_IO;
}

static enum err read_file(const char *path, struct strbuf *out) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return err_of(errno);
    char bytes[SECRET_FILE_MAX_BYTES];
    ssize_t n = read(fd, bytes, sizeof bytes);
    close(fd);
    if (n < 0) return ERR_IO;
    while (n > 0 && (bytes[n - 1] == '\n' || bytes[n - 1] == '\r')) n--;
    if (n < AUTH_SECRET_MIN_BYTES) return ERR_CORRUPT;
    strbuf_add(out, bytes, (size_t)n);
    return ERR_OK;
}

static enum err write_all(int fd, struct span bytes) {
    while (bytes.n) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return ERR_IO;
        bytes = span_skip(bytes, (size_t)n);
    }
    return fsync(fd) == 0 ? ERR_OK : ERR_IO;
}

/* Written beside and linked into place: of two processes that try at once one wins, and neither ever reads
 * half a secret. */
static enum err make_file(const char *path) {
    uint8_t random[SECRET_RANDOM_BYTES];
    struct strbuf text, temporary;
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) return ERR_IO;
    strbuf_init(&text);
    strbuf_init(&temporary);
    strbuf_printf(&temporary, "%s.%ld", path, (long)getpid());
    auth_base64url_encode(&text, span_of(random, sizeof random));
    strbuf_char(&text, '\n');
    int fd = open(temporary.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    enum err err = fd < 0 ? err_of(errno) : write_all(fd, strbuf_as_span(&text));
    if (fd >= 0 && close(fd) != 0 && err == ERR_OK) err = ERR_IO;
    if (err == ERR_OK && link(temporary.p, path) != 0 && errno != EEXIST) err = err_of(errno);
    unlink(temporary.p);
    strbuf_fini(&temporary);
    explicit_bzero(text.p, text.n);
    strbuf_fini(&text);
    return err;
}

enum err secret_load(const struct config *config, bool may_make, struct strbuf *out) {
    struct strbuf path;
    strbuf_init(out);
    if (config->secret) {
        strbuf_span(out, span_cstr(config->secret));
        return ERR_OK;
    }
    strbuf_init(&path);
    strbuf_printf(&path, "%s/jwt_secret", config->store.directory);
    enum err err = read_file(path.p, out);
    if (err == ERR_NOT_FOUND && may_make) {
        err = make_file(path.p);
        if (err == ERR_OK) err = read_file(path.p, out);
    }
    strbuf_fini(&path);
    return err;
}
