/* What the demo's people have said to each other before anybody looks. */
#pragma once
#include <stdint.h>

#include "sio_err.h"
#include "store/store.h"

/* The clock of a store that such things are written to: it stands in the past while they are, else it is the system's. */
int64_t demo_talk_wall_ms(void);

/* From here on, until demo_talk_make has returned, it is the beginning of what they have said. */
void demo_talk_begin(void);

/* Writes all of it, once its people are there. Waits for the store, a few dozen commits. */
enum sio_err demo_talk_make(struct store *store) SIO_MUST_CHECK;
