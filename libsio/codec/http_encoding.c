/* gzip and deflate for HTTP answers, by zlib. */
#include "codec/http_encoding.h"

#define ZLIB_CONST /* its input is not written to */
#include <zlib.h>

#include "base/must.h"
#include "base/weighted.h"

enum { WINDOW_BITS = 15, GZIP_BITS = 16, MEMORY_LEVEL = 8 };

static const char *const names[] = {
    [HTTP_IDENTITY] = "identity", [HTTP_GZIP] = "gzip", [HTTP_DEFLATE] = "deflate"};

const char *http_encoding_name(enum http_encoding encoding) { return names[encoding]; }

/* ---- what the client wants ---- */

/* How much `encoding` is wanted: its quality, then whether it is named, then how early. 0: not at all. */
static unsigned long weigh(struct sio_span accept_encoding, enum http_encoding encoding) {
    unsigned long named = 0, any = 0, early = UINT16_MAX;
    bool is_named = false;
    struct sio_span rest = accept_encoding;
    for (; rest.p; early -= early > 1) {
        unsigned quality;
        struct sio_span name = weighted_cut(&rest, &quality);
        unsigned long weight = quality ? ((unsigned long)quality << 17) + early : 0;
        if (sio_span_eq_nocase(name, sio_span_cstr(names[encoding]))) {
            named = weight ? weight + (1UL << 16) : 0;
            is_named = true;
        } else if (sio_span_is(name, "*")) {
            any = weight;
        }
    }
    return is_named ? named : any;
}

enum http_encoding http_encoding_choose(struct sio_span accept_encoding) {
    unsigned long gzip = weigh(accept_encoding, HTTP_GZIP), deflate = weigh(accept_encoding, HTTP_DEFLATE);
    if (gzip == 0 && deflate == 0) return HTTP_IDENTITY;
    return gzip >= deflate ? HTTP_GZIP : HTTP_DEFLATE;
}

/* ---- coding ---- */

void http_encode(enum http_encoding encoding, struct sio_span in, struct sio_strbuf *out) {
    z_stream z = {0};
    must(encoding != HTTP_IDENTITY && in.n <= UINT32_MAX);
    int bits = encoding == HTTP_GZIP ? WINDOW_BITS + GZIP_BITS : WINDOW_BITS;
    must(deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, bits, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) == Z_OK);
    size_t room = deflateBound(&z, (uLong)in.n);
    z.next_out = (Bytef *)sio_strbuf_reserve(out, room);
    z.avail_out = (uInt)room;
    z.next_in = (const Bytef *)in.p;
    z.avail_in = (uInt)in.n;
    must(deflate(&z, Z_FINISH) == Z_STREAM_END); /* deflateBound is enough for all of it */
    out->n += z.total_out;
    deflateEnd(&z);
}
