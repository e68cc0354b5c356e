/* Events that come before CONNECT is answered: who comes back to a session keeps them until then, and forgets them
 * when the connection breaks before. */
#pragma once
#include "payload.h"

struct early { /* one packet */
    struct early *next;
    struct sio_strbuf text, attachments[PAYLOAD_ATTACHMENTS];
};

/* Behind the others. Copies. */
void early_keep(struct early **list, struct sio_span text, const struct sio_span *attachments,
                unsigned count);
void early_forget(struct early **list);
