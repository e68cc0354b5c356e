/* Finds an asset by its path. */
#include <stdlib.h>

#include "assets/assets.h"

static int compare(const void *path, const void *asset) {
    return sio_span_compare(*(const struct sio_span *)path,
                            sio_span_cstr(((const struct asset *)asset)->path));
}

const struct asset *asset_find(const struct asset_table *table, struct sio_span path) {
    return bsearch(&path, table->rows, table->count, sizeof table->rows[0], compare);
}
