/* Taking back what waits for users: watches, jobs and dead letters (push.h). */
#pragma once
#include "store/sqlite/writer.h"

/* Up to `seq` nothing is owed any more: it was read, or has arrived. */
void push_cancel(struct writer *w, int64_t user_key, int64_t conversation_key, uint64_t seq);

/* Has left the conversation. */
void push_cancel_all(struct writer *w, int64_t user_key, int64_t conversation_key);

/* Wants to be told of none of its messages any more, but for emergencies. */
void push_cancel_normal(struct writer *w, int64_t user_key, int64_t conversation_key);

/* Is not active any more: of the dead letters those that are tried again go then. */
void push_cancel_user(struct writer *w, int64_t user_key);

/* The user's device is not to be used any more: its dead letters go too. */
void push_cancel_device(struct writer *w, int64_t user_key, int64_t device_key);

/* Sets w->push_pending: while nothing waits for anybody, all but the device's cost nothing. */
void push_pending_look(struct writer *w);
