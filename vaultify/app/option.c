/* Options as tables: reading a value by its row, from the three sources, and the help. */
#include "app/option.h"

#include "base/must.h"
#include "base/span.h"
#include "base/timefmt.h"
#include "base/uuid.h"

static bool in_set(const struct option_set *set, const struct option *row) {
    return !set->scope || (row->scope & set->scope);
}

static void *member(const struct option_set *set, const struct option *row) {
    return (char *)set->values + row->offset;
}

/* ---- one value ---- */

static bool is_duration(const struct option *row) {
    return row->kind == OPTION_MS || row->kind == OPTION_LONG_MS;
}

static bool read_number(const struct option *row, struct sio_span text, uint64_t *out) {
    unsigned long long n;
    uint64_t unit = 1;
    if (is_duration(row)) {
        int64_t ms;
        if (!duration_parse(text, &ms) || ms < 0) return false;
        *out = (uint64_t)ms;
        return *out >= row->min && *out <= row->max;
    }
    if (row->kind == OPTION_SIZE && text.n) {
        char suffix = text.p[text.n - 1];
        unit = suffix == 'K' ? 1u << 10 : suffix == 'M' ? 1u << 20 : suffix == 'G' ? 1u << 30 : 1;
        if (unit > 1) text.n--;
    }
    if (!sio_span_to_u64(text, &n) || n > row->max / unit || n * unit < row->min) return false;
    *out = n * unit;
    return true;
}

static bool read_word(const struct option *row, const char *text, unsigned *out) {
    for (unsigned i = 0; row->words[i]; i++) {
        if (strcmp(row->words[i], text) != 0) continue;
        *out = i;
        return true;
    }
    return false;
}

/* False when `text` is not what the row asks for; the member is untouched then. */
static bool read_value(const struct option_set *set, const struct option *row, const char *text) {
    void *to = member(set, row);
    uint64_t n;
    unsigned word;
    switch (row->kind) {
    case OPTION_TEXT:
        if (row->max && (strlen(text) < row->min || strlen(text) > row->max)) return false;
        *(const char **)to = text;
        return true;
    case OPTION_U32:
    case OPTION_MS:
        if (!read_number(row, sio_span_cstr(text), &n)) return false;
        must(n <= UINT32_MAX);
        *(uint32_t *)to = (uint32_t)n;
        return true;
    case OPTION_LONG_MS:
        if (!read_number(row, sio_span_cstr(text), &n)) return false;
        *(int64_t *)to = (int64_t)n;
        return true;
    case OPTION_SIZE:
        if (!read_number(row, sio_span_cstr(text), &n)) return false;
        *(size_t *)to = n;
        return true;
    case OPTION_SWITCH:
    case OPTION_BOOL:
        if (strcmp(text, "on") != 0 && strcmp(text, "off") != 0) return false;
        *(bool *)to = strcmp(text, "on") == 0;
        return true;
    case OPTION_WORD: return read_word(row, text, to);
    case OPTION_CHOICE:
        if (!read_word(row, text, &word)) return false;
        *(const char **)to = row->words[word];
        return true;
    case OPTION_UUID: return uuid_parse(sio_span_cstr(text), to);
    }
    return false;
}

/* ---- what a value may be, for people ---- */

static void print_amount(FILE *out, const struct option *row, uint64_t n) {
    static const struct {
        uint64_t ms;
        const char *unit;
    } units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "m"}, {1000, "s"}, {1, "ms"}};
    size_t i = 0;
    if (!is_duration(row)) {
        fprintf(out, "%llu", (unsigned long long)n);
        return;
    }
    while (n % units[i].ms || (n == 0 && units[i].ms != 1000)) i++;
    fprintf(out, "%llu%s", (unsigned long long)(n / units[i].ms), units[i].unit);
}

static void print_domain(FILE *out, const struct option *row) {
    switch (row->kind) {
    case OPTION_U32:
    case OPTION_SIZE:
    case OPTION_MS:
    case OPTION_LONG_MS:
        print_amount(out, row, row->min);
        fprintf(out, " to ");
        print_amount(out, row, row->max);
        break;
    case OPTION_TEXT:
        if (row->max) fprintf(out, "%d to %d bytes", (int)row->min, (int)row->max);
        break;
    case OPTION_WORD:
    case OPTION_CHOICE:
        for (size_t i = 0; row->words[i]; i++) fprintf(out, "%s%s", i ? ", " : "", row->words[i]);
        break;
    case OPTION_UUID: fprintf(out, "a UUID"); break;
    case OPTION_BOOL:
    case OPTION_SWITCH: fprintf(out, "on, off"); break;
    }
}

static bool refuse_value(const struct option *row, const char *where, const char *text,
                         char error[OPTION_ERROR_TEXT]) {
    char domain[160] = "";
    FILE *out = fmemopen(domain, sizeof domain, "w");
    must(out);
    print_domain(out, row);
    fclose(out);
    snprintf(error, OPTION_ERROR_TEXT, "%s may not be '%.60s' (%s)", where, text, domain);
    return false;
}

/* ---- the sources ---- */

bool option_defaults(const struct option_set *set, char error[OPTION_ERROR_TEXT]) {
    for (const struct option *row = set->rows; row < set->rows + set->count; row++) {
        if (!in_set(set, row) || !row->fallback) continue;
        if (!read_value(set, row, row->fallback))
            return refuse_value(row, row->flag ? row->flag : row->env, row->fallback, error);
    }
    return true;
}

