/* For tests: an HTTPS server of one thread on a free port of loopback, with a certificate of its own, that answers
 * as it is told, also in ways that no server should. */
#pragma once
#include <stdbool.h>

enum peer_manner {
    PEER_ANSWERS, /* `answer`, and goes on with the next request */
    PEER_CLOSES,  /* `answer`, then the end */
    PEER_HANGS,   /* never answers */
    PEER_RESETS,  /* `answer`, then a reset */
    PEER_MUTE,    /* accepts, and never begins TLS */
};

struct peer_config {
    enum peer_manner manner;
    const char *answer; /* the bytes; lives until peer_stop. NULL: none */
    bool expired;       /* the certificate */
    const char *name;   /* in the certificate; NULL: localhost */
};

struct peer;
struct peer *peer_start(const struct peer_config *config);
void peer_stop(struct peer *peer);

unsigned peer_port(const struct peer *peer);
const char *peer_ca_file(const struct peer *peer); /* its certificate, for clients to trust */
unsigned peer_connections(struct peer *peer);      /* accepted so far */
unsigned peer_requests(struct peer *peer);         /* read so far */
/* The last request, NUL-terminated; valid after its answer has come and until the next one. */
const char *peer_last_request(struct peer *peer);
