/* A session: who somebody is over several sockets, and in which rooms it was when.
 *
 *   stays of one session, over the numbers of the log ────────────────────────────────▶
 *   "a"        after 3 [4 … 17] until 17      left: a former stay
 *   "b"        after 9 [10 …                  still there: until is UINT64_MAX
 *   its ref    after 2 [3 …                   hidden: what was emitted to its socket alone
 *
 * So who is a receiver of an order can be said long afterwards. Former stays are remembered in a small number; what
 * lies before a forgotten one (`floor`) is not judged any more. */
#include "base/mem.h"
#include "socket/internal.h"

/* ---- life ---- */

struct recovery_session *recovery_session_new(struct sio_namespace *ns, uint64_t start) {
    struct recovery_session *s = mem_new(struct recovery_session);
    s->ns = ns;
    s->start = s->live = start;
    list_init(&s->in_away);
    return s;
}

void recovery_session_free(struct recovery_session *s) {
    for (uint32_t i = 0; i < s->stay_count; i++) free(s->stays[i]);
    free(s->stays);
    free(s);
}

/* ---- stays ---- */

static struct sio_span stay_name(const struct stay *stay) { return sio_span_of(stay->name, stay->name_n); }

static struct stay *open_stay(const struct recovery_session *s, struct sio_span room) {
    for (uint32_t i = 0; i < s->stay_count; i++)
        if (s->stays[i]->until == UINT64_MAX && sio_span_eq(stay_name(s->stays[i]), room)) return s->stays[i];
    return NULL;
}

void recovery_session_join(struct recovery_session *s, struct sio_span room, uint64_t after, bool hidden) {
    struct stay *stay = open_stay(s, room);
    if (stay) {
        if (after < stay->after) stay->after = after;
        return;
    }
    stay = mem_alloc(sizeof(*stay) + room.n);
    *stay = (struct stay){.after = after, .until = UINT64_MAX, .hidden = hidden, .name_n = (uint32_t)room.n};
    if (room.n) memcpy(stay->name, room.p, room.n);
    if (s->stay_count == s->stay_capacity) {
        s->stay_capacity = s->stay_capacity ? s->stay_capacity * 2 : 4;
        s->stays = mem_realloc(s->stays, s->stay_capacity * sizeof(struct stay *));
    }
    s->stays[s->stay_count++] = stay;
}

static void forget_stay(struct recovery_session *s, uint32_t i) {
    if (s->stays[i]->until > s->floor) s->floor = s->stays[i]->until;
    free(s->stays[i]);
    s->stays[i] = s->stays[--s->stay_count];
}

/* Of too many former ones the oldest goes. */
static void bound_former_stays(struct recovery_session *s) {
    uint32_t former = 0, oldest = 0;
    for (uint32_t i = 0; i < s->stay_count; i++) {
        former += s->stays[i]->until != UINT64_MAX;
        if (s->stays[i]->until < s->stays[oldest]->until) oldest = i;
    }
    if (former > RECOVERY_FORMER_STAYS) forget_stay(s, oldest);
}

void recovery_session_leave(struct recovery_session *s, struct sio_span room, uint64_t until) {
    struct stay *stay = open_stay(s, room);
    if (!stay) return;
    stay->until = until;
    bound_former_stays(s);
}

bool recovery_session_in(const struct recovery_session *s, struct sio_span room, uint64_t seq) {
    if (sio_span_eq(room, sio_span_of(s->sid, SID_TEXT))) return seq > s->start;
    for (uint32_t i = 0; i < s->stay_count; i++) {
        const struct stay *stay = s->stays[i];
        if (seq > stay->after && seq <= stay->until && sio_span_eq(stay_name(stay), room)) return true;
    }
    return false;
}

static bool in_any(const struct recovery_session *s, const struct sio_span *rooms, uint32_t count,
                   uint64_t seq) {
    for (uint32_t i = 0; i < count; i++)
        if (recovery_session_in(s, rooms[i], seq)) return true;
    return false;
}

bool recovery_session_concerned(const struct recovery_session *s, const struct logged *l) {
    return l->seq > s->start && (l->room_count == 0 || in_any(s, l->names, l->room_count, l->seq)) &&
           !in_any(s, l->names + l->room_count, l->except_count, l->seq);
}

