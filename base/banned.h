/* Unsafe functions of the C library do not compile here. Included before every file by the build. */
#pragma once
#ifndef __ASSEMBLER__
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#undef sprintf /* with clang, the fortified headers make it a macro */

#pragma GCC poison strcpy strcat strncpy strncat stpcpy sprintf vsprintf gets strtok atoi atol atoll gmtime  \
    localtime
#pragma GCC poison ctime asctime

/* OpenSSL's headers name parameters `rand`, so these two are marked instead: a call is an error all the same.
 */
extern int rand(void) __attribute__((deprecated("use sio_loop_random")));
extern void srand(unsigned seed) __attribute__((deprecated("use sio_loop_random")));
#endif
