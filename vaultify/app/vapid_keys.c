/* `vaultify vapid-keys`: the key pair of Web Push, made once; its public half alone on standard output. */
#include <errno.h>
#include <stddef.h>
#include <sys/stat.h>

#include "app/command.h"
#include "push/webpush/vapid.h"
#include "push/webpush/vapid_file.h"

enum { DIRECTORY_MODE = 0700 };

struct values {
    const char *subject;
};

static const struct option options[] = {
    {"subject", "VAPID_SUBJECT", "URL",
     "whom push services may write to, mailto: or https:; kept with a new pair", OPTION_TEXT,
     .offset = offsetof(struct values, subject), .min = 1, .max = VAPID_SUBJECT_TEXT - 1},
};

/* A server may be running: it reads the file when it starts, and this one never changes it. */
static enum sio_err load_or_make(const char *directory, const char *subject, struct vapid_file *out) {
    enum sio_err err = vapid_file_read(directory, out);
    if (err != SIO_ERR_NOT_FOUND) return err;
    if (mkdir(directory, DIRECTORY_MODE) != 0 && errno != EEXIST) return SIO_ERR_IO;
    err = vapid_file_make(directory, subject);
    return err == SIO_ERR_OK ? vapid_file_read(directory, out) : err;
}

/* The pair is of use all the same. */
static void say_subject(const char *wanted, const char *kept) {
    if (!*kept)
        command_complain("vapid-keys: no subject is kept with the pair: the server needs --vapid-subject or "
                         "VAPID_SUBJECT");
    else if (wanted && strcmp(wanted, kept) != 0)
        command_complain(
            "vapid-keys: the pair is kept with the subject %s: for another one, start the server "
            "with --vapid-subject or VAPID_SUBJECT",
            kept);
}

static int run(const struct config *config, const void *data, const char *operand) {
    const struct values *values = data;
    const char *directory = config->store.directory;
    struct vapid_file file;
    if (values->subject && !vapid_subject_check(values->subject)) {
        command_complain("vapid-keys: the subject must begin with mailto: or https://");
        return EXIT_FAILURE;
    }
    enum sio_err err = load_or_make(directory, values->subject, &file);
    if (err != SIO_ERR_OK) {
        command_complain("vapid-keys: %s/vapid_keys: %s", directory, sio_err_text(err));
        return EXIT_FAILURE;
    }
    printf("%s\n", file.public_key);
    say_subject(values->subject, file.subject);
    explicit_bzero(&file, sizeof file);
    return EXIT_SUCCESS;
}

const struct command command_vapid_keys = {
    .name = "vapid-keys",
    .summary = "Makes the key pair of Web Push once, and prints the public key",
    .scope = CONFIG_DATA,
    .options = options,
    .option_count = 1,
    .values_size = sizeof(struct values),
    .run = run};
