/* The test server: accept, read a request, behave. One connection after the other. */
#include "push/testing/peer.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/must.h"
#include "sio_strbuf.h"

enum { DAY_S = 24 * 60 * 60 };

struct peer {
    struct peer_config config;
    SSL_CTX *tls;
    pthread_t thread;
    int listener;
    unsigned port;
    atomic_int connection; /* the descriptor that is served now; -1: none */
    atomic_uint connections, requests;
    struct sio_strbuf request;
    char ca_file[64];
};

/* ---- its certificate ---- */

static X509 *make_certificate(const struct peer_config *config, EVP_PKEY *key) {
    const char *host = config->name ? config->name : "localhost";
    char names[128];
    X509 *certificate = X509_new();
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -2 * DAY_S);
    X509_gmtime_adj(X509_getm_notAfter(certificate), config->expired ? -DAY_S : DAY_S);
    X509_set_pubkey(certificate, key);
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)host, -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    snprintf(names, sizeof names, "DNS:%s", host);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);
    must(extension && X509_add_ext(certificate, extension, -1));
    X509_EXTENSION_free(extension);
    must(X509_sign(certificate, key, EVP_sha256()) > 0);
    return certificate;
}

static void write_ca_file(struct peer *peer, X509 *certificate) {
    snprintf(peer->ca_file, sizeof peer->ca_file, "/tmp/peer-%ld-%u.pem", (long)getpid(), peer->port);
    FILE *file = fopen(peer->ca_file, "w");
    must(file && PEM_write_X509(file, certificate) && fclose(file) == 0);
}

static void make_tls(struct peer *peer) {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    must(key);
    X509 *certificate = make_certificate(&peer->config, key);
    peer->tls = SSL_CTX_new(TLS_server_method());
    must(peer->tls && SSL_CTX_use_certificate(peer->tls, certificate) == 1);
    must(SSL_CTX_use_PrivateKey(peer->tls, key) == 1);
    write_ca_file(peer, certificate);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

/* ---- a connection ---- */

static bool request_is_whole(const struct sio_strbuf *request) {
    const char *end = request->n ? strstr(request->p, "\r\n\r\n") : NULL;
    if (!end) return false;
    const char *length = strcasestr(request->p, "content-length:");
    size_t body_bytes = length && length < end ? strtoul(length + 15, NULL, 10) : 0;
    return request->n - (size_t)(end + 4 - request->p) >= body_bytes;
}

/* The one before is kept until the first byte of the next: a test may still look at it. */
static bool read_request(struct peer *peer, SSL *tls) {
    char bytes[4096];
    bool begun = false;
    do {
        int n = SSL_read(tls, bytes, sizeof bytes);
        if (n <= 0) return false;
        if (!begun) sio_strbuf_clear(&peer->request);
        begun = true;
        sio_strbuf_add(&peer->request, bytes, (size_t)n);
    } while (!request_is_whole(&peer->request));
    atomic_fetch_add(&peer->requests, 1);
    return true;
}

static void wait_for_end(int fd) {
    char byte;
    while (recv(fd, &byte, 1, 0) > 0) continue;
}

static void reset(int fd) {
    const struct linger now = {.l_onoff = 1};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

static void behave(struct peer *peer, SSL *tls, int fd) {
    while (read_request(peer, tls)) {
        const char *answer = peer->config.answer;
        if (answer && SSL_write(tls, answer, (int)strlen(answer)) <= 0) return;
        if (peer->config.manner == PEER_ANSWERS) continue;
        if (peer->config.manner == PEER_HANGS) wait_for_end(fd);
        if (peer->config.manner == PEER_RESETS) reset(fd);
        return;
    }
}

static void serve(struct peer *peer, int fd) {
    SSL *tls = SSL_new(peer->tls);
    must(tls && SSL_set_fd(tls, fd));
    if (peer->config.manner == PEER_MUTE)
        wait_for_end(fd);
    else if (SSL_accept(tls) == 1)
        behave(peer, tls, fd);
    SSL_free(tls);
}

static void *run(void *data) {
    struct peer *peer = data;
    for (int fd; (fd = accept(peer->listener, NULL, NULL)) >= 0;) {
        atomic_fetch_add(&peer->connections, 1);
        atomic_store(&peer->connection, fd);
        serve(peer, fd);
        atomic_store(&peer->connection, -1);
        close(fd);
    }
    return NULL;
}

/* ---- its life ---- */

static void listen_on_loopback(struct peer *peer) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    peer->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(peer->listener >= 0 && bind(peer->listener, (struct sockaddr *)&address, size) == 0);
    must(listen(peer->listener, 16) == 0);
    must(getsockname(peer->listener, (struct sockaddr *)&address, &size) == 0);
    peer->port = ntohs(address.sin_port);
}

struct peer *peer_start(const struct peer_config *config) {
    struct peer *peer = mem_new(struct peer);
    peer->config = *config;
    atomic_init(&peer->connection, -1);
    sio_strbuf_init(&peer->request);
    listen_on_loopback(peer);
    make_tls(peer);
    must(pthread_create(&peer->thread, NULL, run, peer) == 0);
    return peer;
}

/* A client that is still connected is cut off. */
void peer_stop(struct peer *peer) {
    shutdown(peer->listener, SHUT_RDWR);
    int fd = atomic_load(&peer->connection);
    if (fd >= 0) shutdown(fd, SHUT_RDWR);
    must(pthread_join(peer->thread, NULL) == 0);
    close(peer->listener);
    unlink(peer->ca_file);
    SSL_CTX_free(peer->tls);
    sio_strbuf_fini(&peer->request);
    free(peer);
}

unsigned peer_port(const struct peer *peer) { return peer->port; }
const char *peer_ca_file(const struct peer *peer) { return peer->ca_file; }
unsigned peer_connections(struct peer *peer) { return atomic_load(&peer->connections); }
unsigned peer_requests(struct peer *peer) { return atomic_load(&peer->requests); }
const char *peer_last_request(struct peer *peer) { return peer->request.p; }
