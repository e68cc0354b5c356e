/* Fuzz target: texts of pushes. The input is a translator's file, a user's locale, and what a user wrote, in every place where
 * that is shown. */
#include "fuzz.h"

#include "base/must.h"
#include "push/plain_text.h"
#include "push/text_file.h"
#include "push/texts.h"

static void read_as_file(struct sio_span in) {
    struct sio_span texts[TEXT_KEY_COUNT_] = {{0}}, piece;
    enum text_placeholder kind;
    unsigned line = 0;
    const char *error = NULL;
    bool good = text_file_parse(in, texts, &line, &error);
    must(good == !error);
    for (unsigned key = 0; good && key < TEXT_KEY_COUNT_; key++)
        while (text_next_piece(&texts[key], &kind, &piece)) must(kind != TEXT_PLAIN || piece.n > 0);
}

/* Nothing that turns a text or breaks its line is left. */
static void check_shown(struct sio_span text, size_t max) {
    must(text.n > 0 && text.n <= max && plain_text_is_utf8(text));
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        must(c >= ' ' && c != 0x7f);
        if (c != 0xe2 || text.n - i < 3) continue;
        unsigned char d = (unsigned char)text.p[i + 1], e = (unsigned char)text.p[i + 2];
        must(!(d == 0x80 && e >= 0xa8 && e <= 0xae) && !(d == 0x81 && e >= 0xa6 && e <= 0xa9));
    }
}

static void write_as_user(const struct push_texts *texts, struct sio_span in) {
    const struct sio_span locales[] = {in, {"fr-CA", 5}, {"ar", 2}};
    struct push_note note = {0};
    struct arena arena;
    arena_init(&arena);
    for (unsigned i = 0; i < 3; i++) {
        const struct push_saying saying = {
            .direct = i == 0, .word = in, .sender = in, .title = in, .content = in, .with_content = true};
        push_texts_fill(texts, locales[i], &saying, &arena, &note);
        check_shown(note.title, PUSH_TITLE_MAX);
        check_shown(note.body, PUSH_BODY_MAX);
    }
    arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct push_texts *texts; /* made once: a target has no other place for it */
    struct sio_span in = sio_span_of(data, size);
    if (!texts) must(push_texts_open(NULL, NULL, &texts) == SIO_ERR_OK);
    read_as_file(in);
    write_as_user(texts, in);
    return 0;
}
