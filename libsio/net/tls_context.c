/* The certificate of a listener and the rules of its handshakes, replaced as a whole when files are read anew. */
#include "net/tls_context.h"

#include <openssl/err.h>

#include "base/mem.h"
#include "base/must.h"

/* What has forward secrecy and authenticates what it encrypts; of TLS 1.3 that is all. */
#define TLS12_CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20"

/* ---- rules ---- */

/* We speak HTTP/1.1 alone: a client that offers others and not that one is told so (RFC 7301 §3.2). */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_n, const unsigned char *in,
                           unsigned in_n, void *arg) {
    static const unsigned char ours[] = "\x08http/1.1";
    (void)ssl, (void)arg;
    int found = SSL_select_next_proto((unsigned char **)out, out_n, ours, sizeof(ours) - 1, in, in_n);
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* A key under a passphrase is refused; nobody is there to be asked. */
static int no_passphrase(char *out, int size, int writing, void *arg) {
    (void)out, (void)size, (void)writing, (void)arg;
    return 0;
}

/* Tickets carry all that is needed to resume, so no session is kept here; their keys go with the rules. */
static bool set_rules(SSL_CTX *rules) {
    static const unsigned char name[] = "libsio";
    SSL_CTX_set_options(rules, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(rules, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(rules, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_default_passwd_cb(rules, no_passphrase);
    SSL_CTX_set_alpn_select_cb(rules, choose_protocol, NULL);
    return SSL_CTX_set_min_proto_version(rules, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_num_tickets(rules, 1) == 1 &&
           SSL_CTX_set_session_id_context(rules, name, sizeof(name) - 1) == 1 &&
           SSL_CTX_set_cipher_list(rules, TLS12_CIPHERS) == 1;
}

static bool load_files(SSL_CTX *rules, const struct net_tls *tls) {
    return SSL_CTX_use_certificate_chain_file(rules, tls->chain_file) == 1 &&
           SSL_CTX_use_PrivateKey_file(rules, tls->key_file, SSL_FILETYPE_PEM) == 1 &&
           SSL_CTX_check_private_key(rules) == 1;
}

/* What went wrong first; the errors behind it only say where. */
static const char *first_reason(void) {
    unsigned long error = ERR_peek_error();
    const char *reason =
        ERR_SYSTEM_ERROR(error) ? strerror(ERR_GET_REASON(error)) : ERR_reason_error_string(error);
    return reason != NULL ? reason : "unknown";
}

/* NULL, with a line in the log, when the files are no certificate and its key. */
static SSL_CTX *rules_new(const struct net_tls *tls) {
    ERR_clear_error();
    SSL_CTX *rules = SSL_CTX_new(TLS_server_method());
    if (rules != NULL && set_rules(rules) && load_files(rules, tls)) return rules;
    sio_log_error(tls->log, "tls certificate not usable chain=\"%s\" key=\"%s\" reason=\"%s\"",
                  tls->chain_file, tls->key_file, first_reason());
    ERR_clear_error();
    SSL_CTX_free(rules);
    return NULL;
}

/* ---- life ---- */

enum sio_err net_tls_new(const struct sio_tls *files, const struct sio_log *log, struct net_tls **out) {
    struct net_tls *tls = mem_new(struct net_tls);
    must(pthread_mutex_init(&tls->mutex, NULL) == 0);
    tls->log = log;
    tls->chain_file = mem_str(files->chain_file, strlen(files->chain_file));
    tls->key_file = mem_str(files->key_file, strlen(files->key_file));
    tls->method = tls_method_new();
    tls->rules = rules_new(tls);
    if (tls->rules == NULL) {
        net_tls_free(tls);
        return SIO_ERR_INVALID;
    }
    *out = tls;
    return SIO_ERR_OK;
}

enum sio_err net_tls_reload(struct net_tls *tls) {
    SSL_CTX *rules = rules_new(tls);
    if (rules == NULL) return SIO_ERR_INVALID;
    pthread_mutex_lock(&tls->mutex);
    SSL_CTX *old = tls->rules;
    tls->rules = rules;
    pthread_mutex_unlock(&tls->mutex);
    SSL_CTX_free(old);
    sio_log_info(tls->log, "tls certificate read anew chain=\"%s\"", tls->chain_file);
    return SIO_ERR_OK;
}

uint64_t net_tls_failed(const struct net_tls *tls) {
    return atomic_load_explicit(&tls->failed, memory_order_relaxed);
}

void net_tls_free(struct net_tls *tls) {
    SSL_CTX_free(tls->rules);
    BIO_meth_free(tls->method);
    pthread_mutex_destroy(&tls->mutex);
    free(tls->chain_file);
    free(tls->key_file);
    free(tls);
}
