/* HTTP/1.1 request heads (RFC 9112): strict where two readers of one stream could disagree.
 *
 * Every doubt about where a request ends is an error, never a guess: that is what request smuggling lives on.
 * Lines are read as they come, so a head that can no longer become valid is refused before its end. */
#include "codec/http1.h"

enum { BAD_REQUEST = 400, HEAD_TOO_LARGE = 431, NOT_IMPLEMENTED = 501, VERSION_NOT_SUPPORTED = 505 };

/* ---- characters ---- */

enum {
    TOKEN = 1,  /* tchar: methods and header names */
    TARGET = 2, /* what a request target may hold: printable ASCII but '#', which never is sent */
    FIELD = 4,  /* what a header's value may hold: no control character but the tab */
    HOST = 8,   /* uri-host [":" port] */
};

static bool letter_or_digit(unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static const unsigned char marks[128] = {
#define T TOKEN
#define H HOST
    ['!'] = T | H, ['#'] = T,     ['$'] = T | H, ['%'] = T | H, ['&'] = T | H, ['\''] = T | H,
    ['*'] = T | H, ['+'] = T | H, ['-'] = T | H, ['.'] = T | H, ['^'] = T,     ['_'] = T | H,
    ['`'] = T,     ['|'] = T,     ['~'] = T | H, ['('] = H,     [')'] = H,     [','] = H,
    [';'] = H,     ['='] = H,     [':'] = H,     ['['] = H,     [']'] = H,
#undef T
#undef H
};

static bool is_a(unsigned char c, unsigned class) {
    switch (class) {
    case FIELD: return (c >= ' ' && c != 0x7f) || c == '\t';
    case TARGET: return c > ' ' && c < 0x7f && c != '#';
    default: return letter_or_digit(c) || (c < sizeof marks && (marks[c] & class));
    }
}

static bool all_are(struct sio_span s, unsigned class) {
    for (size_t i = 0; i < s.n; i++)
        if (!is_a((unsigned char)s.p[i], class)) return false;
    return true;
}

bool http1_is_token(struct sio_span s) { return s.n > 0 && all_are(s, TOKEN); }
bool http1_is_value(struct sio_span s) { return all_are(s, FIELD); }

/* ---- lines ---- */

/* Cuts one line, its CRLF left out, from the front of `*rest`. A CR or LF that is not part of a CRLF is bad.
 */
static enum parse_result next_line(struct sio_span *rest, struct sio_span *line) {
    if (rest->n == 0) return PARSE_NEED_MORE;
    const char *lf = memchr(rest->p, '\n', rest->n);
    size_t n = lf ? (size_t)(lf - rest->p) : rest->n;
    const char *cr = memchr(rest->p, '\r', n);
    if (cr && (size_t)(cr - rest->p) + 1 != n) return PARSE_BAD;
    if (!lf) return PARSE_NEED_MORE;
    if (!cr) return PARSE_BAD;
    *line = sio_span_head(*rest, n - 1);
    *rest = sio_span_skip(*rest, n + 1);
    return PARSE_OK;
}

/* ---- the request line ---- */

/* 0, or the status of the fault. */
static int read_version(struct sio_span text, struct http1_head *out) {
    const struct sio_span prefix = SIO_SPAN("HTTP/");
    if (text.n != prefix.n + 3 || !sio_span_starts(text, prefix)) return BAD_REQUEST;
    char major = text.p[5], dot = text.p[6], minor = text.p[7];
    if (dot != '.' || major < '0' || major > '9' || minor < '0' || minor > '9') return BAD_REQUEST;
    if (major != '1') return VERSION_NOT_SUPPORTED;
    out->version = minor == '0' ? 10 : 11; /* a later 1.x client is answered as 1.1 (RFC 9110 §2.5) */
    return 0;
}

/* Exactly `method SP target SP version`. */
static int read_request_line(struct sio_span line, struct http1_head *out) {
    const char *first = line.n ? memchr(line.p, ' ', line.n) : NULL;
    if (!first) return BAD_REQUEST;
    struct sio_span method = sio_span_head(line, (size_t)(first - line.p));
    if (!http1_is_token(method)) return BAD_REQUEST;
    out->method = method;

    struct sio_span rest = sio_span_skip(line, method.n + 1);
    const char *second = rest.n ? memchr(rest.p, ' ', rest.n) : NULL;
    if (!second) return BAD_REQUEST;
    out->target = sio_span_head(rest, (size_t)(second - rest.p));
    int status = read_version(sio_span_skip(rest, out->target.n + 1), out);
    if (out->target.n == 0 || out->target.p[0] != '/' || !all_are(out->target, TARGET))
        return status ? status : BAD_REQUEST;

    const char *mark = memchr(out->target.p, '?', out->target.n);
    size_t path_n = mark ? (size_t)(mark - out->target.p) : out->target.n;
    out->path = sio_span_head(out->target, path_n);
    out->query = mark ? sio_span_skip(out->target, path_n + 1) : (struct sio_span){0};
    return status;
}

/* The part of a request line that is there so far: is it one that can still become good? Something that
 * speaks another protocol (a TLS greeting, say) is told so at once. */
static bool request_line_start_valid(struct sio_span part) {
    size_t i = 0;
    while (i < part.n && is_a((unsigned char)part.p[i], TOKEN)) i++;
    if (i == part.n) return true;
    if (i == 0 || part.p[i] != ' ') return false;
    return i + 1 == part.n || part.p[i + 1] == '/' || part.p[i + 1] == '*';
}

/* ---- the header lines ---- */

/* What has to be remembered until the head is complete. */
struct header_notes {
    bool host, close, keep_alive, upgrade, websocket, continue_100;
};

/* Is `token` an item of a comma-separated list? */
static bool list_has(struct sio_span list, struct sio_span token) {
    while (list.p) {
        struct sio_span item = sio_span_cut(&list, ',');
        if (sio_span_eq_nocase(sio_span_trim(item), token)) return true;
    }
    return false;
}

static int note_host(struct sio_span value, struct http1_head *out, struct header_notes *notes) {
    if (notes->host || !all_are(value, HOST)) return BAD_REQUEST;
    notes->host = true;
    return 0;
}

/* One line with one number: a second line, even an equal one, has been merged by somebody who may have seen
 * the end of the body elsewhere. */
static int note_length(struct sio_span value, struct http1_head *out, struct header_notes *notes) {
    unsigned long long length;
    if (out->has_length || !sio_span_to_u64(value, &length) || length > INT64_MAX) return BAD_REQUEST;
    out->has_length = true;
    out->content_length = length;
    return 0;
}

static int note_transfer_encoding(struct sio_span value, struct http1_head *out, struct header_notes *notes) {
    if (out->chunked || value.n == 0 || out->version == 10) return BAD_REQUEST; /* RFC 9112 §6.1 */
    if (!sio_span_eq_nocase(value, SIO_SPAN("chunked"))) return NOT_IMPLEMENTED;
    out->chunked = true;
    return 0;
}

static int note_connection(struct sio_span value, struct http1_head *out, struct header_notes *notes) {
    notes->close |= list_has(value, SIO_SPAN("close"));
    notes->keep_alive |= list_has(value, SIO_SPAN("keep-alive"));
    notes->upgrade |= list_has(value, SIO_SPAN("upgrade"));
    return 0;
}

static int note_upgrade(struct sio_span value, struct http1_head *out, struct header_notes *notes) {
    notes->websocket |= list_has(value, SIO_SPAN("websocket"));
    return 0;
}

static int note_expect(struct sio_span value, struct http1_head *out, struct header_notes *notes) {
    notes->continue_100 |= sio_span_eq_nocase(value, SIO_SPAN("100-continue"));
    return 0;
}

/* The headers that say something about the message itself; all others are the reader's own business. */
static const struct {
    struct sio_span name;
    int (*note)(struct sio_span value, struct http1_head *out, struct header_notes *notes);
} noted_headers[] = {
    {{"host", 4}, note_host},
    {{"content-length", 14}, note_length},
    {{"transfer-encoding", 17}, note_transfer_encoding},
    {{"connection", 10}, note_connection},
    {{"upgrade", 7}, note_upgrade},
    {{"expect", 6}, note_expect},
};

/* `name ":" OWS value OWS`. A blank before the name is a folded line, one behind it hides it from others:
 * neither is a token character. */
static int read_header_line(struct sio_span line, struct http1_head *out, struct header_notes *notes) {
    const char *colon = memchr(line.p, ':', line.n);
    if (!colon) return BAD_REQUEST;
    struct sio_span name = sio_span_head(line, (size_t)(colon - line.p));
    struct sio_span value = sio_span_skip(line, name.n + 1);
    if (!http1_is_token(name) || !http1_is_value(value)) return BAD_REQUEST;
    for (size_t i = 0; i < sizeof noted_headers / sizeof *noted_headers; i++)
        if (name.n == noted_headers[i].name.n && sio_span_eq_nocase(name, noted_headers[i].name))
            return noted_headers[i].note(sio_span_trim(value), out, notes);
    return 0;
}

/* ---- the head ---- */

static int finish_head(struct http1_head *out, const struct header_notes *notes) {
    if (out->version == 11 && !notes->host) return BAD_REQUEST;
    if (out->chunked && out->has_length) return BAD_REQUEST;
    out->keep_alive = !notes->close && (out->version == 11 || notes->keep_alive);
    out->upgrade_websocket = out->version == 11 && notes->upgrade && notes->websocket;
    out->expect_continue = out->version == 11 && notes->continue_100;
    return 0;
}

static enum parse_result parse_lines(struct sio_span in, struct http1_head *out, int *status) {
    struct sio_span rest = in, line;
    *status = BAD_REQUEST;
    if (rest.n > 0 && rest.p[0] == '\r') { /* RFC 9112 §2.2: one empty line before a request is forgiven */
        enum parse_result r = next_line(&rest, &line);
        if (r != PARSE_OK) return r;
    }
    struct sio_span before = rest;
    enum parse_result r = next_line(&rest, &line);
    if (r == PARSE_NEED_MORE && !request_line_start_valid(before)) return PARSE_BAD;
    if (r != PARSE_OK) return r;
    if ((*status = read_request_line(line, out)) != 0) return PARSE_BAD;

    struct header_notes notes = {0};
    const char *headers = rest.p;
    for (;;) {
        out->headers = sio_span_of(headers, (size_t)(rest.p - headers));
        *status = BAD_REQUEST;
        r = next_line(&rest, &line);
        if (r != PARSE_OK) return r;
        if (line.n == 0) {
            out->size = in.n - rest.n;
            *status = finish_head(out, &notes);
            return *status ? PARSE_BAD : PARSE_OK;
        }
        if ((*status = read_header_line(line, out, &notes)) != 0) return PARSE_BAD;
    }
}

enum parse_result http1_head_parse(struct sio_span in, size_t limit, struct http1_head *out, int *status) {
    *out = (struct http1_head){0};
    bool full = in.n >= limit;
    enum parse_result r = parse_lines(full ? sio_span_head(in, limit) : in, out, status);
    if (r == PARSE_NEED_MORE && full) {
        *status = HEAD_TOO_LARGE;
        return PARSE_BAD;
    }
    if (r != PARSE_BAD) *status = 0;
    return r;
}

/* ---- headers looked up ---- */

bool http1_next_header(struct sio_span *rest, struct sio_span *name, struct sio_span *value) {
    struct sio_span line;
    if (next_line(rest, &line) != PARSE_OK) return false;
    const char *colon = line.n ? memchr(line.p, ':', line.n) : NULL;
    if (!colon) return false;
    *name = sio_span_head(line, (size_t)(colon - line.p));
    *value = sio_span_trim(sio_span_skip(line, name->n + 1));
    return true;
}

struct sio_span http1_header(struct sio_span headers, struct sio_span name) {
    struct sio_span found, value;
    while (http1_next_header(&headers, &found, &value))
        if (found.n == name.n && sio_span_eq_nocase(found, name)) return value;
    return (struct sio_span){0};
}

bool http1_has_token(struct sio_span headers, struct sio_span name, struct sio_span token) {
    struct sio_span found, value;
    while (http1_next_header(&headers, &found, &value))
        if (found.n == name.n && sio_span_eq_nocase(found, name) && list_has(value, token)) return true;
    return false;
}

/* ---- reason phrases ---- */

static const struct {
    int status;
    const char *phrase;
} reasons[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
};

const char *http1_reason(int status) {
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].status == status) return reasons[i].phrase;
    return "Unknown";
}
