/* Which of an asset's codings a client is sent. */
#include "assets/assets.h"

#include "base/weighted.h"

enum { LEAST = 1 };

static const char *const names[] = {
    [ASSET_IDENTITY] = "identity", [ASSET_GZIP] = "gzip", [ASSET_BROTLI] = "br"};

const char *asset_coding_name(enum asset_coding coding) { return names[coding]; }

/* The quality of each coding. What is not named gets that of "*", else nothing; identity is welcome at last if nothing is said
 * against it. */
static void read_wishes(struct sio_span accept_encoding, unsigned wish[ASSET_CODINGS]) {
    bool named[ASSET_CODINGS] = {false}, any_named = false;
    unsigned any = 0, quality;
    for (struct sio_span rest = accept_encoding; rest.p;) {
        struct sio_span name = weighted_cut(&rest, &quality);
        if (sio_span_is(name, "*")) {
            any = quality;
            any_named = true;
        }
        for (int c = 0; c < ASSET_CODINGS; c++) {
            if (!sio_span_eq_nocase(name, sio_span_cstr(names[c]))) continue;
            wish[c] = quality;
            named[c] = true;
        }
    }
    for (int c = 0; c < ASSET_CODINGS; c++)
        if (!named[c]) wish[c] = any;
    if (!named[ASSET_IDENTITY] && !any_named) wish[ASSET_IDENTITY] = LEAST;
}

enum asset_coding asset_choose(const struct asset *asset, struct sio_span accept_encoding) {
    static const enum asset_coding shortest_first[] = {ASSET_BROTLI, ASSET_GZIP, ASSET_IDENTITY};
    enum asset_coding best = ASSET_IDENTITY;
    unsigned wish[ASSET_CODINGS], most = 0;
    read_wishes(accept_encoding, wish);
    for (size_t i = 0; i < ASSET_CODINGS; i++) {
        enum asset_coding coding = shortest_first[i];
        if (!asset->forms[coding].bytes.p || wish[coding] <= most) continue;
        best = coding;
        most = wish[coding];
    }
    return best;
}

static struct sio_span strip_weakness(struct sio_span tag) {
    return sio_span_starts(tag, SIO_SPAN("W/")) ? sio_span_skip(tag, 2) : tag;
}

bool asset_is_known(struct sio_span if_none_match, const char *etag) {
    if (sio_span_is(sio_span_trim(if_none_match), "*")) return true;
    for (struct sio_span rest = if_none_match; rest.p;) {
        struct sio_span tag = strip_weakness(sio_span_trim(sio_span_cut(&rest, ',')));
        if (sio_span_is(tag, etag)) return true;
    }
    return false;
}
