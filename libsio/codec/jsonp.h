/* JSONP, for browsers that cannot ask another origin otherwise: answers as scripts that call `___eio[N]`, and bodies
 * as forms whose field "d" holds the packets. */
#pragma once
#include <stdbool.h>

#include "base/span.h"
#include "sio_strbuf.h"

/* Appends `___eio[<index>]("<text>");`. `text` is UTF-8; `index` digits. */
void jsonp_wrap(struct sio_strbuf *out, struct sio_span index, struct sio_span text);

/* Appends the packets of a form. false: it has no field "d". In it a line end stands for itself as `\n`, and what was
 * `\n` has become `\\n`, because browsers change line ends in forms. */
bool jsonp_unwrap(struct sio_strbuf *out, struct sio_span form);
