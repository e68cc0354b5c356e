/* What joined or left while a list was being read, to be done again on what was read. */
#include "chat/inside.h"

void change_note(struct membership_change **changes, uint32_t *count, uint32_t *capacity,
                 const struct uuid *id, bool joined, bool admin) {
    if (*count == *capacity) {
        *capacity = *capacity ? *capacity * 2 : 4;
        *changes = mem_realloc(*changes, *capacity * sizeof(**changes));
    }
    (*changes)[(*count)++] = (struct membership_change){.id = *id, .joined = joined, .admin = admin};
}
