/* join_estate_group {estateId}: the calling socket enters the estate's live room. */
#include "events/table.h"
#include "wire/rooms.h"

struct payload {
    struct uuid estate;
};
static const struct wire_field fields[] = {
    {"estateId", WIRE_UUID, true, 0, 0, offsetof(struct payload, estate), .doc = "The user's own estate"},
};
const struct wire_schema join_estate_group_payload = WIRE_SCHEMA(struct payload, fields);

void join_estate_group_handle(struct event_call *call, struct chat_user *me) {
    const struct payload *in = call->payload;
    enum fault fault = chat_check_estate(me, &in->estate);
    if (fault == FAULT_NONE) {
        struct wire_room room = wire_room_estate(&in->estate);
        struct sio_span own = event_socket_room(call);
        sio_sockets_join(call->events->ns, &(struct sio_target){.rooms = &own, .room_count = 1},
                         wire_room_span(&room));
    }
    event_done(call, fault);
}
