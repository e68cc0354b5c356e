/* WebSocket frames of a simulated client over a wire that has switched. */
#pragma once
#include "codec/ws_frame.h"
#include "wire.h"

/* One message, masked, in as many fragments as chance will have it, perhaps with a ping between them. */
void frames_send(struct wire *wire, bool binary, struct sio_span message);
void frames_close(struct wire *wire); /* a close frame, code 1000 */

/* Gives the first whole frame to `message`, which may end the wire; false if there is none. The server does not
 * fragment, and answers every ping: pongs are given out too. */
bool frames_take(struct wire *wire,
                 void (*message)(struct wire *wire, enum ws_opcode opcode, struct sio_span payload));
