/* /notifications/devices: where a user's pushes go. Also the public key that a page needs to become such a place. */
#include "routes/table.h"
#include "wire/rows.h"

enum { DEVICE_ID_MAX = 255 };

struct device_in {
    enum device_platform platform;
    struct sio_span token, subscription, device_id;
};
static const struct wire_field fields[] = {
    {"platform", WIRE_WORD, true, 0, 0, offsetof(struct device_in, platform), &wire_device_platforms,
     .doc = "What the device runs"},
    {"token", WIRE_STRING, false, 1, PUSH_TOKEN_MAX_BYTES, offsetof(struct device_in, token),
     .doc = "Of the push service; for Web Push its subscription as JSON does as well"},
    {"subscription", WIRE_OBJECT, false, 0, PUSH_TOKEN_MAX_BYTES, offsetof(struct device_in, subscription),
     .doc = "Instead of token: what pushManager.subscribe gave"},
    {"deviceId", WIRE_STRING, false, 0, DEVICE_ID_MAX, offsetof(struct device_in, device_id),
     .doc = "The app's own name for the device: a new token replaces its old one"},
};
const struct wire_schema device_body = WIRE_SCHEMA(struct device_in, fields);

/* ---- list ---- */

static void listed(struct store_op *base) {
    struct store_device_list *op = (struct store_device_list *)base;
    struct route_answer answer;
    if (!route_op_answer_open(base, &answer)) return;
    sio_json_array_open(&answer.w);
    for (size_t i = 0; i < op->count; i++) wire_put_device(&answer.w, &op->rows[i]);
    sio_json_array_close(&answer.w);
    route_op_answer_send(base, &answer, 200);
}

void device_list_handle(struct route_call *call, struct chat_user *me) {
    struct store_device_list *op = route_op_new(call, STORE_DEVICE_LIST, listed);
    op->user = chat_me(me).id;
    route_op_submit(call, &op->op);
}

/* ---- register ---- */

static void registered(struct store_op *base) {
    struct store_device_put *op = (struct store_device_put *)base;
    struct route_answer answer;
    if (!route_op_answer_open(base, &answer)) return;
    wire_put_device(&answer.w, &op->row);
    route_op_answer_send(base, &answer, 201);
}

/* The one thing that says where pushes go: a token, or a page's subscription. */
static bool pick_token(const struct device_in *in, struct sio_span *token, const char **error) {
    *token = in->token.n ? in->token : in->subscription;
    if (in->token.n && in->subscription.n)
        *error = "Either token or subscription, not both";
    else if (!token->n)
        *error = "A token is required, or for platform web a subscription";
    else if (in->subscription.n && in->platform != DEVICE_WEB)
        *error = "Only platform web has a subscription";
    else
        return true;
    return false;
}

void device_put_handle(struct route_call *call, struct chat_user *me) {
    static const enum push_platform platforms[] = {[DEVICE_ANDROID] = PUSH_ANDROID,
                                                   [DEVICE_IOS] = PUSH_IOS,
                                                   [DEVICE_WEB] = PUSH_WEB,
                                                   [DEVICE_EXPO] = PUSH_EXPO_APP};
    const struct device_in *in = call->body;
    struct push_registration *registration = arena_zalloc(&call->arena, sizeof *registration);
    struct sio_span token;
    const char *error;
    if (!pick_token(in, &token, &error) ||
        !push_registration_check(outbox_push_config(call->routes->config.outbox), platforms[in->platform],
                                 token, &call->arena, registration, &error)) {
        route_refuse_text(call, FAULT_INVALID_PAYLOAD, sio_span_cstr(error));
        return;
    }
    struct store_device_put *op = route_op_new(call, STORE_DEVICE_PUT, registered);
    op->row = (struct device_row){.user = chat_me(me).id,
                                  .platform = in->platform,
                                  .service = (uint8_t)registration->service,
                                  .token = registration->token,
                                  .keys = sio_span_of(registration->keys, registration->keys_bytes),
                                  .device_id = in->device_id};
    route_op_submit(call, &op->op);
}

/* ---- remove ---- */

static void removed(struct store_op *base) {
    struct route_call *call = base->data;
    enum fault fault = base->fault;
    route_op_end(call, base);
    route_done(call, fault, SIO_SPAN("Device removed"));
}

/* A page has its subscription at hand, whose endpoint is what is known here. */
static struct sio_span token_of(struct route_call *call, struct sio_span said) {
    struct sio_span object, endpoint;
    if (!sio_json_check(said, &object) || sio_json_kind(object) != SIO_JSON_OBJECT) return said;
    endpoint = sio_json_member(object, SIO_SPAN("endpoint"));
    if (sio_json_kind(endpoint) != SIO_JSON_STRING) return said;
    char *text = arena_alloc(&call->arena, endpoint.n);
    return sio_span_of(text, sio_json_string_decode(endpoint, text));
}

void device_remove_handle(struct route_call *call, struct chat_user *me) {
    struct store_device_remove *op = route_op_new(call, STORE_DEVICE_REMOVE, removed);
    op->user = chat_me(me).id;
    if (!uuid_parse(call->texts[0], &op->id)) {
        op->token = token_of(call, call->texts[0]);
        op->spelling = push_token_spelling(op->token, &call->arena);
    }
    route_op_submit(call, &op->op);
}

/* ---- the public key ---- */

void vapid_key_handle(struct route_call *call, struct chat_user *me) {
    const char *key = outbox_vapid_public_key(call->routes->config.outbox);
    struct route_answer answer;
    if (!key) {
        route_refuse(call, FAULT_WEBPUSH_OFF);
        return;
    }
    route_answer_open(&answer);
    sio_json_object_open(&answer.w);
    sio_json_key(&answer.w, SIO_SPAN("publicKey"));
    sio_json_string(&answer.w, sio_span_cstr(key));
    sio_json_object_close(&answer.w);
    route_answer_send(&answer, call, 200);
}
