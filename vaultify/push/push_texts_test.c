/* Texts: every locale has everything, fallbacks, an operator's files and their faults, hostile words of users, cutting. */
#include "push/texts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "push/plain_text.h"
#include "push/text_file.h"

static const struct push_saying DIRECT = {.kind = PUSH_MESSAGE,
                                          .direct = true,
                                          .word = {"text", 4},
                                          .sender = {"Ada Obi", 7},
                                          .content = {"Good morning", 12},
                                          .with_content = true};

static struct push_texts *open_texts(const char *directory) {
    struct push_texts *texts = NULL;
    assert_int_equal(push_texts_open(directory, NULL, &texts), SIO_ERR_OK);
    return texts;
}

static void assert_says(const struct push_texts *texts, const char *locale, const struct push_saying *saying,
                        const char *title, const char *body) {
    struct arena arena;
    struct push_note note = {0};
    arena_init(&arena);
    push_texts_fill(texts, sio_span_cstr(locale), saying, &arena, &note);
    char got[2 * (PUSH_TITLE_MAX + PUSH_BODY_MAX)], expected[sizeof got];
    snprintf(got, sizeof got, "%.*s | %.*s", (int)note.title.n, note.title.p, (int)note.body.n, note.body.p);
    snprintf(expected, sizeof expected, "%s | %s", title, body);
    assert_string_equal(got, expected);
    arena_fini(&arena);
}

/* ---- what is built in ---- */

static void every_locale_has_every_text(void **state) {
    unsigned locales = 0;
    for (const struct text_source *source = text_sources; source->locale; source++, locales++) {
        struct sio_span texts[TEXT_KEY_COUNT_] = {{0}};
        unsigned line = 0;
        const char *error = NULL;
        if (!text_file_parse(sio_span_cstr(source->text), texts, &line, &error))
            fail_msg("%s.txt line %u: %s", source->locale, line, error);
        for (unsigned key = 0; key < TEXT_KEY_COUNT_; key++)
            if (!texts[key].n) fail_msg("%s.txt has no line for key %u", source->locale, key);
    }
    assert_int_equal(locales, 3);
}

/* A text that is to carry who or what it is about must do so in every locale. */
static void no_translation_forgets_a_placeholder(void **state) {
    static const enum text_key keys[] = {TEXT_DIRECT_TITLE, TEXT_DIRECT_BODY, TEXT_GROUP_TITLE,
                                         TEXT_GROUP_BODY, TEXT_BROADCAST_BODY};
    static const char *const wanted[] = {"{sender}", "{content}", "{conversation}", "{content}", "{content}"};
    for (const struct text_source *source = text_sources; source->locale; source++) {
        struct sio_span texts[TEXT_KEY_COUNT_] = {{0}};
        unsigned line;
        const char *error;
        assert_true(text_file_parse(sio_span_cstr(source->text), texts, &line, &error));
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            assert_non_null(memmem(texts[keys[i]].p, texts[keys[i]].n, wanted[i], strlen(wanted[i])));
    }
}

static void sayings(void **state) {
    struct push_texts *texts = open_texts(NULL);
    struct push_saying group = DIRECT, image = DIRECT, broadcast = DIRECT, emergency = DIRECT,
                       test = {.kind = PUSH_TEST};
    group.direct = false;
    group.title = SIO_SPAN("Palm Estate");
    image.word = SIO_SPAN("image");
    image.content = SIO_SPAN("");
    broadcast.kind = PUSH_BROADCAST;
    broadcast.word = SIO_SPAN("utility");
    emergency.kind = PUSH_EMERGENCY;
    emergency.word = SIO_SPAN("emergency");
    assert_says(texts, "en", &DIRECT, "Ada Obi", "Good morning");
    assert_says(texts, "en", &group, "Palm Estate", "Ada Obi: Good morning");
    assert_says(texts, "fr", &group, "Palm Estate", "Ada Obi\302\240: Good morning");
    assert_says(texts, "en", &image, "Ada Obi", "Photo");
    image.content = SIO_SPAN("the gate");
    assert_says(texts, "en", &image, "Ada Obi", "the gate");
    assert_says(texts, "en", &broadcast, "Water and power", "Good morning");
    assert_says(texts, "fr", &broadcast, "Eau et électricité", "Good morning");
    assert_says(texts, "en", &emergency, "Emergency", "Good morning");
    assert_says(texts, "ar", &emergency, "حالة طوارئ", "Good morning");
    assert_says(texts, "en", &test, "Test notification", "Notifications reach this device.");
    push_texts_close(texts);
}

