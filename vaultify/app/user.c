/* `vaultify user add`: one user of an estate. */
#include <stddef.h>

#include "app/admin.h"
#include "app/command.h"
#include "app/record.h"
#include "store/rows.h"

struct values {
    struct uuid id, estate;
    const char *email, *first_name, *last_name, *picture, *role, *status;
};

#define WORD(name, text) text,
static const char *const roles[] = {ROLE_TABLE(WORD) NULL};
static const char *const statuses[] = {USER_STATUS_TABLE(WORD) NULL};
#undef WORD

#define IN(member) .offset = offsetof(struct values, member)

static const struct option options[] = {
    {"id", NULL, "UUID", "the user's id", OPTION_UUID, .required = true, IN(id)},
    {"email", NULL, "E", "e-mail address, nobody else's", OPTION_TEXT, .required = true, IN(email), .min = 1,
     .max = 255},
    {"first-name", NULL, "F", "first name", OPTION_TEXT, .required = true, IN(first_name), .max = 255},
    {"last-name", NULL, "L", "last name", OPTION_TEXT, .required = true, IN(last_name), .max = 255},
    {"role", NULL, "ROLE", "what the user may do", OPTION_CHOICE, .required = true, IN(role), .words = roles},
    {"estate", NULL, "UUID", "the estate the user belongs to", OPTION_UUID, .required = true, IN(estate)},
    {"status", NULL, "STATUS", "only active users may connect", OPTION_CHOICE, IN(status),
     .fallback = "active", .words = statuses},
    {"picture", NULL, "URL", "profile picture", OPTION_TEXT, IN(picture), .max = 2000},
};

static int run(const struct config *config, const void *data, const char *operand) {
    const struct values *values = data;
    struct admin_written written;
    struct sio_strbuf line;
    char id[UUID_TEXT + 1], estate[UUID_TEXT + 1];
    uuid_format(&values->id, id);
    uuid_format(&values->estate, estate);
    const struct record_field fields[] = {{"user_id", id},
                                          {"estate_id", estate},
                                          {"email", values->email},
                                          {"first_name", values->first_name},
                                          {"last_name", values->last_name},
                                          {"profile_picture_url", values->picture},
                                          {"role", values->role},
                                          {"status", values->status}};
    sio_strbuf_init(&line);
    record_write(&line, "user", fields, sizeof fields / sizeof *fields);
    bool ok = admin_import(config, sio_strbuf_as_span(&line), "user add", &written);
    sio_strbuf_fini(&line);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

const struct command command_user_add = {.name = "user add",
                                         .summary = "Adds a user, or changes the one with this id",
                                         .scope = CONFIG_DATA,
                                         .options = options,
                                         .option_count = sizeof options / sizeof *options,
                                         .values_size = sizeof(struct values),
                                         .run = run};
