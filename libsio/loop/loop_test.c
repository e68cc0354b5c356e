/* Loops as their users meet them: timers, posts between threads, end-of-turn work, descriptors, listening,
 * stopping. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "loop/loop.h"

static struct loop_group *group;
static struct sio_loop *main_loop;

static int begin(void **state) {
    (void)state;
    assert_int_equal(loop_group_new(1, NULL, &group), SIO_ERR_OK);
    main_loop = loop_group_at(group, 0);
    return 0;
}

static int end(void **state) {
    (void)state;
    loop_group_free(group);
    return 0;
}

static void run(void) { assert_int_equal(loop_group_run(group), SIO_ERR_OK); }

static uint64_t real_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void stop_now(struct sio_timer *timer) {
    (void)timer;
    loop_group_stop(group);
}

/* ---- timers ---- */

struct clocked {
    struct sio_timer timer;
    uint64_t due_ms;
};
static int fired[4], fired_count;
static struct clocked timers[4];

static void fire_in_time(struct sio_timer *timer) {
    struct clocked *c = container_of(timer, struct clocked, timer);
    assert_ptr_equal(sio_loop_here(), main_loop);
    assert_true(real_ms() + 1 >= c->due_ms);
    assert_true(real_ms() < c->due_ms + 1000); /* a machine may be busy */
    assert_true(sio_loop_now_ms(main_loop) >= timer->due_ms);
    fired[fired_count++] = (int)(c - timers);
    if (fired_count == 3) loop_group_stop(group);
}

static void test_timers(void **state) {
    (void)state;
    static const uint64_t delays[] = {90, 15, 50, 30};
    fired_count = 0;
    for (int i = 0; i < 4; i++) {
        timers[i].due_ms = real_ms() + delays[i];
        sio_timer_start(main_loop, &timers[i].timer, delays[i], fire_in_time);
    }
    sio_timer_stop(main_loop, &timers[2].timer);
    timers[3].due_ms = real_ms() + 150;
    sio_timer_start(main_loop, &timers[3].timer, 150, fire_in_time);
    run();
    assert_int_equal(fired[0], 1);
    assert_int_equal(fired[1], 0);
    assert_int_equal(fired[2], 3);
    assert_false(sio_timer_running(&timers[0].timer));
}

/* A loop with 10,000 far timers sleeps: hardly any time of the processor passes. */
static void test_far_timers_cost_nothing(void **state) {
    (void)state;
    enum { COUNT = 10000 };
    struct sio_timer *far = mem_new_array(struct sio_timer, COUNT);
    for (int i = 0; i < COUNT; i++) sio_timer_start(main_loop, &far[i], 25000, stop_now);
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    static struct sio_timer over;
    sio_timer_start(main_loop, &over, 700, stop_now);
    run();
    getrusage(RUSAGE_SELF, &after);
    assert_true(after.ru_nvcsw - before.ru_nvcsw < 20);
    for (int i = 0; i < COUNT; i++) sio_timer_stop(main_loop, &far[i]);
    free(far);
}

/* ---- posts ---- */

enum { SENDERS = 4, POSTS = 5000 };
struct post {
    struct sio_task task;
    int sender, number;
};
static int next_number[SENDERS], posts_run;

static void run_post(struct sio_task *task) {
    struct post *post = container_of(task, struct post, task);
    assert_ptr_equal(sio_loop_here(), main_loop);
    assert_int_equal(post->number, next_number[post->sender]++);
    free(post);
    if (++posts_run == SENDERS * POSTS) loop_group_stop(group);
}

static void *send_posts(void *arg) {
    int sender = (int)(intptr_t)arg;
    assert_null(sio_loop_here());
    for (int i = 0; i < POSTS; i++) {
        struct post *post = mem_new(struct post);
        post->sender = sender;
        post->number = i;
        post->task.run = run_post;
        sio_loop_post(main_loop, &post->task);
        if (i % 500 == 0) usleep(200); /* so that the loop goes to sleep now and then */
    }
    return NULL;
}

static void test_posts_of_many_threads_keep_their_order(void **state) {
    (void)state;
    pthread_t threads[SENDERS];
    posts_run = 0;
    memset(next_number, 0, sizeof(next_number));
    for (intptr_t i = 0; i < SENDERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, send_posts, (void *)i), 0);
    run();
    for (int i = 0; i < SENDERS; i++) pthread_join(threads[i], NULL);
    assert_int_equal(posts_run, SENDERS * POSTS);
}

