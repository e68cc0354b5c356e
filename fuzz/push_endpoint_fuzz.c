/* Fuzz target: endpoints of Web Push. What passes is read by libcurl, which will connect, exactly as it was read here. */
#include "fuzz.h"

#include <curl/curl.h>

#include "base/mem.h"
#include "base/must.h"
#include "push/webpush/endpoint.h"

static void same_part(CURLU *url, CURLUPart part, unsigned flags, struct sio_span expected) {
    char *text = NULL;
    must(curl_url_get(url, part, &text, flags) == CURLUE_OK && sio_span_is(expected, text));
    curl_free(text);
}

static void no_part(CURLU *url, CURLUPart part) {
    char *text = NULL;
    must(curl_url_get(url, part, &text, 0) != CURLUE_OK);
}

static void as_curl_reads_it(struct sio_span endpoint, const struct webpush_endpoint *parts) {
    char *text = mem_str(endpoint.p, endpoint.n);
    CURLU *url = curl_url();
    must(url && curl_url_set(url, CURLUPART_URL, text, CURLU_PATH_AS_IS) == CURLUE_OK);
    same_part(url, CURLUPART_SCHEME, 0, SIO_SPAN("https"));
    same_part(url, CURLUPART_HOST, 0, parts->host);
    same_part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT, SIO_SPAN("443"));
    no_part(url, CURLUPART_USER);
    no_part(url, CURLUPART_PASSWORD);
    no_part(url, CURLUPART_FRAGMENT);
    curl_url_cleanup(url);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char tail[] = ".googleapis.com";
    struct sio_span endpoint = sio_span_of(data, size);
    struct webpush_endpoint parts;
    const char *error = NULL;
    if (!webpush_endpoint_check(endpoint, "*.googleapis.com", &parts, &error)) {
        must(error);
        return 0;
    }
    must(parts.host.n > sizeof tail - 1 && parts.path.n && parts.path.p[0] == '/');
    must(sio_span_is(sio_span_skip(parts.host, parts.host.n - (sizeof tail - 1)), tail));
    as_curl_reads_it(endpoint, &parts);
    return 0;
}
