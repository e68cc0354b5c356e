/* Reading a secret's file, and putting one where there is none. */
#include "base/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static enum sio_err err_of(int error) {
    return error == ENOENT                     ? SIO_ERR_NOT_FOUND
           : error == EACCES || error == EPERM ? SIO_ERR_DENIED
                                               : SIO_ERR_IO;
}

enum sio_err secret_file_read(const char *path, struct sio_strbuf *out) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return err_of(errno);
    char bytes[SECRET_FILE_MAX_BYTES];
    ssize_t n = read(fd, bytes, sizeof bytes);
    close(fd);
    if (n < 0) return SIO_ERR_IO;
    while (n > 0 && (bytes[n - 1] == '\n' || bytes[n - 1] == '\r')) n--;
    sio_strbuf_add(out, bytes, (size_t)n);
    explicit_bzero(bytes, sizeof bytes);
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

/* Written beside and linked into place. */
enum sio_err secret_file_make(const char *path, struct sio_span bytes) {
    struct sio_strbuf temporary;
    sio_strbuf_init(&temporary);
    sio_strbuf_printf(&temporary, "%s.%ld", path, (long)getpid());
    int fd = open(temporary.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    enum sio_err err = fd < 0 ? err_of(errno) : write_all(fd, bytes);
    if (fd >= 0 && close(fd) != 0 && err == SIO_ERR_OK) err = SIO_ERR_IO;
    if (err == SIO_ERR_OK && link(temporary.p, path) != 0 && errno != EEXIST) err = err_of(errno);
    unlink(temporary.p);
    sio_strbuf_fini(&temporary);
    return err;
}
