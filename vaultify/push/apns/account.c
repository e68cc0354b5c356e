/* Reading what identifies us to Apple: a .p8 file, its id, the team's, and the app's bundle id. */
#include "push/apns/account.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/mem.h"

static bool given(const char *text) { return text && *text; }

static enum sio_err invalid(const struct sio_log *log, const char *what, const char *problem) {
    sio_log_error(log, "push: apns cannot be used: %s %s", what, problem);
    return SIO_ERR_INVALID;
}

/* They become headers: letters, digits, and what bundle ids have besides. */
static bool is_id(const char *text) {
    static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    size_t n = strspn(text, good);
    return !text[n] && n <= 255;
}

/* At most `room` bytes; -1 with errno when it cannot be read. */
static ssize_t read_file(const char *path, char *bytes, size_t room) {
    size_t n = 0;
    ssize_t got = 1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    while (n < room && got > 0) {
        got = read(fd, bytes + n, room - n);
        if (got > 0) n += (size_t)got;
        if (got < 0 && errno == EINTR) got = 1;
    }
    int failed = got < 0 ? errno : 0;
    close(fd);
    errno = failed;
    return failed ? -1 : (ssize_t)n;
}

static enum sio_err read_key(const char *path, const struct sio_log *log, struct jwt_key **out) {
    char pem[JWT_PEM_MAX_BYTES + 1]; /* one more, so that too much is seen */
    ssize_t n = read_file(path, pem, sizeof pem);
    if (n < 0) {
        sio_log_error(log, "push: apns cannot be used: %s: %s", path, strerror(errno));
        return SIO_ERR_INVALID;
    }
    enum sio_err err = jwt_key_from_pem(JWT_ES256, sio_span_of(pem, (size_t)n), out);
    explicit_bzero(pem, sizeof pem);
    return err == SIO_ERR_OK ? err : invalid(log, path, "holds no P-256 private key in PEM");
}

enum sio_err apns_account_open(const struct push_config *config, const struct sio_log *log,
                               struct apns_account **out) {
    const struct {
        const char *name, *text;
    } parts[] = {{"APNS_KEY_FILE", config->apns.key_file},
                 {"APNS_KEY_ID", config->apns.key_id},
                 {"APNS_TEAM_ID", config->apns.team_id},
                 {"APNS_TOPIC", config->apns.topic}};
    unsigned count = 0;
    struct jwt_key *key;
    *out = NULL;
    for (size_t i = 0; i < 4; i++) count += given(parts[i].text);
    if (!count) return SIO_ERR_OK;
    for (size_t i = 0; i < 4; i++) {
        if (!given(parts[i].text)) return invalid(log, parts[i].name, "is missing");
        if (i > 0 && !is_id(parts[i].text)) return invalid(log, parts[i].name, "is none");
    }
    enum sio_err err = read_key(config->apns.key_file, log, &key);
    if (err != SIO_ERR_OK) return err;
    *out = mem_new(struct apns_account);
    **out = (struct apns_account){.key_id = sio_span_cstr(config->apns.key_id),
                                  .team_id = sio_span_cstr(config->apns.team_id),
                                  .topic = sio_span_cstr(config->apns.topic),
                                  .key = key};
    return SIO_ERR_OK;
}

void apns_account_close(struct apns_account *account) {
    if (!account) return;
    jwt_key_free(account->key);
    free(account);
}
