/* The use cases: connect, send, read, type, broadcast, presence, members, history. No JSON, no sockets, no
 * SQL.
 *
 * An estate belongs to one loop (a hash of its id): its members, conversations, presence and typing live
 * there without a lock. Every use case is called on the estate's loop with `me`, the user who asks, and ends
 * with exactly one call of its `done` on that loop, perhaps before it returns. Get there with chat_enter.
 *
 * What happens is told to the world through struct chat_out, always after it is on disk, in commit order. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "auth/rate.h"
#include "base/uuid.h"
#include "fault/fault.h"
#include "sio.h"
#include "store/store.h"

struct chat;
struct chat_user; /* a user in the cache of the estate's loop; valid during the call that is given it, not
                     longer */

struct chat_config {
    uint32_t presence_grace_ms; /* last socket gone → user_offline; default 5000 */
    uint32_t typing_timeout_ms; /* default 3000 */
    uint32_t
        presence_events_per_s; /* R: single presence events an estate's sockets get a second; default 20 */
    uint32_t presence_deliveries_per_s; /* all presence deliveries of one estate a second; R shrinks with its
                                           size; default 20000 */
    uint32_t presence_digest_max;       /* users named in one digest; the rest is in its count; default 100 */
    uint32_t large_conversation; /* K: above it read receipts go to the sender alone, coalesced a second,
                                    typing is thinned out, and nobody is told what has arrived; default 100 */
    uint32_t content_max_bytes;  /* default 16384 */
    uint32_t metadata_max_bytes; /* default 16384 */
    uint32_t user_in_flight_max; /* unfinished use cases of one user; more: FAULT_BUSY; default 4096 */
    uint32_t user_reads_max;     /* of those: unfinished pages, lists and groups being read; more: FAULT_BUSY;
                                    default 16 */
    uint32_t estate_idle_ms;     /* an estate nobody uses leaves the cache; default 600000 */
    /* [estate's loop] Pushes became due because a user went; must not block. NULL, the default: nobody works the
     * outbox off, and the store is not told who went. */
    void (*push_due)(void *data);
    void *push_due_data;
    uint32_t
        conversation_cache; /* conversations cached an estate at most, least used go first; default 20000 */
    const struct sio_log *log;
};
void chat_config_init(struct chat_config *config);

/* Who a person is, for payloads. Spans live during the call. */
struct chat_person {
    struct uuid id, estate; /* estate nil: none */
    enum role role;
    struct sio_span first_name, last_name, picture_url;
};

/* How chat tells the world; implemented by events/. Called on the estate's loop. */
struct chat_out {
    void *ctx;
    /* To all sockets of all participants. */
    void (*new_message)(void *ctx, const struct message_row *message);
    /* To all participants' sockets but `except_socket`; with `only` (count 2: the message's sender and the
     * reader) to those two users' sockets instead. */
    void (*message_read)(void *ctx, const struct uuid *conversation, const struct uuid *message, uint64_t seq,
                         const struct uuid *reader, int64_t read_at, const struct uuid *only,
                         size_t only_count, struct sio_ref except_socket);
    /* All up to `seq` has arrived at a device of the user. To the sockets of `only`, who sent what is new of it; NULL: to
     * all participants but the user. */
    void (*message_delivered)(void *ctx, const struct uuid *conversation, const struct uuid *message,
                              uint64_t seq, const struct uuid *user, int64_t delivered_at,
                              const struct uuid *only);
    /* To all participants but the typing user's sockets. */
    void (*user_typing)(void *ctx, const struct uuid *conversation, const struct chat_person *user,
                        bool is_typing);
    /* To the estate's live room. */
    void (*estate_broadcast)(void *ctx, const struct uuid *estate, const struct message_row *message,
                             enum broadcast_type type, const struct chat_person *from);
    void (*user_online)(void *ctx, const struct uuid *estate, const struct chat_person *user, int64_t at);
    void (*user_offline)(void *ctx, const struct uuid *estate, const struct uuid *user, int64_t at);
    void (*presence_digest)(void *ctx, const struct uuid *estate, const struct uuid *online,
                            size_t online_count, const struct uuid *offline, size_t offline_count,
                            uint64_t count);
    /* All sockets of `user` enter or leave the conversation's live room, and are told so. Only users with sockets. */
    void (*user_joined)(void *ctx, const struct uuid *user, const struct uuid *conversation);
    void (*user_left)(void *ctx, const struct uuid *user, const struct uuid *conversation);
    /* All sockets of `user` end: the user is no longer active or no longer of this estate. */
    void (*user_revoked)(void *ctx, const struct uuid *user, enum fault why);
};

