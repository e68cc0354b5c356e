/* What is there when the program was built without a page: one that says so. */
#include "assets/assets.h"

#define TEXT                                                                                                 \
    "Vaultify Messaging serves here, without a web page: this program was built without one (the option "    \
    "web).\n"

static const struct asset rows[] = {{.path = "/",
                                     .content_type = "text/plain; charset=utf-8",
                                     .kind = ASSET_FILE,
                                     .forms = {[ASSET_IDENTITY] = {SIO_SPAN(TEXT), "\"no-page\""}}}};
const struct asset_table assets_built_in = {rows, sizeof rows / sizeof rows[0]};
