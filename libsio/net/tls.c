/* TLS as a filter: OpenSSL reads what we have read and writes through us; it never sees the descriptor. */
#include "net/tls.h"

#include <openssl/err.h>

#include "base/mem.h"
#include "base/must.h"
#include "net/tls_context.h"
#include "sio_strbuf.h"

enum {
    TLS_RECORD_BYTES = SSL3_RT_MAX_PLAIN_LENGTH, /* 16 KiB */
    /* Ciphertext lies at the end of the read buffer, and what it holds goes to the front: never more than the
     * ciphertext itself and a record that had begun before. */
    TLS_READ_BYTES = 112 * 1024,
    TLS_PLAIN_BYTES = LOOP_READ_BYTES - TLS_READ_BYTES,
    TLS_HELD_BYTES = 64 * 1024, /* answers to handshakes and the like, for a peer that does not read */
};
_Static_assert(TLS_PLAIN_BYTES >= TLS_READ_BYTES + 2 * TLS_RECORD_BYTES, "one read's plaintext has room");

struct tls {
    SSL *ssl;
    struct net_tls *context;
    struct loop_io *io;
    struct sio_span input;  /* received, not yet taken by OpenSSL; empty between two calls */
    struct sio_strbuf held; /* ciphertext that the kernel does not take yet */
    size_t held_sent;       /* of it */
    size_t owed; /* plaintext of the record whose end is held: encrypted, not yet reported as written */
    bool ended, failed;
};

/* ---- OpenSSL's side ---- */

/* What the kernel does not take is held: OpenSSL is never to try again. */
static int filter_write(BIO *bio, const char *p, int n) {
    struct tls *tls = BIO_get_data(bio);
    size_t left = (size_t)n;
    if (tls->held.n == 0) {
        ssize_t sent = loop_io_writev(tls->io, &(struct iovec){(char *)p, left}, 1);
        tls->failed |= sent < 0;
        if (sent < 0) return -1;
        left -= (size_t)sent;
    }
    if (left > TLS_HELD_BYTES - (tls->held.n - tls->held_sent)) return -1;
    if (left > 0) sio_strbuf_add(&tls->held, p + ((size_t)n - left), left);
    return n;
}

static int filter_read(BIO *bio, char *p, int n) {
    struct tls *tls = BIO_get_data(bio);
    size_t take = tls->input.n < (size_t)n ? tls->input.n : (size_t)n;
    BIO_clear_retry_flags(bio);
    if (take == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    memcpy(p, tls->input.p, take);
    tls->input = sio_span_skip(tls->input, take);
    return (int)take;
}

static long filter_control(BIO *bio, int command, long n, void *p) {
    (void)bio, (void)n, (void)p;
    return command == BIO_CTRL_FLUSH; /* everything else there is nothing to do about */
}

BIO_METHOD *tls_method_new(void) {
    BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "loop_io");
    must(method != NULL && BIO_meth_set_write(method, filter_write) &&
         BIO_meth_set_read(method, filter_read) && BIO_meth_set_ctrl(method, filter_control));
    return method;
}

/* ---- life ---- */

static SSL *ssl_new(struct net_tls *context) {
    pthread_mutex_lock(&context->mutex);
    SSL *ssl = SSL_new(context->rules);
    pthread_mutex_unlock(&context->mutex);
    must(ssl != NULL); /* it fails for want of memory alone, like our own */
    return ssl;
}

struct tls *tls_new(struct net_tls *context) {
    struct tls *tls = mem_new(struct tls);
    BIO *bio = BIO_new(context->method);
    must(bio != NULL);
    BIO_set_data(bio, tls);
    BIO_set_init(bio, 1);
    tls->context = context;
    tls->ssl = ssl_new(context);
    SSL_set_bio(tls->ssl, bio, bio);
    SSL_set_accept_state(tls->ssl);
    return tls;
}

void tls_watch(struct tls *tls, struct loop_io *io) { tls->io = io; }

bool tls_is_ready(const struct tls *tls) { return SSL_is_init_finished(tls->ssl); }

void tls_free(struct tls *tls) {
    if (tls == NULL) return;
    if (!tls_is_ready(tls)) atomic_fetch_add_explicit(&tls->context->failed, 1, memory_order_relaxed);
    SSL_free(tls->ssl);
    sio_strbuf_fini(&tls->held);
    free(tls);
}

/* ---- reading ---- */

static ssize_t end_result(const struct tls *tls) { return tls->ended ? 0 : tls->failed ? -2 : -1; }

bool tls_is_over(const struct tls *tls) { return tls->ended || tls->failed; }

