/* A note as Apple's payload, and the headers that go with it. */
#pragma once
#include "base/arena.h"
#include "push/http.h"
#include "push/note.h"

enum { APNS_PAYLOAD_MAX_BYTES = 4096 };

/* Adds body and headers to the request, in `arena`. `critical`: emergencies are critical alerts. */
void apns_payload(const struct push_note *note, bool critical, int64_t now_ms, struct arena *arena,
                  struct push_request *out);
