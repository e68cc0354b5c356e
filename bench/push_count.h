/* What the stand-in has seen, in a file that it and the load program have mapped. */
#pragma once
#include <stdatomic.h>
#include <stdint.h>

struct push_count {
    _Atomic uint64_t pushes;      /* taken */
    _Atomic uint64_t refused;     /* what the real service would refuse, too */
    _Atomic uint64_t grants;      /* access tokens given out */
    _Atomic uint64_t connections; /* since the start */
};

/* Makes the file when it is not there. Ends the program when it cannot. */
struct push_count *push_count_map(const char *path);
