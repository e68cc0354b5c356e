/* Requests to the running server: HTTP over its Unix socket, with libcurl. */
#include "app/control_client.h"

#include <curl/curl.h>

#include "app/control_path.h"

enum {
    CONNECT_TIMEOUT_MS = 5000,
    REPLY_MAX_BYTES = 64 << 20,
};

static size_t on_body(char *bytes, size_t size, size_t count, void *data) {
    struct sio_strbuf *body = data;
    size_t n = size * count;
    if (n > REPLY_MAX_BYTES - body->n) return 0;
    sio_strbuf_add(body, bytes, n);
    return n;
}

static enum sio_err result_of(CURLcode code) {
    switch (code) {
    case CURLE_OK: return SIO_ERR_OK;
    case CURLE_COULDNT_CONNECT: return SIO_ERR_CLOSED;
    case CURLE_OPERATION_TIMEDOUT: return SIO_ERR_TIMEOUT;
    case CURLE_WRITE_ERROR: return SIO_ERR_LIMIT;
    default: return SIO_ERR_IO;
    }
}

static enum sio_err perform(CURL *curl, const char *socket_path, const char *path, struct sio_span body,
                            uint32_t timeout_ms, struct control_reply *reply) {
    struct sio_strbuf url;
    long status = 0;
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/x-ndjson");
    headers = curl_slist_append(headers, "Expect:"); /* no waiting for a 100 that never comes */
    sio_strbuf_init(&url);
    sio_strbuf_printf(&url, "http://localhost%s", path);
    curl_easy_setopt(curl, CURLOPT_URL, url.p);
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket_path);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &reply->body);
    if (body.p) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.p);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    }
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    reply->status = (int)status;
    sio_strbuf_fini(&url);
    curl_slist_free_all(headers);
    return result_of(code);
}

enum sio_err control_request(const char *directory, const char *path, struct sio_span body,
                             uint32_t timeout_ms, struct control_reply *reply) {
    struct control_path socket_path;
    reply->status = 0;
    sio_strbuf_init(&reply->body);
    enum sio_err err = control_path_open(&socket_path, directory);
    if (err != SIO_ERR_OK) return err == SIO_ERR_NOT_FOUND ? SIO_ERR_CLOSED : err;
    CURL *curl = curl_easy_init();
    err = curl ? perform(curl, socket_path.text, path, body, timeout_ms, reply) : SIO_ERR_IO;
    curl_easy_cleanup(curl);
    control_path_close(&socket_path);
    return err;
}
