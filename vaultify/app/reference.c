/* reference: prints one of the documents that are made of the tables. A tool of the build, installed nowhere.
 *
 *     reference openapi | asyncapi | typescript | markdown */
#include "reference/reference.h"

#include "app/command.h"

/* ---- the options, which stand above what reference/ sees ---- */

/* What a cell of a table may not hold is escaped; the terminal's line breaks and indentation are one blank. */
static void put_cell(struct sio_strbuf *out, const char *text) {
    for (const char *c = text; *c; c++) {
        bool blank = *c == ' ' || *c == '\n';
        if (blank && (c[1] == ' ' || c[1] == '\n')) continue;
        if (*c == '|' || *c == '<' || *c == '*') sio_strbuf_char(out, '\\');
        sio_strbuf_char(out, blank ? ' ' : *c);
    }
}

static void put_option(struct sio_strbuf *out, const struct option *row) {
    sio_strbuf_lit(out, "| ");
    if (row->flag) {
        sio_strbuf_printf(out, "`--%s", row->flag);
        if (row->placeholder) sio_strbuf_char(out, ' ');
        if (row->placeholder) put_cell(out, row->placeholder);
        sio_strbuf_char(out, '`');
    }
    sio_strbuf_lit(out, " | ");
    if (row->env) sio_strbuf_printf(out, "`%s`", row->env);
    sio_strbuf_lit(out, " | ");
    if (row->fallback) sio_strbuf_printf(out, "`%s`", row->fallback);
    sio_strbuf_lit(out, " | ");
    put_cell(out, row->help);
    sio_strbuf_printf(out, "%s |\n", row->required ? " (required)" : "");
}

static void put_options(struct sio_strbuf *out, const struct option_set *set) {
    for (size_t i = 0; i < set->count; i++)
        if (!set->scope || set->rows[i].scope & set->scope) put_option(out, &set->rows[i]);
}

static void put_command(struct sio_strbuf *out, const struct command *command) {
    struct config config; /* names the rows' target only: nothing is read */
    struct option_set common = config_options(&config, command->scope);
    struct option_set own = {command->options, command->option_count, 0, NULL};
    sio_strbuf_printf(out, "### `vaultify %s%s%s`\n\n%s.\n\n", command->name, command->operand ? " " : "",
                      command->operand ? command->operand : "", command->summary);
    if (!own.count && !command->scope) return;
    sio_strbuf_lit(out, "| flag | variable | default | |\n|---|---|---|---|\n");
    put_options(out, &own);
    if (command->scope) put_options(out, &common);
    sio_strbuf_lit(out, "\n");
}

static void markdown_with_commands(struct sio_strbuf *out) {
    reference_markdown(out);
    sio_strbuf_lit(out,
                   "\n## Commands\n\nEach option is a flag or a variable of the environment; the flag counts "
                   "more. Sizes take K, M and G, durations ms, s, m, h and d.\n\n");
    for (const struct command *const *c = command_table; *c; c++) put_command(out, *c);
    while (out->n > 1 && out->p[out->n - 2] == '\n') out->n--; /* one line break ends the file */
}

/* ---- the program ---- */

static const struct {
    const char *name;
    void (*print)(struct sio_strbuf *out);
} documents[] = {
    {"openapi", reference_openapi},
    {"asyncapi", reference_asyncapi},
    {"typescript", reference_typescript},
    {"markdown", markdown_with_commands},
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
    fprintf(stderr, "usage: reference openapi | asyncapi | typescript | markdown\n");
    return EXIT_USAGE;
}
