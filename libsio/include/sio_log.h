/* The log: one line an event, `time level message key=value …`, to a file descriptor. Any thread; one write a
 * line. */
#pragma once

#include "sio_api.h"

SIO_BEGIN

enum log_level { SIO_LOG_ERROR, SIO_LOG_WARN, SIO_LOG_INFO, SIO_LOG_DEBUG };

struct log {
    int fd;
    enum log_level level; /* lines above it are not written */
};

void log_init(struct log *log, int fd, enum log_level level);

/* `format` is printf's and becomes the message; control characters are escaped, a line is cut at 4 KiB.
 * `log` may be NULL: then nothing happens. */
void log_write(const struct log *log, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define log_error(log, ...) log_write((log), SIO_LOG_ERROR, __VA_ARGS__)
#define log_warn(log, ...)  log_write((log), SIO_LOG_WARN, __VA_ARGS__)
#define log_info(log, ...)  log_write((log), SIO_LOG_INFO, __VA_ARGS__)
#define log_debug(log, ...) log_write((log), SIO_LOG_DEBUG, __VA_ARGS__)

SIO_END
