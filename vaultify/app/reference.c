/* reference: prints one of the documents that are made of the tables. A tool of the build, installed nowhere.
 *
 *     reference openapi | typescript */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference/reference.h"

static const struct {
    const char *name;
    void (*print)(struct sio_strbuf *out);
} documents[] = {
    {"openapi", reference_openapi},
    {"typescript", reference_typescript},
};

static int print(void (*document)(struct sio_strbuf *out)) {
    struct sio_strbuf text;
    sio_strbuf_init(&text);
    document(&text);
    bool written = fwrite(text.p, 1, text.n, stdout) == text.n && fflush(stdout) == 0;
    sio_strbuf_fini(&text);
    if (!written) perror("reference");
    return written ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv) {
    for (size_t i = 0; argc == 2 && i < sizeof documents / sizeof documents[0]; i++)
        if (strcmp(argv[1], documents[i].name) == 0) return print(documents[i].print);
    fprintf(stderr, "usage: reference openapi | typescript\n");
    return 2;
}
