/* Taking turns at what is long to read and to write out: a few at a time on each loop, the users one after the
 * other, so that neither the store's answers nor one user's pages pile up before everybody else's work. */
#include "chat/inside.h"

static struct use_case *next_turn(struct estate_loop *home) {
    if (list_empty(&home->readers)) return NULL;
    struct chat_user *user = container_of(home->readers.next, struct chat_user, in_readers);
    struct use_case *u = use_cases_take(&user->reads_waiting);
    list_remove(&user->in_readers);
    if (user->reads_waiting.head) list_insert(&home->readers, &user->in_readers);
    return u;
}

/* A turn may end while it begins (a refusal) and get here again: the one loop goes on then. */
static void go_on(struct estate_loop *home) {
    if (home->reads_go_on) return;
    home->reads_go_on = true;
    struct use_case *u;
    while (home->reads_running < LONG_READS_AT_ONCE && (u = next_turn(home))) {
        u->has_turn = true;
        home->reads_running++;
        u->resume(u, user_fault(u->me));
    }
    home->reads_go_on = false;
}

void long_read_need(struct use_case *u, void (*resume)(struct use_case *u, enum fault fault)) {
    struct estate_loop *home = u->me->estate->home;
    u->resume = resume;
    if (!u->me->reads_waiting.head) list_insert(&home->readers, &u->me->in_readers);
    use_cases_add(&u->me->reads_waiting, u);
    go_on(home);
}

void long_read_end(struct estate_loop *home) {
    home->reads_running--;
    go_on(home);
}
