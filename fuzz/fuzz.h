/* What every fuzz target offers: one function that takes any bytes, and ends the process when a promise
 * breaks. A target is built twice: with a fuzzer (-Dfuzz=true), and with replay_main.c as a test over its
 * corpus. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* The name is the fuzzer's. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
