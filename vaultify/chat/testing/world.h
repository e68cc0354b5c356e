/* For tests: a chat with estates and users in a real store and in virtual time, and a record of all it tells.
 *
 * User n has the first name "u<n>"; users are made in estate 1, or 2, … Everything told is recorded as a
 * line: "online u1", "offline u1", "digest +2 -0 =2", "message c1 u1 #1 text", "read c1 u2 #1 all", "delivered c1 u2 #1 u1",
 * "typing c1 u1 on", "broadcast u1 #1 text", "joined u1 c1", "left u1 c1", "revoked u1"; c<n> are the
 * conversations in the order in which the test named them, "cG" the group of estate 1. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "chat/chat.h"
#include "chat/testing/slow_store.h"
#include "chat/testing/virtual_loop.h"

enum { WORLD_CONVERSATIONS = 64 };

struct world {
    struct sio_server *server;
    struct slow_store store;
    struct chat_config config;
    struct chat *chat;
    char (*lines)[128];
    size_t line_count, line_capacity;
    unsigned long presence_deliveries; /* each presence event times the sockets then online */
    unsigned long digests, singles;
    unsigned sockets;                               /* as the test counts them */
    struct uuid conversations[WORLD_CONVERSATIONS]; /* [0]: the group of estate 1, once it is known */
};

void world_open(struct world *w, const struct chat_config *config); /* NULL: the defaults */
void world_close(struct world *w);                                  /* checks that no hold is left */

struct uuid world_user(unsigned n);
struct uuid world_estate(unsigned n); /* 0: nil */

/* Adds or changes a user in the store; chat is not told. */
void world_put_user(struct world *w, unsigned n, unsigned estate, enum role role, enum user_status status);
void world_put_users(struct world *w, unsigned first, unsigned count, unsigned estate);
void world_put_conversation(struct world *w, unsigned c, unsigned estate, const unsigned *users,
                            size_t count);
void world_changed(struct world *w, unsigned estate);

void world_run(struct world *w);
void world_pass(struct world *w, uint64_t ms);

/* How often a line beginning so was recorded; the lines are then forgotten by world_forget. */
unsigned world_told(const struct world *w, const char *beginning);
void world_expect(struct world *w, const char *lines); /* exactly these, "; " between; then forgets them */
void world_forget(struct world *w);

/* ---- use cases, as user n of that estate; the answers come into the structure ---- */

struct answer {
    struct world *world; /* filled in by world_act */
    unsigned count;      /* calls of `done` */
    enum fault fault;
    struct uuid id; /* message or conversation */
    uint64_t seq;
    bool duplicate, moved, created;
    size_t n;          /* conversations, online users, participants, rows */
    size_t lines_then; /* recorded before `done` */
};

/* Enters and runs `act` there; a refused call is an answer with its fault. Does not run the loops: everything
 * happens in the next world_run. `answer` NULL: nobody looks at it. */
typedef void (*act_fn)(struct chat_user *me, const void *in, struct answer *answer);
void world_act(struct world *w, unsigned user, unsigned estate, act_fn act, const void *in, size_t in_bytes,
               struct answer *answer);

void world_connect(struct world *w, unsigned user, unsigned estate, struct answer *answer); /* chat_enter */
void world_disconnect(struct world *w, unsigned user, unsigned estate);
/* One of the user's connections says message_delivered from now on; one of those, or another, ends. */
void world_confirm(struct world *w, unsigned user, unsigned estate);
void world_end(struct world *w, unsigned user, unsigned estate, bool confirms, bool lost);
void world_send(struct world *w, unsigned user, unsigned estate, unsigned c, const char *text,
                const char *client_id, struct answer *answer);
void world_typing(struct world *w, unsigned user, unsigned estate, unsigned c, bool on,
                  struct answer *answer);
void world_read(struct world *w, unsigned user, unsigned estate, unsigned c, const struct uuid *message,
                struct answer *answer);
void world_delivered(struct world *w, unsigned user, unsigned estate, unsigned c, const struct uuid *message,
                     struct answer *answer);
void world_broadcast(struct world *w, unsigned user, unsigned estate, unsigned to, const char *text,
                     struct answer *answer);
void world_group(struct world *w, unsigned user, unsigned estate, unsigned of, struct answer *answer);
/* The conversation becomes number c of the record. */
void world_create(struct world *w, unsigned user, unsigned estate, unsigned c, bool direct,
                  const unsigned *users, size_t count, struct answer *answer);
void world_leave(struct world *w, unsigned user, unsigned estate, unsigned c, struct answer *answer);
void world_add(struct world *w, unsigned user, unsigned estate, unsigned c, unsigned whom,
               struct answer *answer);
void world_online(struct world *w, unsigned user, unsigned estate, unsigned of, struct answer *answer);
