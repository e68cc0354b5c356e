/* /messaging/messages/:id/reactions: add one, take one back. */
#include "routes/table.h"
#include "wire/rows.h"

enum { EMOJI_MAX = 64 /* bytes: the longest sequences of flags and families fit */ };

struct reaction_in {
    struct sio_span emoji;
};
static const struct wire_field fields[] = {
    {"emoji", WIRE_STRING, true, 1, EMOJI_MAX, offsetof(struct reaction_in, emoji), .doc = "One emoji"},
};
const struct wire_schema reaction_body = WIRE_SCHEMA(struct reaction_in, fields);

static void added(enum fault fault, const struct reaction_row *row, void *data) {
    struct route_call *call = data;
    if (fault != FAULT_NONE) {
        route_refuse(call, fault);
        return;
    }
    struct route_answer answer;
    route_answer_open(&answer);
    wire_put_reaction(&answer.w, row);
    route_answer_send(&answer, call, 201);
}

void reaction_add_handle(struct route_call *call, struct chat_user *me) {
    const struct reaction_in *in = call->body;
    chat_reaction_add(me, &call->ids[0], in->emoji, added, call);
}

static void removed(enum fault fault, void *data) { route_done(data, fault, SIO_SPAN("Reaction removed")); }

void reaction_remove_handle(struct route_call *call, struct chat_user *me) {
    chat_reaction_remove(me, &call->ids[0], call->texts[1], removed, call);
}
