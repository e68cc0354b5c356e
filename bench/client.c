/* The load client: connects, upgrades, joins /messaging, answers pings, hands packets on. */
#include "client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/must.h"
#include "codec/ws_frame.h"

enum { LOAD_EVENTS = 512, LOAD_READ_BYTES = 256 * 1024, LOAD_MAX_CLIENTS = 200000 };

struct load {
    int epoll;
    struct sockaddr_in to;
    struct load_handlers handlers;
    struct load_client **clients;
    uint32_t count, capacity, open, joined;
    char *buffer;
};

uint64_t load_now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

struct load *load_new(uint16_t port, const struct load_handlers *handlers) {
    struct load *l = mem_new(struct load);
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    must(l->epoll >= 0);
    l->to = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
    l->to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    l->handlers = *handlers;
    l->buffer = mem_alloc(LOAD_READ_BYTES);
    return l;
}

void *load_data(const struct load *l) { return l->handlers.data; }
uint32_t load_open_count(const struct load *l) { return l->open; }
uint32_t load_joined_count(const struct load *l) { return l->joined; }

/* ---- sending ---- */

static void watch(struct load_client *c, int op) {
    struct epoll_event e = {.events = EPOLLIN | (c->writing ? EPOLLOUT : 0), .data.ptr = c};
    must(epoll_ctl(c->load->epoll, op, c->fd, &e) == 0);
}

static void flush(struct load_client *c) {
    while (c->out_at < c->out.n) {
        ssize_t n = send(c->fd, c->out.p + c->out_at, c->out.n - c->out_at, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) break;
        if (n < 0) {
            load_close(c);
            return;
        }
        c->out_at += (size_t)n;
    }
    bool blocked = c->out_at < c->out.n;
    if (!blocked) {
        sio_strbuf_fini(&c->out);
        c->out_at = 0;
    }
    if (blocked != c->writing) {
        c->writing = blocked;
        watch(c, EPOLL_CTL_MOD);
    }
}

/* A masked frame, as clients must send; the mask of zeros changes nothing. */
static void add_frame(struct load_client *c, struct sio_span payload) {
    char head[WS_HEAD_MAX_BYTES];
    size_t n = ws_head_write(head, WS_TEXT, true, false, payload.n);
    head[1] = (char)(head[1] | 0x80);
    sio_strbuf_add(&c->out, head, n);
    sio_strbuf_add(&c->out, "\0\0\0\0", 4);
    sio_strbuf_span(&c->out, payload);
}

void load_emit(struct load_client *c, long ack, const char *name, struct sio_span json) {
    if (c->fd < 0) return;
    struct sio_strbuf text;
    sio_strbuf_init(&text);
    sio_strbuf_lit(&text, "42/messaging,");
    if (ack >= 0) sio_strbuf_i64(&text, ack);
    sio_strbuf_printf(&text, "[\"%s\",", name);
    sio_strbuf_span(&text, json);
    sio_strbuf_char(&text, ']');
    bool idle = c->out.n == 0;
    add_frame(c, sio_strbuf_as_span(&text));
    sio_strbuf_fini(&text);
    if (idle) flush(c);
}

/* ---- connecting ---- */

struct load_client *load_connect(struct load *l, const char *token, uint32_t index) {
    struct load_client *c = mem_new(struct load_client);
    if (l->count == l->capacity) {
        l->capacity = l->capacity ? l->capacity * 2 : 64;
        must(l->capacity <= 2 * LOAD_MAX_CLIENTS);
        l->clients = mem_realloc(l->clients, l->capacity * sizeof(struct load_client *));
    }
    l->clients[l->count++] = c;
    c->load = l;
    c->index = index;
    c->token = token;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    must(c->fd >= 0);
    int one = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    /* Many addresses of this machine, so that one does not run out of ports. */
    struct sockaddr_in from = {.sin_family = AF_INET};
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + index % 16);
    must(bind(c->fd, (struct sockaddr *)&from, sizeof(from)) == 0);
    must(connect(c->fd, (struct sockaddr *)&l->to, sizeof(l->to)) == 0 || errno == EINPROGRESS);
    sio_strbuf_lit(&c->out, "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\n"
                            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    c->writing = true;
    l->open++;
    watch(c, EPOLL_CTL_ADD);
    return c;
}

void load_close(struct load_client *c) {
    if (c->fd < 0) return;
    close(c->fd);
    c->fd = -1;
    c->load->open--;
    if (c->joined) c->load->joined--;
    c->joined = false;
    sio_strbuf_fini(&c->in);
    sio_strbuf_fini(&c->out);
    if (c->load->handlers.on_closed) c->load->handlers.on_closed(c);
}

