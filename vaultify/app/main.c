/* vaultify: finds the command, reads its options, runs it. */
#include "app/command.h"
#include "base/mem.h"

/* How many of argv's words are the command's name; 0: it is another one. */
static int name_words(const struct command *command, int argc, const char *const *argv) {
    struct sio_span rest = sio_span_cstr(command->name);
    int words = 0;
    while (rest.p) {
        struct sio_span word = sio_span_cut(&rest, ' ');
        if (words >= argc || !sio_span_is(word, argv[words])) return 0;
        words++;
    }
    return words;
}

static int usage(const struct command *command, const char *error) {
    command_complain("%s: %s", command->name, error);
    fprintf(stderr, "Try `vaultify %s --help`.\n", command->name);
    return EXIT_USAGE;
}

static int run_with(const struct command *command, struct config *config, void *values, int argc,
                    const char *const *argv) {
    char error[OPTION_ERROR_TEXT];
    const char *operand = NULL;
    size_t operand_count;
    bool help;
    struct option_set sets[2] = {config_options(config, command->scope),
                                 {command->options, command->option_count, 0, values}};
    if (!command->scope) sets[0].count = 0;
    for (size_t i = 0; i < 2; i++)
        if (!option_defaults(&sets[i], error) || !option_environment(&sets[i], error))
            return usage(command, error);
    if (!option_arguments(sets, 2, argc, argv, &operand, command->operand ? 1 : 0, &operand_count, &help,
                          error))
        return usage(command, error);
    if (help) {
        command_help_print(stdout, command->name);
        return EXIT_SUCCESS;
    }
    if (command->operand && command->operand[0] != '[' && !operand_count) {
        snprintf(error, sizeof error, "%s is missing", command->operand);
        return usage(command, error);
    }
    if (!option_complete(&sets[0], error) || !option_complete(&sets[1], error)) return usage(command, error);
    if (command->scope && !config_finish(config, command->scope, error)) {
        command_complain("%s: %s", command->name, error);
        return EXIT_FAILURE;
    }
    return command->run(config, values, operand);
}

static int run(const struct command *command, int argc, const char *const *argv) {
    struct config config;
    void *values = mem_zalloc(command->values_size + 1);
    config_init(&config);
    int status = run_with(command, &config, values, argc, argv);
    config_fini(&config);
    free(values);
    /* What was printed must have arrived, or the caller's pipe got a part only. */
    if (status == EXIT_SUCCESS && (fflush(stdout) != 0 || ferror(stdout))) return EXIT_FAILURE;
    return status;
}

int main(int argc, char **arguments) {
    const char *const *argv = (const char *const *)arguments;
    if (argc < 2) {
        command_help_print(stderr, NULL);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) return run(&command_help, 0, NULL);
    if (strcmp(argv[1], "--version") == 0) return run(&command_version, 0, NULL);
    for (const struct command *const *c = command_table; *c; c++) {
        int words = name_words(*c, argc - 1, argv + 1);
        if (words) return run(*c, argc - 1 - words, argv + 1 + words);
    }
    command_complain("there is no command '%.60s%s%.60s'", argv[1], argc > 2 ? " " : "",
                     argc > 2 ? argv[2] : "");
    fprintf(stderr, "Try `vaultify help`.\n");
    return EXIT_USAGE;
}
