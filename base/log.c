/* The log: a line is built on the stack and leaves in one write. */
#include "sio_log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/timefmt.h"

enum { LOG_LINE = 4096 /* bytes, the newline included; a longer line is cut */ };

struct line {
    char text[LOG_LINE];
    size_t n;
};

void sio_log_init(struct sio_log *log, int fd, enum sio_log_level level) {
    *log = (struct sio_log){fd, level};
}

/* Keeps one byte for the newline; false when `n` bytes do not fit. */
static bool add(struct line *line, const char *p, size_t n) {
    if (n > LOG_LINE - 1 - line->n) return false;
    memcpy(line->text + line->n, p, n);
    line->n += n;
    return true;
}

static void add_head(struct line *line, enum sio_log_level level) {
    static const char *const names[] = {"error ", "warn ", "info ", "debug "};
    struct timespec now;
    char text[TIME_TEXT + 1];
    clock_gettime(CLOCK_REALTIME, &now);
    time_format((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000, text);
    add(line, text, TIME_TEXT);
    add(line, " ", 1);
    add(line, names[level], strlen(names[level]));
}

/* A message may carry what a client sent: no control character may start a line of its own or drive a
 * terminal. */
static bool add_escaped(struct line *line, unsigned char c) {
    static const char hex[] = "0123456789abcdef";
    if (c >= 0x20 && c != 0x7f) return add(line, (char *)&c, 1);
    if (c == '\n') return add(line, "\\n", 2);
    if (c == '\r') return add(line, "\\r", 2);
    if (c == '\t') return add(line, "\\t", 2);
    return add(line, (char[]){'\\', 'x', hex[c >> 4], hex[c & 15]}, 4);
}

static void write_all(int fd, const char *p, size_t n) {
    while (n) {
        ssize_t written = write(fd, p, n);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return; /* there is nobody to tell */
        p += written;
        n -= (size_t)written;
    }
}

void sio_log_write(const struct sio_log *log, enum sio_log_level level, const char *format, ...) {
    if (!log || level > log->level) return;
    int saved = errno;
    char message[LOG_LINE];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (n < 0) n = 0;
    if (n >= LOG_LINE) n = LOG_LINE - 1;
    struct line line;
    line.n = 0;
    add_head(&line, level);
    for (int i = 0; i < n && add_escaped(&line, (unsigned char)message[i]); i++) continue;
    line.text[line.n++] = '\n';
    write_all(log->fd, line.text, line.n);
    errno = saved;
}
