/* A chat in a test: its surroundings, what it tells as lines of text, and its use cases as plain calls. */
#include "chat/testing/world.h"

#include "base/mem.h"
#include "base/must.h"
#include "sio_strbuf.h"

/* ---- ids ---- */

static struct uuid id_of(uint8_t kind, unsigned n) {
    struct uuid id = {.b = {kind, 0, 0, 0, 0, 0, 0x40, 0, 0x80}};
    for (int i = 0; i < 4; i++) id.b[12 + i] = (uint8_t)(n >> (24 - 8 * i));
    return id;
}

static unsigned number_of(const struct uuid *id) {
    return (unsigned)id->b[12] << 24 | (unsigned)id->b[13] << 16 | (unsigned)id->b[14] << 8 | id->b[15];
}

struct uuid world_user(unsigned n) {
    return id_of(1, n);
}
struct uuid world_estate(unsigned n) {
    return n == 0 ? (struct uuid){0} : id_of(2, n);
}

/* ---- the record ---- */

__attribute__((format(printf, 2, 3))) static void record(struct world *w, const char *format, ...) {
    if (w->line_count == w->line_capacity) {
        w->line_capacity = w->line_capacity ? w->line_capacity * 2 : 64;
        w->lines = mem_realloc(w->lines, w->line_capacity * sizeof *w->lines);
    }
    va_list args;
    va_start(args, format);
    vsnprintf(w->lines[w->line_count++], sizeof *w->lines, format, args);
    va_end(args);
}

static const char *name_of(const struct world *w, const struct uuid *conversation) {
    static char text[16];
    if (uuid_eq(conversation, &w->conversations[0])) return "cG";
    for (unsigned i = 1; i < WORLD_CONVERSATIONS; i++) {
        if (uuid_is_nil(&w->conversations[i]) || !uuid_eq(conversation, &w->conversations[i])) continue;
        snprintf(text, sizeof text, "c%u", i);
        return text;
    }
    return "c?";
}

static void on_message(void *ctx, const struct message_row *m) {
    struct world *w = ctx;
    record(w, "message %s u%u #%llu %.*s", name_of(w, &m->conversation), number_of(&m->sender),
           (unsigned long long)m->seq, (int)m->content.n, m->content.p);
}

static void on_read(void *ctx, const struct uuid *conversation, const struct uuid *message, uint64_t seq,
                    const struct uuid *reader, int64_t read_at, const struct uuid *only, size_t only_count,
                    struct sio_ref except_socket) {
    struct world *w = ctx;
    char to[64] = "all";
    if (only_count == 1) snprintf(to, sizeof to, "u%u", number_of(&only[0]));
    if (only_count == 2) snprintf(to, sizeof to, "u%u,u%u", number_of(&only[0]), number_of(&only[1]));
    record(w, "read %s u%u #%llu %s -s%u", name_of(w, conversation), number_of(reader),
           (unsigned long long)seq, to, except_socket.slot);
}

static void on_delivered(void *ctx, const struct uuid *conversation, const struct uuid *message, uint64_t seq,
                         const struct uuid *user, int64_t delivered_at, const struct uuid *only) {
    char to[16] = "others";
    if (only) snprintf(to, sizeof to, "u%u", number_of(only));
    record(ctx, "delivered %s u%u #%llu %s", name_of(ctx, conversation), number_of(user),
           (unsigned long long)seq, to);
}

static void on_typing(void *ctx, const struct uuid *conversation, const struct chat_person *user, bool on) {
    record(ctx, "typing %s %.*s %s", name_of(ctx, conversation), (int)user->first_name.n, user->first_name.p,
           on ? "on" : "off");
}

static void on_broadcast(void *ctx, const struct uuid *estate, const struct message_row *m,
                         enum broadcast_type type, const struct chat_person *from) {
    record(ctx, "broadcast e%u u%u #%llu %.*s", number_of(estate), number_of(&from->id),
           (unsigned long long)m->seq, (int)m->content.n, m->content.p);
}

static void count_presence(struct world *w) { w->presence_deliveries += w->sockets; }

static void on_online(void *ctx, const struct uuid *estate, const struct chat_person *user, int64_t at) {
    struct world *w = ctx;
    w->singles++;
    count_presence(w);
    record(w, "online u%u", number_of(&user->id));
}