/* One read's ciphertext to its end; of a record that has not come whole OpenSSL keeps what there is. */
static size_t decrypt(struct tls *tls, char *p, size_t room) {
    size_t total = 0;
    while (tls->input.n > 0) {
        size_t n = 0;
        ERR_clear_error();
        if (total < room && SSL_read_ex(tls->ssl, p + total, room - total, &n) == 1) {
            total += n;
            continue;
        }
        int why = total < room ? SSL_get_error(tls->ssl, 0) : SSL_ERROR_SSL;
        if (why == SSL_ERROR_WANT_READ) break;
        tls->ended = why == SSL_ERROR_ZERO_RETURN;
        tls->failed = !tls->ended;
        ERR_clear_error();
        break;
    }
    tls->input = (struct sio_span){0};
    return total;
}

ssize_t tls_read(struct tls *tls, char *buffer, size_t room) {
    if (tls_is_over(tls)) return end_result(tls);
    char *cipher = buffer + TLS_PLAIN_BYTES;
    ssize_t got = loop_io_read(tls->io, cipher, room < TLS_READ_BYTES ? room : TLS_READ_BYTES);
    if (got <= 0) return got;
    tls->input = sio_span_of(cipher, (size_t)got);
    size_t n = decrypt(tls, buffer, TLS_PLAIN_BYTES);
    return n > 0 ? (ssize_t)n : end_result(tls);
}

/* ---- writing ---- */

bool tls_is_blocked(const struct tls *tls) { return tls->held.n > 0; }

bool tls_flush(struct tls *tls) {
    if (tls->held.n == 0) return true;
    struct iovec rest = {tls->held.p + tls->held_sent, tls->held.n - tls->held_sent};
    ssize_t sent = loop_io_writev(tls->io, &rest, 1);
    if (sent < 0) return false;
    tls->held_sent += (size_t)sent;
    if (tls->held_sent < tls->held.n) return true;
    sio_strbuf_fini(&tls->held);
    tls->held_sent = 0;
    return true;
}

struct walk { /* through a vector */
    const struct iovec *iov;
    int left;
    size_t skip; /* of the first one */
};

static void walk_on(struct walk *walk, size_t n) {
    while (walk->left > 0 && n >= walk->iov->iov_len - walk->skip) {
        n -= walk->iov->iov_len - walk->skip;
        walk->skip = 0;
        walk->iov++;
        walk->left--;
    }
    walk->skip += n;
}

/* The next record's plaintext: where it lies, or small pieces brought together in `space`. */
static struct sio_span next_record(struct walk *walk, char space[TLS_RECORD_BYTES]) {
    if (walk->left == 0) return (struct sio_span){0};
    size_t first = walk->iov->iov_len - walk->skip;
    if (first >= TLS_RECORD_BYTES || walk->left == 1) {
        struct sio_span record = sio_span_of((char *)walk->iov->iov_base + walk->skip,
                                             first < TLS_RECORD_BYTES ? first : TLS_RECORD_BYTES);
        walk_on(walk, record.n);
        return record;
    }
    size_t n = 0;
    while (walk->left > 0 && n < TLS_RECORD_BYTES) {
        size_t there = walk->iov->iov_len - walk->skip, room = TLS_RECORD_BYTES - n;
        size_t take = there < room ? there : room;
        memcpy(space + n, (char *)walk->iov->iov_base + walk->skip, take);
        n += take;
        walk_on(walk, take);
    }
    return sio_span_of(space, n);
}

static bool encrypt(struct tls *tls, struct sio_span record) {
    size_t n;
    ERR_clear_error();
    if (SSL_write_ex(tls->ssl, record.p, record.n, &n) == 1) return true;
    tls->failed = true;
    ERR_clear_error();
    return false;
}

ssize_t tls_writev(struct tls *tls, const struct iovec *iov, int count) {
    char space[TLS_RECORD_BYTES];
    struct walk walk = {iov, count, 0};
    if (tls->failed || !tls_is_ready(tls) || !tls_flush(tls)) return -2;
    if (tls_is_blocked(tls)) return 0;
    size_t done = tls->owed;
    walk_on(&walk, done);
    tls->owed = 0;
    for (struct sio_span record; (record = next_record(&walk, space)).n > 0; done += record.n) {
        if (!encrypt(tls, record)) return -2;
        if (!tls_is_blocked(tls)) continue;
        tls->owed = record.n;
        break;
    }
    return (ssize_t)done;
}

/* ---- the end ---- */

void tls_end_writing(struct tls *tls) {
    bool told = SSL_get_shutdown(tls->ssl) & SSL_SENT_SHUTDOWN;
    if (told || tls->failed || !tls_is_ready(tls) || tls_is_blocked(tls)) return;
    (void)SSL_shutdown(tls->ssl);
    ERR_clear_error();
}
