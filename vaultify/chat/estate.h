/* What chat keeps in memory: the estates of a loop, their users and conversations. Touched by the estate's
 * loop alone. */
#pragma once
#include "base/list.h"
#include "base/map.h"
#include "chat/chat.h"
#include "chat/participant_set.h"

enum {
    ESTATE_WAITING_MAX = 131072,    /* calls that wait for one estate to load; more: FAULT_BUSY */
    SERVED_A_TURN = 128,            /* of those that waited; the rest goes on in the next turn */
    CACHED_PARTICIPANTS_EACH = 64,  /* on average, of a full conversation cache; more: fewer conversations */
    TYPING_A_USER = 64,             /* conversations in which one user types at once; more: the oldest ends */
    TYPING_STARTS_A_SECOND = 5,     /* forwarded in one large conversation */
    RECEIPTS_A_CONVERSATION = 4096, /* read receipts of one large conversation that wait to be told */
    RECEIPTS_A_SECOND = 256,        /* of those, told at once */
    REFRESHES_AT_ONCE = 64,         /* conversation lists read again after a change, per estate */
    LONG_READS_AT_ONCE = 4,         /* pages, lists and groups being read and written out, per loop */
    RETRY_MS = 200,                 /* before a failed reload is tried again */
    SECOND_MS = 1000,
    PAGE_LIMIT_MAX = 100,
    LISTED_PARTICIPANTS = 100, /* named for each conversation of a list */
    TITLE_MAX_BYTES = 255,
    CLIENT_ID_MAX_BYTES = 128,
    EMOJI_MAX_BYTES = 64,
};

struct use_case;

/* Unfinished use cases in the order in which they go on. */
struct use_case_queue {
    struct use_case *head, *tail;
};

/* One running use case; each has a structure of its own that begins with this. */
struct use_case {
    struct use_case *next;
    struct chat_user *me;                                 /* stays in memory until use_case_free */
    struct conversation *conversation;                    /* likewise; NULL until it was entered */
    struct uuid wanted;                                   /* the conversation to be entered */
    bool reads;                                           /* counts in chat_user.reads */
    bool has_turn;                                        /* counts in estate_loop.reads_running */
    void (*resume)(struct use_case *u, enum fault fault); /* what goes on when the wait is over */
    void (*entered)(struct use_case *u, enum fault fault);
    enum fault fault; /* handed to `resume` when it is the queue's turn */
};

/* The conversations a user is in, sorted by id. Known from the first need on, then kept current. */
struct conversation_list {
    struct uuid *ids;
    uint32_t count, capacity;
    bool known;
    bool loading;
    bool load_again;                   /* what is being read may be outdated already */
    struct membership_change *changes; /* happened while loading: done again on what was read */
    uint32_t change_count, change_capacity;
    struct use_case_queue waiting;
};

struct membership_change {
    struct uuid id; /* the conversation, or the participant */
    bool joined, admin;
};

struct user_bucket {
    struct rate_bucket bucket;
    unsigned number;
};

struct chat_user {
    struct chat_estate *estate;
    struct uuid id;
    enum role role;
    enum user_status status;
    char *text; /* first name, last name, picture, one after the other */
    uint32_t first_name_bytes, last_name_bytes, picture_bytes;
    uint32_t seen; /* the estate's load_number in which the user was last there */
    uint32_t mark; /* the estate's mark_number: counts a user once in a list of ids */
    bool gone;     /* no longer of this estate; kept while something still points here */
    bool online, told_online;
    uint32_t connections;
    uint32_t confirms;                   /* of them: those that say message_delivered */
    uint32_t epoch;                      /* of the connections: raised when all of them are ended together */
    uint32_t in_flight;                  /* unfinished use cases */
    uint32_t reads;                      /* of those: use_case.reads */
    struct use_case_queue reads_waiting; /* for their turn */
    struct list in_readers;              /* estate_loop.readers while some wait */
    int64_t online_since;
    struct list in_online; /* estate.presence.online */
    struct list in_untold; /* estate.presence.untold */
    struct list typing;    /* struct typing.in_user, the oldest first */
    uint32_t typing_count;
    uint32_t bucket_count;
    struct user_bucket *buckets;    /* those ever used */
    struct sio_timer grace;         /* runs between the last socket and user_offline */
    struct conversation_list *list; /* NULL: not known and not asked for */
};