static void on_offline(void *ctx, const struct uuid *estate, const struct uuid *user, int64_t at) {
    struct world *w = ctx;
    w->singles++;
    count_presence(w);
    record(w, "offline u%u", number_of(user));
}

static void on_digest(void *ctx, const struct uuid *estate, const struct uuid *online, size_t online_count,
                      const struct uuid *offline, size_t offline_count, uint64_t count) {
    struct world *w = ctx;
    w->digests++;
    count_presence(w);
    record(w, "digest +%zu -%zu =%llu", online_count, offline_count, (unsigned long long)count);
}

static void on_joined(void *ctx, const struct uuid *user, const struct uuid *conversation) {
    record(ctx, "joined u%u %s", number_of(user), name_of(ctx, conversation));
}

static void on_left(void *ctx, const struct uuid *user, const struct uuid *conversation) {
    record(ctx, "left u%u %s", number_of(user), name_of(ctx, conversation));
}

static void on_revoked(void *ctx, const struct uuid *user, enum fault why) {
    record(ctx, "revoked u%u %s", number_of(user), fault_code(why));
}

unsigned world_told(const struct world *w, const char *beginning) {
    unsigned n = 0;
    for (size_t i = 0; i < w->line_count; i++) n += strncmp(w->lines[i], beginning, strlen(beginning)) == 0;
    return n;
}

void world_forget(struct world *w) { w->line_count = 0; }

void world_expect(struct world *w, const char *lines) {
    struct sio_strbuf told;
    sio_strbuf_init(&told);
    sio_strbuf_reserve(&told, 1);
    for (size_t i = 0; i < w->line_count; i++) sio_strbuf_printf(&told, "%s%s", i ? "; " : "", w->lines[i]);
    assert_string_equal(told.n ? told.p : "", lines);
    sio_strbuf_fini(&told);
    world_forget(w);
}

/* ---- the world ---- */

void world_open(struct world *w, const struct chat_config *config) {
    *w = (struct world){.server = virtual_server_new(3)};
    slow_store_open(&w->store);
    chat_config_init(&w->config);
    if (config) w->config = *config;
    const struct chat_out out = {
        .ctx = w,
        .new_message = on_message,
        .message_read = on_read,
        .message_delivered = on_delivered,
        .user_typing = on_typing,
        .estate_broadcast = on_broadcast,
        .user_online = on_online,
        .user_offline = on_offline,
        .presence_digest = on_digest,
        .user_joined = on_joined,
        .user_left = on_left,
        .user_revoked = on_revoked,
    };
    assert_int_equal(chat_new(&w->config, w->server, &w->store.store, &out, &w->chat), SIO_ERR_OK);
}

void world_run(struct world *w) { virtual_run(slow_store_busy, &w->store); }
void world_pass(struct world *w, uint64_t ms) { virtual_advance(ms, slow_store_busy, &w->store); }

void world_close(struct world *w) {
    world_run(w);
    assert_int_equal(virtual_holds(), 0);
    chat_free(w->chat);
    slow_store_close(&w->store);
    virtual_server_free(w->server);
    free(w->lines);
}

/* ---- what is in the store ---- */

static void import(struct world *w, const struct store_import_record *records, size_t count) {
    struct store_import *op = store_op_new(STORE_IMPORT, NULL, NULL, NULL);
    op->records = records;
    op->record_count = count;
    enum fault fault = store_call(w->store.real, &op->op);
    if (fault != FAULT_NONE) fail_msg("import: %.*s", (int)op->error.n, op->error.p);
    store_op_free(&op->op);
}

static struct store_import_record estate_record(unsigned n) {
    return (struct store_import_record){
        .kind = IMPORT_ESTATE,
        .estate = {.id = world_estate(n), .name = n == 1 ? SIO_SPAN("One") : SIO_SPAN("Other")}};
}

