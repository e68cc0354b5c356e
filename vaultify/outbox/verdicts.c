/* What follows from a service's answer: for each push, for the service as a whole, for one of its servers. */
#include "outbox/inside.h"

enum { ATTEMPTS_UNSAID = 3 };

/* ---- one push ---- */

static void item_free(struct item *item) {
    host_unref(item->host);
    load_unref(item->load);
}

static struct sio_span error_of(const struct push_verdict *verdict) { return sio_span_cstr(verdict->reason); }

/* A job that failed by itself waits longer each time, and at least as long as the service wishes. */
static int64_t retry_at(const struct courier *courier, const struct item *item,
                        const struct push_verdict *verdict) {
    struct outbox *outbox = courier->outbox;
    uint32_t pause_ms = backoff_ms(item->job->attempts + 1, outbox->world.random(outbox->world.ctx));
    if (verdict->retry_after_ms > pause_ms) pause_ms = verdict->retry_after_ms;
    return outbox->wall_ms + pause_ms;
}

/* While the service rests, what could not be sent has not had its attempt. */
static struct push_settled settle_again(const struct courier *courier, const struct item *item,
                                        const struct push_verdict *verdict) {
    int64_t rest_ends_at = courier_rest_ends_at(courier);
    if (rest_ends_at > courier->outbox->wall_ms)
        return (struct push_settled){.settle = PUSH_SETTLE_PUT_BACK, .due_at = rest_ends_at};
    return (struct push_settled){
        .settle = PUSH_SETTLE_RETRY, .due_at = retry_at(courier, item, verdict), .error = error_of(verdict)};
}

/* Once or twice is nothing to look at. More often it may be a service that answers nonsense to each push, and never rests. */
static struct push_settled settle_retry(struct courier *courier, const struct item *item,
                                        const struct push_verdict *verdict) {
    struct push_settled settled = settle_again(courier, item, verdict);
    if (settled.settle == PUSH_SETTLE_RETRY && item->job->attempts + 1 >= ATTEMPTS_UNSAID)
        courier_complain(courier, "a push fails again and again", verdict->reason);
    return settled;
}

static struct push_settled settle_sent(struct courier *courier, const struct push_verdict *verdict) {
    struct push_settled settled = {.settle = PUSH_SETTLE_SENT};
    if (verdict->receipt[0] == 0) return settled;
    settled.receipt = sio_span_cstr(verdict->receipt);
    settled.receipt_due_at = courier->outbox->wall_ms + courier->provider->ops->receipt_delay_ms;
    courier->receipts_due_at = earlier(courier->receipts_due_at, settled.receipt_due_at);
    return settled;
}

static struct push_settled settlement(struct courier *courier, const struct item *item,
                                      const struct push_verdict *verdict) {
    switch (verdict->result) {
    case PUSH_SENT: return settle_sent(courier, verdict);
    case PUSH_TOKEN_DEAD:
        if (verdict->alarm)
            courier_complain(courier, "a device's token is another account's", verdict->reason);
        return (struct push_settled){.settle = PUSH_SETTLE_TOKEN_DEAD,
                                     .device = item->job->device.id,
                                     .dead_since = verdict->dead_since};
    case PUSH_REFUSED:
        courier_complain(courier, "a push was refused and is a dead letter", verdict->reason);
        return (struct push_settled){.settle = PUSH_SETTLE_DEAD_LETTER, .error = error_of(verdict)};
    case PUSH_KEY_PROBLEM:
        if (!verdict->all) /* else the whole service rests, and that was said */
            courier_complain(courier, "our key is not accepted for a push", verdict->reason);
        return settle_again(courier, item, verdict);
    default: return settle_retry(courier, item, verdict);
    }
}

