/* A running use case: counted on its user and estate, a hold on the server, and queues of those that wait. */
#include "chat/inside.h"

void *use_case_new(struct chat_user *me, size_t size_bytes) {
    if (me->in_flight >= me->estate->chat->config.user_in_flight_max) return NULL;
    return use_case_new_unlimited(me, size_bytes);
}

bool use_case_may_read(const struct chat_user *me) {
    return me->reads < me->estate->chat->config.user_reads_max;
}

void *use_case_new_read(struct chat_user *me, size_t size_bytes) {
    struct use_case *u = use_case_may_read(me) ? use_case_new(me, size_bytes) : NULL;
    if (!u) return NULL;
    u->reads = true;
    me->reads++;
    return u;
}

void *use_case_new_unlimited(struct chat_user *me, size_t size_bytes) {
    struct use_case *u = mem_zalloc(size_bytes);
    u->me = me;
    me->in_flight++;
    me->estate->use_cases++;
    sio_server_hold(me->estate->chat->server);
    return u;
}

void use_case_free(struct use_case *u) {
    struct chat_user *me = u->me;
    struct sio_server *server = me->estate->chat->server;
    struct estate_loop *home = me->estate->home;
    bool had_turn = u->has_turn;
    if (u->conversation) conversation_unpin(u->conversation);
    me->in_flight--;
    if (u->reads) me->reads--;
    me->estate->use_cases--;
    user_free_if_gone(me);
    free(u);
    if (had_turn) long_read_end(home);
    sio_server_release(server);
}

void use_cases_add(struct use_case_queue *queue, struct use_case *u) {
    u->next = NULL;
    if (queue->tail)
        queue->tail->next = u;
    else
        queue->head = u;
    queue->tail = u;
}

struct use_case *use_cases_take(struct use_case_queue *queue) {
    struct use_case *u = queue->head;
    if (!u) return NULL;
    queue->head = u->next;
    if (!queue->head) queue->tail = NULL;
    u->next = NULL;
    return u;
}

void use_cases_resume(struct use_case_queue *queue, enum fault fault) {
    struct use_case_queue now = *queue;
    *queue = (struct use_case_queue){0};
    for (struct use_case *u; (u = use_cases_take(&now));) u->resume(u, fault);
}
