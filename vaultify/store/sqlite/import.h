/* What the records of one import share. */
#pragma once
#include "base/map.h"
#include "store/sqlite/writer.h"
#include "store/store.h"

struct import {
    struct writer *w;
    struct store_import *op;
    const struct store_import_record *record; /* the one being looked at */
    struct map changed;                       /* estates, by key */
    int64_t *changed_keys;                    /* the same, in the arena */
    size_t changed_count, changed_capacity;
};

/* Ends the import with a sentence about the record; returns false. */
bool import_refuse(struct import *im, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Users or conversations of this estate changed. 0 is fine. */
void import_estate_changed(struct import *im, int64_t estate_key);

/* A time of a record; one that it does not give is `otherwise`. */
static inline int64_t import_time(int64_t given, int64_t otherwise) { return given ? given : otherwise; }

bool import_conversation(struct import *im, const struct conversation_row *row); /* import_conversation.c */
