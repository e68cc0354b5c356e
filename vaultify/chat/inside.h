/* What chat's files ask of each other. Everything here runs on the estate's loop. */
#pragma once
#include "base/mem.h"
#include "base/must.h"
#include "chat/estate.h"

/* ---- chat.c ---- */
struct estate_loop *chat_home(struct chat *chat, const struct estate_key *key); /* [any thread] */
struct estate_key chat_key(const struct uuid *user, const struct uuid *estate);

/* ---- estate_cache.c ---- */
/* Made, and its loading begun, when it is not there. */
struct chat_estate *estate_get(struct estate_loop *home, const struct estate_key *key);
struct chat_estate *estate_cached(struct estate_loop *home, const struct estate_key *key);
void estate_load(struct chat_estate *estate); /* in LOADING or RELOADING */
void estate_free(struct chat_estate *estate); /* with everything in it; its loop may have stopped */
void estate_drop(
    struct chat_estate *estate); /* the same on its running loop: out of its map, timers stopped */
struct chat_user *estate_user(const struct chat_estate *estate, const struct uuid *id);        /* or NULL */
struct chat_user *estate_active_user(const struct chat_estate *estate, const struct uuid *id); /* or NULL */
static inline bool estate_is(const struct chat_estate *estate, const struct uuid *id) {
    return !estate->key.alone && uuid_eq(&estate->id, id);
}
static inline uint64_t estate_now(const struct chat_estate *estate) { return sio_loop_now_ms(estate->loop); }

/* ---- users.c ---- */
/* Adds or renews the users as the store has them; who is missing or not active any more is ended. */
void users_apply(struct chat_estate *estate, const struct user_row *rows, size_t count);
/* May the user still act here? USER_INACTIVE, or ESTATE_CHANGED for one who is no longer of this estate. */
enum fault user_fault(const struct chat_user *user);
void user_free_if_gone(struct chat_user *user);
void user_free(struct chat_user *user);

/* ---- enter.c ---- */
void estate_serve_waiting(struct chat_estate *estate); /* READY or FAILED: begins to serve who waited */

/* ---- reload.c ---- */
void estate_reload(struct chat_estate *estate);   /* READY: begins; else what is under way is repeated */
void estate_reloaded(struct chat_estate *estate); /* the users are applied: the lists follow */

/* ---- use_case.c ---- */
/* Counted and held until freed. NULL: the user has too many under way. */
void *use_case_new(struct chat_user *me, size_t size_bytes);
void *use_case_new_read(struct chat_user *me, size_t size_bytes); /* one that reads much: fewer at a time */
bool use_case_may_read(const struct chat_user *me);               /* one more of those */
void *use_case_new_unlimited(struct chat_user *me, size_t size_bytes); /* chat's own work */
void use_case_free(struct use_case *u);
void use_cases_add(struct use_case_queue *queue, struct use_case *u);
struct use_case *use_cases_take(struct use_case_queue *queue); /* NULL: empty */
/* Resumes all that are in the queue now, each with `fault`. */
void use_cases_resume(struct use_case_queue *queue, enum fault fault);
#define use_case_begin(me, type)      ((type *)use_case_new((me), sizeof(type)))
#define use_case_begin_read(me, type) ((type *)use_case_new_read((me), sizeof(type)))

/* ---- long_reads.c ---- */
/* Goes on with user_fault when it is the turn of `u`, perhaps at once; the turn ends with the use case. */
void long_read_need(struct use_case *u, void (*resume)(struct use_case *u, enum fault fault));
void long_read_end(struct estate_loop *home);

/* ---- conversation_list.c ---- */
/* Calls u->resume = `resume` when the user's list is known; at once, if it is. */
void list_need(struct use_case *u, void (*resume)(struct use_case *u, enum fault fault));
/* The same after it was read again; what changed is told (user_joined, user_left). */
void list_refresh(struct use_case *u, void (*resume)(struct use_case *u, enum fault fault));
bool list_has(const struct conversation_list *list, const struct uuid *conversation);
/* The user is in it now / no longer: notes it, and tells user_joined / user_left if that is new. */
void list_joined(struct chat_user *user, const struct uuid *conversation);
void list_left(struct chat_user *user, const struct uuid *conversation);
void list_drop(struct chat_user *user); /* if nobody needs it */
void list_free(struct chat_user *user);

/* ---- conversation_cache.c ---- */
/* Ends in entered(u, fault): with FAULT_NONE, u->conversation is pinned, and `me` is in it. */
void conversation_enter(struct use_case *u, const struct uuid *id,
                        void (*entered)(struct use_case *u, enum fault fault));
struct conversation *conversation_cached(const struct chat_estate *estate, const struct uuid *id);
/* The store has just made or changed it so. */
void conversation_put(struct chat_estate *estate, const struct conversation_row *row);
void conversation_joined(struct conversation *c, const struct uuid *user, bool admin);
void conversation_left(struct conversation *c, const struct uuid *user);
void conversation_pin(struct conversation *c);
void conversation_unpin(struct conversation *c);
bool conversation_is_large(const struct conversation *c);
void conversations_outdated(struct chat_estate *estate);
void conversations_free(struct chat_estate *estate);

/* ---- membership_change.c ---- */
void change_note(struct membership_change **changes, uint32_t *count, uint32_t *capacity,
                 const struct uuid *id, bool joined, bool admin);

/* ---- estate_group.c ---- */
/* Goes on once the group is made and every active user of the estate is in it. */
void group_need(struct use_case *u, const struct uuid *creator, struct sio_span title,
                void (*resume)(struct use_case *u, enum fault fault), bool *created);

/* ---- presence.c, presence_digest.c ---- */
void presence_init(struct presence *presence);
void presence_connected(struct chat_user *user);
void presence_end(struct chat_user *user); /* all sockets of the user are being ended */
void presence_changed(struct chat_user *user);

/* ---- push.c ---- */
/* The user's last connection is over; `lost`: as chat_disconnect says. */
void push_user_gone(struct chat_user *user, bool lost);

/* ---- typing.c ---- */
void typing_end(struct chat_user *user, const struct conversation *c); /* nothing if the user does not type */
void typing_end_all(struct chat_user *user);
void typing_free_all(struct chat_user *user); /* telling nobody; the loop may have stopped */

/* ---- read_receipts.c ---- */
struct receipt {
    struct uuid sender, reader, message;
    uint64_t seq;
    int64_t read_at;
    struct sio_ref except_socket;
};
void receipt_tell(struct conversation *c, const struct receipt *receipt);
void receipts_free(struct conversation *c);

/* ---- message.c ---- */
struct message_input {
    struct uuid conversation;
    enum message_type type;
    struct sio_span content, metadata, client_message_id;
    struct uuid reply_to;
};
struct store_message_add *message_add_new(struct use_case *u, const struct message_input *in,
                                          void (*done)(struct store_op *op));
