/* The ledger: writing down, and judging. */
#include "ledger.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/must.h"
#include "run.h"

void ledger_init(struct ledger *l, struct run *run) { *l = (struct ledger){.run = run}; }

void ledger_fini(struct ledger *l) {
    for (size_t i = 0; i < l->session_count; i++) {
        free(l->sessions[i]->stays);
        free(l->sessions[i]->aways);
        free(l->sessions[i]->received);
        free(l->sessions[i]->acks);
        free(l->sessions[i]);
    }
    for (size_t i = 0; i < l->emission_count; i++) free(l->emissions[i]);
    for (unsigned i = 0; i < STREAMS_MOST; i++) free(l->streams[i]);
    free(l->sessions);
    free(l->emissions);
}

/* ---- sessions and their changes ---- */

struct session *ledger_session(struct ledger *l, unsigned client, unsigned connection, unsigned ns) {
    struct session *s = mem_new(struct session);
    s->run = l->run;
    s->index = (unsigned)l->session_count;
    s->client = client;
    s->connection = connection;
    s->ns = ns;
    s->fixed_rooms = (unsigned)sim_random(l->run->sim, 1u << ROOMS_FIXED);
    l->sessions = mem_realloc(l->sessions, (l->session_count + 1) * sizeof(struct session *));
    l->sessions[l->session_count++] = s;
    return s;
}

bool ledger_ended_by_app(const struct ledger *l, unsigned connection) {
    for (size_t i = 0; i < l->session_count; i++)
        if (l->sessions[i]->connection == connection && l->sessions[i]->ended_by_app) return true;
    return false;
}

/* The stream of the calling thread. */
static unsigned stream_here(const struct ledger *l) {
    struct sio_loop *here = sio_loop_here();
    return here ? sio_loop_index(here) : sio_server_loop_count(l->run->server);
}

void ledger_change(struct ledger *l, struct change *change, bool at_once) {
    *change = (struct change){
        .order = ++l->order, .at_us = sim_now_us(l->run->sim), .stream = stream_here(l), .at_once = at_once};
}

static struct stay *newest_stay(const struct session *s, unsigned room) {
    for (size_t i = s->stay_count; i > 0; i--)
        if (s->stays[i - 1].room == room) return &s->stays[i - 1];
    return NULL;
}

bool ledger_in(const struct session *s, unsigned room) {
    if (room < ROOMS_FIXED) return s->fixed_rooms >> room & 1;
    const struct stay *stay = newest_stay(s, room);
    return stay && !stay->left.order;
}

bool ledger_may_change(const struct session *s, unsigned room, uint64_t now_us) {
    const struct stay *stay = newest_stay(s, room);
    if (!s->connected.order || s->disconnected.order) return false;
    if (!stay) return true;
    const struct change *last = stay->left.order ? &stay->left : &stay->joined;
    return now_us - last->at_us > SETTLE_US;
}

void ledger_join(struct ledger *l, struct session *s, unsigned room, bool at_once) {
    s->stays = mem_realloc(s->stays, (s->stay_count + 1) * sizeof(struct stay));
    struct stay *stay = &s->stays[s->stay_count++];
    *stay = (struct stay){.room = room};
    ledger_change(l, &stay->joined, at_once);
}

void ledger_leave(struct ledger *l, struct session *s, unsigned room, bool at_once) {
    ledger_change(l, &newest_stay(s, room)->left, at_once);
}

/* ---- recovery ---- */

void ledger_goes_away(struct session *s) {
    s->away = true;
    s->joined = s->asked = false;
    for (size_t i = 0; i < s->ack_capacity; i++) /* the official client forgets them too */
        if (s->acks[i] == ACK_WANTED) s->acks[i] = ACK_NONE;
}

struct session *ledger_attempt(struct ledger *l, struct session *s, unsigned connection) {
    s->attempt = ledger_session(l, s->client, connection, s->ns);
    s->attempt->fixed_rooms = s->fixed_rooms;
    s->attempt->predecessor = s;
    s->returning = false;
    return s->attempt;
}

void ledger_returns(struct session *s) {
    s->silent_since_us = 0;
    s->returning = !s->attempt->is_back;
}

