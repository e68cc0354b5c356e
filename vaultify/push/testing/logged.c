/* A log that ends in a pipe. */
#include "push/testing/logged.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/must.h"

void test_log_init(struct test_log *log) {
    must(pipe2(log->ends, O_NONBLOCK | O_CLOEXEC) == 0);
    sio_log_init(&log->log, log->ends[1], SIO_LOG_INFO);
}

const char *test_log_read(struct test_log *log) {
    ssize_t n = read(log->ends[0], log->text, sizeof log->text - 1);
    log->text[n > 0 ? n : 0] = 0;
    return log->text;
}

void test_log_fini(struct test_log *log) {
    close(log->ends[0]);
    close(log->ends[1]);
}
