/* The payloads of the events that the server sends, as JSON objects with exactly the contract's names; each
 * appends one value to the writer. Any thread. */
#pragma once
#include "wire/rows.h"

void wire_new_message(struct sio_json_writer *w, const struct message_row *message);

/* The members of message_sent, without the braces, so that an acknowledgement can carry them too. */
void wire_message_sent_members(struct sio_json_writer *w, const struct message_row *message);
void wire_message_sent(struct sio_json_writer *w, const struct message_row *message);

void wire_message_read(struct sio_json_writer *w, const struct uuid *conversation, const struct uuid *message,
                       uint64_t seq, const struct uuid *reader, int64_t read_at);
void wire_message_delivered(struct sio_json_writer *w, const struct uuid *conversation,
                            const struct uuid *message, uint64_t seq, const struct uuid *user,
                            int64_t delivered_at);
void wire_user_typing(struct sio_json_writer *w, const struct uuid *conversation,
                      const struct chat_person *user, bool is_typing);
void wire_estate_broadcast(struct sio_json_writer *w, const struct uuid *estate,
                           const struct message_row *message, enum broadcast_type type,
                           const struct chat_person *from);
void wire_user_online(struct sio_json_writer *w, const struct chat_person *user, int64_t at);
void wire_user_offline(struct sio_json_writer *w, const struct uuid *user, int64_t at);
void wire_presence_digest(struct sio_json_writer *w, const struct uuid *estate, const struct uuid *online,
                          size_t online_count, const struct uuid *offline, size_t offline_count,
                          uint64_t count);

/* Of conversation_joined and conversation_left. */
void wire_membership(struct sio_json_writer *w, const struct uuid *conversation);

/* {message, code, event?}; an empty `event` is left out, an empty `message` is the fault's own. */
void wire_error(struct sio_json_writer *w, enum fault fault, struct sio_span message, struct sio_span event);

/* {ok:false, error:{code, message, retryAfterMs?}}; retry_after_ms 0 is left out. */
void wire_ack_refused(struct sio_json_writer *w, enum fault fault, struct sio_span message,
                      uint32_t retry_after_ms);

/* The caller's metadata object (or an empty span) with "broadcast_type" in it, which replaces the caller's
 * own. Appended to `out`; at most CHAT_BROADCAST_TYPE_BYTES longer. */
void wire_broadcast_metadata(struct sio_strbuf *out, struct sio_span metadata, enum broadcast_type type);
