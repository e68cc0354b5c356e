/* gzip over zlib, fast rather than small: what goes out are texts that repeat each other. */
#include "push/expo/gzip.h"

#include <zlib.h>

#include "base/must.h"

enum {
    WINDOW_BITS = 15 + 16, /* zlib's way to ask for gzip's head and tail */
    MEMORY_LEVEL = 8,
};

void gzip_add(struct sio_strbuf *out, struct sio_span bytes) {
    z_stream z = {.next_in = (Bytef *)(uintptr_t)bytes.p, .avail_in = (uInt)bytes.n};
    must(bytes.n <= UINT32_MAX / 2);
    must(deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, WINDOW_BITS, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) == Z_OK);
    size_t most = deflateBound(&z, bytes.n);
    z.next_out = (Bytef *)sio_strbuf_reserve(out, most);
    z.avail_out = (uInt)most;
    must(deflate(&z, Z_FINISH) == Z_STREAM_END);
    out->n += z.total_out;
    deflateEnd(&z);
}
