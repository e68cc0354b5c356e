/* What the server refuses before a route is looked for, in the same words as what a route refuses. */
#include "routes/table.h"

/* One a status of sio_server_on_http_refused. */
static const enum fault early_faults[] = {
    FAULT_REQUEST_INVALID, FAULT_REQUEST_LATE, FAULT_CONTENT_TOO_LARGE, FAULT_HEADERS_TOO_LARGE,
    FAULT_CODING_UNKNOWN,  FAULT_BUSY,         FAULT_VERSION_UNKNOWN,
};
static const size_t early_fault_count = sizeof early_faults / sizeof early_faults[0];

fault_set route_early_faults(void) {
    fault_set faults = 0;
    for (size_t i = 0; i < early_fault_count; i++) faults |= 1ull << early_faults[i];
    return faults;
}

/* A status that is not in the table is answered as it is. */
void routes_on_refused(struct sio_http_request *request, int status, void *data) {
    for (size_t i = 0; i < early_fault_count; i++)
        if (fault_status(early_faults[i]) == status) {
            route_refuse_early(request, early_faults[i]);
            return;
        }
}
