/* CONNECT of a client that comes back: its session is found by the pid, taken, and goes on with a new socket.
 *
 *   CONNECT {pid, offset} ──LIVE: its socket's loop ends it──▶ AWAY ──taken──▶ TAKEN ──owner accepts──▶ LIVE
 *                                                                                │
 *              the client goes first: AWAY again ◀───────────────────────────────┤
 *              refused, or too much was missed meanwhile: forgotten ◀────────────┘
 *                            (and its owner asked, if he was not: skip_connecting)
 *
 * Only one socket at a time has a session. What was missed goes out before the CONNECT answer, as the reference server
 * does it: the official client keeps it until then, so whoever is told "connect" has it all. */
#include "base/mem.h"
#include "base/must.h"
#include "socket/internal.h"

enum { CONNECT_ANSWER_BYTES = 128 /* the answer behind what was missed, but for the namespace's name */ };

/* ---- what the client says ---- */

bool recovery_concerns(const struct sio_connect *c) { return c->ns->recovery && !client_is_old(c->client); }

/* A string's bytes as they stand: pids and offsets are plain. */
static struct sio_span plain(struct sio_span value) {
    return sio_json_kind(value) == SIO_JSON_STRING ? sio_span_of(value.p + 1, value.n - 2)
                                                   : (struct sio_span){0};
}

static struct sio_span said_pid(const struct sio_connect *c) {
    struct sio_span auth = sio_connect_auth(c);
    return auth.n ? plain(sio_json_member(auth, SIO_SPAN("pid"))) : auth;
}

static enum offset_kind said_offset(const struct sio_connect *c, uint64_t *offset) {
    struct sio_span value = sio_json_member(sio_connect_auth(c), SIO_SPAN("offset"));
    if (!value.n) return OFFSET_NONE; /* the client has received nothing yet */
    return recovery_offset_parse(c->ns->recovery->tag, plain(value), offset) ? OFFSET_GOOD : OFFSET_BAD;
}

static void count_outcome(struct sio_namespace *ns, enum recovery_outcome outcome) {
    count_one(&ns->server->recovery_outcomes[outcome]);
}

/* ---- taken ---- */

/* Under the mutex. */
static enum recovery_outcome take(struct sio_connect *c, struct recovery_session *s) {
    uint64_t offset = 0;
    if (!s || s->state != RECOVERY_AWAY || sio_loop_now_ms(c->loop) > s->until_ms) return RECOVERY_UNKNOWN;
    recovery_take_back(s);
    s->state = RECOVERY_TAKEN;
    c->session = s;
    enum offset_kind kind = said_offset(c, &offset);
    uint64_t from;
    return recovery_session_judge(s, &c->ns->recovery->log, kind, offset, &from);
}

static void resume(struct sio_task *task) {
    struct sio_connect *c = container_of(task, struct sio_connect, task);
    if (c->client)
        recovery_connect(c);
    else
        connect_free(c); /* nobody has been asked yet */
}

/* The client is back before its old connection's death was seen. */
static void end_former(struct sio_task *task) {
    struct sio_connect *c = container_of(task, struct sio_connect, task);
    struct sio_socket *former = sio_socket_find(c->ns->server, c->former);
    if (former && former->client->session) engine_close(former->client->session, SIO_TRANSPORT_CLOSE);
    c->task.run = resume;
    sio_loop_post(c->loop, &c->task);
}

void recovery_connect(struct sio_connect *c) {
    struct sio_span pid = said_pid(c);
    if (!pid.n) {
        connect_ask(c);
        return;
    }
    recovery_lock(c->ns);
    struct recovery_session *s = map_get(&c->ns->recovery->sessions, pid);
    bool live = s && s->state == RECOVERY_LIVE;
    if (live) c->former = s->socket;
    enum recovery_outcome outcome = live ? RECOVERY_DONE : take(c, s);
    recovery_unlock(c->ns);
    if (live) {
        c->task.run = end_former;
        sio_loop_post(sio_server_loop(c->ns->server, c->former.loop), &c->task);
        return;
    }
    if (outcome != RECOVERY_DONE) {
        count_outcome(c->ns, outcome);
        recovery_refuse(c);
    }
    connect_ask(c);
}

/* ---- admitted ---- */

