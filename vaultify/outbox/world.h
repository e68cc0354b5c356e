/* All that the worker finds around it: time, chance, the network, and who is connected. The program's is made in
 * services.c; a test's in testing/fake_world.h. But for `wake`, everything is called on the worker's thread. */
#pragma once
#include "chat/chat.h"
#include "push/http.h"

struct outbox_world {
    int64_t (*wall_ms)(void *ctx);       /* since 1970 */
    uint64_t (*monotonic_us)(void *ctx); /* never set back */
    uint32_t (*random)(void *ctx);
    /* As push_http_send, _run and _wake. */
    void (*send)(void *ctx, const struct push_request *request,
                 void (*done)(const struct push_response *response, void *data), void *data);
    void (*run)(void *ctx, uint32_t timeout_ms);
    void (*wake)(void *ctx);
    void (*close)(void *ctx); /* what is under way ends first, with PUSH_BROKEN */
    void (*reach)(struct chat *chat, struct chat_reach_query *query); /* as chat_reach */
    void *ctx;
};
