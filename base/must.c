/* The end of a process whose own code is wrong: say where, and stop with a core. */
#include "base/must.h"

void must_fail(const char *condition, const char *file, int line) {
    fprintf(stderr, "must failed: %s at %s:%d\n", condition, file, line);
    abort();
}
