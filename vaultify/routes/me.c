/* /messaging/me: who the token's user is. */
#include "routes/table.h"
#include "wire/rows.h"

static void found(struct store_op *base) {
    const struct store_user_get *op = (const struct store_user_get *)base;
    struct route_answer answer;
    if (!route_op_answer_open(base, &answer)) return;
    wire_put_me(&answer.w, &op->row, op->estate_name);
    route_op_answer_send(base, &answer, 200);
}

void me_handle(struct route_call *call, struct chat_user *me) {
    struct store_user_get *op = route_op_new(call, STORE_USER_GET, found);
    op->user = chat_me(me).id;
    route_op_submit(call, &op->op);
}
