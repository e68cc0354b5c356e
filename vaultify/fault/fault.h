/* The one table of what can be wrong with a request: its code for programs, its HTTP status, its text for
 * people. Faults may share a code: programs need not tell those apart. A fault never says anything about
 * another estate: what is foreign is reported as what does not exist. */
#pragma once

/*    name                     code                      status  message */
#define FAULT_TABLE(X)                                                                                       \
    X(NONE, "ok", 200, "OK")                                                                                 \
    X(INVALID_JSON, "invalid_json", 400, "The body is not valid JSON")                                       \
    X(INVALID_PAYLOAD, "invalid_payload", 400, "The payload is not valid")                                   \
    X(TEXT_EMPTY, "invalid_payload", 400, "A text message needs content")                                    \
    X(MESSAGE_EMPTY, "invalid_payload", 400, "A message needs content or metadata")                          \
    X(TYPE_SYSTEM, "invalid_payload", 400, "Only the server sends messages of type system")                  \
    X(DIRECT_NEEDS_ONE, "invalid_payload", 400, "A direct conversation needs exactly one other user")        \
    X(EMOJI_INVALID, "invalid_payload", 400, "An emoji holds no blanks and no control characters")           \
    X(UNKNOWN_EVENT, "unknown_event", 400, "There is no such event")                                         \
    X(REQUEST_INVALID, "invalid_request", 400, "The request is not valid HTTP")                              \
    X(TOKEN_MISSING, "token_missing", 401, "An access token is required")                                    \
    X(TOKEN_INVALID, "token_invalid", 401, "The access token is not valid")                                  \
    X(TOKEN_EXPIRED, "token_expired", 401, "The access token has expired")                                   \
    X(USER_UNKNOWN, "user_unknown", 401, "The token's user does not exist")                                  \
    X(USER_INACTIVE, "user_inactive", 403, "The user is not active")                                         \
    X(ESTATE_CHANGED, "estate_changed", 403, "The user's estate has changed; connect again")                 \
    X(FORBIDDEN, "forbidden", 403, "You may not do this")                                                    \
    X(CONVERSATION_NOT_FOUND, "conversation_not_found", 404, "There is no such conversation")                \
    X(MESSAGE_NOT_FOUND, "message_not_found", 404, "There is no such message in this conversation")          \
    X(USER_NOT_FOUND, "user_not_found", 404, "There is no such user in this estate")                         \
    X(REACTION_NOT_FOUND, "reaction_not_found", 404, "There is no such reaction")                            \
    X(DEVICE_NOT_FOUND, "device_not_found", 404, "You have no such device")                                  \
    X(WEBPUSH_OFF, "webpush_off", 404, "This server sends no Web Push")                                      \
    X(PUSH_NOT_FOUND, "push_not_found", 404, "There is no such push")                                        \
    X(ROUTE_NOT_FOUND, "route_not_found", 404, "There is no such route")                                     \
    X(METHOD_NOT_ALLOWED, "method_not_allowed", 405, "The route does not know this method")                  \
    X(REQUEST_LATE, "request_timeout", 408, "The request did not come in time")                              \
    X(TOO_MANY_REACTIONS, "too_many_reactions", 409, "You have too many reactions on this message")          \
    X(CONTENT_TOO_LARGE, "content_too_large", 413, "The content is too large")                               \
    X(RATE_LIMITED, "rate_limited", 429, "Too many requests; try again later")                               \
    X(HEADERS_TOO_LARGE, "headers_too_large", 431, "The address and the headers are too large")              \
    X(INTERNAL, "internal", 500, "Something went wrong on our side")                                         \
    X(CODING_UNKNOWN, "unknown_coding", 501, "The body comes in a transfer coding that is not known here")   \
    X(BUSY, "busy", 503, "The server is busy; try again")                                                    \
    X(VERSION_UNKNOWN, "unknown_version", 505, "Only HTTP/1.0 and HTTP/1.1 are spoken here")

enum fault {
#define FAULT_ENUM(name, code, status, message) FAULT_##name,
    FAULT_TABLE(FAULT_ENUM)
#undef FAULT_ENUM
        FAULT_COUNT_
};

/* Some faults at once, as bits. */
typedef unsigned long long fault_set;
#define FAULT_BIT(name) (1ull << FAULT_##name)
_Static_assert(FAULT_COUNT_ <= 64, "a bit each");

const char *fault_code(enum fault f);
int fault_status(enum fault f);
const char *fault_message(enum fault f);