struct sio_span recovery_ref_name(struct sio_ref ref, char out[RECOVERY_REF_NAME]) {
    out[0] = (char)0xff; /* no UTF-8 has it */
    memcpy(out + 1, &ref.slot, 4);
    memcpy(out + 5, &ref.generation, 4);
    memcpy(out + 9, &ref.loop, 2);
    return sio_span_of(out, RECOVERY_REF_NAME);
}

/* ---- what was missed ---- */

/* From where on it has to be made up for. */
static enum recovery_outcome missed_from(const struct recovery_session *s, const struct recovery_log *log,
                                         enum offset_kind kind, uint64_t offset, uint64_t *from) {
    *from = s->saved_at;
    /* The usual case: it has all that its sockets were given. Who was given nothing may come with an offset of another
     * server: the official client keeps its last one for ever. */
    if (s->sent == 0 || (kind == OFFSET_GOOD && offset == s->sent)) return RECOVERY_DONE;
    *from = s->start;
    if (kind == OFFSET_NONE || (kind == OFFSET_GOOD && offset <= s->start)) return RECOVERY_DONE;
    if (kind == OFFSET_BAD || offset > s->sent) return RECOVERY_BAD_OFFSET;
    const struct logged *l = recovery_log_at(log, offset);
    if (!l) return RECOVERY_TOO_MUCH;
    *from = offset;
    bool given = l->action == LOGGED_EMIT && recovery_session_concerned(s, l);
    return given ? RECOVERY_DONE : RECOVERY_BAD_OFFSET;
}

enum recovery_outcome recovery_session_judge(const struct recovery_session *s, const struct recovery_log *log,
                                             enum offset_kind kind, uint64_t offset, uint64_t *from) {
    enum recovery_outcome outcome = missed_from(s, log, kind, offset, from);
    bool remembered = *from >= s->floor && *from + 1 >= log->first;
    return outcome == RECOVERY_DONE && !remembered ? RECOVERY_TOO_MUCH : outcome;
}

static void missed_add(struct missed *m, struct logged *l) {
    if (m->count == m->capacity) {
        m->capacity = m->capacity ? m->capacity * 2 : 16;
        m->list = mem_realloc(m->list, m->capacity * sizeof(struct logged *));
    }
    atomic_fetch_add_explicit(&l->refs, 1, memory_order_relaxed);
    m->list[m->count++] = l;
    m->bytes += l->size_bytes;
}

void missed_fini(struct missed *m) {
    for (uint32_t i = 0; i < m->count; i++) logged_unref(m->list[i]);
    free(m->list);
    *m = (struct missed){0};
}

/* false: it was sent away meanwhile. */
static bool catch_up(struct recovery_session *s, const struct logged *l) {
    if (l->action == LOGGED_JOIN) recovery_session_join(s, l->room, l->seq, false);
    if (l->action == LOGGED_LEAVE) recovery_session_leave(s, l->room, l->seq);
    return l->action != LOGGED_DISCONNECT;
}

static enum recovery_outcome go_through(struct recovery_session *s, const struct recovery_log *log,
                                        uint64_t from, uint64_t to, size_t most_bytes,
                                        struct missed *missed) {
    for (uint64_t seq = from + 1; seq <= to; seq++) {
        struct logged *l = recovery_log_at(log, seq);
        if (!recovery_session_concerned(s, l)) continue;
        if (l->action == LOGGED_EMIT)
            missed_add(missed, l);
        else if (seq > s->saved_at && !catch_up(s, l))
            return RECOVERY_UNKNOWN;
        if (missed->bytes > most_bytes) return RECOVERY_TOO_MUCH;
    }
    return RECOVERY_DONE;
}

enum recovery_outcome recovery_session_missed(struct recovery_session *s, const struct recovery_log *log,
                                              enum offset_kind kind, uint64_t offset,
                                              const struct admission *in, struct missed *missed) {
    uint64_t from;
    enum recovery_outcome outcome = recovery_session_judge(s, log, kind, offset, &from);
    if (outcome == RECOVERY_DONE) outcome = go_through(s, log, from, in->after, in->most_bytes, missed);
    if (outcome != RECOVERY_DONE) return outcome;
    for (size_t i = 0; i < in->count; i++) recovery_session_join(s, in->rooms[i], in->after, false);
    return go_through(s, log, in->after, recovery_log_last(log), in->most_bytes, missed);
}
