/* Texts by locale: the built-in ones, an operator's over them, and filling in who wrote what. */
#include "push/texts.h"

#include <dirent.h>

#include "base/mem.h"
#include "base/must.h"
#include "push/plain_text.h"
#include "push/text_file.h"

enum {
    LOCALE_MAX = 35, /* bytes of a name, as BCP 47 advises */
    TEXT_FILE_MAX_BYTES = 64 << 10,
};

struct locale {
    struct locale *next;
    const struct locale *parent; /* has what is missing here; NULL: English, which has everything */
    struct sio_span name;        /* lower case, parts with - */
    struct sio_span texts[TEXT_KEY_COUNT_];
};

struct push_texts {
    struct arena arena; /* all below, and the files' bytes */
    struct locale *locales;
    const struct locale *english;
};

/* ---- locales by name ---- */

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* fr, fr-CA, zh_Hant_HK: into `out` as they are compared. False: no locale's name. */
static bool read_name(struct sio_span text, char out[LOCALE_MAX], struct sio_span *name) {
    size_t part = 0, parts = 1;
    if (text.n > LOCALE_MAX) return false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool ends = c == '-' || c == '_';
        if (!ends && !is_letter(c) && !(is_digit(c) && parts > 1)) return false;
        if (ends && (part < 2 || (parts == 1 && part > 3))) return false;
        out[i] = ends ? '-' : (char)(is_letter(c) ? c | 0x20 : c);
        part = ends ? 0 : part + 1;
        parts += ends;
    }
    *name = sio_span_of(out, text.n);
    return part >= 2 && part <= (parts == 1 ? 3 : 8);
}

static struct locale *find_exactly(const struct push_texts *texts, struct sio_span name) {
    struct locale *l = texts->locales;
    while (l && !sio_span_eq(l->name, name)) l = l->next;
    return l;
}

/* The name without its last part; empty when there is one only. */
static struct sio_span shorter(struct sio_span name) {
    while (name.n && name.p[name.n - 1] != '-') name.n--;
    if (name.n) name.n--;
    return name;
}

/* That locale, or the nearest above it; NULL: not even its language. */
static const struct locale *find_nearest(const struct push_texts *texts, struct sio_span name) {
    const struct locale *found = NULL;
    for (; name.n && !found; name = shorter(name)) found = find_exactly(texts, name);
    return found;
}

static const struct locale *find(const struct push_texts *texts, struct sio_span text) {
    char buffer[LOCALE_MAX];
    struct sio_span name;
    return read_name(text, buffer, &name) ? find_nearest(texts, name) : NULL;
}

static struct locale *find_or_add(struct push_texts *texts, struct sio_span name) {
    struct locale *l = find_exactly(texts, name);
    if (l) return l;
    l = arena_new(&texts->arena, struct locale);
    l->name = arena_span(&texts->arena, name);
    l->next = texts->locales;
    texts->locales = l;
    return l;
}

static struct sio_span text_of(const struct locale *l, enum text_key key) {
    while (!l->texts[key].n) l = l->parent;
    return l->texts[key];
}

/* ---- opening ---- */

static void add_built_in(struct push_texts *texts) {
    unsigned line;
    const char *error;
    for (const struct text_source *source = text_sources; source->locale; source++) {
        struct locale *l = find_or_add(texts, sio_span_cstr(source->locale));
        must(text_file_parse(sio_span_cstr(source->text), l->texts, &line, &error));
    }
    texts->english = find_exactly(texts, SIO_SPAN("en"));
    must(texts->english);
    for (unsigned key = 0; key < TEXT_KEY_COUNT_; key++) must(texts->english->texts[key].n);
}

static bool refuse(const struct sio_log *log, const char *path, const char *why) {
    sio_log_error(log, "push texts: %s: %s", path, why);
    return false;
}

