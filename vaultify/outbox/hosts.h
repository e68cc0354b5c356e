/* The servers behind a service that is many (Web Push): one that fails or hangs is left alone while the others go on.
 * A bounded number is looked after; what goes to others is not held back. */
#pragma once
#include "base/span.h"
#include "base/uuid.h"
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
enum host_news {
    HOST_WELL,
    HOST_REFUSES, /* it has answered, and asks for rest: perhaps of this user's subscription alone, which may be any URL of
                     the host. What it says to several users in a row concerns all */
    HOST_FAILS /* no answer has come, and none will */
};
/* After host_sent. `user`: whose subscription it was. `asked_ms`: the rest that it asks for; 0: it does not say. */
void host_answered(struct host *host, enum host_news news, const struct uuid *user, uint32_t asked_ms,
                   const char *reason, uint64_t now_ms, uint32_t random);
