/* Assertions that stay on in release builds: for programmer errors only, never for what a client sends. */
#pragma once
#define must(condition)                                                                                      \
    do {                                                                                                     \
        if (__builtin_expect(!(condition), 0)) must_fail(#condition, __FILE__, __LINE__);                    \
    } while (0)

__attribute__((noreturn, cold)) void must_fail(const char *condition, const char *file, int line);
