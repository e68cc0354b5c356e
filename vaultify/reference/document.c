/* What both documents say of themselves. */
#include "reference/document.h"

void member_info(struct sio_json_writer *w, const char *description, const char *license_key,
                 const char *license) {
    member_object_open(w, "info");
    member_text(w, "title", "Vaultify Messaging");
    member_text(w, "version", VAULTIFY_VERSION);
    member_text(w, "description", description);
    member_object_open(w, "license");
    member_text(w, "name", "Apache 2.0");
    member_text(w, license_key, license);
    sio_json_object_close(w);
    sio_json_object_close(w);
}
