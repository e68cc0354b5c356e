/* A courier: one service's way out. Jobs are claimed, no more than can soon be sent, loaded, turned into notes, and queued;
 * a service that fails rests, and what it was to carry goes back into the store. */
#include "base/mem.h"
#include "base/must.h"
#include "outbox/inside.h"

enum {
    HELD_WINDOWS =
        2, /* jobs held: so many times what may be in flight; the rest is being loaded or settled */
    PACED_AHEAD_PARTS = 4, /* of a paced service: at most a quarter of a second's jobs are queued */
    CLAIM_PARTS = 4, /* claims are made for a quarter of the window or more, while something is queued */
    KEY_REST_MS = 60000,
    COMPLAIN_MS = 60000,
};

/* They are on the page from the start, as zeros. */
static void name_labels(struct courier *courier) {
    struct metrics *metrics = courier->outbox->config.metrics;
    for (unsigned i = 0; i < PUSH_RESULT_COUNT_; i++) {
        snprintf(courier->labels[i], sizeof courier->labels[i], "%s,%s", courier->name,
                 push_result_text((enum push_result)i));
        metrics_add(metrics, METRIC_PUSH_RESULTS, courier->labels[i], 0);
    }
    metrics_add(metrics, METRIC_PUSH_PAUSES, courier->name, 0);
    metrics_add(metrics, METRIC_PUSH_DEVICES_DROPPED, courier->name, 0);
}

void courier_init(struct courier *courier, struct outbox *outbox, struct push_provider *provider) {
    *courier = (struct courier){.outbox = outbox, .provider = provider, .wanted = true};
    for (unsigned q = 0; q < QUEUE_COUNT_; q++) list_init(&courier->queues[q]);
    list_init(&courier->sendings);
    if (!provider) return;
    courier->name = push_service_text(provider->ops->service);
    name_labels(courier);
    pace_init(&courier->pace, provider->per_second, outbox->now_ms);
    courier->receipts_due_at = provider->ops->receipts_max ? outbox->wall_ms : 0;
    if (provider->ops->service == PUSH_WEBPUSH)
        courier->hosts = hosts_new(provider->in_flight_max, outbox->config.log);
}

void courier_fini(struct courier *courier) {
    if (!courier->provider) return;
    hosts_free(courier->hosts);
    courier->provider->ops->close(courier->provider);
}

/* ---- claiming and loading ---- */

void load_unref(struct load *load) {
    must(load->refs > 0);
    if (--load->refs > 0) return;
    store_op_free(load->op);
    free(load->items);
    free(load);
}

static enum push_kind kind_of(const struct push_job_row *row) {
    if (row->emergency) return PUSH_EMERGENCY;
    return row->is_broadcast ? PUSH_BROADCAST : PUSH_MESSAGE;
}

/* First and last name, of which either may be missing. */
static struct sio_span sender_name(const struct push_job_row *row, struct arena *arena) {
    size_t first = row->sender_first_name.n, last = row->sender_last_name.n;
    char *name = arena_alloc(arena, first + 1 + last);
    if (first) memcpy(name, row->sender_first_name.p, first);
    if (first && last) name[first++] = ' ';
    if (last) memcpy(name + first, row->sender_last_name.p, last);
    return sio_span_of(name, first + last);
}

static void say(const struct outbox *outbox, struct item *item, struct arena *arena) {
    const struct push_job_row *row = item->job;
    const struct push_saying saying = {.kind = kind_of(row),
                                       .direct = row->conversation_type == CONVERSATION_DIRECT,
                                       .word = row->is_broadcast ? broadcast_type_text(row->broadcast)
                                                                 : message_type_text(row->type),
                                       .sender = sender_name(row, arena),
                                       .title = row->title,
                                       .content = row->content,
                                       .with_content = outbox->config.push.content};
    push_texts_fill(outbox->texts, row->locale, &saying, arena, &item->note);
}

