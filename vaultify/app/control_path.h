/* Where a data directory's control socket is: DIR/control.sock, said so that it fits into a socket address
 * however long DIR is. */
#pragma once
#include "sio_err.h"

enum { CONTROL_PATH_TEXT = 108 /* of sockaddr_un, with its NUL */ };

struct control_path {
    int directory_fd; /* held open while `text` is in use; -1: not needed */
    char text[CONTROL_PATH_TEXT];
};

/* SIO_ERR_NOT_FOUND, SIO_ERR_DENIED, SIO_ERR_IO: the directory cannot be opened. Only a long path opens anything. */
enum sio_err control_path_open(struct control_path *path, const char *directory) SIO_MUST_CHECK;
void control_path_close(struct control_path *path);