static bool read_file(const char *path, struct arena *arena, struct sio_span *out) {
    FILE *file = fopen(path, "rb");
    if (!file) return false;
    char *bytes = mem_alloc(TEXT_FILE_MAX_BYTES);
    size_t n = fread(bytes, 1, TEXT_FILE_MAX_BYTES, file);
    bool whole = !ferror(file) && n < TEXT_FILE_MAX_BYTES;
    fclose(file);
    if (whole) *out = arena_span(arena, sio_span_of(bytes, n));
    free(bytes);
    return whole;
}

static bool add_file(struct push_texts *texts, const char *path, struct sio_span locale,
                     const struct sio_log *log) {
    char buffer[LOCALE_MAX];
    struct sio_span name, bytes;
    unsigned line;
    const char *error;
    if (!read_name(locale, buffer, &name))
        return refuse(log, path, "is not named for a locale, as fr.txt or fr-CA.txt");
    if (!read_file(path, &texts->arena, &bytes)) return refuse(log, path, "cannot be read, or is too large");
    if (text_file_parse(bytes, find_or_add(texts, name)->texts, &line, &error)) return true;
    sio_log_error(log, "push texts: %s: line %u: %s", path, line, error);
    return false;
}

/* Files with other ends than .txt are somebody else's. */
static bool add_entry(struct push_texts *texts, const char *directory, const char *name,
                      const struct sio_log *log) {
    static const struct sio_span end = {".txt", 4};
    struct sio_span file = sio_span_cstr(name);
    struct sio_strbuf path;
    if (file.n <= end.n || !sio_span_eq(sio_span_skip(file, file.n - end.n), end)) return true;
    sio_strbuf_init(&path);
    sio_strbuf_printf(&path, "%s/%s", directory, name);
    bool ok = add_file(texts, path.p, sio_span_head(file, file.n - end.n), log);
    sio_strbuf_fini(&path);
    return ok;
}

static bool add_directory(struct push_texts *texts, const char *directory, const struct sio_log *log) {
    DIR *folder = opendir(directory);
    bool ok = true;
    if (!folder) return refuse(log, directory, "the directory cannot be read");
    for (struct dirent *entry; ok && (entry = readdir(folder));)
        ok = add_entry(texts, directory, entry->d_name, log);
    closedir(folder);
    return ok;
}

static void find_parents(struct push_texts *texts) {
    for (struct locale *l = texts->locales; l; l = l->next) {
        const struct locale *above = find_nearest(texts, shorter(l->name));
        if (l != texts->english) l->parent = above ? above : texts->english;
    }
}

enum sio_err push_texts_open(const char *directory, const struct sio_log *log, struct push_texts **out) {
    struct push_texts *texts = mem_new(struct push_texts);
    arena_init(&texts->arena);
    add_built_in(texts);
    if (directory && !add_directory(texts, directory, log)) {
        push_texts_close(texts);
        return SIO_ERR_INVALID;
    }
    find_parents(texts);
    *out = texts;
    return SIO_ERR_OK;
}

/* ---- filling in ---- */

struct keys {
    enum text_key title, body;
};

struct word_key {
    const char *word;
    enum text_key key;
};

static enum text_key key_of_word(const struct word_key *rows, struct sio_span word, enum text_key other) {
    for (; rows->word; rows++)
        if (sio_span_is(word, rows->word)) return rows->key;
    return other;
}

static enum text_key broadcast_title(struct sio_span word) {
    static const struct word_key rows[] = {
        {"announcement", TEXT_ANNOUNCEMENT}, {"maintenance", TEXT_MAINTENANCE}, {"security", TEXT_SECURITY},
        {"emergency", TEXT_EMERGENCY},       {"utility", TEXT_UTILITY},         {NULL, TEXT_GENERAL}};
    return key_of_word(rows, word, TEXT_GENERAL);
}

