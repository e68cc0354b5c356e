/* Fan-outs: noting the new messages of conversations in which somebody has a device. */
#include "store/sqlite/push_fanout.h"

/* A conversation of more participants is not looked through: one of them will have a device. */
enum { PARTICIPANTS_LOOKED_AT = 200 };

static bool somebody_has_device(struct writer *w, int64_t conversation_key) {
    struct query q = query_begin(
        &w->db,
        "SELECT c.participant_total > ?3 AND EXISTS (SELECT 1 FROM devices)"
        " OR EXISTS (SELECT 1 FROM (SELECT user_key FROM participants p"
        "   WHERE p.conversation_key = ?1 AND p.left_at = 0 LIMIT ?3)"
        "  CROSS JOIN devices d INDEXED BY devices_by_user USING (user_key) WHERE ?2 >> d.service & 1)"
        " FROM conversations c WHERE c.conversation_key = ?1");
    query_put_i64(&q, conversation_key);
    query_put_i64(&q, w->db.push_services);
    query_put_i64(&q, PARTICIPANTS_LOOKED_AT);
    bool somebody = query_step(&q) && query_get_bool(&q);
    query_end(&q);
    return somebody;
}

/* A yes is kept as long as the entry, even if the last device goes: then nobody is found for the fan-out. */
static bool is_wanted(struct writer *w, struct conversation_entry *entry) {
    if (!w->db.push_services) return false;
    if (!entry->push_wanted && entry->push_audience != w->audience) {
        entry->push_wanted = somebody_has_device(w, entry->key);
        entry->push_audience = w->audience;
    }
    return entry->push_wanted;
}

static void row_insert(struct writer *w, int64_t conversation_key, uint64_t from_seq, uint64_t to_seq,
                       bool emergency) {
    struct query q =
        query_begin(&w->db, "INSERT INTO push_fanouts (conversation_key, from_seq, to_seq, emergency)"
                            " VALUES (?, ?, ?, ?)");
    query_put_i64(&q, conversation_key);
    query_put_i64(&q, (int64_t)from_seq);
    query_put_i64(&q, (int64_t)to_seq);
    query_put_i64(&q, emergency);
    query_run(&q);
    w->push_fanouts = true;
}

void push_fanout_write(struct writer *w, struct conversation_entry *entry) {
    if (entry->push_from_seq) row_insert(w, entry->key, entry->push_from_seq, entry->last_seq, false);
    entry->push_from_seq = 0;
}

/* An emergency has a row of its own; what was noted before it is written without it, and the next range begins behind it. */
static void emergency_write(struct writer *w, struct conversation_entry *entry) {
    uint64_t seq = entry->last_seq;
    if (entry->push_from_seq) row_insert(w, entry->key, entry->push_from_seq, seq - 1, false);
    entry->push_from_seq = 0;
    row_insert(w, entry->key, seq, seq, true);
}

void push_fanout_note(struct writer *w, struct conversation_entry *entry, bool emergency) {
    if (!is_wanted(w, entry)) return;
    if (emergency)
        emergency_write(w, entry);
    else if (!entry->push_from_seq)
        entry->push_from_seq = entry->last_seq;
}

void push_fanout_tell(struct writer *w) {
    if (w->push_fanouts && w->push_waits) w->push_waits(w->push_waits_data);
    w->push_fanouts = false;
}
