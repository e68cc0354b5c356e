/* The arguments of the simulation's events: what they hold follows from who sends them and their number, so that the
 * receiver knows them too and sees any damage. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "sio_strbuf.h"

enum { PAYLOAD_ATTACHMENTS = 3, PAYLOAD_LARGE_BYTES = 20 * 1000 };

struct payload {
    unsigned sender;
    uint32_t number;
    unsigned attachments;
    bool large_allowed;
};

/* ["text",{"_placeholder":true,"num":0},…,sender,number] */
void payload_args(const struct payload *payload, struct sio_strbuf *out);
void payload_attachment(const struct payload *payload, unsigned index, struct sio_strbuf *out);

/* Takes sender and number from the end of `args`, and compares all the rest. false: damaged. */
bool payload_read(struct sio_span args, const struct sio_span *attachments, unsigned count,
                  bool large_allowed, struct payload *out);
