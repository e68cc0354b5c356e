/* What a process has used, read from /proc. */
#pragma once
#include <stdint.h>

/* CPU time of all its threads, in microseconds; ends the program when the process is gone. */
uint64_t process_cpu_us(int pid);
/* Resident memory in bytes. */
uint64_t process_rss_bytes(int pid);