static bool inside;
static int own_posts;

static void post_itself(struct sio_task *task) {
    assert_false(inside);
    inside = true;
    if (++own_posts < 1000)
        sio_loop_post(main_loop, task);
    else
        loop_group_stop(group);
    inside = false;
}

static void test_a_task_may_post_itself(void **state) {
    (void)state;
    static struct sio_task task = {.run = post_itself};
    own_posts = 0;
    sio_loop_post(main_loop, &task);
    run();
    assert_int_equal(own_posts, 1000);
}

/* A ring of loops hands one task around; each loop's own clock and index answer there. */
static int hops;

static void hop(struct sio_task *task) {
    struct sio_loop *here = sio_loop_here();
    assert_int_equal(sio_loop_index(here), (unsigned)hops % 4);
    assert_ptr_equal(loop_group_of(here), group);
    if (++hops < 4000)
        sio_loop_post(loop_group_at(group, (unsigned)hops % 4), task);
    else
        loop_group_stop(group);
}

static void test_between_loops(void **state) {
    (void)state;
    loop_group_free(group);
    assert_int_equal(loop_group_new(4, NULL, &group), SIO_ERR_OK);
    static struct sio_task task = {.run = hop};
    hops = 0;
    sio_loop_post(loop_group_at(group, 0), &task);
    run();
    assert_int_equal(hops, 4000);
}

static bool posted_ran;
static void posted(struct sio_task *task) {
    (void)task;
    posted_ran = true;
}

static void test_posts_before_the_stop_are_run(void **state) {
    (void)state;
    static struct sio_task task = {.run = posted};
    posted_ran = false;
    sio_loop_post(main_loop, &task);
    loop_group_stop(group);
    run();
    assert_true(posted_ran);
}

/* ---- end of turn ---- */

static int order[8], order_count;
static struct loop_turn turn_a, turn_b, turn_c;

static void run_turn(struct loop_turn *turn) {
    order[order_count++] = turn == &turn_a ? 'a' : turn == &turn_b ? 'b' : 'c';
    if (turn == &turn_b) loop_at_turn_end(main_loop, &turn_c);
    if (turn == &turn_c) loop_group_stop(group);
}

static void queue_turns(struct sio_task *task) {
    (void)task;
    turn_a.run = turn_b.run = turn_c.run = run_turn;
    loop_at_turn_end(main_loop, &turn_c);
    loop_at_turn_end(main_loop, &turn_a);
    loop_at_turn_end(main_loop, &turn_b);
    loop_at_turn_end(main_loop, &turn_a);
    loop_turn_cancel(main_loop, &turn_c);
    loop_turn_cancel(main_loop, &turn_c);
    order_count = 0;
}

static void test_turn_end_in_order(void **state) {
    (void)state;
    static struct sio_task task = {.run = queue_turns};
    sio_loop_post(main_loop, &task);
    run();
    assert_int_equal(order_count, 3);
    assert_int_equal(order[0], 'a');
    assert_int_equal(order[1], 'b');
    assert_int_equal(order[2], 'c');
}

static void spin_ms(uint64_t ms) {
    for (uint64_t until = real_ms() + ms; real_ms() < until;) {
    }
}

/* 60 pieces of 5 ms: a timer of 20 ms must not wait for all 300 ms of them. */
enum { PIECES = 60 };
static struct loop_turn pieces[PIECES];
static int pieces_done, pieces_at_timer;

static void run_piece(struct loop_turn *turn) {
    (void)turn;
    spin_ms(5);
    if (++pieces_done == PIECES) loop_group_stop(group);
}

static void look_at_pieces(struct sio_timer *timer) {
    (void)timer;
    pieces_at_timer = pieces_done;
}

static void test_turn_end_has_a_budget(void **state) {
    (void)state;
    static struct sio_timer timer;
    pieces_done = 0;
    pieces_at_timer = -1;
    for (int i = 0; i < PIECES; i++) {
        pieces[i].run = run_piece;
        loop_at_turn_end(main_loop, &pieces[i]);
    }
    sio_timer_start(main_loop, &timer, 20, look_at_pieces);
    run();
    assert_int_equal(pieces_done, PIECES);
    assert_in_range(pieces_at_timer, 1, 20);
    assert_in_range(loop_turn_max_us(main_loop, true), 20000, 1000000);
    assert_int_equal(loop_turn_max_us(main_loop, false), 0);
}

/* ---- descriptors ---- */

struct end {
    struct loop_io *io;
    char got[64];
    size_t n;
    bool ended;
};

