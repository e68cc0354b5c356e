/* `vaultify serve`: makes each part of the server once, joins them, runs, and takes them apart in reverse. */
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app/command.h"
#include "app/control_client.h"
#include "app/control_path.h"
#include "app/demo.h"
#include "app/secret.h"
#include "auth/auth.h"
#include "chat/chat.h"
#include "events/events.h"
#include "metrics/metrics.h"
#include "outbox/outbox.h"
#include "routes/routes.h"
#include "sio.h"
#include "store/store.h"

enum {
    EXIT_STORE_FAILED = 70, /* sysexits' EX_SOFTWARE; a supervisor starts the server again, which recovers */
    WAIT_FOR_DATA_MS = 12000, /* a server that is stopping keeps it so long at most, by default */
    PROBE_TIMEOUT_MS = 2000,
    WAIT_STEP_MS = 50,
    PUSH_DRAIN_MS = 2000, /* for pushes that are being sent when the server stops */
    ADDRESS_TEXT = 320,
};

struct serve {
    const struct config *config;
    struct sio_log log;
    struct metrics *metrics;
    struct store *store;
    struct outbox *outbox;
    bool outbox_works;
    struct auth *auth;
    struct sio_server *server;
    struct events *events;
    struct chat *chat;
    struct routes *routes;
    struct demo *demo; /* NULL: none */
    struct control_path control_path;
    atomic_bool ready;          /* for /health/ready */
    const char *host;           /* listened on; a wildcard when the operator named none */
    char address[ADDRESS_TEXT]; /* to go to */
};

/* ---- storage ---- */

/* A commit failed, so nobody knows what is on disk: say so, and let the next start recover. */
static void on_store_fatal(const char *message, void *data) {
    struct serve *serve = data;
    sio_log_error(&serve->log, "the store failed, stopping at once: %s", message);
    _exit(EXIT_STORE_FAILED);
}

static bool other_server_answers(const struct config *config) {
    struct control_reply reply;
    enum sio_err err = control_request(config->store.directory, "/health/live", (struct sio_span){0},
                                       PROBE_TIMEOUT_MS, &reply);
    sio_strbuf_fini(&reply.body);
    return err == SIO_ERR_OK; /* one that is just ending does not answer any more */
}

/* A server that is just stopping, or an import, gets its time to end; one that answers does not. */
static bool open_store(struct serve *serve) {
    struct store_config config = serve->config->store;
    config.on_fatal = on_store_fatal;
    config.on_fatal_data = serve;
    config.metrics = serve->metrics;
    if (serve->config->demo) config.wall_ms = demo_wall_ms;
    enum sio_err err;
    for (int waited_ms = 0;; waited_ms += WAIT_STEP_MS) {
        config.log = waited_ms ? NULL : &serve->log;
        err = store_sqlite_open(&config, &serve->store);
        if (err != SIO_ERR_IN_USE || waited_ms >= WAIT_FOR_DATA_MS || other_server_answers(serve->config))
            break;
        usleep(WAIT_STEP_MS * 1000);
    }
    if (err == SIO_ERR_IN_USE)
        command_complain("serve: another process works on %s", config.directory);
    else if (err != SIO_ERR_OK)
        command_complain("serve: cannot open the data in %s: %s", config.directory, sio_err_text(err));
    return err == SIO_ERR_OK;
}

static bool open_demo(struct serve *serve) {
    if (!serve->config->demo || demo_open(serve->store, &serve->demo) == SIO_ERR_OK) return true;
    command_complain("serve: the demo's data cannot be made");
    return false;
}

/* ---- the parts ---- */

static bool make_auth(struct serve *serve) {
    struct sio_strbuf secret;
    enum sio_err err = secret_load(serve->config, true, &secret);
    if (err == SIO_ERR_OK) err = auth_new(sio_strbuf_as_span(&secret), &serve->auth);
    if (err != SIO_ERR_OK)
        command_complain("serve: no secret for tokens in %s/jwt_secret: %s", serve->config->store.directory,
                         sio_err_text(err));
    else if (secret.n < AUTH_SECRET_MIN_BYTES)
        sio_log_warn(&serve->log,
                     "JWT_SECRET is shorter than %d bytes: fine for trying out, refused in production",
                     AUTH_SECRET_MIN_BYTES);
    sio_strbuf_fini(&secret);
    return err == SIO_ERR_OK;
}

