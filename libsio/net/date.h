/* The Date header's form of a time (RFC 9110 §5.6.7). Pure. */
#pragma once
#include <stdint.h>

enum { HTTP_DATE_TEXT = 29 /* characters of Sun, 06 Nov 1994 08:49:37 GMT */ };

/* ms since 1970, years 1970-9999. Writes HTTP_DATE_TEXT characters and a NUL. */
void http_date(int64_t unix_ms, char out[HTTP_DATE_TEXT + 1]);
