/* A note as FCM's message: one body for phones and pages, each takes its own block. */
#pragma once
#include "base/arena.h"
#include "push/note.h"

enum { FCM_MESSAGE_MAX_BYTES = 4096 };

/* The request's body, at most FCM_MESSAGE_MAX_BYTES, into `arena`. False: the token alone is too long for that. */
bool fcm_message(const struct push_note *note, int64_t now_ms, struct arena *arena, struct sio_span *out);
