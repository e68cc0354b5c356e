/* Placeholders of binary packets: where in the JSON an attachment belongs. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/* Has every {"_placeholder":true,…} in `json`, a value that sio_json_check accepted, a "num" that is one of 0
 * … attachments-1? An attachment may be named twice or never. One pass, whatever the nesting. */
bool sio_placeholders_valid(struct sio_span json, uint32_t attachments);
