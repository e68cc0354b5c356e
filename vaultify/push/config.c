/* What holds of push when the operator says nothing: every service is off. */
#include "push/config.h"

void push_config_init(struct push_config *config) {
    *config = (struct push_config){
        .timeout_ms = 15000,
        .content = true,
        .fcm.per_second = 9000,
        .expo = {.per_second = 600, .receipt_delay_ms = 15 * 60 * 1000},
    };
}
