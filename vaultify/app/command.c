/* The table of commands, and how one complains. */
#include "app/command.h"

#include <stdarg.h>

const struct command *const command_table[] = {
    &command_serve,      &command_estate_add, &command_user_add,   &command_import,
    &command_token,      &command_push_list,  &command_push_retry, &command_push_test,
    &command_vapid_keys, &command_version,    &command_help,       NULL,
};

void command_complain(const char *format, ...) {
    va_list args;
    fflush(stdout);
    fputs("vaultify: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}
