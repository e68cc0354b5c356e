/* The demo's people and their estates: a table, and its import. */
#include "app/demo_people.h"

#include "app/record.h"
#include "base/must.h"
#include "wire/import.h"

/* Ids that a person can read and type. */
#define ESTATE_ID(n) "e0000000-0000-4000-8000-00000000000" n
#define USER_ID(n)   "a0000000-0000-4000-8000-0000000000" n

static const struct {
    const char *id, *name, *address;
} estates[DEMO_ESTATES] = {
    [PALM_GROVE] = {ESTATE_ID("1"), "Palm Grove Estate", "1 Palm Grove Road"},
    [CEDAR_COURT] = {ESTATE_ID("2"), "Cedar Court", "8 Cedar Lane"},
};

static const struct {
    const char *id;
    enum demo_estate estate;
    const char *first_name, *last_name, *email, *role;
} people[DEMO_PEOPLE] = {
    [ADA] = {USER_ID("01"), PALM_GROVE, "Ada", "Okafor", "ada@palmgrove.example", "Admin"},
    [SAMUEL] = {USER_ID("02"), PALM_GROVE, "Samuel", "Bright", "samuel@palmgrove.example",
                "Security Personnel"},
    [RITA] = {USER_ID("03"), PALM_GROVE, "Rita", "Mensah", "rita@palmgrove.example", "Residence"},
    [TUNDE] = {USER_ID("04"), PALM_GROVE, "Tunde", "Balogun", "tunde@palmgrove.example", "Residence"},
    [GRACE] = {USER_ID("05"), PALM_GROVE, "Grace", "Kimani", "grace@palmgrove.example", "Residence"},
    [OMAR] = {USER_ID("06"), PALM_GROVE, "Omar", "Haddad", "omar@palmgrove.example", "Residence"},
    [LENA] = {USER_ID("07"), PALM_GROVE, "Lena", "Fischer", "lena@palmgrove.example", "Residence"},
    [CHIDI] = {USER_ID("08"), PALM_GROVE, "Chidi", "Eze", "chidi@palmgrove.example", "Residence"},
    [NORA] = {USER_ID("11"), CEDAR_COURT, "Nora", "Silva", "nora@cedarcourt.example", "Residence"},
    [IVAN] = {USER_ID("12"), CEDAR_COURT, "Ivan", "Petrov", "ivan@cedarcourt.example", "Residence"},
};

static struct uuid id_of(const char *text) {
    struct uuid id;
    must(uuid_parse(sio_span_cstr(text), &id));
    return id;
}

struct uuid demo_estate_id(enum demo_estate estate) {
    return id_of(estates[estate].id);
}
struct uuid demo_person_id(enum demo_person person) {
    return id_of(people[person].id);
}
const char *demo_estate_name(enum demo_estate estate) { return estates[estate].name; }

static void write_records(struct sio_strbuf *out) {
    for (size_t i = 0; i < DEMO_ESTATES; i++) {
        const struct record_field fields[] = {
            {"estate_id", estates[i].id}, {"name", estates[i].name}, {"address", estates[i].address}};
        record_write(out, "estate", fields, sizeof fields / sizeof *fields);
    }
    for (size_t i = 0; i < DEMO_PEOPLE; i++) {
        const struct record_field fields[] = {{"user_id", people[i].id},
                                              {"estate_id", estates[people[i].estate].id},
                                              {"first_name", people[i].first_name},
                                              {"last_name", people[i].last_name},
                                              {"email", people[i].email},
                                              {"role", people[i].role},
                                              {"status", "active"}};
        record_write(out, "user", fields, sizeof fields / sizeof *fields);
    }
}

enum sio_err demo_people_import(struct store *store) {
    struct store_import *op = store_op_new(STORE_IMPORT, NULL, NULL, NULL);
    struct store_import_record *records;
    enum sio_err err = SIO_ERR_INVALID;
    struct sio_strbuf lines;
    sio_strbuf_init(&lines);
    write_records(&lines);
    if (wire_import_parse(sio_strbuf_as_span(&lines), &op->op.arena, &records, &op->record_count, &op->error,
                          &op->error_line)) {
        op->records = records;
        err = store_call(store, &op->op) == FAULT_NONE ? SIO_ERR_OK : SIO_ERR_IO;
    }
    sio_strbuf_fini(&lines);
    store_op_free(&op->op);
    return err;
}
