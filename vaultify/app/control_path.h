/* Where a data directory's control socket is: DIR/control.sock, said so that it fits into a socket address
 * however long DIR is. */
#pragma once
#include "base/err.h"

enum { CONTROL_PATH_TEXT = 108 /* of sockaddr_un, with its NUL */ };

struct control_path {
    int directory_fd; /* held open while `text` is in use; -1: not needed */
    char text[CONTROL_PATH_TEXT];
};

/* ERR_NOT_FOUND, ERR_DENIED, ERR_IO: the directory cannot be opened. Only a long path opens anything. */
enum err control_path_open(struct control_path *path, const char *directory) MUST_CHECK;
void control_path_close(struct control_path *path);
