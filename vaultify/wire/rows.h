/* Rows as JSON, in snake_case, as REST answers carry them; each appends one value to the writer. Absent
 * values are null. Any thread. */
#pragma once
#include "chat/chat.h"
#include "sio_json.h"
#include "store/push.h"

/* Small parts that payloads share. */
void wire_put_uuid(struct sio_json_writer *w, const struct uuid *id); /* nil: null */
void wire_put_text(struct sio_json_writer *w, struct sio_span text);  /* empty: null */
void wire_put_time(struct sio_json_writer *w, int64_t unix_ms);       /* 0: null */

/* Exactly the message of new_message; _members: without the braces. */
void wire_put_message_members(struct sio_json_writer *w, const struct message_row *row);
void wire_put_message(struct sio_json_writer *w, const struct message_row *row);
/* The same with `reply_to_message` (or null) and `reactions`. */
void wire_put_message_full(struct sio_json_writer *w, const struct message_row *row);
void wire_put_reaction(struct sio_json_writer *w, const struct reaction_row *row);
/* `reader`: who gets to see it. Whether others have muted, pinned or archived it is not shown. */
void wire_put_participant(struct sio_json_writer *w, const struct uuid *conversation,
                          const struct participant_row *row, const struct uuid *reader);
/* With the participants that are in it now. */
void wire_put_conversation(struct sio_json_writer *w, const struct conversation_row *row,
                           const struct uuid *reader);
void wire_put_user(struct sio_json_writer *w, const struct user_row *row);
/* What a user may see of themselves; `estate_name` is empty without an estate. */
void wire_put_me(struct sio_json_writer *w, const struct user_row *row, struct sio_span estate_name);
/* Somebody to try the demo as. */
void wire_put_demo_user(struct sio_json_writer *w, const struct user_row *row, struct sio_span estate_name,
                        struct sio_span token);
/* What neighbours may see of each other. */
void wire_put_resident(struct sio_json_writer *w, const struct user_row *row);
void wire_put_device(struct sio_json_writer *w, const struct device_row *row);
void wire_put_preferences(struct sio_json_writer *w, const struct preferences_row *row);
void wire_put_push_dead(struct sio_json_writer *w, const struct push_dead_row *row);
void wire_put_online(struct sio_json_writer *w, const struct chat_online *row);
