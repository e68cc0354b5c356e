/* Fan-outs: what a commit's messages leave behind for whoever works the outbox off (push.h). On the way of every
 * message, so a number in the conversation's cache entry is all that most of them cost. */
#pragma once
#include "store/sqlite/writer.h"

/* The message entry->last_seq has just been added. */
void push_fanout_note(struct writer *w, struct conversation_entry *entry, bool emergency);

/* Writes the row of what was noted, next to the entry's counters. */
void push_fanout_write(struct writer *w, struct conversation_entry *entry);

/* Between the batch's commit and the next: tells whoever listens. */
void push_fanout_tell(struct writer *w);