void ledger_comes_back(struct ledger *l, struct session *attempt) {
    struct session *s = attempt->predecessor;
    attempt->is_back = true;
    if (attempt == s->attempt) s->returning = false;
    s->silent_since_us = 0;
    if (!s->disconnected.order) return;
    s->aways = mem_realloc(s->aways, (s->away_count + 1) * sizeof(struct away));
    struct away *away = &s->aways[s->away_count++];
    away->from = s->disconnected;
    s->disconnected = (struct change){0};
    ledger_change(l, &away->to, true);
    s->up_may_skip = true;
}

void ledger_set_room(struct ledger *l, struct session *s, unsigned room, bool in) {
    struct stay *stay = newest_stay(s, room);
    if (ledger_in(s, room) == in) return;
    const struct change *last = !stay ? NULL : stay->left.order ? &stay->left : &stay->joined;
    const struct change *from = s->away_count > 0 ? &s->aways[s->away_count - 1].from : NULL;
    if (!last || !from || last->at_once || from->at_us - last->at_us > SETTLE_US)
        run_fail(l->run, "session %u comes back and is %sin room %u", s->index, in ? "" : "not ", room);
    if (stay) stay->doubtful = true;
    if (in)
        ledger_join(l, s, room, true);
    else if (stay)
        ledger_leave(l, s, room, true);
}

/* ---- emissions ---- */

struct emission *ledger_emission(struct ledger *l, unsigned ns) {
    struct emission *e = mem_new(struct emission);
    if (l->emission_count == l->emission_capacity) {
        l->emission_capacity = l->emission_capacity ? l->emission_capacity * 2 : 256;
        l->emissions = mem_realloc(l->emissions, l->emission_capacity * sizeof(struct emission *));
        for (unsigned i = 0; i < STREAMS_MOST; i++)
            l->streams[i] = mem_realloc(l->streams[i], l->emission_capacity * sizeof(struct emission *));
    }
    e->stream = stream_here(l);
    e->number = ++l->stream_counts[e->stream];
    e->ns = ns;
    e->order = ++l->order;
    e->at_us = sim_now_us(l->run->sim);
    e->must = true;
    l->emissions[l->emission_count++] = e;
    l->streams[e->stream][e->number - 1] = e;
    return e;
}

/* ---- for whom an emission is ---- */

enum verdict { NEVER, MAY, MUST };

static enum verdict both(enum verdict a, enum verdict b) { return a < b ? a : b; }
static enum verdict either(enum verdict a, enum verdict b) { return a > b ? a : b; }
static enum verdict not(enum verdict a) { return (enum verdict)(MUST - a); }

/* Does the change hold for the emission? One that was sent before it may still be on its way. */
static enum verdict holds(const struct change *c, const struct emission *e) {
    if (!c->order) return NEVER;
    if (e->order < c->order) return c->at_us - e->at_us < SETTLE_US ? MAY : NEVER;
    if (c->at_once || c->stream == e->stream) return MUST;
    return e->at_us - c->at_us < SETTLE_US ? MAY : MUST;
}

static enum verdict there(const struct session *s, const struct emission *e) {
    enum verdict come = either(holds(&s->accepted, e), holds(&s->connected, e));
    return s->returning ? come : both(come, not(holds(&s->disconnected, e)));
}

static enum verdict in_room(const struct session *s, unsigned room, const struct emission *e) {
    if (room < ROOMS_FIXED) return s->fixed_rooms >> room & 1 ? MUST : NEVER;
    enum verdict verdict = NEVER;
    for (size_t i = 0; i < s->stay_count; i++) {
        const struct stay *stay = &s->stays[i];
        if (stay->room != room) continue;
        enum verdict in = both(holds(&stay->joined, e), not(holds(&stay->left, e)));
        verdict = either(verdict, stay->doubtful ? MAY : in);
    }
    return verdict;
}

static enum verdict in_any(const struct session *s, unsigned rooms, const struct emission *e) {
    enum verdict verdict = NEVER;
    for (unsigned room = 0; room < ROOMS; room++)
        if (rooms >> room & 1) verdict = either(verdict, in_room(s, room, e));
    return verdict;
}

/* What goes to one socket, or asks for an ack, is nobody's while that socket is away. */
static bool may_pass_by(const struct session *s, const struct emission *e) {
    if (!e->one) return false;
    for (size_t i = 0; i < s->away_count; i++) {
        const struct away *away = &s->aways[i];
        if (e->ack_asked && e->order < away->to.order) return true;
        if (e->order < away->to.order && e->at_us + SETTLE_US > away->from.at_us) return true;
    }
    return false;
}

