/* Options as tables: one row feeds the command line, the environment, the checks and the help. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*                      the member it fills in          how it is written */
enum option_kind {
    OPTION_TEXT, /* const char *, the argument itself    as it is */
    OPTION_U32,  /* uint32_t (or unsigned)               decimal */
    OPTION_SIZE, /* size_t, bytes                        decimal, perhaps with K, M or G (times 1024) */
    OPTION_MS,   /* uint32_t, ms                         500ms, 30s, 15m, 2h, 7d; a bare number is seconds */
    OPTION_LONG_MS, /* int64_t, ms                       the same */
    OPTION_BOOL,    /* bool                                 on, off */
    OPTION_SWITCH,  /* bool                                 --flag alone */
    OPTION_WORD,    /* unsigned, the word's place           one of `words` */
    OPTION_CHOICE,  /* const char *, the word itself        the same */
    OPTION_UUID,    /* struct uuid                          8-4-4-4-12 */
};

struct option {
    const char *flag;        /* without its dashes; NULL: environment only (secrets are not for `ps`) */
    const char *env;         /* NULL: command line only. An empty variable counts as none */
    const char *placeholder; /* of the value, in the help */
    const char *help;
    enum option_kind kind;
    bool required;            /* TEXT, CHOICE and UUID only */
    unsigned scope;           /* bits: which commands know it; see option_set */
    size_t offset;            /* of the member */
    const char *fallback;     /* the default, as a user would write it; NULL: the member stays as it is */
    uint64_t min, max;        /* of U32, SIZE and MS (in ms); of TEXT: bytes, when max is not 0 */
    const char *const *words; /* of WORD and CHOICE; NULL at the end */
};

/* The rows with a bit of `scope` (all when it is 0), and the structure they fill in. */
struct option_set {
    const struct option *rows;
    size_t count;
    unsigned scope;
    void *values;
};

enum { OPTION_ERROR_TEXT = 256 };

/* Each returns false with one English sentence, without a full stop, in `error`. Texts point into the table,
 * the environment or argv. */
bool option_defaults(const struct option_set *set, char error[OPTION_ERROR_TEXT]);
bool option_environment(const struct option_set *set, char error[OPTION_ERROR_TEXT]);

/* `--flag value` and `--flag=value` of any of the sets, and at most `operand_max` words that are no options;
 * `--` ends the options. *help: --help or -h was there, and nothing else was looked at behind it. */
bool option_arguments(const struct option_set *sets, size_t set_count, int argc, const char *const *argv,
                      const char **operands, size_t operand_max, size_t *operand_count, bool *help,
                      char error[OPTION_ERROR_TEXT]);

/* After all sources: is every required one there? */
bool option_complete(const struct option_set *set, char error[OPTION_ERROR_TEXT]);

/* The set's rows for people. */
void option_print(FILE *out, const struct option_set *set);
