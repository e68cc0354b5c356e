/* Checking an endpoint, part by part, from left to right. */
#include "push/webpush/endpoint.h"

enum { HOST_MAX_BYTES = 253, LABEL_MAX_BYTES = 63 };

static const char KNOWN_HOSTS[] =
    "*.googleapis.com,*.push.apple.com,*.notify.windows.com,*.push.services.mozilla.com";

/* ---- characters ---- */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

/* Of RFC 3986, less # (a fragment is no part of a request) and the brackets of IPv6 addresses. */
static bool is_of_url(char c) {
    return is_digit(c) || is_lower(c) || is_upper(c) || (c && strchr("-._~:/?@!$&'()*+,;=%", c));
}

static bool all_of_url(struct sio_span text) {
    for (size_t i = 0; i < text.n; i++)
        if (!is_of_url(text.p[i])) return false;
    return true;
}

/* ---- the host ---- */

static bool is_label(struct sio_span label) {
    if (!label.n || label.n > LABEL_MAX_BYTES) return false;
    if (label.p[0] == '-' || label.p[label.n - 1] == '-') return false;
    for (size_t i = 0; i < label.n; i++)
        if (!is_lower(label.p[i]) && !is_digit(label.p[i]) && label.p[i] != '-') return false;
    return true;
}

/* A name whose last part is a number is taken for an IPv4 address (127.1, 2130706433, 0x7f.1); top-level names
 * begin with a letter, and none is a hexadecimal number. */
static bool is_number(struct sio_span label) { return is_digit(label.p[0]); }

static bool is_name(struct sio_span host) {
    struct sio_span rest = host, label = {0};
    if (!host.n || host.n > HOST_MAX_BYTES) return false;
    while (rest.p) {
        label = sio_span_cut(&rest, '.');
        if (!is_label(label)) return false;
    }
    return !is_number(label);
}

/* `*.example.com`: whole labels before it, at least one. */
static bool matches(struct sio_span host, struct sio_span pattern) {
    if (!sio_span_starts(pattern, SIO_SPAN("*."))) return sio_span_eq_nocase(host, pattern);
    struct sio_span tail = sio_span_skip(pattern, 1); /* with its dot */
    return host.n > tail.n && sio_span_eq_nocase(sio_span_skip(host, host.n - tail.n), tail);
}

static bool is_listed(struct sio_span host, const char *hosts) {
    struct sio_span rest = sio_span_cstr(hosts ? hosts : KNOWN_HOSTS);
    while (rest.p)
        if (matches(host, sio_span_trim(sio_span_cut(&rest, ',')))) return true;
    return false;
}

/* ---- all of it ---- */

/* What is wrong with it; NULL: nothing. */
static const char *fault_of(struct sio_span url, const char *hosts, struct webpush_endpoint *out) {
    static const struct sio_span scheme = {"https://", 8};
    if (url.n > WEBPUSH_ENDPOINT_MAX_BYTES) return "The endpoint is longer than 2048 bytes";
    if (!all_of_url(url)) return "The endpoint holds a character that no such URL has";
    if (!sio_span_starts(url, scheme)) return "The endpoint must begin with https://";
    struct sio_span rest = sio_span_skip(url, scheme.n);
    struct sio_span authority = sio_span_cut(&rest, '/');
    if (!rest.p) return "The endpoint has no path";
    if (memchr(authority.p, '@', authority.n)) return "The endpoint may not name a user";
    struct sio_span port = authority;
    out->host = sio_span_cut(&port, ':');
    out->path = sio_span_of(rest.p - 1, rest.n + 1);
    if (port.p && !sio_span_is(port, "443")) return "The endpoint may name no port but 443";
    if (!is_name(out->host)) return "The endpoint's host must be a name in lower case";
    if (!is_listed(out->host, hosts)) return "The endpoint is not that of a known push service";
    return NULL;
}

bool webpush_endpoint_check(struct sio_span url, const char *hosts, struct webpush_endpoint *out,
                            const char **error) {
    const char *fault = fault_of(url, hosts, out);
    if (fault) *error = fault;
    return !fault;
}

struct sio_span webpush_endpoint_spelling(struct sio_span url, struct arena *arena) {
    static const struct sio_span port = {":443", 4};
    struct sio_span rest = url;
    if (!sio_span_starts(url, SIO_SPAN("https://"))) return url;
    rest = sio_span_skip(rest, 8);
    size_t host_end = 0;
    while (host_end < rest.n && rest.p[host_end] != ':' && rest.p[host_end] != '/') host_end++;
    struct sio_span behind = sio_span_skip(rest, host_end);
    if (!sio_span_starts(behind, port)) return url;
    behind = sio_span_skip(behind, port.n);
    if (behind.n && behind.p[0] != '/') return url;
    size_t before_n = url.n - behind.n - port.n;
    char *text = arena_alloc(arena, url.n);
    memcpy(text, url.p, before_n);
    if (behind.n) memcpy(text + before_n, behind.p, behind.n);
    return sio_span_of(text, before_n + behind.n);
}
