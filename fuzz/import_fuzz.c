/* Fuzz target: the import file. Any text is either records or one sentence about one line. */
#include "fuzz.h"

#include "base/must.h"
#include "wire/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    struct store_import_record *records;
    size_t count;
    struct sio_span error = {0};
    uint32_t line = 0;
    arena_init(&arena);
    if (!wire_import_parse(sio_span_of(data, size), &arena, &records, &count, &error, &line))
        must(error.n > 0);
    arena_fini(&arena);
    return 0;
}
