/* The servers behind a service that is many (Web Push): one that fails or hangs is left alone while the others go on.
 * A bounded number is looked after; what goes to others is not held back. */
#pragma once
#include "base/span.h"
#include "outbox/trouble.h"
#include "sio_log.h"

struct hosts;
struct host;

struct hosts *hosts_new(unsigned in_flight_max, const struct sio_log *log);
void hosts_free(struct hosts *hosts);

/* The host of this URL, held until host_unref; NULL: too many are held. */
struct host *host_ref(struct hosts *hosts, struct sio_span url);
void host_unref(struct host *host); /* NULL is fine */

enum host_says {
    HOST_GO,
    HOST_FULL, /* as many requests as one host may have; or it is being tried with one */
    HOST_RESTS /* it fails, or has not answered for a while: nothing more for now */
};
enum host_says host_admits(struct host *host, uint64_t now_ms);
uint64_t host_rest_ms(const struct host *host, uint64_t now_ms); /* how long from now on */

void host_sent(struct host *host, uint64_t now_ms);
/* An answer, or that none will come. `failed`: none came, or one that asks for rest. */
void host_answered(struct host *host, bool failed, uint32_t asked_ms, const char *reason, uint64_t now_ms,
                   uint32_t random);
