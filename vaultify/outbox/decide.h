/* Who gets a push: the one rule, pure. The table that documents and tests it is push_decide_test.c's. */
#pragma once
#include "chat/chat.h"
#include "store/push.h"

struct push_case {
    enum chat_reach reach;
    enum push_wait wait; /* PUSH_FRESH: the first look; else what the watch waited for, which is over */
    bool active, muted, notifications_enabled, quiet_now, emergency;
};

/* FRESH and offline: SEND. FRESH with sockets: WAIT_ACK when all of them say message_delivered, else WAIT_PING. A watch for
 * an ack that is due: SEND, sockets or not. One for a ping: SEND when offline, NO when a socket is there. Before all that:
 * who is not active gets NO, and so does who has muted, switched off or quiet hours, unless it is an emergency. */
enum push_decision push_decide(const struct push_case *c);
