/* VAPID: claims and signature of the header, how long it is kept and for how many hosts; the pair's file. */
#include "push/webpush/vapid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "push/testing/keys.h"
#include "push/webpush/vapid_file.h"

#define PUBLIC  "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
#define PRIVATE "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
#define SUBJECT "mailto:ops@example.com"
#define PREFIX  "Authorization: vapid t="

enum { NOW_S = 1700000000, HOUR_MS = 60 * 60 * 1000 };
static const int64_t NOW_MS = NOW_S * 1000ll;

static struct vapid *good_one(void) {
    struct vapid *vapid;
    const char *fault;
    assert_int_equal(vapid_new(PUBLIC, PRIVATE, SUBJECT, &vapid, &fault), SIO_ERR_OK);
    return vapid;
}

static void a_header_says_who_for_whom_and_until_when(void **state) {
    struct arena arena;
    struct vapid *vapid = good_one();
    arena_init(&arena);
    const char *header = vapid_header(vapid, SIO_SPAN("fcm.googleapis.com"), NOW_MS, &arena);
    assert_memory_equal(header, PREFIX, sizeof PREFIX - 1);
    struct sio_span rest = sio_span_cstr(header + sizeof PREFIX - 1);
    struct sio_span token = sio_span_cut(&rest, ',');
    assert_true(sio_span_is(rest, " k=" PUBLIC));
    char *jwt_header = test_token_header(token), *claims = test_token_claims(token);
    assert_string_equal(jwt_header, "{\"alg\":\"ES256\",\"typ\":\"JWT\"}");
    assert_string_equal(
        claims, "{\"aud\":\"https://fcm.googleapis.com\",\"exp\":1700043200,\"sub\":\"" SUBJECT "\"}");
    free(jwt_header);
    free(claims);
    arena_fini(&arena);
    vapid_free(vapid);
}

/* ECDSA signs differently each time: the same text was not signed anew. */
static bool same(struct vapid *vapid, const char *host, int64_t at_ms, const char *earlier,
                 struct arena *arena) {
    return strcmp(vapid_header(vapid, sio_span_cstr(host), at_ms, arena), earlier) == 0;
}

static void kept_for_hours(void **state) {
    struct arena arena;
    struct vapid *vapid = good_one();
    arena_init(&arena);
    const char *first = vapid_header(vapid, SIO_SPAN("a.example"), NOW_MS, &arena);
    assert_true(same(vapid, "a.example", NOW_MS + 6 * HOUR_MS - 1, first, &arena));
    assert_false(same(vapid, "a.example", NOW_MS + 6 * HOUR_MS, first, &arena));
    const char *later = vapid_header(vapid, SIO_SPAN("a.example"), NOW_MS + 6 * HOUR_MS, &arena);
    assert_false(same(vapid, "a.example", NOW_MS, later, &arena)); /* a clock set back */
    assert_non_null(strstr(first, "vapid t="));                    /* still there: a copy */
    arena_fini(&arena);
    vapid_free(vapid);
}

static void kept_for_so_many_hosts(void **state) {
    char host[32];
    struct arena arena;
    struct vapid *vapid = good_one();
    arena_init(&arena);
    const char *first = vapid_header(vapid, SIO_SPAN("h0"), NOW_MS, &arena);
    for (int i = 1; i < VAPID_HOSTS_MAX; i++) {
        snprintf(host, sizeof host, "h%d", i);
        vapid_header(vapid, sio_span_cstr(host), NOW_MS + i, &arena);
    }
    assert_true(same(vapid, "h0", NOW_MS + 100, first, &arena));
    const char *second = vapid_header(vapid, SIO_SPAN("h1"), NOW_MS + 100, &arena);
    vapid_header(vapid, SIO_SPAN("one more"), NOW_MS + 100, &arena); /* in the place of the oldest */
    assert_true(same(vapid, "h1", NOW_MS + 100, second, &arena));
    assert_false(same(vapid, "h0", NOW_MS + 100, first, &arena));
    arena_fini(&arena);
    vapid_free(vapid);
}