static void item_make(struct courier *courier, struct load *load, size_t i, const struct push_job_row *row) {
    struct outbox *outbox = courier->outbox;
    struct item *item = &load->items[i];
    item->load = load;
    item->job = row;
    item->host = courier->hosts ? host_ref(courier->hosts, row->device.token) : NULL;
    item->note = (struct push_note){.kind = kind_of(row),
                                    .target = {.service = courier->provider->ops->service,
                                               .token = row->device.token,
                                               .keys = row->device.keys,
                                               .registered_at = row->device.last_seen_at},
                                    .id = row->id,
                                    .conversation = row->conversation,
                                    .message = row->message,
                                    .seq = row->seq,
                                    .badge = row->badge,
                                    .expires_at = row->created_at + outbox->config.max_age_ms};
    say(outbox, item, &load->op->arena);
    courier_queue(courier, item);
}

void courier_queue(struct courier *courier, struct item *item) {
    enum courier_queue queue = item->test             ? QUEUE_TESTS
                               : item->job->emergency ? QUEUE_EMERGENCIES
                                                      : QUEUE_OTHERS;
    item->load->refs++;
    list_insert(&courier->queues[queue], &item->node);
    if (!item->test) courier->queued++;
}

static void put_back_keys(struct courier *courier, const int64_t *jobs, size_t count) {
    for (size_t i = 0; i < count; i++)
        courier_settle(courier, &(struct push_settled){.job = jobs[i],
                                                       .settle = PUSH_SETTLE_PUT_BACK,
                                                       .due_at = courier->outbox->wall_ms});
}

static void queue_rows(struct courier *courier, struct store_push_load *op) {
    struct load *load = mem_new(struct load);
    load->refs = 1;
    load->op = &op->op;
    load->items = mem_new_array(struct item, op->count);
    for (size_t i = 0; i < op->count; i++) item_make(courier, load, i, &op->rows[i]);
    load_unref(load);
}

/* Jobs that are there no more were cancelled meanwhile. While the worker stops, nothing is queued any more. */
static void loaded(struct outbox *outbox, struct store_op *op, void *data) {
    struct courier *courier = data;
    struct store_push_load *load = (void *)op;
    courier->claiming = false;
    if (op->fault != FAULT_NONE || outbox->draining) {
        put_back_keys(courier, load->jobs, load->job_count);
        store_op_free(op);
        return;
    }
    must(load->count <= load->job_count);
    courier->held -= (unsigned)(load->job_count - load->count);
    queue_rows(courier, load);
}

static void load_jobs(struct courier *courier, const int64_t *jobs, size_t count) {
    struct store_push_load *op = store_op_new(STORE_PUSH_LOAD, NULL, NULL, NULL);
    int64_t *copy = arena_array(&op->op.arena, int64_t, count);
    memcpy(copy, jobs, count * sizeof *copy);
    op->jobs = copy;
    op->job_count = count;
    outbox_ask(courier->outbox, &op->op, loaded, courier);
}

static void claimed(struct outbox *outbox, struct store_op *op, void *data) {
    struct courier *courier = data;
    const struct store_push_claim *claim = (const void *)op;
    size_t count = op->fault == FAULT_NONE ? claim->count : 0;
    courier->held += (unsigned)count;
    courier->wanted |= count == claim->limit;
    courier->due_at = earlier(courier->due_at, claim->next_due);
    courier->claiming = count > 0;
    if (count > 0) load_jobs(courier, claim->jobs, count);
    store_op_free(op);
}

static unsigned less(unsigned a, unsigned b) { return a > b ? a - b : 0; }
static unsigned smaller(unsigned a, unsigned b) { return a < b ? a : b; }

/* How many jobs more are of use now. One that fails is tried with one request. */
static unsigned room(const struct courier *courier) {
    const struct push_provider *provider = courier->provider;
    unsigned window = provider->in_flight_max * HELD_WINDOWS;
    if (courier->trouble.failures > 0) window = provider->ops->batch_max;
    unsigned most = less(window, courier->held);
    if (provider->per_second > 0) {
        unsigned ahead = provider->per_second / PACED_AHEAD_PARTS;
        if (ahead < provider->ops->batch_max) ahead = provider->ops->batch_max;
        most = smaller(most, less(ahead, courier->queued));
    }
    return smaller(most, STORE_PUSH_BATCH_MAX);
}

static bool is_worth_it(const struct courier *courier, unsigned count) {
    return count > 0 && (courier->queued == 0 || count >= courier->provider->in_flight_max / CLAIM_PARTS);
}

