/* All shapes and words of the API, and their check. */
#include "wire/shapes.h"

const struct wire_shape *const wire_shapes[] = {&wire_person_shape,
                                                &wire_sender_shape,
                                                &wire_resident_shape,
                                                &wire_online_shape,
                                                &wire_me_shape,
                                                &wire_reaction_shape,
                                                &wire_message_shape,
                                                &wire_sent_message_shape,
                                                &wire_history_message_shape,
                                                &wire_participant_shape,
                                                &wire_conversation_shape,
                                                &wire_device_shape,
                                                &wire_quiet_hours_shape,
                                                &wire_preferences_shape,
                                                &wire_mute_shape,
                                                &wire_demo_user_shape,
                                                &wire_demo_users_shape,
                                                &wire_page_shape,
                                                &wire_history_page_shape,
                                                &wire_done_shape,
                                                &wire_vapid_key_shape,
                                                &wire_health_shape,
                                                &wire_error_body_shape,
                                                &wire_new_message_shape,
                                                &wire_message_sent_shape,
                                                &wire_message_stored_shape,
                                                &wire_message_read_shape,
                                                &wire_message_delivered_shape,
                                                &wire_user_typing_shape,
                                                &wire_announcer_shape,
                                                &wire_estate_broadcast_shape,
                                                &wire_user_online_shape,
                                                &wire_user_offline_shape,
                                                &wire_presence_digest_shape,
                                                &wire_conversation_joined_shape,
                                                &wire_conversation_left_shape,
                                                &wire_error_shape,
                                                &wire_ack_error_shape,
                                                NULL};

const struct wire_words *const wire_word_lists[] = {&wire_roles,
                                                    &wire_user_statuses,
                                                    &wire_conversation_types,
                                                    &wire_message_types,
                                                    &wire_message_statuses,
                                                    &wire_broadcast_types,
                                                    &wire_device_platforms,
                                                    &wire_error_codes,
                                                    NULL};

/* ---- the check ---- */

static bool is_listed(const struct wire_shape *shape) {
    for (size_t i = 0; wire_shapes[i]; i++)
        if (wire_shapes[i] == shape) return true;
    return false;
}

static bool words_are_listed(const struct wire_words *words) {
    for (size_t i = 0; wire_word_lists[i]; i++)
        if (wire_word_lists[i] == words) return words->name && words->count > 0;
    return false;
}

/* Does the shape, or what it is based on, name this member before `count`? */
static bool has_before(const struct wire_shape *shape, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(shape->members[i].name, name) == 0) return true;
    return shape->base && has_before(shape->base, shape->base->count, name);
}

static bool member_is_right(const struct wire_shape *shape, size_t i) {
    const struct wire_member *m = &shape->members[i];
    if (!m->name || !m->name[0] || !m->doc || !m->doc[0]) return false;
    if (m->kind >= MEMBER_KIND_COUNT_ || m->form >= MEMBER_FORMS_) return false;
    if ((m->kind == MEMBER_WORD) != (m->words != NULL)) return false;
    if ((m->kind == MEMBER_SHAPE) != (m->shape != NULL)) return false;
    if (m->words && !words_are_listed(m->words)) return false;
    if (m->shape && !is_listed(m->shape)) return false;
    return !has_before(shape, i, m->name);
}

enum sio_err wire_shape_check(const struct wire_shape *shape) {
    if (!shape || !shape->name || !shape->name[0] || !shape->doc || !shape->doc[0]) return SIO_ERR_INVALID;
    if (!is_listed(shape)) return SIO_ERR_INVALID;
    if (shape->base && wire_shape_check(shape->base)) return SIO_ERR_INVALID;
    for (size_t i = 0; i < shape->count; i++) {
        if (!member_is_right(shape, i)) return SIO_ERR_INVALID;
        if (shape->members[i].shape && wire_shape_check(shape->members[i].shape)) return SIO_ERR_INVALID;
    }
    return SIO_ERR_OK;
}

enum sio_err wire_answer_check(const struct wire_answer *answer) {
    if (answer->form == ANSWER_TEXT) return answer->shape ? SIO_ERR_INVALID : SIO_ERR_OK;
    if (answer->form == ANSWER_UNSAID || answer->form >= ANSWER_FORM_COUNT_) return SIO_ERR_INVALID;
    return wire_shape_check(answer->shape);
}
