/* Role masks: the column "who may" of the event and route tables. */
#pragma once
#include "chat/chat.h"

#define WHO_ROLE(role) (1u << (role))
#define WHO_EVERYBODY  (WHO_ROLE(ROLE_COUNT_) - 1)
/* Those who may speak to a whole estate. */
#define WHO_ANNOUNCES (WHO_ROLE(ROLE_SECURITY) | WHO_ROLE(ROLE_ADMIN) | WHO_ROLE(ROLE_SUPER_ADMIN))

/* Rate buckets of a user: the events' come first, then the routes'; the last one counts bytes of messages, of
 * all events and routes that carry some. */
enum { WHO_EVENT_BUCKETS = 16, WHO_BYTES_BUCKET = CHAT_BUCKETS - 1 };

/* What one user may send in messages and broadcasts together, as JSON. */
enum { WHO_BYTES_A_SECOND = 2 << 20, WHO_BYTES_BURST = 16 << 20 };
