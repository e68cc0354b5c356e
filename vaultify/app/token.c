/* `vaultify token`: an access token for a user, alone on standard output. */
#include <stddef.h>

#include "app/admin.h"
#include "app/clock.h"
#include "app/command.h"
#include "app/secret.h"
#include "auth/auth.h"

struct values {
    struct uuid user;
};

static const struct option options[] = {
    {"user", NULL, "UUID", "whose token", OPTION_UUID, .required = true,
     .offset = offsetof(struct values, user)},
};

static void complain_secret(const struct config *config, enum sio_err err) {
    if (err == SIO_ERR_NOT_FOUND)
        command_complain("token: the server on %s was started with a JWT_SECRET: set the same one here",
                         config->store.directory);
    else
        command_complain("token: cannot read %s/jwt_secret: %s", config->store.directory, sio_err_text(err));
}

static bool print_token(const struct config *config, const struct uuid *id, const struct admin_user *user) {
    struct sio_strbuf secret, token;
    struct auth *auth = NULL;
    sio_strbuf_init(&token);
    /* A server that runs without its secret in the directory got it from its environment: one made here would
     * sign nothing that it accepts. */
    enum sio_err err = secret_load(config, !user->server_runs, &secret);
    if (err == SIO_ERR_OK) err = auth_new(sio_strbuf_as_span(&secret), &auth);
    if (err == SIO_ERR_OK) {
        auth_issue(auth, id, user->email, user->role, clock_wall_ms(), config->token_lifetime_ms, &token);
        printf("%.*s\n", (int)token.n, token.p);
    } else {
        complain_secret(config, err);
    }
    auth_free(auth);
    sio_strbuf_fini(&secret);
    sio_strbuf_fini(&token);
    return err == SIO_ERR_OK;
}

static int run(const struct config *config, const void *data, const char *operand) {
    const struct values *values = data;
    struct admin_user user;
    struct arena arena;
    arena_init(&arena);
    bool ok = admin_find_user(config, &values->user, &arena, &user);
    if (ok && !sio_span_eq(user.status, user_status_text(USER_ACTIVE))) {
        command_complain("token: the user is %.*s, not active", (int)user.status.n, user.status.p);
        ok = false;
    }
    ok = ok && print_token(config, &values->user, &user);
    arena_fini(&arena);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

const struct command command_token = {.name = "token",
                                      .summary = "Prints an access token for a user, and nothing else",
                                      .scope = CONFIG_TOKEN,
                                      .options = options,
                                      .option_count = 1,
                                      .values_size = sizeof(struct values),
                                      .run = run};
