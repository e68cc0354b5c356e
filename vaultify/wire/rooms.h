/* The names of the rooms; other services emit to them too. Any thread. */
#pragma once
#include "base/span.h"
#include "base/uuid.h"

enum { WIRE_ROOM_MAX = 13 + UUID_TEXT /* "conversation:" and an id */ };

struct wire_room {
    char text[WIRE_ROOM_MAX + 1];
    size_t n;
};

struct wire_room wire_room_user(const struct uuid *user);
struct wire_room wire_room_estate(const struct uuid *estate);
struct wire_room wire_room_conversation(const struct uuid *conversation);

static inline struct sio_span wire_room_span(const struct wire_room *room) {
    return sio_span_of(room->text, room->n);
}
