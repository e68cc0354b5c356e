/* Zones by name: read from the database's files when they are first asked for, and kept. */
#include "push/time_zone.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/must.h"
#include "push/tzif.h"
#include "sio_strbuf.h"

enum {
    ZONES_KEPT_MAX = 1000, /* the database has some 600 names; above it all are forgotten and read again */
    DAY_MINUTES = 24 * 60,
    MINUTE_S = 60,
};

#define SYSTEM_DIRECTORY "/usr/share/zoneinfo"

struct zone {
    struct tzif *tzif;
    size_t name_n;
    char name[TIME_ZONE_NAME_MAX];
};

struct time_zones {
    char *directory;
    pthread_mutex_t lock; /* of all below; held while a file is read, which happens once a zone */
    struct map by_name;   /* struct zone */
};

struct time_zones *time_zones_new(const char *directory) {
    struct time_zones *zones = mem_new(struct time_zones);
    if (!directory) directory = SYSTEM_DIRECTORY;
    zones->directory = mem_str(directory, strlen(directory));
    must(pthread_mutex_init(&zones->lock, NULL) == 0);
    map_init(&zones->by_name, NULL);
    return zones;
}

static void forget_all(struct time_zones *zones) {
    uint32_t cursor = 0;
    for (struct zone *zone; (zone = map_next(&zones->by_name, &cursor));) {
        tzif_free(zone->tzif);
        free(zone);
    }
    map_fini(&zones->by_name);
    map_init(&zones->by_name, NULL);
}

/* ---- from a name to a zone ---- */

static bool is_in_part(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '+';
}

/* Parts with a / between two. There is no dot among the characters, so a name leads nowhere else, and no part is empty, so
 * that a zone has one name only. */
static bool is_name(struct sio_span name) {
    if (!name.n || name.n > TIME_ZONE_NAME_MAX) return false;
    for (size_t i = 0, part = 0; i <= name.n; i++) {
        bool ends = i == name.n || name.p[i] == '/';
        if (ends ? part == 0 : !is_in_part(name.p[i])) return false;
        part = ends ? 0 : part + 1;
    }
    return true;
}

static struct tzif *read_open(int fd) {
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > TZIF_MAX_BYTES) return NULL;
    char *bytes = mem_alloc(TZIF_MAX_BYTES);
    ssize_t n = pread(fd, bytes, TZIF_MAX_BYTES, 0);
    struct tzif *tzif = n > 0 ? tzif_parse(sio_span_of(bytes, (size_t)n)) : NULL;
    free(bytes);
    return tzif;
}

static struct tzif *read_zone(const struct time_zones *zones, struct sio_span name) {
    struct sio_strbuf path;
    sio_strbuf_init(&path);
    sio_strbuf_printf(&path, "%s/%.*s", zones->directory, (int)name.n, name.p);
    int fd = open(path.p, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct tzif *tzif = fd >= 0 ? read_open(fd) : NULL;
    if (fd >= 0) close(fd);
    sio_strbuf_fini(&path);
    return tzif;
}

static const struct tzif *keep(struct time_zones *zones, struct sio_span name, struct tzif *tzif) {
    struct zone *zone = mem_new(struct zone);
    if (zones->by_name.count >= ZONES_KEPT_MAX) forget_all(zones);
    zone->tzif = tzif;
    zone->name_n = name.n;
    memcpy(zone->name, name.p, name.n);
    map_put(&zones->by_name, sio_span_of(zone->name, name.n), zone);
    return tzif;
}

/* Under the lock, as long as what is returned is used. NULL: there is none. */
static const struct tzif *find(struct time_zones *zones, struct sio_span name) {
    if (!is_name(name)) return NULL;
    const struct zone *kept = map_get(&zones->by_name, name);
    if (kept) return kept->tzif;
    struct tzif *tzif = read_zone(zones, name);
    return tzif ? keep(zones, name, tzif) : NULL;
}

/* ---- the port ---- */

bool time_zone_known(struct time_zones *zones, struct sio_span name) {
    if (sio_span_is(name, "UTC")) return true;
    pthread_mutex_lock(&zones->lock);
    bool known = find(zones, name) != NULL;
    pthread_mutex_unlock(&zones->lock);
    return known;
}

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

unsigned time_zone_minute(struct time_zones *zones, struct sio_span name, int64_t at_ms) {
    int64_t at_s = floor_div(at_ms, 1000);
    pthread_mutex_lock(&zones->lock);
    const struct tzif *tzif = find(zones, name);
    if (tzif) at_s += tzif_offset_s(tzif, at_s);
    pthread_mutex_unlock(&zones->lock);
    int64_t minute = floor_div(at_s, MINUTE_S);
    return (unsigned)(minute - floor_div(minute, DAY_MINUTES) * DAY_MINUTES);
}

bool quiet_hours_cover(int from, int to, unsigned minute) {
    if (from < 0 || to < 0 || from == to) return false;
    bool after = minute >= (unsigned)from, before = minute < (unsigned)to;
    return from < to ? after && before : after || before;
}

void time_zones_free(struct time_zones *zones) {
    if (!zones) return;
    forget_all(zones);
    pthread_mutex_destroy(&zones->lock);
    free(zones->directory);
    free(zones);
}
