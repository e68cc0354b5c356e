/* Names that documents derive from those in the tables. Any thread. */
#pragma once
#include "events/table.h"
#include "routes/table.h"

enum { REFERENCE_NAME_MAX = 96 };
struct reference_name {
    char text[REFERENCE_NAME_MAX];
};

/* send_message: SendMessagePayload */
struct reference_name reference_payload_name(const struct event_row *row);

/* GET /messaging/conversations/:id: getMessagingConversationsById */
struct reference_name reference_operation_name(const struct route_row *row);

/* What it is about: its first part, but of /messaging the second. */
struct reference_name reference_route_tag(const struct route_row *row);

/* Walks a pattern's parts: start with *rest = the pattern; false at the end. `kind` is ':', '*', or 0 for a part that is
 * itself. */
bool reference_part_next(const char **rest, struct sio_span *part, char *kind);

/* The codes of a set of faults, each once, in the table's order. */
enum { REFERENCE_CODES_MAX = FAULT_COUNT_ };
size_t reference_codes(fault_set faults, const char *codes[static REFERENCE_CODES_MAX]);

/* Those of the set that one HTTP status has. */
fault_set reference_faults_of_status(fault_set faults, int status);

/* Appends who may and how often, in sentences. `who` is a mask of roles. */
void reference_who(struct sio_strbuf *out, unsigned who, const struct rate_limit *rate);

/* Is it part of the API? */
static inline bool reference_route_is_public(const struct route_row *row) {
    return row->access != ROUTE_CONTROL;
}
