/* The commands as a table: a file each, a row each. */
#pragma once
#include "app/config.h"

enum { EXIT_USAGE = 2 };

struct command {
    const char *name;    /* one or two words */
    const char *operand; /* for the help; in brackets when it may be left out; NULL: takes none */
    const char *summary;
    unsigned scope;               /* the rows of config.c that it knows; 0: none */
    const struct option *options; /* its own */
    size_t option_count;
    size_t values_size; /* of the structure that its own options fill in */
    /* Returns the exit status; has told standard error what went wrong. */
    int (*run)(const struct config *config, const void *values, const char *operand);
};

extern const struct command command_serve, command_estate_add, command_user_add, command_import,
    command_token, command_push_list, command_push_retry, command_push_test, command_vapid_keys,
    command_version, command_help;

/* Every command, NULL at the end. */
extern const struct command *const command_table[];

/* One line to standard error, with the program's name before it. */
void command_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The help of all commands, or of those whose name begins with `name`; false when there are none. */
bool command_help_print(FILE *out, const char *name);
