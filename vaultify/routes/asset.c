/* Answers with an asset: in the coding that the client prefers, or not at all when it has it already. */
#include "routes/call.h"

enum { FORM_HEADERS_MAX = 3 };

struct lines {
    struct sio_http_header_line line[ASSET_HEADERS_MAX + FORM_HEADERS_MAX];
    size_t count;
};

static void add(struct lines *lines, struct sio_span name, const char *value) {
    lines->line[lines->count++] = (struct sio_http_header_line){name, sio_span_cstr(value)};
}

static void add_those_of_kind(struct lines *lines, enum asset_kind kind) {
    const struct sio_http_header_line *line = asset_headers[kind];
    while (line->name.n > 0) lines->line[lines->count++] = *line++;
}

static bool client_has(const struct sio_http_request *request, const struct asset_form *form) {
    struct sio_span known = sio_http_header(request, SIO_SPAN("if-none-match"));
    return known.n > 0 && asset_is_known(known, form->etag);
}

void asset_respond(struct sio_http_request *request, const struct asset *asset) {
    enum asset_coding coding = asset_choose(asset, sio_http_header(request, SIO_SPAN("accept-encoding")));
    const struct asset_form *form = &asset->forms[coding];
    struct lines lines = {.count = 0};
    add_those_of_kind(&lines, asset->kind);
    add(&lines, SIO_SPAN("ETag"), form->etag);
    if (client_has(request, form)) {
        sio_http_respond(request, 304, lines.line, lines.count, (struct sio_span){0});
        return;
    }
    add(&lines, SIO_SPAN("Content-Type"), asset->content_type);
    if (coding != ASSET_IDENTITY) add(&lines, SIO_SPAN("Content-Encoding"), asset_coding_name(coding));
    sio_http_respond(request, 200, lines.line, lines.count, form->bytes);
}
