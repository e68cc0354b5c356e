/* Endpoints that a browser gives, and more than sixty that somebody makes up to have the server call where it should not. */
#include "push/webpush/endpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char *const good[] = {
    "https://fcm.googleapis.com/fcm/send/dpH5lCsTSSM:APA91bHqjZxM0VImWWqDRN7U0a3AycjUf4O",
    "https://fcm.googleapis.com:443/wp/abc",
    "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABh-_x",
    "https://web.push.apple.com/QOb2r7HJWjEq",
    "https://wns2-par02p.notify.windows.com/w/?token=BQYAAADZ%2b%2fa",
    "https://a.b.c.notify.windows.com/",
    "https://android.googleapis.com/gcm/send/x",
};

static const char *const hostile[] = {
    /* schemes */
    "http://fcm.googleapis.com/x",
    "HTTP://fcm.googleapis.com/x",
    "ftp://fcm.googleapis.com/x",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "javascript:alert(1)",
    "//fcm.googleapis.com/x",
    "fcm.googleapis.com/x",
    "https:/fcm.googleapis.com/x",
    "https:fcm.googleapis.com/x",
    "https:///fcm.googleapis.com/x",
    "https:\\\\fcm.googleapis.com\\x",
    " https://fcm.googleapis.com/x",
    "",
    "https://",
    "https:///",
    /* addresses */
    "https://127.0.0.1/x",
    "https://127.1/x",
    "https://127.0.1/x",
    "https://2130706433/x",
    "https://0x7f000001/x",
    "https://0x7f.0x0.0x0.0x1/x",
    "https://0x7F.1/x",
    "https://0177.0.0.1/x",
    "https://017700000001/x",
    "https://0/x",
    "https://10.0.0.1/x",
    "https://192.168.1.1/x",
    "https://169.254.169.254/latest/meta-data/",
    "https://8.8.8.8/x",
    "https://127.0.0.1./x",
    "https://[::1]/x",
    "https://[::]/x",
    "https://[::ffff:127.0.0.1]/x",
    "https://[::ffff:7f00:1]/x",
    "https://[64:ff9b::7f00:1]/x",
    "https://[2002:7f00:1::]/x",
    "https://[fe80::1%25eth0]/x",
    "https://[fd00::1]/x",
    "https://127.0.0.1.googleapis.com./x",
    "https://127%2e0%2e0%2e1/x",
    "https://\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1/x",
    "https://127\xe3\x80\x82"
    "0.0.1/x",
    /* other hosts */
    "https://localhost/x",
    "https://localhost.localdomain/x",
    "https://metadata.google.internal/x",
    "https://evil.com/x",
    "https://evilgoogleapis.com/x",
    "https://googleapis.com/x",
    "https://.googleapis.com/x",
    "https://fcm..googleapis.com/x",
    "https://-.googleapis.com/x",
    "https://fcm.googleapis.com.evil.com/x",
    "https://fcm.googleapis.com.127.0.0.1/x",
    "https://fcm.googleapis.com./x",
    "https://fcm.googleapis.com../x",
    "https://fcm.googleapis.com%2eevil.com/x",
    "https://evil.com%2f.googleapis.com/x",
    "https://evil.com%00.googleapis.com/x",
    "https://evil.com#.googleapis.com/x",
    "https://evil.com?.googleapis.com/x",
    "https://evil.com\\.googleapis.com/x",
    "https://evil.com;.googleapis.com/x",
    "https://evil.com,fcm.googleapis.com/x",
    "https://evil_host.googleapis.com/x",
    "https://*.googleapis.com/x",
    "https://FCM.googleapis.com/x",
    "https://fcm.g\xd0\xbe"
    "ogleapis.com/x",
    "https://fcm.googleapis\xe3\x80\x82"
    "com/x",
    "https://fcm.\xef\xbd\x87oogleapis.com/x",
    "https://fcm.googleapis\xc2\xad.com/x",
    "https://xn--fcm-googleapis.com/x",
    /* users */
    "https://user:password@fcm.googleapis.com/x",
    "https://user@fcm.googleapis.com/x",
    "https://@fcm.googleapis.com/x",
    "https://fcm.googleapis.com@evil.com/x",
    "https://fcm.googleapis.com:443@evil.com/x",
    "https://fcm.googleapis.com:@evil.com/x",
    "https://evil.com:80@fcm.googleapis.com/x",
    "https://a@b@fcm.googleapis.com/x",
    /* ports */
    "https://fcm.googleapis.com:80/x",
    "https://fcm.googleapis.com:8443/x",
    "https://fcm.googleapis.com:6379/x",
    "https://fcm.googleapis.com:/x",
    "https://fcm.googleapis.com:0443/x",
    "https://fcm.googleapis.com:443:443/x",
    "https://fcm.googleapis.com:+443/x",
    "https://fcm.googleapis.com: 443/x",
    "https://fcm.googleapis.com:65979/x",
    "https://fcm.googleapis.com:4\xd9\xa4"
    "3/x",
    /* what a request could not carry */
    "https://fcm.googleapis.com/x#fragment",
    "https://fcm.googleapis.com/x y",
    "https://fcm.googleapis.com/x\ty",
    "https://fcm.googleapis.com/x\r\nHost: evil.com",
    "https://fcm.googleapis.com/x\nX: y",
    "https://fcm.googleapis.com/\x7f",
    "https://fcm.googleapis.com/\x01",
    "https://fcm.goog\tleapis.com/x",
    "https://fcm.goog\nleapis.com/x",
    "https://fcm.googleapis.com/\xc3\xa4",
    "https://fcm.googleapis.com\\@evil.com/x",
    "https://fcm.googleapis.com\\x",
    "https://fcm.googleapis.com/<x>",
    "https://fcm.googleapis.com/{x}",
    "https://fcm.googleapis.com",
    "https://fcm.googleapis.com?x",
};

