/* Rows of rows.h out of query columns: for each kind its column list and the function that reads it. */
#pragma once
#include "store/rows.h"
#include "store/sqlite/query.h"

/* FROM estates e */
#define ESTATE_COLUMNS "e.id, e.name, e.email, e.address, e.created_at, e.updated_at"
void columns_estate(struct query *q, struct arena *arena, struct estate_row *out);

/* FROM users u */
#define PREFERENCES_COLUMNS "u.locale, u.time_zone, u.quiet_from, u.quiet_to"
void columns_preferences(struct query *q, struct arena *arena, struct preferences_row *out);

/* FROM users u LEFT JOIN estates e */
#define USER_COLUMNS                                                                                         \
    "u.id, e.id, u.role, u.status, u.email, u.first_name, u.last_name, u.picture_url, u.created_at, "        \
    "u.updated_at, " PREFERENCES_COLUMNS
void columns_user(struct query *q, struct arena *arena, struct user_row *out);

/* FROM conversations c JOIN estates e LEFT JOIN users u (who made it) */
#define CONVERSATION_COLUMNS                                                                                 \
    "c.id, e.id, u.id, c.type, c.estate_group, c.title, c.photo_url, c.metadata, c.created_at, "             \
    "c.updated_at, c.last_activity_at, c.last_seq, c.participant_total"
void columns_conversation(struct query *q, struct arena *arena, struct conversation_row *out);

/* FROM participants p JOIN users u */
#define PARTICIPANT_COLUMNS                                                                                  \
    "u.id, p.is_admin, p.is_muted, p.is_pinned, p.is_archived, p.notifications_enabled, p.muted_until, "     \
    "p.joined_at, p.left_at, p.last_read_seq, max(p.last_delivered_seq, p.last_read_seq), "                  \
    "p.last_read_message, u.role, u.first_name, u.last_name, "                                               \
    "u.picture_url"
void columns_participant(struct query *q, struct arena *arena, struct participant_row *out);

/* FROM messages m JOIN users u; leaves `conversation`, `reply` and the reactions alone */
#define MESSAGE_COLUMNS                                                                                      \
    "m.id, u.id, m.seq, m.type, m.status, m.content, m.metadata, m.client_message_id, m.reply_to, "          \
    "m.created_at, m.updated_at, m.edited_at, m.deleted_at, u.first_name, u.last_name, u.picture_url"
void columns_message(struct query *q, struct arena *arena, struct message_row *out);

/* FROM reactions r JOIN users u; leaves `message` alone */
#define REACTION_COLUMNS "r.id, u.id, r.emoji, r.created_at, u.first_name, u.last_name"
void columns_reaction(struct query *q, struct arena *arena, struct reaction_row *out);

/* FROM devices d JOIN users u */
#define DEVICE_COLUMNS                                                                                       \
    "d.id, u.id, d.platform, d.service, d.token, d.keys, d.device_id, d.created_at, d.last_seen_at"
void columns_device(struct query *q, struct arena *arena, struct device_row *out);

/* A word column; one that rows.h does not know makes the query fail as damaged. */
enum role columns_role(struct query *q);
enum user_status columns_user_status(struct query *q);
enum conversation_type columns_conversation_type(struct query *q);
enum message_type columns_message_type(struct query *q);
