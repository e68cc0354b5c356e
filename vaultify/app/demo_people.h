/* The demo's people and their estates, and how they come into the store. */
#pragma once
#include "sio_err.h"
#include "store/store.h"

enum demo_estate { PALM_GROVE, CEDAR_COURT, DEMO_ESTATES };
enum demo_person { ADA, SAMUEL, RITA, TUNDE, GRACE, OMAR, LENA, CHIDI, NORA, IVAN, DEMO_PEOPLE };

struct uuid demo_estate_id(enum demo_estate estate);
struct uuid demo_person_id(enum demo_person person);
const char *demo_estate_name(enum demo_estate estate);

/* All of them at once. Waits for the store. */
enum sio_err demo_people_import(struct store *store) SIO_MUST_CHECK;