static bool passes(struct sio_span url, const char *hosts) {
    struct webpush_endpoint parts;
    const char *error = NULL;
    bool ok = webpush_endpoint_check(url, hosts, &parts, &error);
    assert_true(ok == (error == NULL));
    return ok;
}

static void browsers_are_served(void **state) {
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!passes(sio_span_cstr(good[i]), NULL)) fail_msg("%s is refused", good[i]);
}

static void hostile_forms_are_refused(void **state) {
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++)
        if (passes(sio_span_cstr(hostile[i]), NULL)) fail_msg("%s passes", hostile[i]);
    assert_true(sizeof hostile / sizeof *hostile >= 60);
    assert_false(passes(sio_span_of("https://fcm.googleapis.com/\0", 28), NULL));
    assert_false(passes(sio_span_of("https://evil.com\0.googleapis.com/", 33), NULL));
}

/* Numbers stay out also where an operator has allowed everything below something. */
static void the_form_holds_whatever_is_listed(void **state) {
    const char *forms[] = {"https://127.0.0.1/", "https://0x7f.1/", "https://[::1]/", "https://a.1/",
                           "https://1/"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        assert_false(passes(sio_span_cstr(forms[i]), "127.0.0.1,0x7f.1,[::1],a.1,1,*.0.0.1"));
}

static void lists_of_an_operator(void **state) {
    const char *hosts = "push.example.com , *.Example.org,localhost";
    assert_true(passes(SIO_SPAN("https://push.example.com/x"), hosts));
    assert_true(passes(SIO_SPAN("https://a.example.org/x"), hosts));
    assert_true(passes(SIO_SPAN("https://a.b.example.org/x"), hosts));
    assert_true(passes(SIO_SPAN("https://localhost/x"), hosts));
    assert_false(passes(SIO_SPAN("https://a.push.example.com/x"), hosts));
    assert_false(passes(SIO_SPAN("https://example.org/x"), hosts));
    assert_false(passes(SIO_SPAN("https://aexample.org/x"), hosts));
    assert_false(passes(SIO_SPAN("https://fcm.googleapis.com/x"), hosts));
    assert_false(passes(SIO_SPAN("https://fcm.googleapis.com/x"), ""));
}

static void lengths(void **state) {
    char url[WEBPUSH_ENDPOINT_MAX_BYTES + 1];
    static const char start[] = "https://fcm.googleapis.com/";
    memset(url, 'a', sizeof url);
    memcpy(url, start, sizeof start - 1);
    assert_true(passes(sio_span_of(url, WEBPUSH_ENDPOINT_MAX_BYTES), NULL));
    assert_false(passes(sio_span_of(url, WEBPUSH_ENDPOINT_MAX_BYTES + 1), NULL));

    char label[128] = "https://";
    memset(label + 8, 'a', 64);
    memcpy(label + 8 + 64, ".googleapis.com/", 17);
    assert_false(passes(sio_span_cstr(label), NULL));
    assert_true(passes(sio_span_of(memcpy(label + 1, "https://", 8), strlen(label + 1)), NULL));
}

static void parts_of_the_url(void **state) {
    struct webpush_endpoint parts;
    const char *error;
    assert_true(
        webpush_endpoint_check(SIO_SPAN("https://web.push.apple.com:443/a/b?c=d"), NULL, &parts, &error));
    assert_true(sio_span_is(parts.host, "web.push.apple.com"));
    assert_true(sio_span_is(parts.path, "/a/b?c=d"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(browsers_are_served),
        cmocka_unit_test(hostile_forms_are_refused),
        cmocka_unit_test(the_form_holds_whatever_is_listed),
        cmocka_unit_test(lists_of_an_operator),
        cmocka_unit_test(lengths),
        cmocka_unit_test(parts_of_the_url),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
