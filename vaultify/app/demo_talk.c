/* What the demo's people have said: conversations, lines, and who has read them; days ago up to just now. */
#include "app/demo_talk.h"

#include <stdatomic.h>

#include "app/clock.h"
#include "app/demo_people.h"

#define MINUTES(n) (INT64_C(60000) * (n))
#define HOURS(n)   (60 * MINUTES(n))
#define DAYS(n)    (24 * HOURS(n))
#define BEGINNING  DAYS(4)

/* ---- who talks where ---- */

enum talk {
    PALM_GROVE_ALL,
    CEDAR_COURT_ALL,
    ADA_AND_RITA,
    RITA_AND_TUNDE,
    OMAR_AND_LENA,
    NORA_AND_IVAN,
    GARDEN,
    TALKS
};
enum { TALKERS_MAX = 4 };

static const struct {
    enum demo_estate estate;
    const char *title;
    enum demo_person people[TALKERS_MAX];
    size_t count; /* 0: everybody in the estate */
} talks[TALKS] = {
    [PALM_GROVE_ALL] = {.estate = PALM_GROVE},
    [CEDAR_COURT_ALL] = {.estate = CEDAR_COURT},
    [ADA_AND_RITA] = {PALM_GROVE, "", {RITA, ADA}, 2},
    [RITA_AND_TUNDE] = {PALM_GROVE, "", {TUNDE, RITA}, 2},
    [OMAR_AND_LENA] = {PALM_GROVE, "", {OMAR, LENA}, 2},
    [NORA_AND_IVAN] = {CEDAR_COURT, "", {NORA, IVAN}, 2},
    [GARDEN] = {PALM_GROVE, "Garden committee", {GRACE, RITA, OMAR, LENA}, 4},
};

/* ---- what they say, the oldest first ---- */

static const struct line {
    int64_t ago_ms;
    enum talk talk;
    enum demo_person person;
    const char *announces; /* the type of an announcement; NULL: it is a message */
    const char *text;
} lines[] = {
    {DAYS(3), PALM_GROVE_ALL, ADA, "announcement",
     "Welcome to Palm Grove's messages. From now on you will find the office, the gate and your neighbours "
     "here."},
    {DAYS(3) - HOURS(1), PALM_GROVE_ALL, CHIDI, NULL, "Good to have everybody in one place!"},
    {DAYS(2), GARDEN, GRACE, NULL, "The seedlings arrive on Friday. Who can help to plant them?"},
    {DAYS(2) - MINUTES(12), GARDEN, OMAR, NULL, "I can, from four o'clock on."},
    {DAYS(2) - MINUTES(15), GARDEN, RITA, NULL, "Me too 🌱"},
    {DAYS(2) - HOURS(3), OMAR_AND_LENA, LENA, NULL, "Do you still have my ladder?"},
    {DAYS(2) - HOURS(4), OMAR_AND_LENA, OMAR, NULL, "نعم، سأعيده مساء اليوم. شكرا!"},
    {DAYS(1) + HOURS(2), PALM_GROVE_ALL, ADA, "maintenance",
     "The water is turned off on Thursday from 10:00 to 12:00, while the pump of block C is replaced."},
    {DAYS(1) + HOURS(1), ADA_AND_RITA, RITA, NULL, "Does that go for block B as well?"},
    {DAYS(1) + MINUTES(55), ADA_AND_RITA, ADA, NULL, "Only for C. You will have water all day."},
    {DAYS(1), NORA_AND_IVAN, IVAN, NULL, "The lift works again."},
    {DAYS(1) - MINUTES(2), NORA_AND_IVAN, NORA, NULL, "At last! Thank you for calling them."},
    {HOURS(5), RITA_AND_TUNDE, TUNDE, NULL, "A parcel for you came to us. Shall I bring it up?"},
    {HOURS(5) - MINUTES(3), RITA_AND_TUNDE, RITA, NULL, "That is kind. I am at home from six."},
    {HOURS(5) - MINUTES(4), RITA_AND_TUNDE, TUNDE, NULL, "See you then"},
    {HOURS(3), GARDEN, GRACE, NULL, "How to plant them: https://en.wikipedia.org/wiki/Transplanting"},
    {HOURS(2), ADA_AND_RITA, ADA, NULL, "The key for the laundry is ready. You can fetch it at the office."},
    {HOURS(1), CEDAR_COURT_ALL, NORA, NULL, "Whose is the black cat in the yard?"},
    {MINUTES(50), PALM_GROVE_ALL, SAMUEL, "security",
     "The east gate is closed for repair until tomorrow, 18:00. Please use the main gate."},
    {MINUTES(40), PALM_GROVE_ALL, RITA, NULL, "Thank you, Samuel. Is it open at night?"},
    {MINUTES(38), PALM_GROVE_ALL, SAMUEL, NULL, "All night. We are there."},
};
enum { LINES = sizeof lines / sizeof lines[0] };