static struct store_import_record user_record(unsigned n, unsigned estate, char text[64]) {
    int name = snprintf(text, 64, "u%u", n);
    int email = snprintf(text + name, 64 - (size_t)name, "u%u@example.org", n);
    return (struct store_import_record){.kind = IMPORT_USER,
                                        .user = {.id = world_user(n),
                                                 .estate = world_estate(estate),
                                                 .role = ROLE_RESIDENCE,
                                                 .status = USER_ACTIVE,
                                                 .email = sio_span_of(text + name, (size_t)email),
                                                 .first_name = sio_span_of(text, (size_t)name),
                                                 .last_name = SIO_SPAN("Test")}};
}

void world_put_user(struct world *w, unsigned n, unsigned estate, enum role role, enum user_status status) {
    char text[64];
    struct store_import_record records[2] = {estate_record(estate ? estate : 1),
                                             user_record(n, estate, text)};
    records[1].user.role = role;
    records[1].user.status = status;
    import(w, records, 2);
}

void world_put_users(struct world *w, unsigned first, unsigned count, unsigned estate) {
    struct store_import_record *records = mem_new_array(struct store_import_record, count + 1);
    char(*texts)[64] = mem_alloc(count * sizeof *texts);
    records[0] = estate_record(estate);
    for (unsigned i = 0; i < count; i++) records[i + 1] = user_record(first + i, estate, texts[i]);
    import(w, records, count + 1);
    free(texts);
    free(records);
}

void world_put_conversation(struct world *w, unsigned c, unsigned estate, const unsigned *users,
                            size_t count) {
    struct participant_row *participants = mem_new_array(struct participant_row, count);
    for (size_t i = 0; i < count; i++)
        participants[i] = (struct participant_row){.user = world_user(users[i]), .is_admin = i == 0};
    w->conversations[c] = id_of(3, c);
    struct store_import_record record = {.kind = IMPORT_CONVERSATION,
                                         .conversation = {.id = w->conversations[c],
                                                          .estate = world_estate(estate),
                                                          .created_by = participants[0].user,
                                                          .type = CONVERSATION_GROUP,
                                                          .participants = participants,
                                                          .participant_count = count}};
    import(w, &record, 1);
    free(participants);
}

static void count_call(void *data) { (*(unsigned *)data)++; }

void world_changed(struct world *w, unsigned estate) {
    unsigned done = 0;
    struct uuid id = world_estate(estate);
    chat_estates_changed(w->chat, &id, 1, count_call, &done);
    world_run(w);
    assert_int_equal(done, 1);
}

/* ---- entering ---- */

struct visit {
    struct chat_call call;
    act_fn act;
    struct answer *answer;
    char in[];
};

static void answer_fault(struct answer *answer, enum fault fault) {
    answer->count++;
    answer->fault = fault;
    answer->lines_then = answer->world->line_count;
}

static void visit_run(struct chat_call *call, struct chat_user *me, enum fault fault) {
    struct visit *visit = container_of(call, struct visit, call);
    if (fault == FAULT_NONE)
        visit->act(me, visit->in, visit->answer);
    else
        answer_fault(visit->answer, fault);
    free(visit);
}

static struct answer nobody_looks;

static struct visit *visit_new(struct world *w, unsigned user, unsigned estate, act_fn act, const void *in,
                               size_t in_bytes, struct answer *answer) {
    struct visit *visit = mem_zalloc(sizeof *visit + in_bytes);
    visit->call =
        (struct chat_call){.user = world_user(user), .estate = world_estate(estate), .run = visit_run};
    visit->act = act;
    visit->answer = answer ? answer : &nobody_looks;
    visit->answer->world = w;
    if (in_bytes > 0) memcpy(visit->in, in, in_bytes);
    return visit;
}

void world_act(struct world *w, unsigned user, unsigned estate, act_fn act, const void *in, size_t in_bytes,
               struct answer *answer) {
    chat_enter_known(w->chat, &visit_new(w, user, estate, act, in, in_bytes, answer)->call);
}

/* ---- connections ---- */

static void connect_done(enum fault fault, struct chat_user *me, const struct uuid *conversations,
                         size_t count, void *data) {
    struct answer *answer = data;
    answer_fault(answer, fault);
    answer->n = count;
    if (fault == FAULT_NONE) answer->world->sockets++;
}

static void connect_act(struct chat_user *me, const void *in, struct answer *answer) {
    chat_connect(me, connect_done, answer);
}

