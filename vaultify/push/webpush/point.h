/* A browser's public key: an uncompressed point of P-256. */
#pragma once
#include <stdbool.h>

#include "base/span.h"

enum { WEBPUSH_POINT_BYTES = 65 };

/* Is it a point of the curve, in that form? Pure, any thread. */
bool webpush_point_check(struct sio_span point);