/* Who has read everything, besides what each has read by answering. */
static const struct {
    enum talk talk;
    enum demo_person person;
} readers[] = {{PALM_GROVE_ALL, ADA}, {RITA_AND_TUNDE, RITA}, {NORA_AND_IVAN, IVAN}, {OMAR_AND_LENA, LENA}};

/* ---- the clock ---- */

/* The store's clock is a function without data, so how far it is behind stands here. */
static atomic_llong behind_ms;

int64_t demo_talk_wall_ms(void) { return clock_wall_ms() - atomic_load(&behind_ms); }
void demo_talk_begin(void) { atomic_store(&behind_ms, BEGINNING); }

/* ---- writing it ---- */

struct talking {
    struct store *store;
    struct uuid conversation[TALKS], newest[TALKS], own[TALKS][DEMO_PEOPLE];
};

/* What a finished call has found goes to `out`. */
static enum sio_err call_end(struct store *store, struct store_op *op, const struct uuid *found,
                             struct uuid *out) {
    enum fault fault = store_call(store, op);
    if (fault == FAULT_NONE && out) *out = *found;
    store_op_free(op);
    return fault == FAULT_NONE ? SIO_ERR_OK : SIO_ERR_IO;
}

static enum sio_err estate_group(struct talking *t, enum talk talk) {
    struct store_estate_group *op = store_op_new(STORE_ESTATE_GROUP, NULL, NULL, NULL);
    op->estate = demo_estate_id(talks[talk].estate);
    return call_end(t->store, &op->op, &op->row.id, &t->conversation[talk]);
}

static enum sio_err conversation(struct talking *t, enum talk talk) {
    if (talks[talk].count == 0) return estate_group(t, talk);
    struct store_conversation_create *op = store_op_new(STORE_CONVERSATION_CREATE, NULL, NULL, NULL);
    struct uuid users[TALKERS_MAX];
    for (size_t i = 0; i < talks[talk].count; i++) users[i] = demo_person_id(talks[talk].people[i]);
    op->estate = demo_estate_id(talks[talk].estate);
    op->creator = users[0];
    op->type = talks[talk].title[0] ? CONVERSATION_GROUP : CONVERSATION_DIRECT;
    op->title = sio_span_cstr(talks[talk].title);
    op->users = users;
    op->user_count = talks[talk].count;
    return call_end(t->store, &op->op, &op->row.id, &t->conversation[talk]);
}

static enum sio_err say(struct talking *t, const struct line *line) {
    struct store_message_add *op = store_op_new(STORE_MESSAGE_ADD, NULL, NULL, NULL);
    struct sio_strbuf metadata;
    sio_strbuf_init(&metadata);
    if (line->announces) sio_strbuf_printf(&metadata, "{\"broadcast_type\":\"%s\"}", line->announces);
    op->conversation = t->conversation[line->talk];
    op->sender = demo_person_id(line->person);
    op->type = line->announces ? MESSAGE_SYSTEM : MESSAGE_TEXT;
    op->content = sio_span_cstr(line->text);
    op->metadata = sio_strbuf_as_span(&metadata);
    atomic_store(&behind_ms, line->ago_ms);
    enum sio_err err = call_end(t->store, &op->op, &op->row.id, &t->newest[line->talk]);
    t->own[line->talk][line->person] = t->newest[line->talk];
    sio_strbuf_fini(&metadata);
    return err;
}

static enum sio_err read_until(struct talking *t, enum talk talk, enum demo_person person,
                               struct uuid message) {
    struct store_read_advance *op = store_op_new(STORE_READ_ADVANCE, NULL, NULL, NULL);
    op->conversation = t->conversation[talk];
    op->user = demo_person_id(person);
    op->message = message;
    return call_end(t->store, &op->op, NULL, NULL);
}

static enum sio_err read_own(struct talking *t) {
    enum sio_err err = SIO_ERR_OK;
    for (int talk = 0; talk < TALKS; talk++)
        for (int person = 0; person < DEMO_PEOPLE && err == SIO_ERR_OK; person++)
            if (!uuid_is_nil(&t->own[talk][person])) err = read_until(t, talk, person, t->own[talk][person]);
    return err;
}

static enum sio_err write_all(struct talking *t) {
    enum sio_err err = SIO_ERR_OK;
    for (int talk = 0; talk < TALKS && err == SIO_ERR_OK; talk++) err = conversation(t, talk);
    for (size_t i = 0; i < LINES && err == SIO_ERR_OK; i++) err = say(t, &lines[i]);
    if (err == SIO_ERR_OK) err = read_own(t);
    for (size_t i = 0; i < sizeof readers / sizeof readers[0] && err == SIO_ERR_OK; i++)
        err = read_until(t, readers[i].talk, readers[i].person, t->newest[readers[i].talk]);
    return err;
}

enum sio_err demo_talk_make(struct store *store) {
    struct talking t = {.store = store};
    enum sio_err err = write_all(&t);
    atomic_store(&behind_ms, 0);
    return err;
}
