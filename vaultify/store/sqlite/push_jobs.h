/* What becomes of jobs. */
#pragma once
#include "store/sqlite/writer.h"

/* The job becomes a dead letter, after so many attempts more than were counted. */
void push_job_die(struct writer *w, int64_t job_key, int attempts, struct sio_span error);

/* When the store is opened: whoever claimed jobs is no more. */
void push_claims_take_back(struct writer *w);