static void every_word(void **state) {
    static const char *const messages[][2] = {{"image", "Photo"},         {"file", "File"},
                                              {"voice", "Voice message"}, {"link_preview", "Link"},
                                              {"text", "New message"},    {"hologram", "New message"},
                                              {"", "New message"}};
    static const char *const broadcasts[][2] = {{"announcement", "Announcement"},
                                                {"maintenance", "Maintenance"},
                                                {"security", "Security notice"},
                                                {"emergency", "Emergency"},
                                                {"utility", "Water and power"},
                                                {"general", "Notice"},
                                                {"other", "Notice"}};
    struct push_texts *texts = open_texts(NULL);
    struct push_saying saying = DIRECT;
    saying.content = SIO_SPAN("");
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        saying.word = sio_span_cstr(messages[i][0]);
        assert_says(texts, "", &saying, "Ada Obi", messages[i][1]);
    }
    saying.kind = PUSH_BROADCAST;
    saying.content = SIO_SPAN("x");
    for (size_t i = 0; i < sizeof broadcasts / sizeof *broadcasts; i++) {
        saying.word = sio_span_cstr(broadcasts[i][0]);
        assert_says(texts, "", &saying, broadcasts[i][1], "x");
    }
    push_texts_close(texts);
}

static void without_content_nothing_is_told(void **state) {
    struct push_texts *texts = open_texts(NULL);
    struct push_saying saying = DIRECT;
    saying.with_content = false;
    saying.title = SIO_SPAN("Palm Estate");
    assert_says(texts, "en", &saying, "New message", "Open the app to read it.");
    saying.direct = false;
    assert_says(texts, "fr", &saying, "Nouveau message", "Ouvrez l’application pour le lire.");
    saying.kind = PUSH_BROADCAST;
    assert_says(texts, "ar", &saying, "إعلان جديد", "يُرجى فتح التطبيق لقراءته.");
    saying.kind = PUSH_EMERGENCY;
    assert_says(texts, "en", &saying, "Emergency", "Open the app now.");
    push_texts_close(texts);
}

static void nameless(void **state) {
    struct push_texts *texts = open_texts(NULL);
    struct push_saying saying = DIRECT;
    saying.direct = false;
    saying.sender = SIO_SPAN("  ");
    saying.title = SIO_SPAN("\u202e");
    assert_says(texts, "en", &saying, "Group conversation", "Someone: Good morning");
    push_texts_close(texts);
}

static void locales(void **state) {
    static const char *const french[] = {"fr", "FR", "fr-CA", "fr_CA", "fr-Latn-CA"};
    static const char *const none[] = {"",
                                       "xx",
                                       "f",
                                       "fr-",
                                       "-fr",
                                       "fr--CA",
                                       "french",
                                       "fr CA",
                                       "fr-CA;q=1",
                                       "../fr",
                                       "fr/CA",
                                       "fr-abcdefghi",
                                       "frfrfrfrfrfrfrfrfrfrfrfrfrfrfrfrfrfrfrfr",
                                       "fr-CA-CA-CA-CA-CA-CA-CA-CA-CA-CA-CA-CA-CA"};
    struct push_texts *texts = open_texts(NULL);
    struct push_saying test = {.kind = PUSH_TEST};
    for (size_t i = 0; i < sizeof french / sizeof *french; i++) {
        assert_says(texts, french[i], &test, "Notification de test",
                    "Cet appareil reçoit bien les notifications.");
    }
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_says(texts, none[i], &test, "Test notification", "Notifications reach this device.");
    }
    assert_says(texts, "ar_EG", &test, "إشعار تجريبي", "الإشعارات تصل إلى هذا الجهاز.");
    push_texts_close(texts);
}

/* ---- an operator's directory ---- */

struct folder {
    char path[64];
    char file[128];
};

static void folder_open(struct folder *f) {
    snprintf(f->path, sizeof f->path, "/tmp/vaultify_texts_XXXXXX");
    assert_non_null(mkdtemp(f->path));
}

static void folder_put(struct folder *f, const char *name, struct sio_span bytes) {
    snprintf(f->file, sizeof f->file, "%s/%s", f->path, name);
    FILE *file = fopen(f->file, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.p, 1, bytes.n, file), bytes.n);
    assert_int_equal(fclose(file), 0);
}

static void folder_remove(struct folder *f, const char *name) {
    snprintf(f->file, sizeof f->file, "%s/%s", f->path, name);
    assert_int_equal(unlink(f->file), 0);
}

