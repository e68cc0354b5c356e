/* A payload that keeps to its service's limit: the texts give way. */
#pragma once
#include "base/arena.h"
#include "push/note.h"
#include "sio_strbuf.h"

/* Appends the payload; writes title and body once each, as JSON strings, empty ones too. */
typedef void push_payload_write(struct sio_strbuf *out, const struct push_note *note, const void *data);

/* The payload of the note into `arena`, at most `limit_bytes`. Title and body are cut to the half that each is sure of and
 * what the other leaves of its own, at a character's end, with an ellipsis. False: it does not fit without texts either. */
bool push_payload_fit(const struct push_note *note, size_t limit_bytes, push_payload_write *write,
                      const void *data, struct arena *arena, struct sio_span *out);