static bool may_claim(struct courier *courier) {
    struct outbox *outbox = courier->outbox;
    if (courier->claiming) return false;
    if (trouble_rests(&courier->trouble, outbox->now_ms)) {
        outbox_next_at(outbox, courier->trouble.until_ms);
        return false;
    }
    if (courier->wanted || (courier->due_at != 0 && courier->due_at <= outbox->wall_ms)) return true;
    outbox_next_at_wall(outbox, courier->due_at);
    return false;
}

void courier_claim(struct courier *courier) {
    unsigned count = room(courier);
    if (!may_claim(courier) || !is_worth_it(courier, count)) return;
    struct store_push_claim *op = store_op_new(STORE_PUSH_CLAIM, NULL, NULL, NULL);
    op->service = (uint8_t)courier->provider->ops->service;
    op->limit = count;
    op->now = courier->outbox->wall_ms;
    courier->claiming = true;
    courier->wanted = false;
    courier->due_at = 0;
    outbox_ask(courier->outbox, &op->op, claimed, courier);
}

/* ---- resting ---- */

void courier_put_back_queue(struct courier *courier, int64_t due_at, const char *why) {
    for (unsigned q = 0; q < QUEUE_COUNT_; q++)
        list_each (&courier->queues[q], node) {
            struct item *item = container_of(node, struct item, node);
            list_remove(node);
            item_put_back(courier, item, due_at, why);
        }
    courier->queued = 0;
}

int64_t courier_rest_ends_at(const struct courier *courier) {
    const struct outbox *outbox = courier->outbox;
    if (!trouble_rests(&courier->trouble, outbox->now_ms)) return outbox->wall_ms;
    return outbox->wall_ms + (int64_t)(courier->trouble.until_ms - outbox->now_ms);
}

static void say_rest(const struct courier *courier, const struct push_verdict *verdict) {
    const struct sio_log *log = courier->outbox->config.log;
    if (verdict->result == PUSH_KEY_PROBLEM)
        sio_log_error(log, "push: our key is not accepted, nothing can be sent service=%s reason=%s",
                      courier->name, verdict->reason);
    else
        sio_log_warn(log, "push: a service fails and is left alone for a while service=%s reason=%s",
                     courier->name, verdict->reason);
}

void courier_rest(struct courier *courier, const struct push_verdict *verdict) {
    struct outbox *outbox = courier->outbox;
    uint32_t asked_ms = verdict->retry_after_ms;
    if (verdict->result == PUSH_KEY_PROBLEM && asked_ms == 0) asked_ms = KEY_REST_MS;
    if (courier->trouble.failures == 0) say_rest(courier, verdict);
    trouble_add(&courier->trouble, outbox->now_ms, asked_ms, outbox->world.random(outbox->world.ctx));
    atomic_store_explicit(&courier->resting, true, memory_order_relaxed);
    metrics_add(outbox->config.metrics, METRIC_PUSH_PAUSES, courier->name, 1);
    courier_put_back_queue(courier, courier_rest_ends_at(courier), verdict->reason);
}

void courier_is_well(struct courier *courier) {
    if (courier->trouble.failures == 0) return;
    trouble_end(&courier->trouble);
    courier->unanswered = 0;
    courier->wanted = true;
    atomic_store_explicit(&courier->resting, false, memory_order_relaxed);
    sio_log_info(courier->outbox->config.log, "push: a service is well again service=%s", courier->name);
}

void courier_complain(struct courier *courier, const char *what, const char *reason) {
    struct outbox *outbox = courier->outbox;
    if (outbox->now_ms < courier->complain_at_ms) {
        courier->unsaid++;
        return;
    }
    char more[24] = "";
    if (courier->unsaid) snprintf(more, sizeof more, " unsaid=%u", courier->unsaid);
    sio_log_warn(outbox->config.log, "push: %s service=%s reason=%s%s", what, courier->name, reason, more);
    courier->complain_at_ms = outbox->now_ms + COMPLAIN_MS;
    courier->unsaid = 0;
}

/* ---- a turn ---- */

void courier_turn(struct courier *courier) {
    struct outbox *outbox = courier->outbox;
    if (!courier->provider) return;
    if (outbox->draining) {
        courier_put_back_queue(courier, outbox->wall_ms, "the server stops");
    } else {
        courier_claim(courier);
        courier_send(courier);
        courier_receipts_turn(courier);
    }
    courier_settle_turn(courier);
}
