/* `vaultify estate add`: one estate. */
#include <stddef.h>

#include "app/admin.h"
#include "app/command.h"
#include "app/record.h"

struct values {
    struct uuid id;
    const char *name, *email, *address;
};

#define IN(member) .offset = offsetof(struct values, member)

static const struct option options[] = {
    {"id", NULL, "UUID", "the estate's id", OPTION_UUID, .required = true, IN(id)},
    {"name", NULL, "NAME", "its name", OPTION_TEXT, .required = true, IN(name), .min = 1, .max = 255},
    {"email", NULL, "E", "its e-mail address", OPTION_TEXT, IN(email), .max = 255},
    {"address", NULL, "A", "where it is", OPTION_TEXT, IN(address), .max = 1000},
};

static int run(const struct config *config, const void *data, const char *operand) {
    const struct values *values = data;
    struct admin_written written;
    struct sio_strbuf line;
    char id[UUID_TEXT + 1];
    uuid_format(&values->id, id);
    const struct record_field fields[] = {
        {"estate_id", id}, {"name", values->name}, {"email", values->email}, {"address", values->address}};
    sio_strbuf_init(&line);
    record_write(&line, "estate", fields, sizeof fields / sizeof *fields);
    bool ok = admin_import(config, sio_strbuf_as_span(&line), "estate add", &written);
    sio_strbuf_fini(&line);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

const struct command command_estate_add = {.name = "estate add",
                                           .summary = "Adds an estate, or changes the one with this id",
                                           .scope = CONFIG_DATA,
                                           .options = options,
                                           .option_count = sizeof options / sizeof *options,
                                           .values_size = sizeof(struct values),
                                           .run = run};
