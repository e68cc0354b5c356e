/* The texts of the error table. */
#include "sio_err.h"

#include "base/must.h"

static const char *const texts[] = {
#define ERR_TEXT(name, text) text,
    SIO_ERR_TABLE(ERR_TEXT)
#undef ERR_TEXT
};

const char *sio_err_text(enum sio_err e) {
    must((unsigned)e < SIO_ERR_COUNT_);
    return texts[e];
}
