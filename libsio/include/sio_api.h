/* What every public header opens and closes with: C linkage in C++, and what the shared library exports. */
#pragma once

#ifdef __cplusplus
#define SIO_BEGIN                                                                                            \
    extern "C" {                                                                                             \
    _Pragma("GCC visibility push(default)")
#define SIO_END                                                                                              \
    _Pragma("GCC visibility pop")                                                                            \
    }
#else
#define SIO_BEGIN _Pragma("GCC visibility push(default)")
#define SIO_END   _Pragma("GCC visibility pop")
#endif

/* A result that must be looked at. */
#define SIO_MUST_CHECK __attribute__((warn_unused_result))
