/* `vaultify help [COMMAND]` and `vaultify version`. */
#include "app/command.h"

static void print_command(FILE *out, const struct command *command) {
    struct config config; /* names the rows' target only: nothing is read */
    struct option_set common = config_options(&config, command->scope);
    struct option_set own = {command->options, command->option_count, 0, NULL};
    fprintf(out, "vaultify %s%s%s%s\n  %s.\n\n", command->name, command->operand ? " " : "",
            command->operand ? command->operand : "", command->scope || own.count ? " [OPTIONS]" : "",
            command->summary);
    option_print(out, &own);
    if (command->scope) option_print(out, &common);
    if (command->scope || own.count) fprintf(out, "\n");
}

/* Is `name` the beginning of the command's words? */
static bool begins_with(const struct command *command, const char *name) {
    size_t n = strlen(name);
    return strncmp(command->name, name, n) == 0 && (!command->name[n] || command->name[n] == ' ');
}

static void print_overview(FILE *out) {
    fprintf(out, "Vaultify Messaging %s: a Socket.IO messaging server for gated estates.\n\n",
            VAULTIFY_VERSION);
    for (const struct command *const *c = command_table; *c; c++) {
        char left[64];
        snprintf(left, sizeof left, "%s%s%s", (*c)->name, (*c)->operand ? " " : "",
                 (*c)->operand ? (*c)->operand : "");
        fprintf(out, "  vaultify %-16s %s\n", left, (*c)->summary);
    }
    fprintf(out, "\nEach option is a flag or a variable of the environment; the flag counts more.\n"
                 "Sizes take K, M and G, durations ms, s, m, h and d.\n"
                 "Exit status: 0, 1 (it failed; standard error says why), 2 (wrong usage).\n\n");
}

bool command_help_print(FILE *out, const char *name) {
    bool found = false;
    if (!name) print_overview(out);
    for (const struct command *const *c = command_table; *c; c++) {
        if (name ? !begins_with(*c, name) : !(*c)->scope) continue;
        print_command(out, *c);
        found = true;
    }
    return found;
}

static int run_help(const struct config *config, const void *values, const char *operand) {
    if (command_help_print(stdout, operand)) return EXIT_SUCCESS;
    command_complain("there is no command '%.60s'", operand);
    return EXIT_USAGE;
}

static int run_version(const struct config *config, const void *values, const char *operand) {
    printf("vaultify %s\n", VAULTIFY_VERSION);
    return EXIT_SUCCESS;
}

const struct command command_help = {.name = "help",
                                     .operand = "[COMMAND]",
                                     .summary = "Tells what the commands do and take",
                                     .run = run_help};
const struct command command_version = {
    .name = "version", .summary = "Prints the version", .run = run_version};
