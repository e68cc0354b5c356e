/* A test push to each device of one user: past the store, through the couriers, and back to whoever asked. */
#include "base/mem.h"
#include "outbox/inside.h"

enum { TEST_LIVES_MS = 5 * 60 * 1000 };

struct test_run {
    struct letter letter;
    struct outbox *outbox;
    struct outbox_test *test;
    struct load *load; /* the devices, and an item for each */
    struct outbox_tested *tested;
    char (*reasons)[PUSH_REASON_TEXT];
    size_t count;
    size_t open; /* not judged yet, and one until all have been queued */
};

static void run_end(struct test_run *run, enum fault fault) {
    run->test->done(run->test, fault, run->tested, fault == FAULT_NONE ? run->count : 0);
    if (run->load) load_unref(run->load);
    free(run->tested);
    free(run->reasons);
    free(run);
}

static void judged_one(struct test_run *run) {
    if (--run->open == 0) run_end(run, FAULT_NONE);
}

/* ---- a token that turned out dead ---- */

static void removed(struct outbox *outbox, struct store_op *op, void *data) { store_op_free(op); }

/* Unless the app has registered it anew since the service saw it die. */
static void forget_device(struct outbox *outbox, const struct device_row *device, int64_t dead_since) {
    if (dead_since != 0 && device->last_seen_at > dead_since) return;
    struct store_device_remove *op = store_op_new(STORE_DEVICE_REMOVE, NULL, NULL, NULL);
    op->user = device->user;
    op->id = device->id;
    outbox_ask(outbox, &op->op, removed, NULL);
}

void test_run_judged(struct test_run *run, size_t index, const struct push_verdict *verdict) {
    struct outbox_tested *tested = &run->tested[index];
    memcpy(run->reasons[index], verdict->reason, sizeof verdict->reason);
    tested->outcome = push_result_text(verdict->result);
    if (verdict->result == PUSH_TOKEN_DEAD) forget_device(run->outbox, &tested->device, verdict->dead_since);
    judged_one(run);
}

/* ---- sending ---- */

static struct uuid new_id(const struct outbox *outbox) {
    uint32_t random[3];
    for (unsigned i = 0; i < 3; i++) random[i] = outbox->world.random(outbox->world.ctx);
    return uuid_v7(outbox->wall_ms, (const uint8_t *)random);
}

static void item_make(struct test_run *run, size_t i, struct arena *arena) {
    struct outbox *outbox = run->outbox;
    const struct device_row *device = &run->tested[i].device;
    struct item *item = &run->load->items[i];
    item->load = run->load;
    item->test = run;
    item->test_index = i;
    item->note = (struct push_note){.kind = PUSH_TEST,
                                    .target = {.service = (enum push_service)device->service,
                                               .token = device->token,
                                               .keys = device->keys,
                                               .registered_at = device->last_seen_at},
                                    .id = new_id(outbox),
                                    .expires_at = outbox->wall_ms + TEST_LIVES_MS};
    const struct push_saying saying = {.kind = PUSH_TEST, .with_content = true};
    push_texts_fill(outbox->texts, (struct sio_span){0}, &saying, arena, &item->note);
    courier_queue(&outbox->couriers[device->service], item);
}

static bool is_on(const struct outbox *outbox, unsigned service) {
    return service < PUSH_SERVICE_COUNT_ && outbox->couriers[service].provider;
}

static void test_devices(struct test_run *run, struct store_device_list *list) {
    run->count = list->count;
    run->tested = mem_new_array(struct outbox_tested, list->count);
    run->reasons = mem_zalloc((list->count + 1) * sizeof *run->reasons);
    run->load = mem_new(struct load);
    *run->load = (struct load){.refs = 1, .op = &list->op, .items = mem_new_array(struct item, list->count)};
    run->open = 1;
    for (size_t i = 0; i < list->count; i++) {
        run->tested[i] =
            (struct outbox_tested){.device = list->rows[i], .outcome = "off", .reason = run->reasons[i]};
        if (!is_on(run->outbox, list->rows[i].service)) continue;
        run->open++;
        item_make(run, i, &list->op.arena);
    }
    judged_one(run);
}

static void devices_came(struct outbox *outbox, struct store_op *op, void *data) {
    struct test_run *run = data;
    if (op->fault == FAULT_NONE && !outbox->draining) {
        test_devices(run, (void *)op);
        return;
    }
    store_op_free(op);
    run_end(run, FAULT_INTERNAL);
}

static void run_open(struct letter *letter) {
    struct test_run *run = container_of(letter, struct test_run, letter);
    struct store_device_list *op = store_op_new(STORE_DEVICE_LIST, NULL, NULL, NULL);
    op->user = run->test->user;
    outbox_ask(run->outbox, &op->op, devices_came, run);
}

static void run_drop(struct letter *letter) {
    run_end(container_of(letter, struct test_run, letter), FAULT_INTERNAL);
}

void outbox_test(struct outbox *outbox, struct outbox_test *test) {
    struct test_run *run = mem_new(struct test_run);
    run->letter = (struct letter){.open = run_open, .drop = run_drop};
    run->outbox = outbox;
    run->test = test;
    mailbox_post(outbox->mailbox, &run->letter);
}