enum sio_err chat_new(const struct chat_config *config, struct sio_server *server, struct store *store,
                      const struct chat_out *out, struct chat **result) SIO_MUST_CHECK;
void chat_free(struct chat *chat); /* after the loops have stopped */

/* ---- getting to the estate's loop ---- */

struct chat_call {
    struct sio_task task; /* chat's own */
    struct chat *chat;    /* chat's own */
    struct uuid user;     /* in */
    struct uuid estate; /* in for chat_enter_known: as chat_person said; nil: none. Else filled in by chat. */
    /* On the estate's loop. `me` is NULL exactly when `fault` is not FAULT_NONE (USER_UNKNOWN, USER_INACTIVE,
     * ESTATE_CHANGED, BUSY, INTERNAL). The structure is the caller's again, to be freed. */
    void (*run)(struct chat_call *call, struct chat_user *me, enum fault fault);
    struct chat_call *next; /* chat's own */
    uint8_t found;          /* chat's own */
};

/* [any loop] The user is known by id alone: looked up in the store. Each call holds the server
 * (sio_server_hold) until `run` returned and every use case begun in it is done. */
void chat_enter(struct chat *chat, struct chat_call *call);

/* [any loop] The user's estate is known (a connected socket). Calls from one loop run in the order they were
 * made. */
void chat_enter_known(struct chat *chat, struct chat_call *call);

struct chat_person chat_me(const struct chat_user *me);

/* Takes `amount` (1 of events, more of bytes) from the user's bucket number `bucket` (< CHAT_BUCKETS), shared
 * by all of the user's sockets and requests. */
enum { CHAT_BUCKETS = 64 };
bool chat_user_may(struct chat_user *me, unsigned bucket, const struct rate_limit *limit, uint32_t amount,
                   uint32_t *retry_after_ms);

/* ---- connections and presence ---- */

/* Loads what the user's sockets must hear: `conversations` (the estate group, made when needed, is among
 * them). On success one connection more counts as online from `done` on; user_online is told right after
 * `done`. */
typedef void (*chat_connect_done)(enum fault fault, struct chat_user *me, const struct uuid *conversations,
                                  size_t count, void *data);
void chat_connect(struct chat_user *me, chat_connect_done done, void *data);

/* One connection less; when it was the last, user_offline follows after the grace period. `confirms`: chat_confirms was
 * called for it. `lost`: it broke, or answered no pings any more, so what was sent to it last may not have arrived. */
void chat_disconnect(struct chat_user *me, uint32_t epoch, bool confirms, bool lost);

/* One of the connections says message_delivered from now on; once for each. */
void chat_confirms(struct chat_user *me, uint32_t epoch);

/* To be kept with a connection from chat_connect's `done` on, and given to chat_disconnect: connections that were
 * ended by user_revoked are not counted off once more when their sockets go. */
uint32_t chat_connection_epoch(const struct chat_user *me);

/* May `me` be in this estate's live room? FAULT_FORBIDDEN for every other estate, existing or not. */
enum fault chat_check_estate(const struct chat_user *me, const struct uuid *estate);

struct chat_online {
    struct chat_person person;
    int64_t online_since;
};
/* Who is online in `estate` now; the array lives during `done`. FAULT_FORBIDDEN. */
typedef void (*chat_online_done)(enum fault fault, const struct chat_online *users, size_t count, void *data);
void chat_online_users(struct chat_user *me, const struct uuid *estate, chat_online_done done, void *data);

/* [any thread] How many users are online, in all estates. */
uint64_t chat_online_count(const struct chat *chat);

