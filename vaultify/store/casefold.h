/* Texts without the difference between capitals and small letters, so that names are found and sorted whatever way they
 * are written. Accents stay: "é" is not "e", and an accent that is a character of its own not one with its letter. */
#pragma once
#include "sio_span.h"

enum { CASEFOLD_GROWTH = 2 }; /* times: how much longer a text can become at most */

/* `text` is UTF-8; bytes that are not stay. `out` has room for CASEFOLD_GROWTH * text.n bytes; returns how many they
 * are. Any thread. */
size_t casefold(struct sio_span text, char *out);
