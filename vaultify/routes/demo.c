/* /demo/users: whom everybody may try the demo as, each with an access token. */
#include "routes/table.h"
#include "wire/rows.h"

static void put(struct sio_json_writer *w, const struct auth *auth, const struct routes_demo_user *user,
                int64_t now_ms) {
    struct sio_strbuf token;
    sio_strbuf_init(&token);
    auth_issue(auth, &user->row.id, user->row.email, role_text(user->row.role), now_ms, ROUTES_DEMO_TOKEN_MS,
               &token);
    wire_put_demo_user(w, &user->row, user->estate_name, sio_strbuf_as_span(&token));
    sio_strbuf_fini(&token);
}

void demo_users_handle(struct route_call *call, struct chat_user *me) {
    const struct routes_config *config = &call->routes->config;
    int64_t now_ms = sio_loop_wall_ms(call->request->loop);
    struct route_answer answer;
    route_answer_open(&answer);
    sio_json_object_open(&answer.w);
    sio_json_key(&answer.w, SIO_SPAN("data"));
    sio_json_array_open(&answer.w);
    for (size_t i = 0; i < config->demo_user_count; i++)
        put(&answer.w, config->auth, &config->demo_users[i], now_ms);
    sio_json_array_close(&answer.w);
    sio_json_object_close(&answer.w);
    route_answer_send(&answer, call, 200);
}
