/* Messages compressed and inflated with zlib, each for itself. The only place that knows zlib's deflate streams. */
#include "codec/deflate.h"

#include <limits.h>
#include <zlib.h>

#include "base/mem.h"
#include "base/must.h"

enum {
    TAIL_BYTES = 4,             /* 00 00 ff ff: the end of a flushed block, which does not travel (§7.2.1) */
    FLUSH_BYTES = 16,           /* more than an empty block at the end takes */
    INFLATE_FIRST_BYTES = 4096, /* room at first; doubled as needed */
    END_OF_BLOCK = 128,         /* zlib's data_type: nothing is under way */
};

struct deflate {
    z_stream out, in;
};

/* ---- life ---- */

static void *take(void *unused, unsigned count, unsigned size) {
    (void)unused;
    return mem_array(count, size);
}

static void give(void *unused, void *p) {
    (void)unused;
    free(p);
}

struct deflate *deflate_new(int level, int memory) {
    struct deflate *d = mem_new(struct deflate);
    d->out.zalloc = d->in.zalloc = take;
    d->out.zfree = d->in.zfree = give;
    must(deflateInit2(&d->out, level, Z_DEFLATED, -DEFLATE_BITS_MAX, memory, Z_DEFAULT_STRATEGY) == Z_OK);
    must(inflateInit2(&d->in, -DEFLATE_BITS_MAX) == Z_OK);
    return d;
}

void deflate_free(struct deflate *d) {
    if (d == NULL) return;
    deflateEnd(&d->out);
    inflateEnd(&d->in);
    free(d);
}

/* ---- compressing ---- */

void deflate_message(struct deflate *d, struct sio_span message, struct sio_strbuf *out) {
    must(message.n <= UINT_MAX / 2);
    size_t room = deflateBound(&d->out, message.n) + FLUSH_BYTES;
    d->out.next_in = (unsigned char *)message.p;
    d->out.avail_in = (unsigned)message.n;
    d->out.next_out = (unsigned char *)sio_strbuf_reserve(out, room);
    d->out.avail_out = (unsigned)room;
    must(deflate(&d->out, Z_SYNC_FLUSH) == Z_OK && d->out.avail_in == 0 && d->out.avail_out > 0);
    out->n += room - d->out.avail_out - TAIL_BYTES;
    must(deflateReset(&d->out) == Z_OK);
}

/* ---- inflating ---- */

/* Room for more, but for one byte above the limit at most. false: that byte is there. */
static bool make_room(z_stream *in, struct sio_strbuf *out, size_t from, size_t limit) {
    size_t have = out->n - from;
    if (have > limit) return false;
    size_t room = have < INFLATE_FIRST_BYTES ? INFLATE_FIRST_BYTES : have;
    if (room > limit - have) room = limit - have + 1;
    if (room > UINT_MAX / 2) room = UINT_MAX / 2;
    in->next_out = (unsigned char *)sio_strbuf_reserve(out, room);
    in->avail_out = (unsigned)room;
    return true;
}

/* A piece of the payload, or the tail. A sender may end a stream inside its message (BFINAL); another one follows. */
static enum inflate_result inflate_piece(z_stream *in, struct sio_span piece, struct sio_strbuf *out,
                                         size_t from, size_t limit) {
    in->next_in = (unsigned char *)piece.p;
    in->avail_in = (unsigned)piece.n;
    do {
        if (!make_room(in, out, from, limit)) return INFLATE_TOO_BIG;
        char *end = (char *)in->next_out;
        int result = inflate(in, Z_SYNC_FLUSH);
        out->n += (size_t)((char *)in->next_out - end);
        if (result == Z_STREAM_END) result = inflateReset(in);
        if (result != Z_OK && result != Z_BUF_ERROR) return INFLATE_BAD;
    } while (in->avail_in > 0 || in->avail_out == 0);
    return out->n - from > limit ? INFLATE_TOO_BIG : INFLATE_OK;
}

enum inflate_result inflate_message(struct deflate *d, struct sio_span payload, size_t limit,
                                    struct sio_strbuf *out) {
    size_t from = out->n;
    if (payload.n == 0) return INFLATE_OK; /* what some senders make of an empty message */
    if (payload.n > UINT_MAX / 2) return INFLATE_TOO_BIG;
    must(inflateReset(&d->in) == Z_OK);
    enum inflate_result result = inflate_piece(&d->in, payload, out, from, limit);
    if (result == INFLATE_OK) result = inflate_piece(&d->in, SIO_SPAN("\0\0\xff\xff"), out, from, limit);
    if (result == INFLATE_OK && !(d->in.data_type & END_OF_BLOCK)) result = INFLATE_BAD; /* cut short */
    return result;
}