static bool is_ready(void *data) {
    struct serve *serve = data;
    return atomic_load(&serve->ready);
}

static bool make_outbox(struct serve *serve) {
    struct outbox_config config = serve->config->outbox;
    config.log = &serve->log;
    config.metrics = serve->metrics;
    return outbox_new(&config, &serve->outbox) == SIO_ERR_OK;
}

static void on_push_due(void *data) { outbox_wake(((struct serve *)data)->outbox); }

static bool make_parts(struct serve *serve) {
    const struct config *config = serve->config;
    struct sio_config sio = config->sio;
    struct chat_config chat = config->chat;
    struct chat_out out;
    sio.log = &serve->log;
    chat.log = &serve->log;
    if (outbox_services(serve->outbox)) chat.push_due = on_push_due;
    chat.push_due_data = serve;
    const struct events_config events = {
        serve->auth, config->rate_limits, chat.content_max_bytes, chat.metadata_max_bytes,
        &serve->log, serve->metrics};
    if (sio_server_new(&sio, &serve->server) != SIO_ERR_OK) return false;
    if (events_new(&events, serve->server, &serve->events) != SIO_ERR_OK) return false;
    events_out(serve->events, &out);
    if (chat_new(&chat, serve->server, serve->store, &out, &serve->chat) != SIO_ERR_OK) return false;
    events_bind(serve->events, serve->chat);
    struct routes_config routes = {.auth = serve->auth,
                                   .chat = serve->chat,
                                   .store = serve->store,
                                   .outbox = serve->outbox,
                                   .server = serve->server,
                                   .assets = &assets_built_in,
                                   .rate_limits = config->rate_limits,
                                   .content_max_bytes = chat.content_max_bytes,
                                   .metadata_max_bytes = chat.metadata_max_bytes,
                                   .ready = is_ready,
                                   .ready_data = serve,
                                   .version = VAULTIFY_VERSION,
                                   .metrics = serve->metrics,
                                   .metrics_token = config->metrics_token,
                                   .metrics_open = config->environment != CONFIG_PRODUCTION,
                                   .log = &serve->log};
    if (serve->demo) routes.demo_users = demo_users(serve->demo, &routes.demo_user_count);
    return routes_new(&routes, &serve->routes) == SIO_ERR_OK;
}

static bool start_outbox(struct serve *serve) {
    serve->outbox_works = outbox_start(serve->outbox, serve->store, serve->chat) == SIO_ERR_OK;
    return serve->outbox_works;
}

/* ---- listening ---- */

static void complain_listen(const struct config *config, enum sio_err err) {
    const char *host = config->host ? config->host : "any address";
    if (err == SIO_ERR_IN_USE && !config->host)
        command_complain("serve: port %u is in use", config->port);
    else if (err == SIO_ERR_IN_USE)
        command_complain("serve: port %u is in use on %s", config->port, host);
    else if (err == SIO_ERR_DENIED)
        command_complain("serve: port %u on %s is not allowed to this user", config->port, host);
    else
        command_complain("serve: cannot listen on %s, port %u: %s", host, config->port, sio_err_text(err));
}

static enum sio_err listen_at(struct serve *serve, const char *host) {
    const struct config *config = serve->config;
    uint16_t port = (uint16_t)config->port;
    return config->tls.chain_file ? sio_server_listen_tls(serve->server, host, port, &config->tls)
                                  : sio_server_listen(serve->server, host, port);
}

/* Without a host: every address. "::" takes IPv4 too; a machine without IPv6 gets IPv4 alone. */
static bool listen_tcp(struct serve *serve) {
    const struct config *config = serve->config;
    serve->host = config->host ? config->host : "::";
    enum sio_err err = listen_at(serve, serve->host);
    if (!config->host && (err == SIO_ERR_INVALID || err == SIO_ERR_IO)) {
        sio_log_info(&serve->log, "no IPv6 here: listening on IPv4 alone");
        serve->host = "0.0.0.0";
        err = listen_at(serve, serve->host);
    }
    if (err != SIO_ERR_OK) complain_listen(config, err);
    return err == SIO_ERR_OK;
}