static void an_operator_changes_and_adds(void **state) {
    struct folder f;
    struct push_saying test = {.kind = PUSH_TEST};
    folder_open(&f);
    folder_put(&f, "fr.txt", SIO_SPAN("\xef\xbb\xbf# notre résidence\r\n\r\n  test.title =  Essai \r\n"));
    folder_put(&f, "fr_CA.txt", SIO_SPAN("test.body=Bonjour du Québec = ici"));
    folder_put(&f, "yo.txt", SIO_SPAN("message.direct.title = {conversation}{sender}{sender}!\n"));
    folder_put(&f, "README", SIO_SPAN("not for the program"));
    struct push_texts *texts = open_texts(f.path);
    assert_says(texts, "fr", &test, "Essai", "Cet appareil reçoit bien les notifications.");
    assert_says(texts, "fr-CA", &test, "Essai", "Bonjour du Québec = ici");
    assert_says(texts, "fr-ca-x1", &test, "Essai", "Bonjour du Québec = ici");
    assert_says(texts, "en", &test, "Test notification", "Notifications reach this device.");
    assert_says(texts, "yo-NG", &test, "Test notification", "Notifications reach this device.");
    assert_says(texts, "yo-NG", &DIRECT, "Group conversationAda ObiAda Obi!", "Good morning");
    push_texts_close(texts);
    folder_remove(&f, "fr.txt");
    folder_remove(&f, "fr_CA.txt");
    folder_remove(&f, "yo.txt");
    folder_remove(&f, "README");
    assert_int_equal(rmdir(f.path), 0);
}

static void assert_refused(struct folder *f, const char *name, struct sio_span bytes) {
    struct push_texts *texts = NULL;
    folder_put(f, name, bytes);
    assert_int_equal(push_texts_open(f->path, NULL, &texts), SIO_ERR_INVALID);
    assert_null(texts);
    folder_remove(f, name);
}

static void faulty_files(void **state) {
    static const char *const faults[] = {"test.title",
                                         "test.title =",
                                         "test.title = \nx",
                                         "test.titel = x",
                                         "= x",
                                         "test.title = x\ntest.title = y",
                                         "message.direct.title = {name}",
                                         "message.direct.title = {sender",
                                         "message.direct.title = {}",
                                         "message.direct.title = {Sender}",
                                         "test.body = {content}",
                                         "hidden.message.body = {content}",
                                         "message.image = {sender}",
                                         "test.title = \xff",
                                         "test.title = \xc0\xaf",
                                         "test.title = \xed\xa0\x80",
                                         "test.title = \xe2\x80"};
    struct folder f;
    static char large[70000];
    folder_open(&f);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        assert_refused(&f, "de.txt", sio_span_cstr(faults[i]));
    assert_refused(&f, "german.txt", SIO_SPAN("test.title = Probe"));
    assert_refused(&f, "de..txt", SIO_SPAN("test.title = Probe"));
    memset(large, '#', sizeof large);
    assert_refused(&f, "de.txt", sio_span_of(large, sizeof large));
    snprintf(f.file, sizeof f.file, "%s/de.txt", f.path);
    assert_int_equal(mkdir(f.file, 0700), 0); /* a folder where a file should be */
    struct push_texts *texts = NULL;
    assert_int_equal(push_texts_open(f.path, NULL, &texts), SIO_ERR_INVALID);
    assert_int_equal(rmdir(f.file), 0);
    assert_int_equal(rmdir(f.path), 0);
    assert_int_equal(push_texts_open(f.path, NULL, &texts), SIO_ERR_INVALID); /* it is gone */
}

static void a_fault_has_its_line(void **state) {
    struct sio_span texts[TEXT_KEY_COUNT_] = {{0}};
    unsigned line = 0;
    const char *error = NULL;
    assert_false(text_file_parse(SIO_SPAN("# one\n\ntest.titel = x\ntest.body = y\n"), texts, &line, &error));
    assert_int_equal(line, 3);
    assert_string_equal(error, "there is no such key");
}

/* ---- users' words ---- */

static void assert_plain(struct sio_span text, const char *expected) {
    struct sio_strbuf out;
    sio_strbuf_init(&out);
    sio_strbuf_lit(&out, "[");
    plain_text_add(&out, text, PUSH_BODY_MAX);
    assert_string_equal(out.p + 1, expected);
    sio_strbuf_fini(&out);
}

static void hostile_words(void **state) {
    assert_plain(SIO_SPAN("one\ntwo\r\n\tthree "), "one two three");
    assert_plain(SIO_SPAN("  \n \n a"), "a");
    assert_plain(SIO_SPAN("a\0b\x1b[31mc\x7f"), "a b [31mc");
    assert_plain(SIO_SPAN("a\xc2\x85"
                          "b\u2028c\u2029d"),
                 "a b c d");
    assert_plain(SIO_SPAN("\u202aa\u202bb\u202cc\u202dd\u202ee\u2066f\u2067g\u2068h\u2069"), "abcdefgh");
    assert_plain(SIO_SPAN("\u202e"), "");
    assert_plain(SIO_SPAN("\u200e\u0645\u064f\u200f"),
                 "\u200e\u0645\u064f\u200f"); /* marks turn only themselves */
    assert_plain(SIO_SPAN("\xff"
                          "a\xc3"),
                 "\ufffd"
                 "a\ufffd");
    assert_plain(SIO_SPAN("\xed\xa0\x80|\xf4\x90\x80\x80|\xe0\x80\x80"),
                 "\ufffd\ufffd\ufffd|\ufffd\ufffd\ufffd\ufffd|\ufffd\ufffd\ufffd");
    assert_plain(SIO_SPAN("\ufffd\U0010ffff"), "\ufffd\U0010ffff");
}

