/* Makes the namespace /messaging and ties it to the table, to the sockets' life and to the chat. */
#include "events/events.h"

#include "base/mem.h"
#include "events/member.h"
#include "events/table.h"

enum sio_err events_new(const struct events_config *config, struct sio_server *server, struct events **out) {
    enum sio_err e = event_rows_check(event_rows, event_row_count, config->log);
    if (!e) e = server_event_rows_check(server_event_rows, SERVER_EVENT_COUNT_, config->log);
    if (e) return e;
    struct events *events = mem_new(struct events);
    events->auth = config->auth;
    events->rate_limits = config->rate_limits;
    events->limits = (struct wire_limits){config->content_max_bytes, config->metadata_max_bytes};
    events->log = config->log;
    events->metrics = config->metrics;
    event_rows_count(events->metrics);
    events->server = server;
    events->ns = sio_server_namespace(server, "/messaging",
                                      &(struct sio_handlers){.on_connecting = member_on_connecting,
                                                             .on_connect = member_on_connect,
                                                             .on_event = events_on_event,
                                                             .on_disconnect = member_on_disconnect,
                                                             .data = events});
    *out = events;
    return SIO_ERR_OK;
}

void events_bind(struct events *events, struct chat *chat) { events->chat = chat; }

void events_free(struct events *events) { free(events); }
