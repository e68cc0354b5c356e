/* Finds an asset by its path. */
#include <stdlib.h>

#include "assets/assets.h"

static int compare(const void *path, const void *asset) {
    return sio_span_compare(*(const struct sio_span *)path,
                            sio_span_cstr(((const struct asset *)asset)->path));
}

const struct asset *asset_find(struct sio_span path) {
    return bsearch(&path, assets, asset_count, sizeof assets[0], compare);
}