static void keys_and_subjects_that_are_none(void **state) {
    static const struct {
        const char *public_key, *private_key, *subject;
    } bad[] = {
        {PUBLIC, PRIVATE, ""},
        {PUBLIC, PRIVATE, "mailto:"},
        {PUBLIC, PRIVATE, "https://"},
        {PUBLIC, PRIVATE, "http://example.com"},
        {PUBLIC, PRIVATE, "ops@example.com"},
        {PUBLIC, PRIVATE, "mailto:a b@example.com"},
        {PUBLIC, PRIVATE, "mailto:a@example.com\nX: y"},
        {"", PRIVATE, SUBJECT},
        {PUBLIC, "", SUBJECT},
        {PRIVATE, PUBLIC, SUBJECT},
        {PUBLIC "=", PRIVATE, SUBJECT},
        {PUBLIC "A", PRIVATE, SUBJECT},
        {PUBLIC PUBLIC, PRIVATE, SUBJECT},
        {PUBLIC, PRIVATE "A", SUBJECT},
        {PUBLIC, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", SUBJECT},
        {PUBLIC, "_____________________________________________w", SUBJECT},
        {PUBLIC, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE", SUBJECT}, /* another's */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct vapid *vapid;
        const char *fault = NULL;
        assert_int_equal(vapid_new(bad[i].public_key, bad[i].private_key, bad[i].subject, &vapid, &fault),
                         SIO_ERR_INVALID);
        assert_non_null(fault);
    }
}

/* ---- the file ---- */

struct folder {
    char path[64], file[96];
};

static void folder_make(struct folder *folder) {
    snprintf(folder->path, sizeof folder->path, "/tmp/vapid-test-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
    snprintf(folder->file, sizeof folder->file, "%s/vapid_keys", folder->path);
}

static void folder_remove(const struct folder *folder) {
    unlink(folder->file);
    assert_int_equal(rmdir(folder->path), 0); /* nothing else was left there */
}

static void made_once_for_its_owner_alone(void **state) {
    struct folder folder;
    struct vapid_file first, second;
    struct vapid *vapid;
    struct stat status;
    const char *fault;
    folder_make(&folder);
    assert_int_equal(vapid_file_read(folder.path, &first), SIO_ERR_NOT_FOUND);
    assert_int_equal(vapid_file_make(folder.path, SUBJECT), SIO_ERR_OK);
    assert_int_equal(vapid_file_read(folder.path, &first), SIO_ERR_OK);
    assert_string_equal(first.subject, SUBJECT);
    assert_int_equal(vapid_new(first.public_key, first.private_key, first.subject, &vapid, &fault),
                     SIO_ERR_OK);
    vapid_free(vapid);
    assert_int_equal(stat(folder.file, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(vapid_file_make(folder.path, "mailto:other@example.com"), SIO_ERR_OK);
    assert_int_equal(vapid_file_read(folder.path, &second), SIO_ERR_OK);
    assert_memory_equal(&first, &second, sizeof first);
    folder_remove(&folder);
    assert_int_equal(vapid_file_make(folder.path, NULL), SIO_ERR_NOT_FOUND);
}

static void files_that_are_none(void **state) {
    static const char *const bad[] = {
        "",
        "hello",
        "VAPID_PUBLIC_KEY=a\n",
        "VAPID_PRIVATE_KEY=a\n",
        "VAPID_PUBLIC_KEY=a\nVAPID_PRIVATE_KEY=\n",
        "VAPID_PUBLIC_KEY=a\nVAPID_PRIVATE_KEY=b\nOTHER=c\n",
        "VAPID_PUBLIC_KEY=a\nVAPID_PRIVATE_KEY=b\nVAPID_SUBJECT\n",
        "VAPID_PUBLIC_KEY=" PUBLIC PUBLIC "\nVAPID_PRIVATE_KEY=b\n",
    };
    struct folder folder;
    struct vapid_file file;
    folder_make(&folder);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        FILE *out = fopen(folder.file, "w");
        assert_non_null(out);
        fputs(bad[i], out);
        fclose(out);
        assert_int_equal(vapid_file_read(folder.path, &file), SIO_ERR_CORRUPT);
    }
    folder_remove(&folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_says_who_for_whom_and_until_when),
        cmocka_unit_test(kept_for_hours),
        cmocka_unit_test(kept_for_so_many_hosts),
        cmocka_unit_test(keys_and_subjects_that_are_none),
        cmocka_unit_test(made_once_for_its_owner_alone),
        cmocka_unit_test(files_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
