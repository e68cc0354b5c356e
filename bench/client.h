/* A small Socket.IO client for load: WebSocket alone, one epoll loop, thousands of sockets. One thread. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "sio_strbuf.h"

struct load; /* the loop with all its clients */

struct load_client {
    struct load *load;
    int fd; /* -1 when closed */
    bool joined;
    bool writing;
    uint32_t index; /* the owner's */
    void *data;     /* the owner's */
    struct sio_strbuf in, out;
    size_t out_at;
    const char *token;
};

struct load_handlers {
    void (*on_joined)(struct load_client *client);
    /* One Socket.IO packet of the namespace: `kind` is 2 (event) or 3 (ack), `json` its array. */
    void (*on_packet)(struct load_client *client, int kind, uint64_t ack, struct sio_span json);
    void (*on_closed)(struct load_client *client);
    void *data;
};

struct load *load_new(uint16_t port, const struct load_handlers *handlers);
void load_free(struct load *load); /* closes every client */
void *load_data(const struct load *load);

/* Begins to connect; `token` lives as long as the client. The client is the load's. */
struct load_client *load_connect(struct load *load, const char *token, uint32_t index);
void load_close(struct load_client *client);
uint32_t load_open_count(const struct load *load);
uint32_t load_joined_count(const struct load *load);

/* Queues the event `name` with one JSON argument; `ack` >= 0 asks for an acknowledgement. */
void load_emit(struct load_client *client, long ack, const char *name, struct sio_span json);

/* Handles what there is, waiting at most `timeout_ms` for something. */
void load_turn(struct load *load, int timeout_ms);

uint64_t load_now_us(void);
