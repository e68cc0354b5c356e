/* Room names: a word, a colon, an id. */
#include "wire/rooms.h"

static struct wire_room room_make(struct sio_span prefix, const struct uuid *id) {
    struct wire_room room;
    memcpy(room.text, prefix.p, prefix.n);
    uuid_format(id, room.text + prefix.n);
    room.n = prefix.n + UUID_TEXT;
    return room;
}

struct wire_room wire_room_user(const struct uuid *user) {
    return room_make(SIO_SPAN("user:"), user);
}
struct wire_room wire_room_estate(const struct uuid *estate) {
    return room_make(SIO_SPAN("estate:"), estate);
}
struct wire_room wire_room_conversation(const struct uuid *conversation) {
    return room_make(SIO_SPAN("conversation:"), conversation);
}