/* How a user can be reached now. */
enum chat_reach {
    CHAT_OFFLINE,   /* no socket anywhere (the grace period does not count) */
    CHAT_CONNECTED, /* a socket that has never said message_delivered */
    CHAT_CONFIRMS,  /* sockets, and all of them do */
};

struct chat_reach_query {
    struct sio_task task; /* chat's own, as is the next */
    struct chat *chat;
    struct uuid estate;
    const struct uuid *users; /* of the estate; the caller's until `done`, as is `reach` */
    enum chat_reach *reach;   /* out: one for each user */
    size_t count;
    void (*done)(struct chat_reach_query *query); /* on the estate's loop; must not block */
    void *data;
};
/* [any thread] An estate that is in no cache has nobody connected, and is not loaded for this. `done` does not come
 * before sio_server_free when the loops have stopped. */
void chat_reach(struct chat *chat, struct chat_reach_query *query);

/* ---- messages ---- */

typedef void (*chat_done)(enum fault fault, void *data);
/* `message` lives during `done`; NULL on a fault. `done` runs before new_message is told. */
typedef void (*chat_message_done)(enum fault fault, const struct message_row *message, bool duplicate,
                                  void *data);

struct chat_send {
    struct uuid conversation;
    enum message_type type;
    struct sio_span content, metadata, client_message_id; /* empty: none */
    struct uuid reply_to;                                 /* nil: none */
};
/* FAULT_CONVERSATION_NOT_FOUND, MESSAGE_NOT_FOUND (reply), TYPE_SYSTEM, TEXT_EMPTY, MESSAGE_EMPTY (neither
 * content nor metadata), INVALID_PAYLOAD, CONTENT_TOO_LARGE, BUSY, INTERNAL. Copies `in`. Ends the user's
 * typing in the conversation. */
void chat_send_message(struct chat_user *me, const struct chat_send *in, chat_message_done done, void *data);

/* Forwards changes; `true` again only prolongs. Ends by itself after typing_timeout_ms. */
void chat_typing(struct chat_user *me, const struct uuid *conversation, bool is_typing, chat_done done,
                 void *data);

/* Moves the read position forward (never back; a repeat is fine and tells nobody). FAULT_MESSAGE_NOT_FOUND,
 * CONVERSATION_NOT_FOUND. */
typedef void (*chat_read_done)(enum fault fault, uint64_t seq, int64_t read_at, bool moved, void *data);
void chat_mark_read(struct chat_user *me, const struct uuid *conversation, const struct uuid *message,
                    struct sio_ref reading_socket, chat_read_done done, void *data);

/* A device of the user's has got the message, and all before it in the conversation: no push is owed for them any more.
 * In a conversation that is not large the position is kept, never moves back, and those whose messages have arrived by
 * it are told; a repeat tells nobody. FAULT_MESSAGE_NOT_FOUND, CONVERSATION_NOT_FOUND. */
void chat_message_delivered(struct chat_user *me, const struct uuid *conversation, const struct uuid *message,
                            chat_done done, void *data);

enum { CHAT_BROADCAST_TYPE_BYTES = 40 }; /* what broadcast_type may add to the caller's metadata */
struct chat_announce {
    struct uuid estate; /* nil: the user's own */
    enum broadcast_type type;
    struct sio_span content;
    struct sio_span
        metadata; /* a JSON object that carries broadcast_type already (the caller's doing); not empty */
};
/* Stored in the estate group (made when missing) as a `system` message, then told to the estate's live room.
 * FAULT_FORBIDDEN: another estate, or the role may not. */
void chat_broadcast(struct chat_user *me, const struct chat_announce *in, chat_message_done done, void *data);

/* FAULT_MESSAGE_NOT_FOUND also for messages of conversations that the user is not in; EMOJI_INVALID,
 * TOO_MANY_REACTIONS when one is added. `row` lives during `done`. */
typedef void (*chat_reaction_done)(enum fault fault, const struct reaction_row *row, void *data);
void chat_reaction_add(struct chat_user *me, const struct uuid *message, struct sio_span emoji,
                       chat_reaction_done done, void *data);
