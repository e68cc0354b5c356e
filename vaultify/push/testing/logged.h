/* For tests: a log that can be read. */
#pragma once
#include "sio_log.h"

struct test_log {
    struct sio_log log;
    int ends[2];
    char text[1024];
};

void test_log_init(struct test_log *log);
/* All that was logged since the last call, NUL-terminated; lives until the next call. */
const char *test_log_read(struct test_log *log);
void test_log_fini(struct test_log *log);
