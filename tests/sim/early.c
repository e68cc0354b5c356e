/* The store of early events: a list in the order of their arrival. */
#include "early.h"

#include "base/mem.h"

void early_keep(struct early **list, struct sio_span text, const struct sio_span *attachments,
                unsigned count) {
    struct early *e = mem_new(struct early);
    sio_strbuf_span(&e->text, text);
    for (unsigned i = 0; i < count; i++) sio_strbuf_span(&e->attachments[i], attachments[i]);
    while (*list != NULL) list = &(*list)->next;
    *list = e;
}

void early_forget(struct early **list) {
    for (struct early *e = *list, *next; e != NULL; e = next) {
        next = e->next;
        sio_strbuf_fini(&e->text);
        for (unsigned i = 0; i < PAYLOAD_ATTACHMENTS; i++) sio_strbuf_fini(&e->attachments[i]);
        free(e);
    }
    *list = NULL;
}
