/* The control socket's path: as it is, or through the process's own file descriptor of the directory. */
#include "app/control_path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum sio_err control_path_open(struct control_path *path, const char *directory) {
    path->directory_fd = -1;
    int n = snprintf(path->text, sizeof path->text, "%s/control.sock", directory);
    if (n > 0 && (size_t)n < sizeof path->text) return SIO_ERR_OK;
    path->directory_fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (path->directory_fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? SIO_ERR_NOT_FOUND
               : errno == EACCES                   ? SIO_ERR_DENIED
                                                   : SIO_ERR_IO;
    snprintf(path->text, sizeof path->text, "/proc/self/fd/%d/control.sock", path->directory_fd);
    return SIO_ERR_OK;
}

void control_path_close(struct control_path *path) {
    if (path->directory_fd >= 0) close(path->directory_fd);
    path->directory_fd = -1;
}
