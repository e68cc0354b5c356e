/* One HTTP request on its way: matched, decoded, to the loop of the caller's estate, into a handler, to
 * exactly one answer. */
#pragma once
#include "base/arena.h"
#include "routes/match.h"
#include "routes/push_stats.h"
#include "routes/routes.h"
#include "wire/fields.h"

struct routes {
    struct routes_config config;
    struct wire_limits limits;
    struct push_stats push_stats;
};

struct route_row;

struct route_call {
    struct chat_call chat;
    struct routes *routes;
    const struct route_row *row;
    struct sio_http_request *request;
    struct uuid ids[ROUTE_PARAMS_MAX];       /* the path's UUIDs, at their parameter's place */
    struct sio_span texts[ROUTE_PARAMS_MAX]; /* the path's texts, decoded */
    void *body, *query;                      /* the structs of row->body and row->query */
    struct sio_span body_json;               /* of row->body: the object that it was read from */
    uint32_t body_seen, query_seen;          /* which of their fields were there */
    struct arena arena;                      /* freed with the call */
    struct wire_refusal refusal;             /* what was wrong with all that; FAULT_NONE: nothing */
};

/* Answers a GET or HEAD of an asset: the whole, or 304 to who has it already. */
void asset_respond(struct sio_http_request *request, const struct asset *asset);

/* The handler of sio_server_on_http. */
void routes_on_http(struct sio_http_request *request, void *data);
/* The one of sio_server_on_http_head. */
size_t routes_body_limit(const struct sio_http_request *request, void *data);
/* The one of sio_server_on_http_refused. */
void routes_on_refused(struct sio_http_request *request, int status, void *data);

/* Answers a request that has no call. On its loop. */
void route_refuse_early(struct sio_http_request *request, enum fault fault);

/* Exactly one of the following ends a call: it answers and frees it. On a loop. */
void route_refuse(struct route_call *call, enum fault fault);
void route_refuse_text(struct route_call *call, enum fault fault, struct sio_span message);
void route_done(struct route_call *call, enum fault fault,
                struct sio_span message); /* 200 {message} or refused */

/* An operation of the store that ends in `done`, on the request's loop, with the call as its data; a stopping
 * server waits for route_op_end, which frees it. */
void *route_op_new(struct route_call *call, enum store_op_kind kind, void (*done)(struct store_op *op));
void route_op_submit(struct route_call *call, struct store_op *op);
void route_op_end(struct route_call *call, struct store_op *op);

struct route_answer {
    struct sio_strbuf text;
    struct sio_json_writer w; /* one JSON value goes here */
};
void route_answer_open(struct route_answer *answer);
void route_text_send(struct route_call *call, struct sio_span content_type,
                     struct sio_span text); /* 200, what is not JSON */
void route_answer_send(struct route_answer *answer, struct route_call *call, int status);

/* For an operation's `done`. False: it failed, and both it and its call have ended with its fault. */
bool route_op_answer_open(struct store_op *op, struct route_answer *answer);
void route_op_answer_send(struct store_op *op, struct route_answer *answer, int status); /* ends both */
