/* How users can be reached, asked by whoever decides about pushes, from any thread. */
#include "chat/inside.h"

static enum chat_reach reach_of(const struct chat_user *user) {
    if (!user || user->connections == 0) return CHAT_OFFLINE;
    return user->confirms == user->connections ? CHAT_CONFIRMS : CHAT_CONNECTED;
}

/* Asking is no use: the estate's idle time goes on. */
static void reach_run(struct sio_task *task) {
    struct chat_reach_query *query = container_of(task, struct chat_reach_query, task);
    struct estate_key key = {.id = query->estate};
    const struct chat_estate *estate = estate_cached(chat_home(query->chat, &key), &key);
    for (size_t i = 0; i < query->count; i++)
        query->reach[i] = reach_of(estate ? estate_user(estate, &query->users[i]) : NULL);
    query->done(query);
}

void chat_reach(struct chat *chat, struct chat_reach_query *query) {
    struct estate_key key = {.id = query->estate};
    query->chat = chat;
    query->task.run = reach_run;
    sio_loop_post(chat_home(chat, &key)->loop, &query->task);
}
