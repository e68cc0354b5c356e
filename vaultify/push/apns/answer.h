/* What Apple's answers mean. */
#pragma once
#include "push/apns/provider_token.h"
#include "push/provider.h"

/* The verdict over one note; that the provider token has expired goes to `token`. */
void apns_judge(struct apns_token *token, const struct push_response *response, int64_t now_ms,
                struct push_verdict *verdict);