static enum verdict judge(const struct session *s, const struct emission *e) {
    if (s->ns != e->ns || (e->one && e->one != s) || e->but == s) return NEVER;
    enum verdict meant = e->rooms ? in_any(s, e->rooms, e) : MUST;
    enum verdict verdict = both(both(there(s, e), meant), not(in_any(s, e->except, e)));
    return e->must && !may_pass_by(s, e) ? verdict : both(verdict, MAY);
}

/* ---- what arrives ---- */

static bool has_received(const struct session *s, size_t index) {
    return index / 8 < s->received_bytes && s->received[index / 8] >> index % 8 & 1;
}

static void mark_received(struct session *s, size_t index) {
    if (index / 8 >= s->received_bytes) {
        size_t before = s->received_bytes;
        s->received_bytes = index / 8 + 64;
        s->received = mem_realloc(s->received, s->received_bytes);
        memset(s->received + before, 0, s->received_bytes - before);
    }
    s->received[index / 8] |= (uint8_t)(1u << index % 8);
}

void ledger_arrived(struct ledger *l, struct session *s, unsigned stream, uint32_t number) {
    if (stream >= STREAMS_MOST || number == 0 || number > l->stream_counts[stream]) {
        run_fail(l->run, "session %u gets %u:%u, which nobody has sent", s->index, stream, number);
        return;
    }
    struct emission *e = l->streams[stream][number - 1];
    if (number <= s->last_number[stream])
        run_fail(l->run, "session %u gets %u:%u behind %u:%u", s->index, stream, number, stream,
                 s->last_number[stream]);
    if (judge(s, e) == NEVER)
        run_fail(l->run, "session %u gets %u:%u, which is not for it", s->index, stream, number);
    s->last_number[stream] = number;
    if (e->at_us > s->last_at_us) s->last_at_us = e->at_us;
    mark_received(s, (size_t)e->order);
    l->run->totals->arrived++;
}

void ledger_ack_wanted(struct session *s, uint32_t number) {
    if (number >= s->ack_capacity) {
        size_t before = s->ack_capacity;
        s->ack_capacity = number + 64;
        s->acks = mem_realloc(s->acks, s->ack_capacity);
        memset(s->acks + before, ACK_NONE, s->ack_capacity - before);
    }
    s->acks[number] = ACK_WANTED;
}

void ledger_ack_arrived(struct session *s, uint32_t number) {
    if (number >= s->ack_capacity || s->acks[number] != ACK_WANTED) {
        run_fail(s->run, "session %u: event %u is acknowledged twice, or did not ask", s->index, number);
        return;
    }
    s->acks[number] = ACK_ANSWERED;
    s->run->totals->acks++;
}

/* ---- judging ---- */

/* Was it to be there by now? What is behind something that has arrived cannot be on its way any more. */
static bool is_missed(const struct session *s, const struct emission *e, bool rest) {
    if (has_received(s, (size_t)e->order) || judge(s, e) != MUST) return false;
    bool overtaken = e->number < s->last_number[e->stream] || e->at_us + SETTLE_US < s->last_at_us;
    return overtaken || (rest && !s->cut_down);
}

static void judge_up(const struct ledger *l, const struct session *s, bool rest) {
    if (!rest || s->cut_up || run_is_rough(l->run) || ledger_ended_by_app(l, s->connection)) return;
    if (s->up_received != s->up_sent && s->up_sent > s->up_sent_before)
        run_fail(s->run, "session %u sent %u events, %u have come", s->index, s->up_sent, s->up_received);
    for (size_t i = 0; i < s->ack_capacity && !s->cut_down; i++)
        if (s->acks[i] == ACK_WANTED)
            run_fail(s->run, "session %u: event %zu is not acknowledged", s->index, i);
}

void ledger_judge(struct ledger *l, struct session *s, bool rest) {
    if (!s->joined) return;
    for (size_t i = 0; i < l->emission_count; i++) {
        const struct emission *e = l->emissions[i];
        if (!is_missed(s, e, rest)) continue;
        run_fail(l->run, "session %u has missed %u:%u", s->index, e->stream, e->number);
        return;
    }
    judge_up(l, s, rest);
}
