/* Shapes: what the objects that the server sends look like, member by member. They stand beside the code that
 * writes them, and the API's documents are printed from them. Constant data; any thread. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "sio_err.h"
#include "wire/fields.h"

enum wire_member_kind {
    MEMBER_UUID,
    MEMBER_TEXT,
    MEMBER_BOOL,
    MEMBER_NUMBER, /* whole, from 0 */
    MEMBER_TIME,   /* ISO 8601, UTC, with milliseconds */
    MEMBER_MINUTE, /* HH:MM */
    MEMBER_OBJECT, /* any object */
    MEMBER_WORD,   /* one of `words` */
    MEMBER_SHAPE,  /* an object of `shape` */
    MEMBER_ROW,    /* what a page is a page of */
    MEMBER_TRUE,   /* true, always */
    MEMBER_FALSE,
    MEMBER_KIND_COUNT_
};

enum wire_member_form {
    MEMBER_ALWAYS = 0,
    MEMBER_NULLABLE = 1, /* null when there is none */
    MEMBER_OPTIONAL = 2, /* left out when there is none */
    MEMBER_LIST = 4,     /* an array of the kind */
    MEMBER_FORMS_ = 8,
};

struct wire_member {
    const char *name;
    enum wire_member_kind kind;
    unsigned form; /* MEMBER_… */
    const char *doc;
    const struct wire_words *words;
    const struct wire_shape *shape;
};

struct wire_shape {
    const char *name; /* of the type, in every document */
    const char *doc;
    const struct wire_shape *base; /* whose members come first; NULL: none */
    const struct wire_member *members;
    size_t count;
};

/* What a request is answered with. */
enum wire_answer_form {
    ANSWER_UNSAID, /* not part of the API */
    ANSWER_ONE,    /* an object of `shape` */
    ANSWER_LIST,   /* an array of them */
    ANSWER_PAGE,   /* wire_page_shape of them */
    ANSWER_TEXT,   /* plain text; `shape` is NULL */
    ANSWER_FORM_COUNT_
};
struct wire_answer {
    enum wire_answer_form form;
    const struct wire_shape *shape;
};

/* SIO_ERR_INVALID when a shape, or one that it leads to, is wrong: no name, no words, twice the same name … */
enum sio_err wire_shape_check(const struct wire_shape *shape) SIO_MUST_CHECK;
enum sio_err wire_answer_check(const struct wire_answer *answer) SIO_MUST_CHECK;

/* Every shape, in an order in which each stands behind its base; NULL at the end. */
extern const struct wire_shape *const wire_shapes[];

/* Every list of words that an API's type is made of; NULL at the end. */
extern const struct wire_words *const wire_word_lists[];

/* row_shapes.c: what rows.h writes */
extern const struct wire_shape wire_person_shape, wire_sender_shape, wire_resident_shape, wire_online_shape,
    wire_me_shape, wire_reaction_shape, wire_message_shape, wire_sent_message_shape,
    wire_history_message_shape, wire_participant_shape, wire_conversation_shape, wire_device_shape,
    wire_quiet_hours_shape, wire_preferences_shape, wire_mute_shape, wire_demo_user_shape,
    wire_demo_users_shape;

/* answer_shapes.c: what REST answers beside rows */
extern const struct wire_shape wire_page_shape, wire_history_page_shape, wire_done_shape,
    wire_vapid_key_shape, wire_health_shape, wire_error_body_shape;

/* payload_shapes.c: what payloads.h writes */
extern const struct wire_shape wire_new_message_shape, wire_message_sent_shape, wire_message_stored_shape,
    wire_message_read_shape, wire_message_delivered_shape, wire_user_typing_shape, wire_announcer_shape,
    wire_estate_broadcast_shape, wire_user_online_shape, wire_user_offline_shape, wire_presence_digest_shape,
    wire_conversation_joined_shape, wire_conversation_left_shape, wire_error_shape, wire_ack_error_shape;

/* For the tables of shapes. */
#define WIRE_SHAPE(shape, title, text, parent, table)                                                        \
    const struct wire_shape wire_##shape##_shape = {title, text, parent, table,                              \
                                                    sizeof(table) / sizeof((table)[0])}
