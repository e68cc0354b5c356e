/* What Expo's answers mean: tickets, receipts, and refusals of a whole request. Pure. */
#pragma once
#include "push/provider.h"

/* One verdict a note. True: the request was refused for what is in it, and carried several notes, so that nobody knows whose
 * fault it is; they are to go again, each alone. */
bool expo_judge_tickets(const struct push_note *notes, size_t count, const struct push_response *response,
                        struct push_verdict *verdicts);

/* One verdict a receipt; of those that are not there yet, and when the request failed, RETRY. */
void expo_judge_receipts(const struct sio_span *ids, size_t count, const struct push_response *response,
                         struct push_verdict *verdicts);