static void end_ready(void *data, int events) {
    struct end *e = data;
    if (events & LOOP_ENDED) return;
    ssize_t got = loop_io_read(e->io, e->got + e->n, sizeof(e->got) - e->n);
    if (got > 0) e->n += (size_t)got;
    if (got != 0) return;
    e->ended = true;
    loop_io_close(e->io);
    loop_group_stop(group);
}

static void *write_and_close(void *arg) {
    int fd = (int)(intptr_t)arg;
    usleep(10000);
    assert_int_equal(write(fd, "hello ", 6), 6);
    usleep(10000);
    assert_int_equal(write(fd, "world", 5), 5);
    close(fd);
    return NULL;
}

static void pair(int fds[2]) {
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
}

static void test_read_until_the_end(void **state) {
    (void)state;
    int fds[2];
    pair(fds);
    struct end e = {0};
    e.io = loop_io_new(main_loop, fds[0], end_ready, &e);
    assert_int_equal(loop_io_read(e.io, e.got, 1), -1);
    loop_io_want(e.io, LOOP_READABLE);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, write_and_close, (void *)(intptr_t)fds[1]), 0);
    run();
    pthread_join(thread, NULL);
    assert_true(e.ended);
    assert_int_equal(e.n, 11);
    assert_memory_equal(e.got, "hello world", 11);
}

/* 64 descriptors of 2 ms each: a timer of 10 ms and work for the turn's end come in between. */
enum { BUSY = 64 };
static struct loop_io *busy[BUSY];
static int busy_done, busy_at_timer, busy_at_turn_end;
static struct loop_turn busy_turn;

static void note_busy_at_turn_end(struct loop_turn *turn) {
    (void)turn;
    busy_at_turn_end = busy_done;
}

static void note_busy_at_timer(struct sio_timer *timer) {
    (void)timer;
    busy_at_timer = busy_done;
    for (int i = 0; i < BUSY; i += 2) { /* a descriptor that is ready may be closed before it is called */
        if (busy[i] != NULL) loop_io_close(busy[i]);
        if (busy[i] != NULL) busy_done++;
        busy[i] = NULL;
    }
}

static void handle_busy(void *data, int events) {
    (void)events;
    struct loop_io **io = data;
    assert_non_null(*io);
    spin_ms(2);
    if (busy_done == 0) loop_at_turn_end(main_loop, &busy_turn);
    loop_io_close(*io);
    *io = NULL;
    if (++busy_done == BUSY) loop_group_stop(group);
}

static void test_much_input_does_not_hold_up_the_rest(void **state) {
    (void)state;
    static struct sio_timer timer;
    busy_done = 0;
    busy_at_timer = busy_at_turn_end = -1;
    busy_turn.run = note_busy_at_turn_end;
    for (int i = 0; i < BUSY; i++) {
        int fds[2];
        pair(fds);
        busy[i] = loop_io_new(main_loop, fds[0], handle_busy, &busy[i]);
        loop_io_want(busy[i], LOOP_READABLE);
        close(fds[1]);
    }
    sio_timer_start(main_loop, &timer, 10, note_busy_at_timer);
    run();
    assert_in_range(busy_at_timer, 5, 40);
    assert_in_range(busy_at_turn_end, 5, 48);
}

static int hangups;
static struct loop_io *hangup_io;

static void note_hangup(void *data, int events) {
    (void)data;
    if (events & LOOP_HANGUP) hangups++;
    loop_io_close(hangup_io);
    loop_group_stop(group);
}

static void test_hangup_is_told_without_reading(void **state) {
    (void)state;
    int fds[2];
    pair(fds);
    hangups = 0;
    hangup_io = loop_io_new(main_loop, fds[0], note_hangup, NULL);
    loop_io_want(hangup_io, LOOP_HANGUP);
    assert_int_equal(write(fds[1], "unread", 6), 6);
    close(fds[1]);
    run();
    assert_int_equal(hangups, 1);
}

static void test_write_to_a_closed_peer_raises_no_signal(void **state) {
    (void)state;
    int fds[2];
    pair(fds);
    struct loop_io *io = loop_io_new(main_loop, fds[0], end_ready, NULL);
    close(fds[1]);
    struct iovec iov = {.iov_base = (void *)"x", .iov_len = 1};
    assert_int_equal(loop_io_writev(io, &iov, 1), -2);
    loop_io_close(io);
}

