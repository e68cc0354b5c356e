/* The log: one line an event, `time level message key=value …`, to a file descriptor. Any thread; one write a
 * line. */
#pragma once

#include "sio_api.h"

SIO_BEGIN

enum sio_log_level { SIO_LOG_ERROR, SIO_LOG_WARN, SIO_LOG_INFO, SIO_LOG_DEBUG };

struct sio_log {
    int fd;
    enum sio_log_level level; /* lines above it are not written */
};

void sio_log_init(struct sio_log *log, int fd, enum sio_log_level level);

/* `format` is printf's and becomes the message; control characters are escaped, a line is cut at 4 KiB.
 * `log` may be NULL: then nothing happens. */
void sio_log_write(const struct sio_log *log, enum sio_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define sio_log_error(log, ...) sio_log_write((log), SIO_LOG_ERROR, __VA_ARGS__)
#define sio_log_warn(log, ...)  sio_log_write((log), SIO_LOG_WARN, __VA_ARGS__)
#define sio_log_info(log, ...)  sio_log_write((log), SIO_LOG_INFO, __VA_ARGS__)
#define sio_log_debug(log, ...) sio_log_write((log), SIO_LOG_DEBUG, __VA_ARGS__)

SIO_END