struct conversation {
    struct uuid id;
    struct chat_estate *estate;
    struct list in_idle; /* estate.idle_conversations while nothing pins it, the least used first */
    uint32_t pins;       /* use cases, typing states, receipts */
    bool known;          /* `participants` is right */
    bool stale;          /* known, but to be read again before its next use */
    bool loading;
    bool load_again;
    bool estate_group;
    enum conversation_type type;
    struct participant_set participants;
    struct membership_change *changes; /* while loading */
    uint32_t change_count, change_capacity;
    struct use_case_queue waiting;
    uint64_t typing_second_ms; /* start of the second in which typing_starts were forwarded */
    uint32_t typing_starts;
    struct receipts *receipts; /* NULL: none wait */
};

struct presence {
    struct list online;    /* users */
    uint32_t online_count; /* of them */
    uint32_t connections;  /* sockets of all users */
    struct list untold;    /* users whose state is another than was told */
    struct sio_timer window;
    uint64_t window_start_ms;
    uint32_t window_singles;
    uint64_t window_deliveries;
};

/*           enter                 loaded          changed outside
 *  (none) ---------> LOADING ---------------> READY ---------> RELOADING
 *                      |                      |  ^                |   failed: again in RETRY_MS
 *                      | failed          idle |  '----------------'
 *                      v                      v         loaded
 *                    FAILED ---------------> (none)
 *                           all calls told
 * Calls wait in all states but READY. */
enum estate_state { ESTATE_LOADING, ESTATE_READY, ESTATE_RELOADING, ESTATE_FAILED };

/* A user without an estate has one alone; its key is the user's id. */
struct estate_key {
    uint8_t alone;
    struct uuid id;
};

struct change_part; /* reload.c */

struct chat_estate {
    struct chat *chat;
    struct estate_loop *home;
    struct sio_loop *loop;
    struct estate_key key;
    struct uuid id; /* nil when alone */
    enum estate_state state;
    enum fault failure; /* in FAILED: what the waiting calls are told */
    bool load_again;
    uint32_t load_number, mark_number;
    struct chat_call *waiting, *waiting_last;
    uint32_t waiting_count;
    struct sio_task serve; /* serves who waited, SERVED_A_TURN a turn */
    bool serving;
    struct change_part *changes; /* told when the reload is through */
    struct sio_timer retry;

    struct map users; /* by id */
    struct presence presence;

    struct uuid group;  /* nil: not made yet */
    bool group_settled; /* the store has put every active user into the group since the last load */
    bool group_pending;
    bool *group_created; /* of the use case that had it made; NULL: nobody asks */
    struct use_case_queue group_waiting;
    struct use_case_queue resuming; /* go on, SERVED_A_TURN a turn */

    struct map conversations; /* by id */
    struct list idle_conversations;
    uint64_t participant_slots; /* of all cached conversations */

    uint32_t use_cases; /* unfinished */
    uint32_t live;      /* typing states and waiting receipts */
    uint64_t used_ms;
    struct sio_timer idle;
};

struct estate_loop { /* what chat keeps on one loop */
    struct chat *chat;
    struct sio_loop *loop;
    struct map estates;  /* by estate_key */
    struct list readers; /* users with reads_waiting, whose turn it is first */
    uint32_t reads_running;
    bool reads_go_on; /* turns are being given out */
};

struct chat {
    struct chat_config config;
    _Atomic uint64_t online_count; /* users, in all estates */
    struct sio_server *server;
    struct store *store;
    struct chat_out out;
    unsigned loop_count;
    struct estate_loop *loops;
};