void world_connect(struct world *w, unsigned user, unsigned estate, struct answer *answer) {
    chat_enter(w->chat, &visit_new(w, user, 0, connect_act, NULL, 0, answer)->call);
}

static void confirm_act(struct chat_user *me, const void *in, struct answer *answer) {
    chat_confirms(me, chat_connection_epoch(me));
    answer_fault(answer, FAULT_NONE);
}

void world_confirm(struct world *w, unsigned user, unsigned estate) {
    world_act(w, user, estate, confirm_act, NULL, 0, NULL);
}

struct end_in {
    bool confirms, lost;
};

static void end_act(struct chat_user *me, const void *data, struct answer *answer) {
    const struct end_in *in = data;
    answer->world->sockets--;
    chat_disconnect(me, chat_connection_epoch(me), in->confirms, in->lost);
    answer_fault(answer, FAULT_NONE);
}

void world_end(struct world *w, unsigned user, unsigned estate, bool confirms, bool lost) {
    struct end_in in = {confirms, lost};
    world_act(w, user, estate, end_act, &in, sizeof in, NULL);
}

void world_disconnect(struct world *w, unsigned user, unsigned estate) {
    world_end(w, user, estate, false, false);
}

static void online_done(enum fault fault, const struct chat_online *users, size_t count, void *data) {
    answer_fault(data, fault);
    ((struct answer *)data)->n = count;
}

static void online_act(struct chat_user *me, const void *in, struct answer *answer) {
    chat_online_users(me, in, online_done, answer);
}

void world_online(struct world *w, unsigned user, unsigned estate, unsigned of, struct answer *answer) {
    struct uuid id = world_estate(of);
    world_act(w, user, estate, online_act, &id, sizeof id, answer);
}

/* ---- messages ---- */

struct text_in {
    struct uuid id;
    char text[64], client_id[32];
};

static struct text_in text_in(const struct uuid *id, const char *text, const char *client_id) {
    struct text_in in = {.id = *id};
    snprintf(in.text, sizeof in.text, "%s", text);
    snprintf(in.client_id, sizeof in.client_id, "%s", client_id ? client_id : "");
    return in;
}

static void message_done(enum fault fault, const struct message_row *message, bool duplicate, void *data) {
    struct answer *answer = data;
    answer_fault(answer, fault);
    if (!message) return;
    answer->id = message->id;
    answer->seq = message->seq;
    answer->duplicate = duplicate;
}

static void send_act(struct chat_user *me, const void *data, struct answer *answer) {
    const struct text_in *in = data;
    const struct chat_send send = {.conversation = in->id,
                                   .type = MESSAGE_TEXT,
                                   .content = sio_span_cstr(in->text),
                                   .client_message_id = sio_span_cstr(in->client_id)};
    chat_send_message(me, &send, message_done, answer);
}

void world_send(struct world *w, unsigned user, unsigned estate, unsigned c, const char *text,
                const char *client_id, struct answer *answer) {
    struct text_in in = text_in(&w->conversations[c], text, client_id);
    world_act(w, user, estate, send_act, &in, sizeof in, answer);
}

static void broadcast_act(struct chat_user *me, const void *data, struct answer *answer) {
    const struct text_in *in = data;
    const struct chat_announce announce = {.estate = in->id,
                                           .content = sio_span_cstr(in->text),
                                           .metadata = SIO_SPAN("{\"broadcast_type\":\"general\"}")};
    chat_broadcast(me, &announce, message_done, answer);
}

void world_broadcast(struct world *w, unsigned user, unsigned estate, unsigned to, const char *text,
                     struct answer *answer) {
    struct uuid id = world_estate(to);
    struct text_in in = text_in(&id, text, NULL);
    world_act(w, user, estate, broadcast_act, &in, sizeof in, answer);
}

struct pair_in {
    struct uuid a, b;
    bool on;
};

static void plain_done(enum fault fault, void *data) { answer_fault(data, fault); }

static void typing_act(struct chat_user *me, const void *data, struct answer *answer) {
    const struct pair_in *in = data;
    chat_typing(me, &in->a, in->on, plain_done, answer);
}

void world_typing(struct world *w, unsigned user, unsigned estate, unsigned c, bool on,
                  struct answer *answer) {
    struct pair_in in = {.a = w->conversations[c], .on = on};
    world_act(w, user, estate, typing_act, &in, sizeof in, answer);
}