static void test_detach_gives_the_descriptor_back(void **state) {
    (void)state;
    int fds[2];
    pair(fds);
    struct end e = {0};
    struct loop_io *io = loop_io_new(main_loop, fds[0], note_hangup, NULL);
    loop_io_want(io, LOOP_READABLE);
    assert_int_equal(loop_io_detach(io), fds[0]);
    e.io = loop_io_new(main_loop, fds[0], end_ready, &e);
    loop_io_want(e.io, LOOP_READABLE);
    assert_int_equal(write(fds[1], "on", 2), 2);
    close(fds[1]);
    run();
    assert_int_equal(e.n, 2);
}

/* Descriptors still watched when the group is freed are the owner's to let go. */
static void test_left_behind(void **state) {
    (void)state;
    int fds[2];
    pair(fds);
    struct end e = {0};
    e.io = loop_io_new(main_loop, fds[0], end_ready, &e);
    loop_io_want(e.io, LOOP_READABLE);
    loop_group_free(group);
    assert_int_equal(loop_group_new(1, NULL, &group), SIO_ERR_OK);
    char byte;
    assert_int_equal(read(fds[1], &byte, 1), 0); /* it was closed */
    close(fds[1]);
}

/* ---- listening ---- */

static int accepted_count, accepted_wanted;

static void count_accepted(void *data, int fd, const struct sockaddr *peer) {
    assert_non_null(peer);
    assert_string_equal(data, "owner");
    close(fd);
    if (++accepted_count == accepted_wanted) loop_group_stop(group);
}

static int connect_tcp(uint16_t port) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

static void test_listen_tcp(void **state) {
    (void)state;
    struct loop_listener *listener, *other;
    static char owner[] = "owner";
    assert_int_equal(loop_listen_tcp(main_loop, "127.0.0.1", 0, count_accepted, owner, &listener),
                     SIO_ERR_OK);
    uint16_t port = loop_listener_port(listener);
    assert_int_not_equal(port, 0);
    assert_int_equal(loop_listen_tcp(main_loop, "127.0.0.1", port, count_accepted, owner, &other),
                     SIO_ERR_IN_USE);
    assert_int_equal(loop_listen_tcp(main_loop, "no such host", 1, count_accepted, owner, &other),
                     SIO_ERR_INVALID);
    int fds[100];
    accepted_count = 0;
    accepted_wanted = 100;
    for (int i = 0; i < 100; i++) fds[i] = connect_tcp(port);
    run();
    assert_int_equal(accepted_count, 100);
    for (int i = 0; i < 100; i++) close(fds[i]);
    loop_listener_close(listener);
}

/* With no descriptor free, accepting pauses instead of spinning, and goes on once there are some. */
static struct rlimit descriptors;

static void give_descriptors(struct sio_timer *timer) {
    (void)timer;
    assert_int_equal(accepted_count, 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &descriptors), 0);
}

static void test_listen_out_of_descriptors(void **state) {
    (void)state;
    struct loop_listener *listener;
    static char owner[] = "owner";
    static struct sio_timer timer;
    assert_int_equal(loop_listen_tcp(main_loop, "127.0.0.1", 0, count_accepted, owner, &listener),
                     SIO_ERR_OK);
    int fd = connect_tcp(loop_listener_port(listener));
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &descriptors), 0);
    struct rlimit none = {.rlim_cur = (rlim_t)fd + 1, .rlim_max = descriptors.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    accepted_count = 0;
    accepted_wanted = 1;
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    sio_timer_start(main_loop, &timer, 250, give_descriptors);
    run();
    getrusage(RUSAGE_SELF, &after);
    assert_int_equal(accepted_count, 1);
    assert_true(after.ru_nvcsw - before.ru_nvcsw < 30);
    close(fd);
    loop_listener_close(listener);
}

