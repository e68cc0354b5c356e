/* The texts of the error table. */
#include "base/err.h"

#include "base/must.h"

static const char *const texts[] = {
#define ERR_TEXT(name, text) text,
    ERR_TABLE(ERR_TEXT)
#undef ERR_TEXT
};

const char *err_text(enum err e) {
    must((unsigned)e < ERR_COUNT_);
    return texts[e];
}
