/* What FCM's answers mean. */
#pragma once
#include "push/fcm/access_token.h"
#include "push/provider.h"

/* The verdict over one note; what the answer says of the access token goes to `token`. */
void fcm_judge(struct fcm_access_token *token, const struct push_response *response, int64_t now_ms,
               struct push_verdict *verdict);
