/* Cutting texts to what a payload has room for: measured in JSON, where a quote takes two bytes. */
#include "push/payload.h"

#include "sio_json.h"

#define ELLIPSIS "\xe2\x80\xa6"

static size_t json_size(struct sio_strbuf *scratch, struct sio_span text) {
    struct sio_json_writer w;
    sio_strbuf_clear(scratch);
    sio_json_begin(&w, scratch);
    sio_json_string(&w, text);
    return scratch->n - 2;
}

/* The text's first n bytes, less a character that is cut there. */
static struct sio_span head(struct sio_span text, size_t n) {
    if (n >= text.n) return text;
    while (n > 0 && ((unsigned char)text.p[n] & 0xc0) == 0x80) n--;
    return sio_span_of(text.p, n);
}

/* The longest beginning that needs `room` bytes at most. JSON makes no text shorter, so the search may begin there. */
static struct sio_span longest(struct sio_strbuf *scratch, struct sio_span text, size_t room) {
    size_t fits = 0, over = (text.n < room ? text.n : room) + 1;
    while (over - fits > 1) {
        size_t middle = fits + (over - fits) / 2;
        if (json_size(scratch, head(text, middle)) <= room)
            fits = middle;
        else
            over = middle;
    }
    return head(text, fits);
}

static struct sio_span cut(struct sio_strbuf *scratch, struct sio_span text, size_t room,
                           struct arena *arena) {
    if (text.n <= room && json_size(scratch, text) <= room) return text;
    if (room < sizeof ELLIPSIS - 1) return sio_span_of(text.p, 0);
    struct sio_span kept = longest(scratch, text, room - (sizeof ELLIPSIS - 1));
    char *p = arena_alloc(arena, kept.n + sizeof ELLIPSIS - 1);
    memcpy(p, kept.p, kept.n);
    memcpy(p + kept.n, ELLIPSIS, sizeof ELLIPSIS - 1);
    return sio_span_of(p, kept.n + sizeof ELLIPSIS - 1);
}

/* The body is sure of half the room; each may have what the other leaves. */
static void cut_texts(struct push_note *note, size_t room, struct arena *arena) {
    struct sio_strbuf scratch;
    sio_strbuf_init(&scratch);
    size_t half = room / 2, body_n = note->body.n > half ? half : json_size(&scratch, note->body);
    note->title = cut(&scratch, note->title, room - (body_n < half ? body_n : half), arena);
    note->body = cut(&scratch, note->body, room - json_size(&scratch, note->title), arena);
    sio_strbuf_fini(&scratch);
}

bool push_payload_fit(const struct push_note *note, size_t limit_bytes, push_payload_write *write,
                      const void *data, struct arena *arena, struct sio_span *out) {
    struct push_note bare = *note, fitting = *note;
    struct sio_strbuf text;
    sio_strbuf_init(&text);
    bare.title = bare.body = (struct sio_span){0};
    write(&text, &bare, data);
    bool fits = text.n <= limit_bytes;
    if (fits) {
        cut_texts(&fitting, limit_bytes - text.n, arena);
        sio_strbuf_clear(&text);
        write(&text, &fitting, data);
        *out = arena_span(arena, sio_strbuf_as_span(&text));
    }
    sio_strbuf_fini(&text);
    return fits;
}
