/* What all TLS connections of a listener share, for the files that own OpenSSL here. */
#pragma once
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>

#include "net/conn.h"

struct net_tls {
    pthread_mutex_t mutex; /* for the pointer `rules` alone: what it points to never changes */
    SSL_CTX *rules;        /* certificate, key and all settings; connections hold the one they began with */
    BIO_METHOD *method;    /* of the filter, see tls.c */
    char *chain_file, *key_file;
    const struct sio_log *log;
    atomic_ulong failed; /* handshakes */
};

/* tls.c: how OpenSSL reads and writes through the filter. */
BIO_METHOD *tls_method_new(void);