/* ---- receiving ---- */

static void join(struct load_client *c) {
    struct sio_strbuf text;
    sio_strbuf_init(&text);
    sio_strbuf_printf(&text, "40/messaging,{\"token\":\"%s\"}", c->token);
    add_frame(c, sio_strbuf_as_span(&text));
    sio_strbuf_fini(&text);
    flush(c);
}

static void receive_packet(struct load_client *c, struct sio_span p) {
    struct sio_span connected = SIO_SPAN("40/messaging,"), event = SIO_SPAN("42/messaging,"),
                    ack = SIO_SPAN("43/messaging,");
    if (sio_span_starts(p, SIO_SPAN("0{"))) {
        join(c);
    } else if (sio_span_eq(p, SIO_SPAN("2"))) {
        add_frame(c, SIO_SPAN("3"));
        flush(c);
    } else if (sio_span_starts(p, connected)) {
        c->joined = true;
        c->load->joined++;
        if (c->load->handlers.on_joined) c->load->handlers.on_joined(c);
    } else if (sio_span_starts(p, event) || sio_span_starts(p, ack)) {
        uint64_t id = 0;
        struct sio_span rest = sio_span_skip(p, event.n);
        for (; rest.n && rest.p[0] >= '0' && rest.p[0] <= '9'; rest = sio_span_skip(rest, 1))
            id = id * 10 + (uint64_t)(rest.p[0] - '0');
        if (c->load->handlers.on_packet) c->load->handlers.on_packet(c, p.p[1] - '0', id, rest);
    } else if (sio_span_starts(p, SIO_SPAN("44/messaging,"))) {
        fprintf(stderr, "refused: %.*s\n", (int)p.n, p.p);
        load_close(c);
    }
}

/* Takes whole frames from the front; returns how many bytes were used. */
static size_t receive_frames(struct load_client *c, struct sio_span in) {
    size_t used = 0;
    struct ws_head head;
    while (c->fd >= 0 && ws_head_parse(sio_span_skip(in, used), false, false, &head) == PARSE_OK) {
        if (in.n - used - head.size < head.length) break;
        struct sio_span payload = sio_span_of(in.p + used + head.size, head.length);
        used += head.size + head.length;
        if (head.opcode == WS_TEXT) receive_packet(c, payload);
        if (head.opcode == WS_CLOSE) load_close(c);
    }
    return used;
}

static struct sio_span skip_response(struct load_client *c, struct sio_span in) {
    const char *end = memmem(in.p, in.n, "\r\n\r\n", 4);
    if (!end) return (struct sio_span){0};
    if (!sio_span_starts(in, SIO_SPAN("HTTP/1.1 101"))) {
        fprintf(stderr, "no upgrade: %.*s\n", (int)(in.n < 200 ? in.n : 200), in.p);
        load_close(c);
    }
    return sio_span_skip(in, (size_t)(end + 4 - in.p));
}

static void readable(struct load_client *c) {
    struct load *l = c->load;
    size_t old = c->in.n;
    if (old) memcpy(l->buffer, c->in.p, old);
    ssize_t n = recv(c->fd, l->buffer + old, LOAD_READ_BYTES - old, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
        load_close(c);
        return;
    }
    struct sio_span in = sio_span_of(l->buffer, old + (size_t)n);
    if (in.p[0] == 'H') {
        struct sio_span rest = skip_response(c, in);
        if (rest.p) in = rest;
        if (!rest.p || c->fd < 0) goto keep;
    }
    in = sio_span_skip(in, receive_frames(c, in));
keep:
    sio_strbuf_clear(&c->in);
    if (c->fd < 0 || in.n == 0)
        sio_strbuf_fini(&c->in);
    else
        sio_strbuf_span(&c->in, in);
}

void load_turn(struct load *l, int timeout_ms) {
    struct epoll_event events[LOAD_EVENTS];
    int n = epoll_wait(l->epoll, events, LOAD_EVENTS, timeout_ms);
    for (int i = 0; i < n; i++) {
        struct load_client *c = events[i].data.ptr;
        if (c->fd >= 0 && (events[i].events & EPOLLOUT)) flush(c);
        if (c->fd >= 0 && (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))) readable(c);
    }
}

void load_free(struct load *l) {
    l->handlers.on_closed = NULL;
    for (uint32_t i = 0; i < l->count; i++) {
        load_close(l->clients[i]);
        free(l->clients[i]);
    }
    close(l->epoll);
    free(l->clients);
    free(l->buffer);
    free(l);
}
