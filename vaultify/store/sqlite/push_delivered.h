/* What clients said has arrived, remembered for a while: they may say so before anybody has decided. */
#pragma once
#include "store/sqlite/writer.h"

/* The newest seq of the conversation that some device of the user has got, as far as it is remembered. */
uint64_t push_delivered_seq(struct writer *w, int64_t user_key, int64_t conversation_key);

/* A device of the user has got all up to `seq`. While no service is on, nothing is remembered. */
void push_delivered_note(struct writer *w, int64_t user_key, int64_t conversation_key, uint64_t seq);
