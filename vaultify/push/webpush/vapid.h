/* VAPID (RFC 8292): the header by which push services know us, and the key pair behind it. One thread, but for making. */
#pragma once
#include "base/arena.h"
#include "sio_err.h"
#include "sio_strbuf.h"

struct vapid;

/* Keys in base64url, 65 and 32 bytes, that belong together, and a subject. SIO_ERR_INVALID: `*fault` says, as a literal,
 * what is wrong. `public_key` and `subject` live as long as what is made. */
enum sio_err vapid_new(const char *public_key, const char *private_key, const char *subject,
                       struct vapid **out, const char **fault) SIO_MUST_CHECK;
void vapid_free(struct vapid *vapid); /* NULL is fine */

/* "Authorization: vapid t=…, k=…" for the push service at https://<host>. Signed once an origin and then kept for
 * hours, for the VAPID_HOSTS_MAX hosts that were signed for last. Into `arena`. */
enum { VAPID_HOSTS_MAX = 64 };
const char *vapid_header(struct vapid *vapid, struct sio_span host, int64_t now_ms, struct arena *arena);

/* mailto:… or https://…, without blanks? */
bool vapid_subject_check(const char *subject);

/* A new pair, each key appended in base64url. */
void vapid_make_pair(struct sio_strbuf *public_key, struct sio_strbuf *private_key);
