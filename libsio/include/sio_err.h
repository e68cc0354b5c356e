/* The one table of internal results: every function that can fail returns one of these, and must be looked
 * at. */
#pragma once

#include "sio_api.h"

SIO_BEGIN

/*        name        text */
#define SIO_ERR_TABLE(X)                                                                                     \
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

enum sio_err {
#define SIO_ERR_ENUM(name, text) SIO_ERR_##name,
    SIO_ERR_TABLE(SIO_ERR_ENUM)
#undef SIO_ERR_ENUM
        SIO_ERR_COUNT_
};

/* A static, English, lower-case text without a full stop. */
const char *sio_err_text(enum sio_err e);

SIO_END