static void test_listen_unix(void **state) {
    (void)state;
    char path[64];
    snprintf(path, sizeof(path), "/tmp/loop_test.%d.sock", (int)getpid());
    static char owner[] = "owner";
    struct loop_listener *listener, *other;
    for (int i = 0; i < 2; i++) { /* the second time over what a killed server leaves behind */
        assert_int_equal(loop_listen_unix(main_loop, path, count_accepted, owner, &listener), SIO_ERR_OK);
        struct stat file;
        assert_int_equal(lstat(path, &file), 0);
        assert_int_equal(file.st_mode & 07777, 0600);
        assert_int_equal(loop_listen_unix(main_loop, path, count_accepted, owner, &other), SIO_ERR_IN_USE);
        if (i == 1) break;
        char kept[80];
        snprintf(kept, sizeof(kept), "%s.kept", path);
        assert_int_equal(rename(path, kept), 0);
        loop_listener_close(listener);
        assert_int_equal(rename(kept, path), 0);
        assert_int_equal(lstat(path, &file), 0);
    }
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    memcpy(to.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    accepted_count = 0;
    accepted_wanted = 1;
    run();
    close(fd);
    loop_listener_close(listener);
    struct stat file;
    assert_int_not_equal(lstat(path, &file), 0);
}

/* ---- signals, time, randomness ---- */

static void stop_on_signal(void *data) {
    *(bool *)data = true;
    assert_ptr_equal(sio_loop_here(), main_loop);
    loop_group_stop(group);
}

static void raise_signal(struct sio_timer *timer) {
    (void)timer;
    kill(getpid(), SIGHUP);
}

static void hangup_came(void *data) {
    *(bool *)data = true;
    kill(getpid(), SIGTERM);
}

static void test_signals(void **state) {
    (void)state;
    bool came = false, hung_up = false;
    static struct sio_timer timer;
    loop_on_stop_signals(group, stop_on_signal, &came);
    loop_on_hangup_signal(group, hangup_came, &hung_up);
    sio_timer_start(main_loop, &timer, 10, raise_signal);
    run();
    assert_true(came && hung_up);
}

static void test_clock_and_randomness(void **state) {
    (void)state;
    int64_t wall_ms = sio_loop_wall_ms(main_loop);
    assert_true(llabs(wall_ms - (int64_t)time(NULL) * 1000) < 5000);
    uint8_t seen[256] = {0}, bytes[20], before[20] = {0};
    for (int i = 0; i < 1000; i++) {
        sio_loop_random(main_loop, bytes, sizeof(bytes));
        assert_memory_not_equal(bytes, before, sizeof(bytes));
        memcpy(before, bytes, sizeof(bytes));
        for (size_t k = 0; k < sizeof(bytes); k++) seen[bytes[k]] = 1;
    }
    for (int i = 0; i < 256; i++) assert_int_equal(seen[i], 1);
    char large[4096] = {0};
    sio_loop_random(main_loop, large, sizeof(large));
    assert_true(large[4000] || large[4001] || large[4002] || large[4003]);
}

static void stop_run(struct sio_task *task) {
    (void)task;
    loop_group_stop(group);
}

static struct sio_task stop_task = {.run = stop_run};

static void on_alarm(int number) {
    (void)number;
    loop_post_and_wake(main_loop, &stop_task);
}

/* The handler runs on the loop's own thread while that sleeps: a mere post would be seen by nobody. */
static void test_wake_from_a_signal(void **state) {
    (void)state;
    struct sigaction action = {.sa_handler = on_alarm}, before;
    const struct itimerval soon = {.it_value = {.tv_usec = 20000}};
    sigaction(SIGALRM, &action, &before);
    setitimer(ITIMER_REAL, &soon, NULL);
    run();
    sigaction(SIGALRM, &before, NULL);
}

static void test_read_buffer(void **state) {
    (void)state;
    memset(loop_read_buffer(main_loop), 1, LOOP_READ_BYTES);
    assert_null(sio_loop_here());
}

int main(void) {
#define LOOP_TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        LOOP_TEST(test_timers),
        LOOP_TEST(test_far_timers_cost_nothing),
        LOOP_TEST(test_posts_of_many_threads_keep_their_order),
        LOOP_TEST(test_a_task_may_post_itself),
        LOOP_TEST(test_between_loops),
        LOOP_TEST(test_posts_before_the_stop_are_run),
        LOOP_TEST(test_turn_end_in_order),
        LOOP_TEST(test_turn_end_has_a_budget),
        LOOP_TEST(test_read_until_the_end),
        LOOP_TEST(test_much_input_does_not_hold_up_the_rest),
        LOOP_TEST(test_hangup_is_told_without_reading),
        LOOP_TEST(test_write_to_a_closed_peer_raises_no_signal),
        LOOP_TEST(test_detach_gives_the_descriptor_back),
        LOOP_TEST(test_left_behind),
        LOOP_TEST(test_listen_tcp),
        LOOP_TEST(test_listen_out_of_descriptors),
        LOOP_TEST(test_listen_unix),
        LOOP_TEST(test_signals),
        LOOP_TEST(test_clock_and_randomness),
        LOOP_TEST(test_wake_from_a_signal),
        LOOP_TEST(test_read_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