void chat_reaction_remove(struct chat_user *me, const struct uuid *message, struct sio_span emoji,
                          chat_done done, void *data);

/* ---- conversations ---- */

typedef void (*chat_conversation_done)(enum fault fault, const struct conversation_row *row, bool created,
                                       void *data);

/* The estate group, with all active residents in it, made if missing; `participants` as below.
 * FAULT_FORBIDDEN. */
void chat_estate_group(struct chat_user *me, const struct uuid *estate, struct sio_span title,
                       uint32_t participants, chat_conversation_done done, void *data);

struct chat_new_conversation {
    struct uuid estate; /* nil: the user's own */
    enum conversation_type type;
    struct sio_span title;
    const struct uuid *users; /* the others; `me` may be among them */
    size_t user_count;
};
/* FAULT_FORBIDDEN (estate), USER_NOT_FOUND (not an active user of the estate), DIRECT_NEEDS_ONE (direct: not
 * exactly one other user). A direct conversation between two people is made once. Everybody's sockets join
 * its live room. */
void chat_conversation_create(struct chat_user *me, const struct chat_new_conversation *in,
                              chat_conversation_done done, void *data);

/* With last message, unread count, and at most so many participants, `me` among them; 0: all, however many they are.
 * FAULT_CONVERSATION_NOT_FOUND unless `me` is in it. */
void chat_conversation_get(struct chat_user *me, const struct uuid *conversation, uint32_t participants,
                           chat_conversation_done done, void *data);

struct chat_listing {
    struct uuid estate; /* nil: all of the user's */
    bool unread_only;
    uint32_t page, limit;
};
/* `page` lives during `done`. FAULT_FORBIDDEN: another estate than the user's. */
typedef void (*chat_conversations_done)(enum fault fault, const struct store_conversation_page *page,
                                        void *data);
void chat_conversation_list(struct chat_user *me, const struct chat_listing *in, chat_conversations_done done,
                            void *data);

struct chat_history {
    struct uuid conversation;
    enum store_page_by by;
    uint32_t page, limit;
    uint64_t after_seq, before_seq;
};
typedef void (*chat_messages_done)(enum fault fault, const struct store_message_page *page, void *data);
void chat_message_list(struct chat_user *me, const struct chat_history *in, chat_messages_done done,
                       void *data);

/* Out of the conversation for good: no further message reaches the user. FAULT_FORBIDDEN for the estate
 * group. */
void chat_leave(struct chat_user *me, const struct uuid *conversation, chat_done done, void *data);

/* `me` must be one of the conversation's admins, in the estate group an Admin by role (FAULT_FORBIDDEN), the
 * user active in the same estate (FAULT_USER_NOT_FOUND), the conversation a group (FAULT_FORBIDDEN for a direct
 * one). */
typedef void (*chat_participant_done)(enum fault fault, const struct participant_row *row, void *data);
void chat_participant_add(struct chat_user *me, const struct uuid *conversation, const struct uuid *user,
                          chat_participant_done done, void *data);

/* ---- people ---- */

struct chat_resident_search {
    struct uuid estate;
    struct sio_span name; /* blanks around it do not count; empty: everybody */
    uint32_t page, limit;
};
/* The active users of the user's own estate, by name. `page` lives during `done`. FAULT_FORBIDDEN: another estate;
 * INVALID_PAYLOAD: a name longer than STORE_SEARCH_BYTES. */
typedef void (*chat_residents_done)(enum fault fault, const struct store_resident_page *page, void *data);
void chat_residents(struct chat_user *me, const struct chat_resident_search *in, chat_residents_done done,
                    void *data);

/* ---- changes from outside ---- */

/* [any thread] Users or conversations of these estates were changed in the store (an import): caches are
 * renewed, sockets of users who are no longer active or moved away are ended, new conversations are joined.
 * `done` (may be NULL) runs on some loop when all of that has been told. */
void chat_estates_changed(struct chat *chat, const struct uuid *estates, size_t count,
                          void (*done)(void *data), void *data);
