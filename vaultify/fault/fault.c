/* The fault table's three columns. */
#include "fault/fault.h"

#include "base/must.h"

static const struct {
    const char *code;
    int status;
    const char *message;
} faults[] = {
#define FAULT_ROW(name, code, status, message) {code, status, message},
    FAULT_TABLE(FAULT_ROW)
#undef FAULT_ROW
};

const char *fault_code(enum fault f) {
    must(f < FAULT_COUNT_);
    return faults[f].code;
}

int fault_status(enum fault f) {
    must(f < FAULT_COUNT_);
    return faults[f].status;
}

const char *fault_message(enum fault f) {
    must(f < FAULT_COUNT_);
    return faults[f].message;
}
