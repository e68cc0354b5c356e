/* Dropping devices, with all that waits for them. */
#pragma once
#include "store/sqlite/writer.h"

void device_drop(struct writer *w, int64_t user_key, int64_t device_key);

/* A token that its service calls dead since then (0: for ever): false when the device is there no more, or stays
 * because it was registered after that. */
bool device_drop_dead(struct writer *w, int64_t device_key, int64_t dead_since);