static void join_again(struct sio_socket *socket, const struct recovery_session *s) {
    rooms_join(socket, sio_socket_id(socket)); /* its id no longer says where it is */
    for (uint32_t i = 0; i < s->stay_count; i++) {
        const struct stay *stay = s->stays[i];
        if (stay->until == UINT64_MAX && !stay->hidden)
            rooms_join(socket, sio_span_of(stay->name, stay->name_n));
    }
}

/* Under the mutex: from `last` on the new socket gets what is ordered. */
static void go_on(struct sio_socket *socket, struct recovery_session *s, uint64_t last) {
    char ref[RECOVERY_REF_NAME];
    struct lane *lane = &s->ns->recovery->lanes[socket->loop];
    recovery_session_leave(s, recovery_ref_name(s->socket, ref), last);
    s->socket = sio_socket_ref(socket);
    recovery_session_join(s, recovery_ref_name(s->socket, ref), last, true);
    s->live = last;
    s->state = RECOVERY_LIVE;
    if (last > lane->late) lane->late = last;
    memcpy(socket->id, s->sid, SID_TEXT);
    socket->session = s;
    socket->recovered = true;
    join_again(socket, s);
}

static bool try_recover(struct sio_connect *c, struct missed *missed) {
    struct recovery *r = c->ns->recovery;
    struct recovery_session *s = c->session;
    uint64_t offset = 0;
    enum offset_kind kind = said_offset(c, &offset);
    size_t queue_bytes = c->ns->server->config.out_queue_bytes,
           answer_bytes = CONNECT_ANSWER_BYTES + c->ns->name_n;
    struct admission admission = {.rooms = c->rooms,
                                  .count = c->room_count,
                                  .after = c->after,
                                  .most_bytes = queue_bytes > answer_bytes ? queue_bytes - answer_bytes : 0};
    recovery_lock(c->ns);
    enum recovery_outcome outcome = recovery_session_missed(s, &r->log, kind, offset, &admission, missed);
    if (outcome == RECOVERY_DONE) {
        c->socket = socket_new(c->client, c->ns, c->socket_data);
        go_on(c->socket, s, recovery_log_last(&r->log));
    }
    recovery_unlock(c->ns);
    count_outcome(c->ns, outcome);
    return outcome == RECOVERY_DONE;
}

static void begin_anew(struct sio_connect *c) {
    struct lane *lane = &c->ns->recovery->lanes[sio_loop_index(c->loop)];
    c->socket = socket_new(c->client, c->ns, c->socket_data);
    c->socket->session = recovery_begin(c->socket, c->after);
    if (c->after > lane->late) lane->late = c->after;
    for (size_t i = 0; i < c->room_count; i++) {
        rooms_join(c->socket, c->rooms[i]);
        recovery_joined(c->socket, c->rooms[i], c->after);
    }
}

bool recovery_admit(struct sio_connect *c, struct missed *missed) {
    struct recovery_session *s = c->session;
    if (s && s->data != c->socket_data) recovery_forget_later(c->ns, c->loop, s->data);
    c->recovered = s && try_recover(c, missed);
    if (!c->recovered) missed_fini(missed);
    if (s && !c->recovered && !c->asked) {
        recovery_refuse(c); /* nobody has said that its client may have a new one */
        return false;
    }
    c->session = NULL;
    if (c->recovered) return true;
    if (s) recovery_drop(s);
    begin_anew(c);
    return true;
}

/* ---- not admitted ---- */

void recovery_give_back(struct sio_connect *c) {
    struct recovery_session *s = c->session;
    if (!s) return;
    c->recovered = s->data == c->socket_data; /* then it is the session's, as before */
    recovery_lock(c->ns);
    recovery_put_away(s, sio_loop_now_ms(c->loop));
    recovery_unlock(c->ns);
    c->session = NULL;
}

void recovery_refuse(struct sio_connect *c) {
    struct recovery_session *s = c->session;
    if (!s) return;
    recovery_forget_later(c->ns, c->loop, s->data);
    recovery_drop(s);
    c->session = NULL;
}

/* ---- what the owner asks ---- */

bool sio_connect_recovered(const struct sio_connect *c) { return c->session != NULL; }
void *sio_connect_former_data(const struct sio_connect *c) { return c->session ? c->session->data : NULL; }
bool sio_socket_recovered(const struct sio_socket *s) { return s->recovered; }
