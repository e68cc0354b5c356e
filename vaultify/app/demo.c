/* The demo's life: made in an empty store, found again in its own, shown. */
#include "app/demo.h"

#include "app/clock.h"
#include "app/demo_people.h"
#include "app/demo_talk.h"
#include "base/mem.h"

struct demo {
    struct routes_demo_user users[DEMO_PEOPLE];
    size_t user_count;
    struct arena arena; /* of their texts */
};

int64_t demo_wall_ms(void) { return demo_talk_wall_ms(); }

/* ---- making ---- */

static bool store_is_empty(struct store *store, enum sio_err *err) {
    struct store_user_list *op = store_op_new(STORE_USER_LIST, NULL, NULL, NULL);
    *err = store_call(store, &op->op) == FAULT_NONE ? SIO_ERR_OK : SIO_ERR_IO;
    bool empty = *err == SIO_ERR_OK && op->user_count == 0;
    store_op_free(&op->op);
    return empty;
}

static enum sio_err make(struct store *store) {
    enum sio_err err;
    if (!store_is_empty(store, &err)) return err;
    demo_talk_begin();
    err = demo_people_import(store);
    return err == SIO_ERR_OK ? demo_talk_make(store) : err;
}

/* ---- finding ---- */

static void keep(struct demo *demo, const struct store_user_get *op) {
    struct routes_demo_user *user = &demo->users[demo->user_count++];
    user->row = op->row;
    user->row.email = arena_span(&demo->arena, op->row.email);
    user->row.first_name = arena_span(&demo->arena, op->row.first_name);
    user->row.last_name = arena_span(&demo->arena, op->row.last_name);
    user->row.picture_url = (struct sio_span){0};
    user->row.preferences = (struct preferences_row){.quiet_from = -1, .quiet_to = -1};
    user->estate_name = arena_span(&demo->arena, op->estate_name);
}

/* Whoever was removed or suspended since is not shown. */
static enum sio_err find(struct demo *demo, struct store *store, enum demo_person person) {
    struct store_user_get *op = store_op_new(STORE_USER_GET, NULL, NULL, NULL);
    op->user = demo_person_id(person);
    enum fault fault = store_call(store, &op->op);
    if (fault == FAULT_NONE && op->row.status == USER_ACTIVE) keep(demo, op);
    store_op_free(&op->op);
    return fault == FAULT_NONE || fault == FAULT_USER_UNKNOWN ? SIO_ERR_OK : SIO_ERR_IO;
}

enum sio_err demo_open(struct store *store, struct demo **out) {
    struct demo *demo = mem_new(struct demo);
    arena_init(&demo->arena);
    enum sio_err err = make(store);
    for (int person = 0; person < DEMO_PEOPLE && err == SIO_ERR_OK; person++) err = find(demo, store, person);
    if (err == SIO_ERR_OK)
        *out = demo;
    else
        demo_close(demo);
    return err;
}

void demo_close(struct demo *demo) {
    if (!demo) return;
    arena_fini(&demo->arena);
    free(demo);
}

const struct routes_demo_user *demo_users(const struct demo *demo, size_t *count) {
    *count = demo->user_count;
    return demo->users;
}

/* ---- showing ---- */

static void print_user(FILE *out, const struct auth *auth, const struct user_row *row) {
    struct sio_span role = role_text(row->role);
    struct sio_strbuf token;
    char id[UUID_TEXT + 1];
    sio_strbuf_init(&token);
    auth_issue(auth, &row->id, row->email, role, clock_wall_ms(), ROUTES_DEMO_TOKEN_MS, &token);
    uuid_format(&row->id, id);
    fprintf(out, "\n  %.*s %.*s, %.*s  %s\n  %s\n", (int)row->first_name.n, row->first_name.p,
            (int)row->last_name.n, row->last_name.p, (int)role.n, role.p, id, token.p);
    sio_strbuf_fini(&token);
}

static void print_estate(FILE *out, const struct demo *demo, const struct auth *auth,
                         enum demo_estate estate) {
    struct uuid estate_id = demo_estate_id(estate);
    char id[UUID_TEXT + 1];
    uuid_format(&estate_id, id);
    fprintf(out, "\n%s  %s\n", demo_estate_name(estate), id);
    for (size_t i = 0; i < demo->user_count; i++)
        if (uuid_eq(&demo->users[i].row.estate, &estate_id)) print_user(out, auth, &demo->users[i].row);
}

/* Not with a token written out again: the ones above are to be copied. */
static void print_try(FILE *out, const char *address) {
    struct uuid estate = demo_estate_id(PALM_GROVE);
    char id[UUID_TEXT + 1];
    uuid_format(&estate, id);
    fprintf(out, "\nTry it: open %s in a browser and pick one of them, or, with one of these as TOKEN:\n\n",
            address);
    fprintf(out, "  curl -H \"Authorization: Bearer $TOKEN\" %s/messaging/estate/%s/group\n", address, id);
    fprintf(out, "  const socket = io('ws%s/messaging', { auth: { token: TOKEN } });\n\n",
            address + strlen("http"));
}

void demo_print(FILE *out, const struct demo *demo, const struct auth *auth, const char *address) {
    if (demo->user_count > 0) {
        fprintf(out, "\nDemo users, each with an access token for 24 hours:\n");
        for (int estate = 0; estate < DEMO_ESTATES; estate++) print_estate(out, demo, auth, estate);
        print_try(out, address);
    } else {
        fprintf(out, "\nThere were users here already, so the demo's were not made.\n");
    }
    fflush(out);
}