static bool listen_control(struct serve *serve) {
    enum sio_err err = control_path_open(&serve->control_path, serve->config->store.directory);
    if (err == SIO_ERR_OK) err = sio_server_listen_unix(serve->server, serve->control_path.text);
    if (err != SIO_ERR_OK)
        command_complain("serve: cannot listen on %s/control.sock: %s", serve->config->store.directory,
                         sio_err_text(err));
    return err == SIO_ERR_OK;
}

/* What a wildcard stands for; NULL: the host is one address. */
static const char *all_addresses(const char *host) {
    if (strcmp(host, "::") == 0) return "all addresses";
    return strcmp(host, "0.0.0.0") == 0 ? "all IPv4 addresses" : NULL;
}

/* A wildcard is no address to go to: the machine's own stands for it. */
static void find_address(struct serve *serve) {
    const char *host = all_addresses(serve->host) ? "127.0.0.1" : serve->host;
    bool ipv6 = strchr(host, ':') != NULL;
    snprintf(serve->address, sizeof serve->address, "http%s://%s%s%s:%u",
             serve->config->tls.chain_file ? "s" : "", ipv6 ? "[" : "", host, ipv6 ? "]" : "",
             sio_server_port(serve->server));
}

/* The address ends at a blank, for programs that read it from the first line. */
static void announce(struct serve *serve) {
    find_address(serve);
    const char *all = all_addresses(serve->host);
    printf("Vaultify Messaging is listening on %s%s%s%s\n", serve->address, all ? " (" : "", all ? all : "",
           all ? ")" : "");
    fflush(stdout);
    sio_log_info(&serve->log, "serving address=%s host=%s threads=%u data=%s version=%s", serve->address,
                 serve->host, sio_server_loop_count(serve->server), serve->config->store.directory,
                 VAULTIFY_VERSION);
    if (serve->demo) demo_print(stdout, serve->demo, serve->auth, serve->address);
}

/* ---- the life of it ---- */

static void raise_file_limit(const struct sio_log *log) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        sio_log_warn(log, "the limit of open files could not be raised");
}

static bool prepare(struct serve *serve) {
    if (!open_store(serve) || !open_demo(serve) || !make_auth(serve)) return false;
    if (!make_outbox(serve) || !make_parts(serve) || !start_outbox(serve)) {
        command_complain("serve: the server cannot be made; the log says why");
        return false;
    }
    return listen_tcp(serve) && listen_control(serve);
}

static bool serve_until_stopped(struct serve *serve) {
    atomic_store(&serve->ready, true);
    announce(serve);
    enum sio_err err = sio_server_run(serve->server);
    if (err != SIO_ERR_OK) command_complain("serve: %s", sio_err_text(err));
    return err == SIO_ERR_OK;
}

/* The loops have stopped. The outbox's thread ends before what it asks, the store and chat; the store goes before
 * the loops that it posts to; the loops go before those whose timers still stand in their wheels, and before the
 * outbox, which their last tasks may wake. */
static void take_apart(struct serve *serve) {
    if (serve->outbox_works) outbox_stop(serve->outbox, PUSH_DRAIN_MS);
    if (serve->store) store_close(serve->store);
    if (serve->server) sio_server_free(serve->server);
    if (serve->routes) routes_free(serve->routes);
    if (serve->chat) chat_free(serve->chat);
    if (serve->events) events_free(serve->events);
    auth_free(serve->auth);
    if (serve->outbox) outbox_free(serve->outbox);
    demo_close(serve->demo);
    metrics_free(serve->metrics);
    control_path_close(&serve->control_path);
}

static int run(const struct config *config, const void *values, const char *operand) {
    struct serve serve = {.config = config, .metrics = metrics_new(), .control_path = {.directory_fd = -1}};
    sio_log_init(&serve.log, STDERR_FILENO, (enum sio_log_level)config->log_level);
    signal(SIGPIPE, SIG_IGN);
    raise_file_limit(&serve.log);
    bool ok = prepare(&serve) && serve_until_stopped(&serve);
    take_apart(&serve);
    if (ok) sio_log_info(&serve.log, "stopped");
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

const struct command command_serve = {
    .name = "serve", .summary = "Runs the server until Ctrl-C or SIGTERM", .scope = CONFIG_SERVE, .run = run};
