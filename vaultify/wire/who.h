/* Role masks: the column "who may" of the event and route tables. */
#pragma once
#include "store/rows.h"

#define WHO_ROLE(role) (1u << (role))
#define WHO_EVERYBODY  (WHO_ROLE(ROLE_COUNT_) - 1)
/* Those who may speak to a whole estate. */
#define WHO_ANNOUNCES (WHO_ROLE(ROLE_SECURITY) | WHO_ROLE(ROLE_ADMIN) | WHO_ROLE(ROLE_SUPER_ADMIN))

/* Rate buckets of a user: the events' come first, then the routes'. */
enum { WHO_EVENT_BUCKETS = 8 };
