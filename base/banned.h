/* Unsafe functions of the C library do not compile here. Included before every file by the build. */
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncpy strncat stpcpy sprintf vsprintf gets strtok atoi atol atoll gmtime  \
    localtime
#pragma GCC poison ctime asctime rand srand