void item_judged(struct courier *courier, struct item *item, const struct push_verdict *verdict) {
    metrics_add(courier->outbox->config.metrics, METRIC_PUSH_RESULTS, courier->labels[verdict->result], 1);
    if (item->test) {
        test_run_judged(item->test, item->test_index, verdict);
    } else {
        struct push_settled settled = settlement(courier, item, verdict);
        settled.job = item->job->key;
        settled.seq = item->job->seq;
        courier_settle(courier, &settled);
    }
    item_free(item);
}

/* It was not sent; a test says so instead of waiting. */
void item_put_back(struct courier *courier, struct item *item, int64_t due_at, const char *why) {
    if (item->test) {
        struct push_verdict verdict = {.result = PUSH_RETRY};
        snprintf(verdict.reason, sizeof verdict.reason, "%s", why);
        test_run_judged(item->test, item->test_index, &verdict);
    } else {
        courier_settle(courier, &(struct push_settled){.job = item->job->key,
                                                       .seq = item->job->seq,
                                                       .settle = PUSH_SETTLE_PUT_BACK,
                                                       .due_at = due_at});
    }
    item_free(item);
}

/* ---- the service ---- */

static bool no_answer(const struct push_response *response) {
    return response->transport != PUSH_ANSWERED && response->transport != PUSH_FORBIDDEN;
}

/* The verdict that concerns the whole service and asks for the longest rest; NULL: none does. */
static const struct push_verdict *about_all(const struct push_verdict *verdicts, size_t count) {
    const struct push_verdict *found = NULL;
    for (size_t i = 0; i < count; i++)
        if (verdicts[i].all && (!found || verdicts[i].retry_after_ms > found->retry_after_ms))
            found = &verdicts[i];
    return found;
}

/* A service of many servers fails by its key alone; whatever else it was, is that server's. */
static enum host_news host_news_of(const struct push_response *response, const struct push_verdict *verdict) {
    if (no_answer(response)) return HOST_FAILS;
    bool refused = verdict->result == PUSH_RETRY || verdict->result == PUSH_KEY_PROBLEM;
    return refused && response->transport == PUSH_ANSWERED ? HOST_REFUSES : HOST_WELL;
}

/* A test's item has no host. */
static void learn_of_host(struct courier *courier, const struct item *item,
                          const struct push_response *response, const struct push_verdict *verdict) {
    struct outbox *outbox = courier->outbox;
    if (!item->host) return;
    host_answered(item->host, host_news_of(response, verdict), &item->job->device.user,
                  verdict->retry_after_ms, verdict->reason, outbox->now_ms,
                  outbox->world.random(outbox->world.ctx));
}

/* Did the service as a whole fail? One request without an answer may be an accident; some in a row are not, nor is the
 * one that tried whether it is well. */
static const struct push_verdict *failure(struct courier *courier, const struct push_response *response,
                                          const struct push_verdict *verdicts, size_t count) {
    if (!no_answer(response)) {
        courier->unanswered = 0;
        return about_all(verdicts, count);
    }
    courier->unanswered++;
    bool fails = courier->unanswered >= UNANSWERED_MAX || courier->trouble.failures > 0;
    return fails ? &verdicts[0] : NULL;
}

static void learn_of_service(struct courier *courier, const struct push_response *response,
                             const struct push_verdict *verdicts, size_t count) {
    const struct push_verdict *failed = failure(courier, response, verdicts, count);
    if (failed)
        courier_rest(courier, failed);
    else if (courier->unanswered == 0)
        courier_is_well(courier);
}

void courier_learn(struct courier *courier, const struct item *item, uint32_t epoch,
                   const struct push_response *response, const struct push_verdict *verdicts, size_t count) {
    const struct push_verdict *all = about_all(verdicts, count);
    if (courier->hosts) learn_of_host(courier, item, response, &verdicts[0]);
    if (epoch != courier->trouble.epoch) return; /* asked before the last rest: says nothing new */
    if (!courier->hosts)
        learn_of_service(courier, response, verdicts, count);
    else if (all && all->result == PUSH_KEY_PROBLEM)
        courier_rest(courier, all);
    else
        courier_is_well(courier);
}