/* What stands for a message without a text. */
static enum text_key message_word(struct sio_span word) {
    static const struct word_key rows[] = {{"image", TEXT_IMAGE},
                                           {"file", TEXT_FILE},
                                           {"voice", TEXT_VOICE},
                                           {"link_preview", TEXT_LINK_PREVIEW},
                                           {NULL, TEXT_OTHER}};
    return key_of_word(rows, word, TEXT_OTHER);
}

static struct keys hidden_keys(enum push_kind kind) {
    static const struct keys keys[PUSH_KIND_COUNT_] = {
        [PUSH_MESSAGE] = {TEXT_HIDDEN_MESSAGE_TITLE, TEXT_HIDDEN_MESSAGE_BODY},
        [PUSH_BROADCAST] = {TEXT_HIDDEN_BROADCAST_TITLE, TEXT_HIDDEN_BROADCAST_BODY},
        [PUSH_EMERGENCY] = {TEXT_HIDDEN_EMERGENCY_TITLE, TEXT_HIDDEN_EMERGENCY_BODY},
        [PUSH_TEST] = {TEXT_TEST_TITLE, TEXT_TEST_BODY},
    };
    must((unsigned)kind < PUSH_KIND_COUNT_);
    return keys[kind];
}

static struct keys keys_of(const struct push_saying *saying) {
    if (!saying->with_content || saying->kind == PUSH_TEST) return hidden_keys(saying->kind);
    if (saying->kind == PUSH_EMERGENCY) return (struct keys){TEXT_EMERGENCY, TEXT_BROADCAST_BODY};
    if (saying->kind == PUSH_BROADCAST)
        return (struct keys){broadcast_title(saying->word), TEXT_BROADCAST_BODY};
    return saying->direct ? (struct keys){TEXT_DIRECT_TITLE, TEXT_DIRECT_BODY}
                          : (struct keys){TEXT_GROUP_TITLE, TEXT_GROUP_BODY};
}

struct filling {
    const struct locale *locale;
    struct {
        struct sio_span text;  /* a user's */
        enum text_key instead; /* when nothing of it can be shown */
    } values[TEXT_PLACEHOLDER_COUNT_];
};

static void add_value(struct sio_strbuf *out, const struct filling *f, enum text_placeholder kind) {
    size_t start = out->n;
    plain_text_add(out, f->values[kind].text, PUSH_BODY_MAX);
    if (out->n == start) sio_strbuf_span(out, text_of(f->locale, f->values[kind].instead));
}

/* What a user wrote is never looked through for placeholders. */
static struct sio_span fill_in(const struct filling *f, enum text_key key, size_t max, struct arena *arena) {
    struct sio_span rest = text_of(f->locale, key), piece;
    enum text_placeholder kind;
    struct sio_strbuf out;
    sio_strbuf_init(&out);
    while (text_next_piece(&rest, &kind, &piece)) {
        if (kind == TEXT_PLAIN)
            sio_strbuf_span(&out, piece);
        else
            add_value(&out, f, kind);
    }
    plain_text_cut(&out, max);
    struct sio_span filled = arena_span(arena, sio_strbuf_as_span(&out));
    sio_strbuf_fini(&out);
    return filled;
}

void push_texts_fill(const struct push_texts *texts, struct sio_span locale, const struct push_saying *saying,
                     struct arena *arena, struct push_note *note) {
    const struct locale *known = find(texts, locale);
    const struct filling f = {
        .locale = known ? known : texts->english,
        .values = {[TEXT_SENDER] = {saying->sender, TEXT_SENDER_UNKNOWN},
                   [TEXT_CONVERSATION] = {saying->title, TEXT_UNTITLED},
                   [TEXT_CONTENT] = {saying->content, message_word(saying->word)}},
    };
    struct keys keys = keys_of(saying);
    note->title = fill_in(&f, keys.title, PUSH_TITLE_MAX, arena);
    note->body = fill_in(&f, keys.body, PUSH_BODY_MAX, arena);
}

void push_texts_close(struct push_texts *texts) {
    if (!texts) return;
    arena_fini(&texts->arena);
    free(texts);
}