static void what_a_user_writes_is_no_template(void **state) {
    struct push_texts *texts = open_texts(NULL);
    struct push_saying saying = DIRECT;
    saying.direct = false;
    saying.sender = SIO_SPAN("{content}");
    saying.title = SIO_SPAN("{sender} {");
    saying.content = SIO_SPAN("{conversation} {sender} %s \\n {{content}}");
    assert_says(texts, "en", &saying, "{sender} {", "{content}: {conversation} {sender} %s \\n {{content}}");
    push_texts_close(texts);
}

/* ---- cutting ---- */

static void assert_cut(const char *text, size_t max, const char *expected) {
    struct sio_strbuf b;
    sio_strbuf_init(&b);
    sio_strbuf_span(&b, sio_span_cstr(text));
    plain_text_cut(&b, max);
    assert_string_equal(b.p, expected);
    assert_true(b.n <= max);
    sio_strbuf_fini(&b);
}

static void cutting(void **state) {
    assert_cut("abcdef", 6, "abcdef");
    assert_cut("abcdefg", 6, "abc…");
    assert_cut("abc defg", 7, "abc…");
    assert_cut("éééé", 7, "éé…");
    assert_cut("éééé", 6, "é…");
    assert_cut("ab\U0001f600cdef", 8, "ab…");
    assert_cut("ab\U0001f600cdef", 9, "ab\U0001f600…");
    assert_cut("abe\u0301cdefgh", 6, "ab…"); /* e and its accent */
    assert_cut("abe\u0301cdefgh", 8, "abe\u0301…");
    assert_cut("a\U0001f468\u200d\U0001f469bcdefghijk", 8, "a…"); /* two faces joined to one emoji */
    assert_cut("a\U0001f468\u200d\U0001f469bcdefghijk", 11, "a…");
    assert_cut("a\U0001f468\u200d\U0001f469bcdefghijk", 15, "a\U0001f468\u200d\U0001f469…");
    assert_cut("ab\U0001f44d\U0001f3febcdefgh", 9, "ab…"); /* a thumb and its colour */
    assert_cut("مُحَمَّد جاء", 11, "مُحَ…");
}

static void a_heap_of_accents_is_cut_somewhere(void **state) {
    struct sio_strbuf b;
    sio_strbuf_init(&b);
    sio_strbuf_lit(&b, "cba");
    for (int i = 0; i < 1000; i++) sio_strbuf_lit(&b, "\u0301");
    plain_text_cut(&b, 200);
    assert_int_equal(b.n, 200); /* not at the a */
    sio_strbuf_fini(&b);
}

static void long_texts_are_cut(void **state) {
    static char letters[100000];
    struct push_texts *texts = open_texts(NULL);
    struct push_saying saying = DIRECT;
    struct push_note note = {0};
    struct arena arena;
    memset(letters, 'x', sizeof letters);
    saying.sender = saying.content = sio_span_of(letters, sizeof letters);
    arena_init(&arena);
    push_texts_fill(texts, SIO_SPAN("en"), &saying, &arena, &note);
    assert_int_equal(note.title.n, PUSH_TITLE_MAX);
    assert_int_equal(note.body.n, PUSH_BODY_MAX);
    assert_memory_equal(note.body.p + PUSH_BODY_MAX - 4, "x…", 4);
    arena_fini(&arena);
    push_texts_close(texts);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_locale_has_every_text),
        cmocka_unit_test(no_translation_forgets_a_placeholder),
        cmocka_unit_test(sayings),
        cmocka_unit_test(every_word),
        cmocka_unit_test(without_content_nothing_is_told),
        cmocka_unit_test(nameless),
        cmocka_unit_test(locales),
        cmocka_unit_test(an_operator_changes_and_adds),
        cmocka_unit_test(faulty_files),
        cmocka_unit_test(a_fault_has_its_line),
        cmocka_unit_test(hostile_words),
        cmocka_unit_test(what_a_user_writes_is_no_template),
        cmocka_unit_test(cutting),
        cmocka_unit_test(a_heap_of_accents_is_cut_somewhere),
        cmocka_unit_test(long_texts_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