static void read_done(enum fault fault, uint64_t seq, int64_t read_at, bool moved, void *data) {
    struct answer *answer = data;
    answer_fault(answer, fault);
    answer->seq = seq;
    answer->moved = moved;
}

static void read_act(struct chat_user *me, const void *data, struct answer *answer) {
    const struct pair_in *in = data;
    chat_mark_read(me, &in->a, &in->b, (struct sio_ref){.slot = 7, .generation = 1}, read_done, answer);
}

void world_read(struct world *w, unsigned user, unsigned estate, unsigned c, const struct uuid *message,
                struct answer *answer) {
    struct pair_in in = {.a = w->conversations[c], .b = *message};
    world_act(w, user, estate, read_act, &in, sizeof in, answer);
}

static void delivered_act(struct chat_user *me, const void *data, struct answer *answer) {
    const struct pair_in *in = data;
    chat_message_delivered(me, &in->a, &in->b, plain_done, answer);
}

void world_delivered(struct world *w, unsigned user, unsigned estate, unsigned c, const struct uuid *message,
                     struct answer *answer) {
    struct pair_in in = {.a = w->conversations[c], .b = *message};
    world_act(w, user, estate, delivered_act, &in, sizeof in, answer);
}

/* ---- conversations ---- */

static void conversation_done(enum fault fault, const struct conversation_row *row, bool created,
                              void *data) {
    struct answer *answer = data;
    answer_fault(answer, fault);
    if (!row) return;
    answer->id = row->id;
    answer->created = created;
    answer->n = row->participant_count;
}

static void group_done(enum fault fault, const struct conversation_row *row, bool created, void *data) {
    struct answer *answer = data;
    if (row && number_of(&row->estate) == 1) answer->world->conversations[0] = row->id;
    conversation_done(fault, row, created, data);
}

static void group_act(struct chat_user *me, const void *in, struct answer *answer) {
    chat_estate_group(me, in, (struct sio_span){0}, 0, group_done, answer);
}

void world_group(struct world *w, unsigned user, unsigned estate, unsigned of, struct answer *answer) {
    struct uuid id = world_estate(of);
    world_act(w, user, estate, group_act, &id, sizeof id, answer);
}

struct create_in {
    bool direct;
    struct uuid users[8];
    size_t count;
};

static void create_act(struct chat_user *me, const void *data, struct answer *answer) {
    const struct create_in *in = data;
    const struct chat_new_conversation new = {
        .type = in->direct ? CONVERSATION_DIRECT : CONVERSATION_GROUP,
        .title = SIO_SPAN("title"),
        .users = in->users,
        .user_count = in->count,
    };
    chat_conversation_create(me, &new, conversation_done, answer);
}

void world_create(struct world *w, unsigned user, unsigned estate, unsigned c, bool direct,
                  const unsigned *users, size_t count, struct answer *answer) {
    struct create_in in = {.direct = direct, .count = count};
    must(count <= 8);
    for (size_t i = 0; i < count; i++) in.users[i] = world_user(users[i]);
    world_act(w, user, estate, create_act, &in, sizeof in, answer);
    world_run(w);
    w->conversations[c] = answer->id;
}

static void leave_act(struct chat_user *me, const void *in, struct answer *answer) {
    chat_leave(me, in, plain_done, answer);
}

void world_leave(struct world *w, unsigned user, unsigned estate, unsigned c, struct answer *answer) {
    world_act(w, user, estate, leave_act, &w->conversations[c], sizeof(struct uuid), answer);
}

static void add_done(enum fault fault, const struct participant_row *row, void *data) {
    answer_fault(data, fault);
}

static void add_act(struct chat_user *me, const void *data, struct answer *answer) {
    const struct pair_in *in = data;
    chat_participant_add(me, &in->a, &in->b, add_done, answer);
}

void world_add(struct world *w, unsigned user, unsigned estate, unsigned c, unsigned whom,
               struct answer *answer) {
    struct pair_in in = {.a = w->conversations[c], .b = world_user(whom)};
    world_act(w, user, estate, add_act, &in, sizeof in, answer);
}
