/* Members of a JSON document, one call each. */
#pragma once
#include "sio_json.h"

static inline void member_key(struct sio_json_writer *w, const char *key) {
    sio_json_key_text(w, sio_span_cstr(key));
}

static inline void member_text(struct sio_json_writer *w, const char *key, const char *text) {
    member_key(w, key);
    sio_json_string(w, sio_span_cstr(text));
}

/* The sentence of a table, with its full stop; NULL: nothing. */
static inline void member_sentence(struct sio_json_writer *w, const char *key, const char *sentence) {
    if (!sentence) return;
    struct sio_strbuf text;
    sio_strbuf_init(&text);
    sio_strbuf_printf(&text, "%s%s", sentence, sentence[strlen(sentence) - 1] == '?' ? "" : ".");
    member_key(w, key);
    sio_json_string(w, sio_strbuf_as_span(&text));
    sio_strbuf_fini(&text);
}

static inline void member_number(struct sio_json_writer *w, const char *key, uint64_t v) {
    member_key(w, key);
    sio_json_u64(w, v);
}

static inline void member_bool(struct sio_json_writer *w, const char *key, bool v) {
    member_key(w, key);
    sio_json_bool(w, v);
}

static inline void member_object_open(struct sio_json_writer *w, const char *key) {
    member_key(w, key);
    sio_json_object_open(w);
}

static inline void member_array_open(struct sio_json_writer *w, const char *key) {
    member_key(w, key);
    sio_json_array_open(w);
}

/* document.c: what a document is about; its licence by the member that its format knows. */
void member_info(struct sio_json_writer *w, const char *description, const char *license_key,
                 const char *license);

/* {"$ref": "<place><name>"} as the next value */
static inline void value_ref(struct sio_json_writer *w, const char *place, const char *name) {
    struct sio_strbuf text;
    sio_strbuf_init(&text);
    sio_strbuf_printf(&text, "%s%s", place, name);
    sio_json_object_open(w);
    member_text(w, "$ref", text.p);
    sio_json_object_close(w);
    sio_strbuf_fini(&text);
}

static inline void member_ref(struct sio_json_writer *w, const char *key, const char *place,
                              const char *name) {
    member_key(w, key);
    value_ref(w, place, name);
}
