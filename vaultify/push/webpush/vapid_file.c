/* Reading and writing the lines of DIR/vapid_keys. */
#include "push/webpush/vapid_file.h"

#include <stddef.h>

#include "base/secret_file.h"
#include "push/webpush/vapid.h"

static const struct line {
    const char *name;
    size_t offset, size; /* of the text in struct vapid_file */
} lines[] = {
    {"VAPID_PUBLIC_KEY", offsetof(struct vapid_file, public_key), VAPID_KEY_TEXT},
    {"VAPID_PRIVATE_KEY", offsetof(struct vapid_file, private_key), VAPID_KEY_TEXT},
    {"VAPID_SUBJECT", offsetof(struct vapid_file, subject), VAPID_SUBJECT_TEXT},
};

static char *path_in(const char *directory) {
    struct sio_strbuf path;
    sio_strbuf_init(&path);
    sio_strbuf_printf(&path, "%s/vapid_keys", directory);
    return sio_strbuf_take(&path);
}

static bool read_line(struct sio_span text, struct vapid_file *out) {
    struct sio_span value = text, name = sio_span_cut(&value, '=');
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        if (!value.p || !sio_span_is(name, lines[i].name) || value.n >= lines[i].size) continue;
        char *to = (char *)out + lines[i].offset;
        memcpy(to, value.p, value.n);
        to[value.n] = 0;
        return true;
    }
    return false;
}

static bool read_lines(struct sio_span text, struct vapid_file *out) {
    *out = (struct vapid_file){0};
    while (text.p) {
        struct sio_span line = sio_span_trim(sio_span_cut(&text, '\n'));
        if (line.n && !read_line(line, out)) return false;
    }
    return out->public_key[0] && out->private_key[0];
}

enum sio_err vapid_file_read(const char *directory, struct vapid_file *out) {
    struct sio_strbuf text;
    char *path = path_in(directory);
    sio_strbuf_init(&text);
    enum sio_err err = secret_file_read(path, &text);
    if (err == SIO_ERR_OK && !read_lines(sio_strbuf_as_span(&text), out)) err = SIO_ERR_CORRUPT;
    if (text.n) explicit_bzero(text.p, text.n);
    sio_strbuf_fini(&text);
    free(path);
    return err;
}

enum sio_err vapid_file_make(const char *directory, const char *subject) {
    struct sio_strbuf public_key, private_key, text;
    char *path = path_in(directory);
    sio_strbuf_init(&public_key);
    sio_strbuf_init(&private_key);
    sio_strbuf_init(&text);
    vapid_make_pair(&public_key, &private_key);
    sio_strbuf_printf(&text, "%s=%s\n%s=%s\n", lines[0].name, public_key.p, lines[1].name, private_key.p);
    if (subject) sio_strbuf_printf(&text, "%s=%s\n", lines[2].name, subject);
    enum sio_err err = secret_file_make(path, sio_strbuf_as_span(&text));
    explicit_bzero(text.p, text.n);
    explicit_bzero(private_key.p, private_key.n);
    sio_strbuf_fini(&public_key);
    sio_strbuf_fini(&private_key);
    sio_strbuf_fini(&text);
    free(path);
    return err;
}
