/* `vaultify import FILE`: JSON lines into the store, all or nothing. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "app/admin.h"
#include "app/command.h"
#include "sio_strbuf.h"

enum { IMPORT_MAX_BYTES = 256 << 20, READ_STEP_BYTES = 1 << 16 };

static bool read_all(int fd, const char *name, struct sio_strbuf *out) {
    for (;;) {
        ssize_t n = read(fd, sio_strbuf_reserve(out, READ_STEP_BYTES), READ_STEP_BYTES);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) command_complain("import: cannot read %s: %s", name, strerror(errno));
        if (n <= 0) return n == 0;
        out->n += (size_t)n;
        if (out->n <= IMPORT_MAX_BYTES) continue;
        command_complain("import: %s is larger than %d MiB: import it in parts", name,
                         IMPORT_MAX_BYTES >> 20);
        return false;
    }
}

static int run(const struct config *config, const void *values, const char *operand) {
    bool from_stdin = strcmp(operand, "-") == 0;
    const char *name = from_stdin ? "standard input" : operand;
    struct sio_strbuf text;
    struct admin_written written;
    int fd = from_stdin ? STDIN_FILENO : open(operand, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        command_complain("import: cannot open %s: %s", name, strerror(errno));
        return EXIT_FAILURE;
    }
    sio_strbuf_init(&text);
    sio_strbuf_reserve(&text, 1); /* even an empty file is a body, not none */
    bool ok = read_all(fd, name, &text) && admin_import(config, sio_strbuf_as_span(&text), name, &written);
    if (ok)
        printf("New or changed: estates %llu, users %llu, conversations %llu.\n",
               (unsigned long long)written.estates, (unsigned long long)written.users,
               (unsigned long long)written.conversations);
    sio_strbuf_fini(&text);
    if (!from_stdin) close(fd);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

const struct command command_import = {.name = "import",
                                       .operand = "FILE",
                                       .summary =
                                           "Adds or changes estates, users and conversations from JSON lines "
                                           "('-': standard input); participants are only added",
                                       .scope = CONFIG_DATA,
                                       .run = run};
