/* Changes from outside (an import): the estates concerned are read again, and what changed for sockets is
 * told.
 *
 * chat_estates_changed hands one part to each estate's loop, and one to every loop for its users without an
 * estate (who may have been given one). A part is through when the users were read again and, after that, the
 * conversation lists of everybody who is connected. */
#include "chat/inside.h"

#include <stdatomic.h>

struct change {
    struct chat *chat;
    atomic_size_t left; /* parts that are not through */
    void (*done)(void *data);
    void *data;
};

struct change_part {
    struct sio_task task;
    struct change *change;
    struct uuid estate;
    struct change_part *next; /* in chat_estate.changes or refresh_job.parts */
};

/* The second half of a reload: the lists of those who are connected, REFRESHES_AT_ONCE at a time. */
struct refresh_job {
    struct chat_estate *estate;
    struct change_part *parts;
    struct uuid *users;
    size_t count, next, running;
};

struct refresh {
    struct use_case base;
    struct refresh_job *job;
    struct sio_timer retry;
};

static void job_go_on(struct refresh_job *job);

static void part_end(struct change_part *part) {
    struct change *change = part->change;
    free(part);
    if (atomic_fetch_sub(&change->left, 1) > 1) return;
    struct sio_server *server = change->chat->server;
    if (change->done) change->done(change->data);
    free(change);
    sio_server_release(server);
}

static void parts_end(struct change_part *parts) {
    while (parts) {
        struct change_part *next = parts->next;
        part_end(parts);
        parts = next;
    }
}

/* ---- the lists ---- */

static void refresh_end(struct use_case *u, enum fault fault);

static void refresh_again(struct sio_timer *timer) {
    struct refresh *refresh = container_of(timer, struct refresh, retry);
    list_refresh(&refresh->base, refresh_end);
}

static void refresh_end(struct use_case *u, enum fault fault) {
    struct refresh *refresh = container_of(u, struct refresh, base);
    struct refresh_job *job = refresh->job;
    if (fault != FAULT_NONE && u->me->status == USER_ACTIVE) {
        sio_timer_start(job->estate->loop, &refresh->retry, RETRY_MS, refresh_again);
        return;
    }
    use_case_free(u);
    job->running--;
    job_go_on(job);
}

static void refresh_start(struct refresh_job *job, struct chat_user *user) {
    struct refresh *refresh = use_case_new_unlimited(user, sizeof(*refresh));
    refresh->job = job;
    job->running++;
    list_refresh(&refresh->base, refresh_end);
}

static void job_go_on(struct refresh_job *job) {
    while (job->running < REFRESHES_AT_ONCE && job->next < job->count) {
        struct chat_user *user = estate_active_user(job->estate, &job->users[job->next++]);
        if (user && user->list) refresh_start(job, user);
    }
    if (job->running > 0) return;
    parts_end(job->parts);
    free(job->users);
    free(job);
}

/* Lists that nobody listens to are forgotten; the others are noted, to be read again. */
static void job_collect(struct refresh_job *job) {
    job->users = mem_new_array(struct uuid, job->estate->users.count + 1);
    uint32_t cursor = 0;
    for (struct chat_user *user; (user = map_next(&job->estate->users, &cursor));) {
        if (user->connections == 0) list_drop(user);
        if (user->list) job->users[job->count++] = user->id;
    }
}

void estate_reloaded(struct chat_estate *estate) {
    struct refresh_job *job = mem_new(struct refresh_job);
    job->estate = estate;
    job->parts = estate->changes;
    estate->changes = NULL;
    job_collect(job);
    job_go_on(job);
}

/* ---- the estates ---- */

void estate_reload(struct chat_estate *estate) {
    if (estate->state == ESTATE_READY) {
        estate->state = ESTATE_RELOADING;
        estate_load(estate);
    } else {
        estate->load_again = true;
    }
}

static void part_add(struct chat_estate *estate, struct change_part *part) {
    part->next = estate->changes;
    estate->changes = part;
    estate_reload(estate);
}

static void part_run(struct sio_task *task) {
    struct change_part *part = container_of(task, struct change_part, task);
    struct estate_key key = chat_key(&part->estate, &part->estate);
    struct chat_estate *estate = estate_cached(chat_home(part->change->chat, &key), &key);
    if (!estate || estate->state == ESTATE_FAILED)
        part_end(part);
    else
        part_add(estate, part);
}

static struct change_part *part_new(struct change *change) {
    struct change_part *part = mem_new(struct change_part);
    part->change = change;
    return part;
}

static void alone_run(struct sio_task *task) {
    struct change_part *part = container_of(task, struct change_part, task);
    struct change *change = part->change;
    struct estate_loop *home = &change->chat->loops[sio_loop_index(sio_loop_here())];
    uint32_t cursor = 0;
    for (struct chat_estate *estate; (estate = map_next(&home->estates, &cursor));) {
        if (!estate->key.alone || estate->state == ESTATE_FAILED) continue;
        atomic_fetch_add(&change->left, 1);
        part_add(estate, part_new(change));
    }
    part_end(part);
}

static void part_post(struct change *change, const struct uuid *estate, struct sio_loop *loop,
                      void (*run)(struct sio_task *task)) {
    struct change_part *part = part_new(change);
    if (estate) part->estate = *estate;
    part->task.run = run;
    sio_loop_post(loop, &part->task);
}

void chat_estates_changed(struct chat *chat, const struct uuid *estates, size_t count,
                          void (*done)(void *data), void *data) {
    struct change *change = mem_new(struct change);
    *change = (struct change){.chat = chat, .done = done, .data = data};
    size_t named = 0;
    for (size_t i = 0; i < count; i++) named += !uuid_is_nil(&estates[i]);
    atomic_store(&change->left, named + chat->loop_count);
    sio_server_hold(chat->server);
    for (size_t i = 0; i < count; i++) {
        if (uuid_is_nil(&estates[i])) continue;
        struct estate_key key = chat_key(&estates[i], &estates[i]);
        part_post(change, &estates[i], chat_home(chat, &key)->loop, part_run);
    }
    for (unsigned i = 0; i < chat->loop_count; i++) part_post(change, NULL, chat->loops[i].loop, alone_run);
}
