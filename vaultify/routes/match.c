/* Compares paths with patterns, part by part. */
#include "routes/match.h"

static bool is_param(struct sio_span part) { return part.n > 0 && (part.p[0] == ':' || part.p[0] == '*'); }

/* Both begin behind their first slash; the next part of each. False when there is none left. */
static bool next_part(struct sio_span *rest, struct sio_span *part) {
    if (!rest->p) return false;
    *part = sio_span_cut(rest, '/');
    return true;
}

static bool strip_slash(struct sio_span *path) {
    if (path->n == 0 || path->p[0] != '/') return false;
    *path = sio_span_skip(*path, 1);
    return true;
}

bool route_match(const char *pattern, struct sio_span path, struct route_params *params) {
    struct sio_span expected = sio_span_cstr(pattern), want, got;
    params->count = 0;
    if (!strip_slash(&expected) || !strip_slash(&path)) return false;
    if (path.n > 0 && path.p[path.n - 1] == '/') path.n--;
    while (next_part(&expected, &want)) {
        if (!next_part(&path, &got)) return false;
        if (!is_param(want)) {
            if (!sio_span_eq(want, got)) return false;
            continue;
        }
        if (got.n == 0 || params->count == ROUTE_PARAMS_MAX) return false;
        params->name[params->count] = sio_span_skip(want, 1);
        params->value[params->count] = got;
        params->is_text[params->count++] = want.p[0] == '*';
    }
    return !next_part(&path, &got);
}

bool route_patterns_clash(const char *a, const char *b) {
    struct sio_span left = sio_span_cstr(a), right = sio_span_cstr(b), x, y;
    while (next_part(&left, &x)) {
        if (!next_part(&right, &y)) return false;
        if (!is_param(x) && !is_param(y) && !sio_span_eq(x, y)) return false;
    }
    return !next_part(&right, &y);
}

bool route_pattern_valid(const char *pattern) {
    struct sio_span rest = sio_span_cstr(pattern), part;
    size_t params = 0;
    if (!strip_slash(&rest)) return false;
    while (next_part(&rest, &part)) {
        if (part.n == 0 || (is_param(part) && part.n == 1)) return false;
        params += is_param(part);
    }
    return params <= ROUTE_PARAMS_MAX;
}
