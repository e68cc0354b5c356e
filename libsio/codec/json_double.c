/* A floating-point number as JSON, in the form that JavaScript gives it. */
#include <stdio.h>

#include "sio_json.h"

enum {
    DIGITS_MAX = 17,  /* are enough for every double */
    DIGITS_SURE = 15, /* of so many, a double keeps every one */
    PLAIN_MOST = 21,  /* digits before the point; a larger number has an exponent */
    PLAIN_ZEROS = 6,  /* behind "0."; a smaller number has an exponent */
};

/* A number as 0.d1d2… times ten to the power of `point`. */
struct decimal {
    char digits[DIGITS_MAX];
    int n, point;
};

/* The digits alone are taken from what printf writes, because its decimal point is the locale's. */
static double print(double v, int digits, struct decimal *d) {
    char text[DIGITS_MAX + 16];
    snprintf(text, sizeof text, "%.*e", digits - 1, v);
    d->n = 0;
    const char *p = text;
    for (; *p != 'e'; p++)
        if (*p >= '0' && *p <= '9') d->digits[d->n++] = *p;
    d->point = (int)strtol(p + 1, NULL, 10) + 1;
    while (d->n > 1 && d->digits[d->n - 1] == '0') d->n--;
    return strtod(text, NULL);
}

static void zeros(struct sio_strbuf *out, int n) {
    while (n-- > 0) sio_strbuf_char(out, '0');
}

static void layout(struct sio_strbuf *out, const struct decimal *d) {
    if (d->point > PLAIN_MOST || d->point <= -PLAIN_ZEROS) {
        sio_strbuf_char(out, d->digits[0]);
        if (d->n > 1) sio_strbuf_char(out, '.');
        sio_strbuf_add(out, d->digits + 1, (size_t)d->n - 1);
        sio_strbuf_printf(out, "e%+d", d->point - 1);
    } else if (d->point <= 0) {
        sio_strbuf_lit(out, "0.");
        zeros(out, -d->point);
        sio_strbuf_add(out, d->digits, (size_t)d->n);
    } else if (d->point >= d->n) {
        sio_strbuf_add(out, d->digits, (size_t)d->n);
        zeros(out, d->point - d->n);
    } else {
        sio_strbuf_add(out, d->digits, (size_t)d->point);
        sio_strbuf_char(out, '.');
        sio_strbuf_add(out, d->digits + d->point, (size_t)(d->n - d->point));
    }
}

static void write_finite(struct sio_strbuf *out, double v) {
    const double whole_most = 9007199254740992.0; /* 2^53 */
    if (v >= -whole_most && v <= whole_most && v == (double)(int64_t)v) {
        sio_strbuf_i64(out, (int64_t)v); /* -0 becomes 0, as in JSON.stringify */
        return;
    }
    struct decimal d;
    double magnitude = v < 0 ? -v : v;
    if (v < 0) sio_strbuf_char(out, '-');
    if (print(magnitude, DIGITS_SURE, &d) != magnitude && print(magnitude, DIGITS_MAX - 1, &d) != magnitude)
        print(magnitude, DIGITS_MAX, &d);
    layout(out, &d);
}

void sio_json_double(struct sio_json_writer *w, double v) {
    if (!__builtin_isfinite(v)) {
        sio_json_null(w);
        return;
    }
    if (w->comma) sio_strbuf_char(w->out, ',');
    w->comma = true;
    write_finite(w->out, v);
}
