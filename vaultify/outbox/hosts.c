/* What is known of each server behind a service. */
#include "outbox/hosts.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/must.h"

enum {
    HOSTS_MAX = 64,
    HOST_NAME_TEXT = 254,
    HOST_FAILURES = 3,     /* requests without an answer in a row, and it rests */
    REFUSED_USERS = 5,     /* refused one after the other, and it rests */
    HOST_SILENT_MS = 2000, /* requests under way and no answer for so long: no more for it now */
    SHARE_PARTS = 4,       /* one host may have all but one of so many parts of what may be in flight */
};

struct host {
    struct hosts *hosts;
    char name[HOST_NAME_TEXT];
    unsigned refs, in_flight, failures;
    uint64_t heard_ms; /* when it answered last, or was first asked after having nothing to answer */
    uint64_t used_ms;
    struct uuid refused[REFUSED_USERS]; /* different ones since it was seen well, the latest of them */
    unsigned refused_count;             /* all of them; beyond REFUSED_USERS the oldest is written over */
    struct trouble trouble;
};

struct hosts {
    const struct sio_log *log;
    unsigned share; /* requests that one host may have */
    unsigned count;
    struct host all[HOSTS_MAX];
};

struct hosts *hosts_new(unsigned in_flight_max, const struct sio_log *log) {
    struct hosts *hosts = mem_new(struct hosts);
    hosts->log = log;
    hosts->share = in_flight_max - in_flight_max / SHARE_PARTS;
    return hosts;
}

void hosts_free(struct hosts *hosts) { free(hosts); }

/* ---- finding ---- */

static struct sio_span host_of(struct sio_span url) {
    size_t from = 0;
    for (size_t i = 0; i + 2 < url.n && from == 0; i++)
        if (memcmp(url.p + i, "://", 3) == 0) from = i + 3;
    size_t to = from;
    while (to < url.n && url.p[to] != '/' && url.p[to] != '?') to++;
    if (to - from >= HOST_NAME_TEXT) to = from + HOST_NAME_TEXT - 1;
    return sio_span_of(url.p + from, to - from);
}

/* Of two that nobody holds, the one to forget: a healthy one before one that fails, then the one used longest ago. */
static bool goes_before(const struct host *a, const struct host *b) {
    bool a_fails = a->trouble.failures > 0, b_fails = b->trouble.failures > 0;
    return a_fails != b_fails ? b_fails : a->used_ms < b->used_ms;
}

static struct host *make_room(struct hosts *hosts) {
    if (hosts->count < HOSTS_MAX) return &hosts->all[hosts->count++];
    struct host *found = NULL;
    for (unsigned i = 0; i < HOSTS_MAX; i++) {
        struct host *host = &hosts->all[i];
        if (host->refs == 0 && (!found || goes_before(host, found))) found = host;
    }
    return found;
}

static struct host *find(struct hosts *hosts, struct sio_span name) {
    for (unsigned i = 0; i < hosts->count; i++)
        if (sio_span_eq(sio_span_cstr(hosts->all[i].name), name)) return &hosts->all[i];
    struct host *host = make_room(hosts);
    if (!host) return NULL;
    *host = (struct host){.hosts = hosts};
    memcpy(host->name, name.p, name.n);
    return host;
}

struct host *host_ref(struct hosts *hosts, struct sio_span url) {
    struct host *host = find(hosts, host_of(url));
    if (host) host->refs++;
    return host;
}

void host_unref(struct host *host) {
    if (!host) return;
    must(host->refs > 0);
    host->refs--;
}

/* ---- may it be asked? ---- */

static bool is_silent(const struct host *host, uint64_t now_ms) {
    return host->in_flight > 0 && now_ms - host->heard_ms > HOST_SILENT_MS;
}

enum host_says host_admits(struct host *host, uint64_t now_ms) {
    if (!host) return HOST_GO;
    if (trouble_rests(&host->trouble, now_ms) || is_silent(host, now_ms)) return HOST_RESTS;
    unsigned most = trouble_probes(&host->trouble, now_ms) ? 1 : host->hosts->share;
    return host->in_flight < most ? HOST_GO : HOST_FULL;
}

uint64_t host_rest_ms(const struct host *host, uint64_t now_ms) {
    return trouble_rests(&host->trouble, now_ms) ? host->trouble.until_ms - now_ms : HOST_SILENT_MS;
}

/* ---- what it does ---- */

void host_sent(struct host *host, uint64_t now_ms) {
    if (!host) return;
    if (host->in_flight++ == 0) host->heard_ms = now_ms;
    host->used_ms = now_ms;
}

static void rest(struct host *host, uint32_t asked_ms, const char *reason, uint64_t now_ms, uint32_t random) {
    bool known = host->trouble.failures > 0;
    if (trouble_rests(&host->trouble, now_ms)) return; /* asked before the rest began */
    trouble_add(&host->trouble, now_ms, asked_ms, random);
    if (!known)
        sio_log_warn(host->hosts->log, "push: a web push server fails and is left alone host=%s reason=%s",
                     host->name, reason);
}

/* True: by now it concerns them all. While it is known to fail, a user who was refused before says nothing new. */
static bool refuses_many(struct host *host, const struct uuid *user) {
    unsigned kept = host->refused_count < REFUSED_USERS ? host->refused_count : REFUSED_USERS;
    for (unsigned i = 0; i < kept; i++)
        if (uuid_eq(&host->refused[i], user)) return false;
    host->refused[host->refused_count++ % REFUSED_USERS] = *user;
    return host->refused_count >= REFUSED_USERS || host->trouble.failures > 0;
}

static bool fails_often(struct host *host) {
    host->failures++;
    return host->failures >= HOST_FAILURES || host->trouble.failures > 0;
}

static void is_well(struct host *host, uint64_t now_ms) {
    host->failures = host->refused_count = 0;
    if (host->trouble.failures == 0 || trouble_rests(&host->trouble, now_ms)) return;
    trouble_end(&host->trouble);
    sio_log_info(host->hosts->log, "push: a web push server is well again host=%s", host->name);
}

void host_answered(struct host *host, enum host_news news, const struct uuid *user, uint32_t asked_ms,
                   const char *reason, uint64_t now_ms, uint32_t random) {
    if (!host) return;
    must(host->in_flight > 0);
    host->in_flight--;
    host->heard_ms = now_ms;
    if (news == HOST_WELL)
        is_well(host, now_ms);
    else if (news == HOST_FAILS ? fails_often(host) : refuses_many(host, user))
        rest(host, asked_ms, reason, now_ms, random);
}
