/* Lists by page: what page and limit are when they are left out, and the answer's frame. */
#include "routes/table.h"

uint32_t page_or_first(uint64_t page) { return page ? (uint32_t)page : 1; }
uint32_t limit_or(uint64_t limit, uint32_t otherwise) { return limit ? (uint32_t)limit : otherwise; }

void page_open(struct route_answer *answer) {
    route_answer_open(answer);
    sio_json_object_open(&answer->w);
    sio_json_key(&answer->w, SIO_SPAN("data"));
    sio_json_array_open(&answer->w);
}

static void put(struct route_answer *answer, struct sio_span key, uint64_t v) {
    sio_json_key(&answer->w, key);
    sio_json_i64(&answer->w, (int64_t)v);
}

static void put_true(struct route_answer *answer, struct sio_span key) {
    sio_json_key(&answer->w, key);
    sio_json_bool(&answer->w, true);
}

void page_close(struct route_answer *answer, uint32_t page, uint32_t limit, uint64_t total, bool truncated) {
    sio_json_array_close(&answer->w);
    put(answer, SIO_SPAN("page"), page);
    put(answer, SIO_SPAN("limit"), limit);
    put(answer, SIO_SPAN("total"), total);
    put(answer, SIO_SPAN("totalPages"), (total + limit - 1) / limit);
    if (truncated) put_true(answer, SIO_SPAN("hasMore"));
    if (truncated) put_true(answer, SIO_SPAN("truncated"));
    sio_json_object_close(&answer->w);
}
