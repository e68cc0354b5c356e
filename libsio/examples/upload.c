/* Uploads in one page: a file comes in binary chunks, each acknowledged with how much has arrived. With the official
 * client:
 *
 *     await socket.emitWithAck('begin', { name: 'photo.jpg', size });      {ok: true, received: 0}
 *     await socket.emitWithAck('chunk', bytes);                            {ok: true, received} after each
 *     await socket.emitWithAck('end');                                     {ok: true, received: size}
 *
 * or {ok: false, error}, which ends the upload. A socket has one upload at a time; it stands in the folder as
 * .SOCKET-ID.part until it is whole, and gets its name only if there is no such file. Writing to a local disk is
 * short enough for a loop thread; to a slow one a program would write on threads of its own. */
#include <errno.h>
#include <fcntl.h>
#include <sio.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_BYTES = 100, PART_BYTES = 40 };
static const int64_t max_bytes = 64 * 1024 * 1024; /* of one file */

struct server {
    struct sio_namespace *ns;
    int folder; /* a descriptor: whatever is opened is opened in here */
};

struct upload {
    int fd; /* -1: there is none */
    int64_t size, received;
    char name[NAME_BYTES + 1];
    char part[PART_BYTES];
};

/* ---- a file's life: each returns what is wrong, or NULL ---- */

static const char *error_text(void) {
    return errno == EEXIST ? "there is a file of this name" : "the file cannot be written";
}

static void forget(struct server *server, struct upload *u) {
    if (u->fd < 0) return;
    close(u->fd);
    unlinkat(server->folder, u->part, 0);
    u->fd = -1;
}

/* Letters, digits, _, and - and . but not first: such a name leads nowhere else, hides from nobody, and is no
 * option of a command. */
static bool name_is_plain(struct sio_span name) {
    static const char allowed[] = "-_.ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    if (name.n == 0 || name.n > NAME_BYTES || name.p[0] == '.' || name.p[0] == '-') return false;
    for (size_t i = 0; i < name.n; i++)
        if (!memchr(allowed, name.p[i], sizeof(allowed) - 1)) return false;
    return true;
}

static const char *begin(struct server *server, struct upload *u, const struct sio_event *event) {
    char name[NAME_BYTES + 2]; /* and its quotes */
    struct sio_span file = {NULL, 0};
    size_t cursor = 0;
    if (u->fd >= 0) return "there is an upload already";
    sio_json_next_item(event->args, &cursor, &file);
    struct sio_span value = sio_json_member(file, SIO_SPAN("name"));
    if (sio_json_kind(value) != SIO_JSON_STRING || value.n > sizeof(name))
        return "the name is not a plain one";
    struct sio_span plain = sio_span_of(name, sio_json_string_decode(value, name));
    if (!name_is_plain(plain)) return "the name is not a plain one";
    if (!sio_json_to_i64(sio_json_member(file, SIO_SPAN("size")), &u->size) || u->size < 0)
        return "there is no size";
    if (u->size > max_bytes) return "the file is too large";
    memcpy(u->name, plain.p, plain.n);
    u->name[plain.n] = '\0';
    u->received = 0;
    u->fd = openat(server->folder, u->part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    return u->fd < 0 ? error_text() : NULL;
}

static const char *chunk(struct server *server, struct upload *u, const struct sio_event *event) {
    if (u->fd < 0) return "there is no upload";
    if (event->attachment_count != 1) return "a chunk is binary";
    struct sio_span bytes = event->attachments[0];
    if ((int64_t)bytes.n > u->size - u->received) return "more has come than was announced";
    while (bytes.n) {
        ssize_t n = write(u->fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return error_text();
        bytes = sio_span_skip(bytes, (size_t)n);
        u->received += n;
    }
    return NULL;
}

/* A link is made only where there is nothing, so no file is ever overwritten. */
static const char *end(struct server *server, struct upload *u, const struct sio_event *event) {
    if (u->fd < 0) return "there is no upload";
    if (u->received != u->size) return "less has come than was announced";
    if (linkat(server->folder, u->part, server->folder, u->name, 0) != 0) return error_text();
    forget(server, u);
    return NULL;
}

static const struct {
    const char *event;
    const char *(*run)(struct server *server, struct upload *u, const struct sio_event *event);
} events[] = {{"begin", begin}, {"chunk", chunk}, {"end", end}};

/* ---- sockets ---- */

static void on_connect(struct sio_socket *socket, void *data) {
    struct sio_span id = sio_socket_id(socket);
    struct upload *u = calloc(1, sizeof(*u));
    if (!u) abort();
    u->fd = -1;
    snprintf(u->part, sizeof(u->part), ".%.*s.part", (int)id.n, id.p);
    sio_socket_set_data(socket, u);
}

static const char *run(struct server *server, struct upload *u, const struct sio_event *event) {
    for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++)
        if (sio_span_is(event->name, events[i].event)) return events[i].run(server, u, event);
    return "there is no such event";
}

static void on_event(struct sio_socket *socket, const struct sio_event *event, void *data) {
    struct server *server = data;
    struct upload *u = sio_socket_data(socket);
    struct sio_strbuf answer;
    sio_strbuf_init(&answer);
    const char *error = run(server, u, event);
    if (error) {
        forget(server, u);
        sio_strbuf_printf(&answer, "[{\"ok\":false,\"error\":\"%s\"}]", error);
    } else {
        sio_strbuf_printf(&answer, "[{\"ok\":true,\"received\":%lld}]", (long long)u->received);
    }
    sio_ack_send(server->ns, event->ack, sio_strbuf_as_span(&answer));
    sio_strbuf_fini(&answer);
}

static void on_disconnect(struct sio_socket *socket, enum sio_reason reason, void *data) {
    struct upload *u = sio_socket_data(socket);
    forget(data, u);
    free(u);
}

/* ---- */

static enum sio_err serve(struct sio_server *sio, struct server *server, uint16_t port) {
    server->ns = sio_server_namespace(
        sio, "/",
        &(struct sio_handlers){
            .on_connect = on_connect, .on_event = on_event, .on_disconnect = on_disconnect, .data = server});
    enum sio_err e = sio_server_listen(sio, "127.0.0.1", port);
    if (e != SIO_ERR_OK) return e;
    printf("upload is listening on http://127.0.0.1:%u\n", sio_server_port(sio));
    fflush(stdout);
    return sio_server_run(sio);
}

int main(int argc, char **argv) {
    struct sio_log log;
    struct sio_config config;
    struct sio_server *sio;
    struct server server;
    uint16_t port = (uint16_t)(argc > 2 ? strtoul(argv[2], NULL, 10) : 3000);
    if (argc < 2) {
        fputs("upload FOLDER [PORT]\n", stderr);
        return 2;
    }
    server.folder = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (server.folder < 0) {
        perror(argv[1]);
        return 1;
    }
    sio_log_init(&log, 2, SIO_LOG_INFO);
    sio_config_init(&config);
    config.cors.origins = "*";
    config.stop_on_signals = true;
    config.log = &log;
    enum sio_err e = sio_server_new(&config, &sio);
    if (e == SIO_ERR_OK) {
        e = serve(sio, &server, port);
        sio_server_free(sio);
    }
    if (e != SIO_ERR_OK) fprintf(stderr, "upload: port %u: %s\n", port, sio_err_text(e));
    close(server.folder);
    return e == SIO_ERR_OK ? 0 : 1;
}
