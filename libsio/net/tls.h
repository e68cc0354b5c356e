/* TLS between a descriptor and its connection: bytes in and out like those of loop_io_read and loop_io_writev,
 * encrypted on the way. All I/O stays behind loop/loop.h. One object a connection, moved with it from loop to
 * loop; a connection without TLS has none, and pays nothing. */
#pragma once
#include "loop/loop.h"
#include "net/conn.h"

struct tls;

/* A server's side whose handshake has not begun. `context` outlives it. */
struct tls *tls_new(struct net_tls *context);
void tls_free(struct tls *tls); /* NULL is fine */

/* The descriptor that it reads and writes from now on. */
void tls_watch(struct tls *tls, struct loop_io *io);

/* As loop_io_read. `buffer` is the loop's read buffer, all of it is used; `room`: so many bytes more or less are
 * wanted, and up to a record more may come. Nothing that has been received is kept back unread, so the
 * descriptor's readiness says all. Does the handshake as well. */
ssize_t tls_read(struct tls *tls, char *buffer, size_t room);

/* After a read that gave bytes: is there nothing behind them? The next read says 0 or -2 then. */
bool tls_is_over(const struct tls *tls);

/* As loop_io_writev, but what is reported as written has been taken by the kernel, and the vector's first bytes
 * must stay what they were until then. -2 before the handshake is done. */
ssize_t tls_writev(struct tls *tls, const struct iovec *iov, int count);

/* Ciphertext that the kernel does not take for now: write again when it does. false: the connection failed. */
bool tls_flush(struct tls *tls) SIO_MUST_CHECK;
bool tls_is_blocked(const struct tls *tls);

bool tls_is_ready(const struct tls *tls); /* the handshake is done */

/* Tells the peer, if it can be told at once, that nothing more comes. */
void tls_end_writing(struct tls *tls);
