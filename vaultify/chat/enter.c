/* Getting to the estate's loop: a call finds its estate there, waits until that is loaded, and gets its user.
 */
#include "chat/inside.h"

/* What chat_enter learned from the store about the user; compared with the cache, which may be older. */
enum { CALL_KNOWN, CALL_FOUND_ACTIVE, CALL_FOUND_INACTIVE };

/* The caller may free `call` inside. */
static void call_end(struct chat_call *call, struct chat_user *me, enum fault fault) {
    struct sio_server *server = call->chat->server;
    call->run(call, me, fault);
    sio_server_release(server);
}

static void call_wait(struct chat_estate *estate, struct chat_call *call) {
    call->next = NULL;
    if (estate->waiting)
        estate->waiting_last->next = call;
    else
        estate->waiting = call;
    estate->waiting_last = call;
    estate->waiting_count++;
}

/* The store said otherwise a moment ago: one of the two is outdated, so the estate is read again. */
static bool call_disagrees(const struct chat_call *call, const struct chat_user *user) {
    if (call->found == CALL_KNOWN) return false;
    bool active = user && user->status == USER_ACTIVE;
    return active != (call->found == CALL_FOUND_ACTIVE);
}

static void call_serve(struct chat_estate *estate, struct chat_call *call) {
    estate->used_ms = estate_now(estate);
    if (estate->state == ESTATE_FAILED) {
        call_end(call, NULL, estate->failure);
        return;
    }
    struct chat_user *user = estate_user(estate, &call->user);
    if (call_disagrees(call, user)) {
        call->found = CALL_KNOWN;
        call_wait(estate, call);
        estate_reload(estate);
    } else if (!user) {
        /* A caller who knew the estate has been in it; whom the store knows as inactive never got that far. */
        call_end(call, NULL, call->found == CALL_FOUND_INACTIVE ? FAULT_USER_INACTIVE : FAULT_ESTATE_CHANGED);
    } else if (user->status != USER_ACTIVE) {
        call_end(call, NULL, FAULT_USER_INACTIVE);
    } else {
        call_end(call, user, FAULT_NONE);
    }
}

/* ---- those that waited ---- */

static bool may_serve(const struct chat_estate *estate) {
    return estate->waiting && (estate->state == ESTATE_READY || estate->state == ESTATE_FAILED);
}

static struct chat_call *waiting_take(struct chat_estate *estate) {
    struct chat_call *call = estate->waiting;
    estate->waiting = call->next;
    estate->waiting_count--;
    return call;
}

static void serve_run(struct sio_task *task) {
    struct chat_estate *estate = container_of(task, struct chat_estate, serve);
    estate->serving = false;
    struct use_case *u;
    for (int i = 0; i < SERVED_A_TURN && (u = use_cases_take(&estate->resuming)); i++) u->resume(u, u->fault);
    for (int i = 0; i < SERVED_A_TURN && may_serve(estate); i++) call_serve(estate, waiting_take(estate));
    if (estate->state == ESTATE_FAILED && !estate->waiting)
        estate_drop(estate);
    else if (estate->resuming.head || may_serve(estate))
        estate_serve_waiting(estate);
}

void estate_serve_waiting(struct chat_estate *estate) {
    if (estate->serving) return;
    estate->serving = true;
    estate->serve.run = serve_run;
    sio_loop_post(estate->loop, &estate->serve);
}

/* ---- arriving ---- */

static void call_arrive(struct sio_task *task) {
    struct chat_call *call = container_of(task, struct chat_call, task);
    struct estate_key key = chat_key(&call->user, &call->estate);
    struct chat_estate *estate = estate_get(chat_home(call->chat, &key), &key);
    bool direct = estate->state == ESTATE_READY && !estate->waiting;
    if (direct)
        call_serve(estate, call);
    else if (estate->waiting_count < ESTATE_WAITING_MAX)
        call_wait(estate, call);
    else
        call_end(call, NULL, FAULT_BUSY);
}

static void call_go(struct chat_call *call) {
    struct estate_key key = chat_key(&call->user, &call->estate);
    call->task.run = call_arrive;
    sio_loop_post(chat_home(call->chat, &key)->loop, &call->task);
}

void chat_enter_known(struct chat *chat, struct chat_call *call) {
    sio_server_hold(chat->server);
    call->chat = chat;
    call->found = CALL_KNOWN;
    call_go(call);
}

static void user_found(struct store_op *op) {
    struct store_user_get *get = container_of(op, struct store_user_get, op);
    struct chat_call *call = op->data;
    enum fault fault = op->fault;
    call->estate = get->row.estate;
    call->found = get->row.status == USER_ACTIVE ? CALL_FOUND_ACTIVE : CALL_FOUND_INACTIVE;
    store_op_free(op);
    if (fault == FAULT_NONE)
        call_go(call);
    else
        call_end(call, NULL, fault);
}

void chat_enter(struct chat *chat, struct chat_call *call) {
    sio_server_hold(chat->server);
    call->chat = chat;
    struct sio_loop *here = sio_loop_here();
    struct store_user_get *get =
        store_op_new(STORE_USER_GET, here ? here : sio_server_loop(chat->server, 0), user_found, call);
    get->user = call->user;
    store_submit(chat->store, &get->op);
}