bool option_environment(const struct option_set *set, char error[OPTION_ERROR_TEXT]) {
    for (const struct option *row = set->rows; row < set->rows + set->count; row++) {
        const char *text = row->env && in_set(set, row) ? getenv(row->env) : NULL;
        if (!text || !*text) continue;
        if (read_value(set, row, text)) continue;
        if (row->flag) return refuse_value(row, row->env, text, error);
        /* It may be a secret: it is not repeated. */
        snprintf(error, OPTION_ERROR_TEXT, "the environment's %s is not valid", row->env);
        return false;
    }
    return true;
}

static const struct option *find_flag(const struct option_set *sets, size_t set_count, struct sio_span flag,
                                      const struct option_set **set) {
    for (*set = sets; *set < sets + set_count; ++*set)
        for (const struct option *row = (*set)->rows; row < (*set)->rows + (*set)->count; row++)
            if (row->flag && in_set(*set, row) && sio_span_is(flag, row->flag)) return row;
    return NULL;
}

/* One `--flag…` at argv[*i], which moves on when the value is the next word. */
static bool read_flag(const struct option_set *sets, size_t set_count, int argc, const char *const *argv,
                      int *i, char error[OPTION_ERROR_TEXT]) {
    const struct option_set *set;
    struct sio_span rest = sio_span_cstr(argv[*i] + 2);
    struct sio_span flag = sio_span_cut(&rest, '=');
    const struct option *row = find_flag(sets, set_count, flag, &set);
    const char *value = rest.p;
    char where[64];
    snprintf(where, sizeof where, "--%.*s", (int)(flag.n < 40 ? flag.n : 40), flag.p);
    if (!row) {
        snprintf(error, OPTION_ERROR_TEXT, "there is no option %s here", where);
        return false;
    }
    if (!value && row->kind == OPTION_SWITCH) value = "on";
    bool another_flag = *i + 1 < argc && strncmp(argv[*i + 1], "--", 2) == 0;
    if (!value && *i + 1 < argc && !another_flag) value = argv[++*i];
    if (!value) {
        snprintf(error, OPTION_ERROR_TEXT, "%s needs a value", where);
        return false;
    }
    return read_value(set, row, value) || refuse_value(row, where, value, error);
}

bool option_arguments(const struct option_set *sets, size_t set_count, int argc, const char *const *argv,
                      const char **operands, size_t operand_max, size_t *operand_count, bool *help,
                      char error[OPTION_ERROR_TEXT]) {
    bool options_ended = false;
    *operand_count = 0;
    *help = false;
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        if (!options_ended && strcmp(word, "--") == 0) {
            options_ended = true;
        } else if (!options_ended && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)) {
            *help = true;
            return true;
        } else if (!options_ended && strncmp(word, "--", 2) == 0) {
            if (!read_flag(sets, set_count, argc, argv, &i, error)) return false;
        } else if (!options_ended && word[0] == '-' && word[1]) {
            snprintf(error, OPTION_ERROR_TEXT, "there is no option %.40s here", word);
            return false;
        } else if (*operand_count == operand_max) {
            snprintf(error, OPTION_ERROR_TEXT, "'%.60s' is one word too many", word);
            return false;
        } else {
            operands[(*operand_count)++] = word;
        }
    }
    return true;
}

bool option_complete(const struct option_set *set, char error[OPTION_ERROR_TEXT]) {
    for (const struct option *row = set->rows; row < set->rows + set->count; row++) {
        if (!in_set(set, row) || !row->required) continue;
        const void *value = member(set, row);
        if (row->kind == OPTION_UUID) {
            if (!uuid_is_nil(value)) continue;
        } else {
            must(row->kind == OPTION_TEXT || row->kind == OPTION_CHOICE);
            if (*(const char *const *)value) continue;
        }
        snprintf(error, OPTION_ERROR_TEXT, "--%s is missing", row->flag);
        return false;
    }
    return true;
}

/* ---- help ---- */

static void print_row(FILE *out, const struct option *row) {
    char left[96] = "";
    if (row->flag)
        snprintf(left, sizeof left, "--%s%s%s", row->flag, row->placeholder ? " " : "",
                 row->placeholder ? row->placeholder : "");
    fprintf(out, "  %-32s %s", row->flag ? left : row->env, row->help);
    if (row->required) fprintf(out, " (required)");
    fprintf(out, "\n");
    bool domain =
        row->kind != OPTION_SWITCH && row->kind != OPTION_UUID && (row->kind != OPTION_TEXT || row->max);
    if (!domain && !row->fallback && !(row->flag && row->env)) return;
    fprintf(out, "  %-32s ", "");
    const char *between = "";
    if (row->flag && row->env) {
        fprintf(out, "%s", row->env);
        between = "; ";
    }
    if (row->fallback) {
        fprintf(out, "%sdefault %s", between, row->fallback);
        between = "; ";
    }
    if (domain) {
        fprintf(out, "%s", between);
        print_domain(out, row);
    }
    fprintf(out, "\n");
}

void option_print(FILE *out, const struct option_set *set) {
    for (const struct option *row = set->rows; row < set->rows + set->count; row++)
        if (in_set(set, row)) print_row(out, row);
}
