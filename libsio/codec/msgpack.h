/* msgpack over bytes in place: one item read or written a call. No memory but the strbuf that is filled. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "sio_strbuf.h"

enum msgpack_kind {
    MSGPACK_NIL,
    MSGPACK_FALSE,
    MSGPACK_TRUE,
    MSGPACK_UINT,
    MSGPACK_INT, /* signed forms; positive ones too */
    MSGPACK_FLOAT,
    MSGPACK_STR,
    MSGPACK_BIN,
    MSGPACK_ARRAY, /* `count` items follow */
    MSGPACK_MAP,   /* `count` pairs of items follow */
    MSGPACK_EXT,
};

struct msgpack_item {
    enum msgpack_kind kind;
    uint64_t u;
    int64_t i;
    double f;              /* of either width */
    struct sio_span bytes; /* of STR (valid UTF-8), BIN and EXT */
    uint32_t count;        /* of ARRAY and MAP */
    int8_t ext_type;
    bool fixed; /* an EXT of the short forms, which have no length */
};

/* Reads the next item from the front of `*rest`, of a container its head alone. false, and the rest undefined:
 * the bytes end too early, the reserved lead byte, a string that is no UTF-8, a container with more items than
 * bytes are left. */
bool msgpack_next(struct sio_span *rest, struct msgpack_item *item);

/* Each in its shortest form. */
void msgpack_write_nil(struct sio_strbuf *out);
void msgpack_write_bool(struct sio_strbuf *out, bool v);
void msgpack_write_u64(struct sio_strbuf *out, uint64_t v);
void msgpack_write_i64(struct sio_strbuf *out, int64_t v);
void msgpack_write_double(struct sio_strbuf *out, double v); /* always 64 bits */
void msgpack_write_str(struct sio_strbuf *out, struct sio_span text);
void msgpack_write_bin(struct sio_strbuf *out, struct sio_span bytes);

enum { MSGPACK_HEAD_MAX_BYTES = 5 };

/* The head of a STR (bytes), ARRAY (items) or MAP (pairs); returns its size. `widest`: in MSGPACK_HEAD_MAX_BYTES,
 * however small `n` is. */
size_t msgpack_head(char out[MSGPACK_HEAD_MAX_BYTES], enum msgpack_kind kind, uint32_t n, bool widest);
