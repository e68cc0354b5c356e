/* Chat as a whole: its configuration, its part on every loop, and which loop an estate lives on. */
#include "chat/chat.h"

#include "chat/inside.h"

void chat_config_init(struct chat_config *config) {
    *config = (struct chat_config){
        .presence_grace_ms = 5000,
        .typing_timeout_ms = 3000,
        .presence_events_per_s = 20,
        .presence_deliveries_per_s = 20000,
        .presence_digest_max = 100,
        .large_conversation = 100,
        .content_max_bytes = 16384,
        .metadata_max_bytes = 16384,
        .user_in_flight_max = 4096,
        .user_reads_max = 16,
        .estate_idle_ms = 600000,
        .conversation_cache = 20000,
    };
}

static bool config_makes_sense(const struct chat_config *c) {
    return c->typing_timeout_ms > 0 && c->presence_deliveries_per_s > 0 && c->content_max_bytes > 0 &&
           c->user_in_flight_max > 0 && c->user_reads_max > 0 && c->estate_idle_ms > 0 &&
           c->conversation_cache > 0;
}

enum sio_err chat_new(const struct chat_config *config, struct sio_server *server, struct store *store,
                      const struct chat_out *out, struct chat **result) {
    if (!config_makes_sense(config)) {
        sio_log_error(config->log, "chat: a limit of the configuration must not be zero");
        return SIO_ERR_INVALID;
    }
    struct chat *chat = mem_new(struct chat);
    *chat = (struct chat){.config = *config, .server = server, .store = store, .out = *out};
    chat->loop_count = sio_server_loop_count(server);
    chat->loops = mem_new_array(struct estate_loop, chat->loop_count);
    for (unsigned i = 0; i < chat->loop_count; i++) {
        chat->loops[i] = (struct estate_loop){.chat = chat, .loop = sio_server_loop(server, i)};
        map_init(&chat->loops[i].estates, NULL);
        list_init(&chat->loops[i].readers);
    }
    *result = chat;
    return SIO_ERR_OK;
}

struct estate_key chat_key(const struct uuid *user, const struct uuid *estate) {
    bool alone = uuid_is_nil(estate);
    return (struct estate_key){.alone = alone, .id = alone ? *user : *estate};
}

struct estate_loop *chat_home(struct chat *chat, const struct estate_key *key) {
    static const uint64_t seed[2] = {0x7661756c74696679, 0x657374617465}; /* the same in every process */
    return &chat->loops[hash_bytes(seed, uuid_span(&key->id)) % chat->loop_count];
}

void chat_free(struct chat *chat) {
    if (!chat) return;
    for (unsigned i = 0; i < chat->loop_count; i++) {
        uint32_t cursor = 0;
        for (struct chat_estate *estate; (estate = map_next(&chat->loops[i].estates, &cursor));)
            estate_free(estate);
        map_fini(&chat->loops[i].estates);
    }
    free(chat->loops);
    free(chat);
}
