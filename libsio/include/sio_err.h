/* The one table of internal results: every function that can fail returns one of these, and must be looked
 * at. */
#pragma once

#include "sio_api.h"

SIO_BEGIN

/*        name        text */
#define ERR_TABLE(X)                                                                                         \
    X(OK, "ok")                                                                                              \
    X(AGAIN, "not now, try again")                                                                           \
    X(INVALID, "invalid argument or input")                                                                  \
    X(LIMIT, "a configured limit is reached")                                                                \
    X(NOT_FOUND, "not found")                                                                                \
    X(EXISTS, "exists already")                                                                              \
    X(CLOSED, "closed")                                                                                      \
    X(TIMEOUT, "timed out")                                                                                  \
    X(IN_USE, "in use by somebody else")                                                                     \
    X(DENIED, "permission denied")                                                                           \
    X(IO, "input/output error")                                                                              \
    X(CORRUPT, "stored data is damaged")

enum err {
#define ERR_ENUM(name, text) ERR_##name,
    ERR_TABLE(ERR_ENUM)
#undef ERR_ENUM
        ERR_COUNT_
};

/* A static, English, lower-case text without a full stop. */
const char *err_text(enum err e);

SIO_END
