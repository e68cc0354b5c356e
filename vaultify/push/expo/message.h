/* Notes as Expo's messages, and the body of a request that asks for receipts. */
#pragma once
#include "push/note.h"
#include "sio_strbuf.h"

/* Apple and Google take 4096 bytes of what Expo makes of a message, and Expo adds members of its own. */
enum { EXPO_MESSAGE_MAX_BYTES = 4096 - 256 /* without the token */ };

/* Appends the array of messages. Texts that do not fit are cut. */
void expo_messages(struct sio_strbuf *out, const struct push_note *notes, size_t count, int64_t now_ms);

/* Appends {"ids": […]}. */
void expo_receipt_ids(struct sio_strbuf *out, const struct sio_span *ids, size_t count);
