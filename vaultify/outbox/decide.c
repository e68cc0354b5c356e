/* Who gets a push: the one rule, pure. */
#include "outbox/decide.h"

static bool is_wanted(const struct push_case *c) {
    if (!c->active) return false;
    return c->emergency || (!c->muted && c->notifications_enabled && !c->quiet_now);
}

static const enum push_decision first_look[] = {
    [CHAT_OFFLINE] = PUSH_SEND,
    [CHAT_CONNECTED] = PUSH_WAIT_PING,
    [CHAT_CONFIRMS] = PUSH_WAIT_ACK,
};

enum push_decision push_decide(const struct push_case *c) {
    if (!is_wanted(c)) return PUSH_NO;
    switch (c->wait) {
    case PUSH_AWAITS_ACK: return PUSH_SEND; /* sockets or not: none of them said that it has it */
    case PUSH_AWAITS_PING: return c->reach == CHAT_OFFLINE ? PUSH_SEND : PUSH_NO;
    case PUSH_FRESH: break;
    }
    return first_look[c->reach];
}
