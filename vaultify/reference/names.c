/* Derives the documents' names from those in the tables. */
#include "reference/names.h"

#include <ctype.h>
#include <stdio.h>

#include "base/must.h"
#include "wire/who.h"

/* Appends a word with its parts at '_' and '-' in camel case, the first letter in upper case. */
static void add_camel(struct reference_name *name, struct sio_span word) {
    size_t n = strlen(name->text);
    bool upper = true;
    for (size_t i = 0; i < word.n; i++) {
        if (word.p[i] == '_' || word.p[i] == '-') {
            upper = true;
            continue;
        }
        must(n + 1 < REFERENCE_NAME_MAX);
        name->text[n++] = upper ? (char)toupper((unsigned char)word.p[i]) : word.p[i];
        upper = false;
    }
    name->text[n] = 0;
}

struct reference_name reference_payload_name(const struct event_row *row) {
    struct reference_name name = {""};
    add_camel(&name, sio_span_cstr(row->name));
    add_camel(&name, SIO_SPAN("Payload"));
    return name;
}

bool reference_part_next(const char **rest, struct sio_span *part, char *kind) {
    if (!**rest) return false;
    const char *begin = *rest + 1, *end = strchr(begin, '/'); /* a pattern's parts begin with a slash */
    if (!end) end = begin + strlen(begin);
    *kind = *begin == ':' || *begin == '*' ? *begin : 0;
    if (*kind) begin++;
    *part = sio_span_of(begin, (size_t)(end - begin));
    *rest = end;
    return true;
}

struct reference_name reference_operation_name(const struct route_row *row) {
    struct reference_name name = {""};
    struct sio_span part;
    const char *rest = row->pattern;
    char kind;
    for (size_t i = 0; row->method[i]; i++) name.text[i] = (char)tolower((unsigned char)row->method[i]);
    while (reference_part_next(&rest, &part, &kind)) {
        if (kind) add_camel(&name, SIO_SPAN("By"));
        add_camel(&name, part);
    }
    return name;
}

struct reference_name reference_route_tag(const struct route_row *row) {
    struct reference_name tag = {""};
    struct sio_span part;
    const char *rest = row->pattern;
    char kind;
    if (reference_part_next(&rest, &part, &kind) && sio_span_is(part, "messaging"))
        must(reference_part_next(&rest, &part, &kind));
    must(part.n < REFERENCE_NAME_MAX);
    memcpy(tag.text, part.p, part.n);
    return tag;
}

size_t reference_codes(fault_set faults, const char *codes[static REFERENCE_CODES_MAX]) {
    size_t n = 0;
    for (enum fault f = FAULT_NONE + 1; f < FAULT_COUNT_; f++) {
        bool known = !(faults >> f & 1);
        for (size_t i = 0; i < n && !known; i++) known = strcmp(codes[i], fault_code(f)) == 0;
        if (!known) codes[n++] = fault_code(f);
    }
    return n;
}

fault_set reference_faults_of_status(fault_set faults, int status) {
    fault_set some = 0;
    for (enum fault f = FAULT_NONE + 1; f < FAULT_COUNT_; f++)
        if (faults >> f & 1 && fault_status(f) == status) some |= 1ull << f;
    return some;
}

void reference_who(struct sio_strbuf *out, unsigned who, const struct rate_limit *rate) {
    const char *between = "For ";
    for (unsigned role = 0; role < wire_roles.count && who != WHO_EVERYBODY; role++) {
        if (!(who & WHO_ROLE(role))) continue;
        sio_strbuf_printf(out, "%s%s", between, wire_roles.text[role]);
        between = ", ";
    }
    if (who != WHO_EVERYBODY) sio_strbuf_lit(out, " alone. ");
    sio_strbuf_printf(out, "At most %u a second for one user, %u at once.", rate->per_second, rate->burst);
}
