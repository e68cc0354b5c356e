/* The time of day in a place of the IANA database (RFC 8536 files of the system's /usr/share/zoneinfo), and quiet hours in
 * it. Zones are read once and kept. Any thread. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct time_zones;

/* `directory` NULL: the system's. */
struct time_zones *time_zones_new(const char *directory);
void time_zones_free(struct time_zones *zones);

/* Is there such a zone? Names with anything but letters, digits, / _ - +, or with an empty part between two /, are none. UTC
 * is known always, the others only where the database is installed. */
enum { TIME_ZONE_NAME_MAX = 64 /* bytes */ };
bool time_zone_known(struct time_zones *zones, struct sio_span name);

/* Minutes after midnight there, daylight saving included; of an unknown or empty name: UTC. */
unsigned time_zone_minute(struct time_zones *zones, struct sio_span name, int64_t at_ms);

/* From `from` (inclusive) to `to` (exclusive), minutes after midnight, over midnight when from > to; equal or < 0: never. */
bool quiet_hours_cover(int from, int to, unsigned minute);
