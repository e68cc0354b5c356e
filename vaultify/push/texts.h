/* What a push says, from templates by locale: `key = text with {placeholders}` files that a translator can edit
 * (push/texts/<locale>.txt are built into the program, en.txt explains them; a directory of the operator's goes before
 * them, line by line). What a locale has no line for is its language's, else English. Made once; reading is for any thread. */
#pragma once
#include "base/arena.h"
#include "push/note.h"
#include "sio_err.h"
#include "sio_log.h"

struct push_texts;

/* SIO_ERR_INVALID: `directory` (may be NULL) cannot be read, one of its .txt files cannot or is not named for a locale, a
 * key is unknown or a placeholder is; a line in the log says which. */
enum sio_err push_texts_open(const char *directory, const struct sio_log *log,
                             struct push_texts **out) SIO_MUST_CHECK;
void push_texts_close(struct push_texts *texts);

/* What happened, for the words. `word`: of a message its type (text, image, file, voice, link_preview), of a broadcast its
 * type (announcement … general). */
struct push_saying {
    enum push_kind kind;
    bool direct; /* a message of a direct conversation; else of a group */
    struct sio_span word;
    struct sio_span sender;  /* first and last name */
    struct sio_span title;   /* of the conversation; may be empty */
    struct sio_span content; /* plain text; may be empty */
    bool with_content;       /* false: the words say that something came, and neither from whom nor what */
};

/* Fills in note->title and note->body, in `arena`; in `locale` ("fr", "fr-CA", "ar_EG"; unknown or empty: English). Users'
 * texts as plain_text.h says; at most PUSH_TITLE_MAX and PUSH_BODY_MAX bytes, cut at a character's end with an ellipsis. */
enum { PUSH_TITLE_MAX = 200, PUSH_BODY_MAX = 1000 };
void push_texts_fill(const struct push_texts *texts, struct sio_span locale, const struct push_saying *saying,
                     struct arena *arena, struct push_note *note);
