/* {"success":false,"statusCode":…,"timestamp":…,"path":…,"method":…,"error":…,"message":…,"code":…} */
#include "wire/error_body.h"

#include "wire/rows.h"

static const struct {
    int status;
    const char *phrase;
} reasons[] = {
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Payload Too Large"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
};

const char *wire_reason(int status) {
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].status == status) return reasons[i].phrase;
    return "Unknown";
}

static void put(struct sio_json_writer *w, struct sio_span key, struct sio_span text) {
    sio_json_key(w, key);
    sio_json_string(w, text);
}

void wire_error_body(struct sio_strbuf *out, const struct wire_error_body *error) {
    int status = fault_status(error->fault);
    struct sio_json_writer w;
    sio_json_begin(&w, out);
    sio_json_object_open(&w);
    sio_json_key(&w, SIO_SPAN("success"));
    sio_json_bool(&w, false);
    sio_json_key(&w, SIO_SPAN("statusCode"));
    sio_json_i64(&w, status);
    sio_json_key(&w, SIO_SPAN("timestamp"));
    wire_put_time(&w, error->now_ms);
    put(&w, SIO_SPAN("path"), error->path);
    put(&w, SIO_SPAN("method"), error->method);
    put(&w, SIO_SPAN("error"), sio_span_cstr(wire_reason(status)));
    put(&w, SIO_SPAN("message"),
        error->message.n ? error->message : sio_span_cstr(fault_message(error->fault)));
    put(&w, SIO_SPAN("code"), sio_span_cstr(fault_code(error->fault)));
    sio_json_object_close(&w);
}
