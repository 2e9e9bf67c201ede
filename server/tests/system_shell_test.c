/*
 * The daemon's shell: an orderly end under load, whatever waits; and two nodes in one process,
 * which share nothing.
 */
#include "testkit/scene.h"

#include "bench/process.h"
#include "shell/daemon.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

enum { SECONDS = 60, END_SECONDS = 10 };

/* ---- SIGTERM ---- */

static void test_sigterm_under_load(void **state)
{
    enum { ROUNDS = 10, EACH = 1500, BATCH = 16 };
    struct kit_scene *scene = kit_scene_new((size_t)ROUNDS * EACH);
    struct kit_process node;
    struct kit_digest held, rebuilt;
    size_t checked = 0, within = 0;
    uint64_t random = 3, slowest = 0;
    (void)state;
    kit_scene_store(scene, 1, true, &node);
    for (size_t round = 0; round < ROUNDS; round++) {
        struct kit_peer *peer;
        size_t from = round * EACH, at = from, stop = from + kit_random(&random) % EACH;
        kit_process_start(&node);
        int rc = kit_peer_open(&peer, node.address, &scene->peer, 0);
        KIT_CHECK(rc == 0, "%s", fora_error_text(rc));
        while (at < stop && rc == 0) {
            rc = kit_scene_put(scene, peer, at, at + BATCH, BATCH);
            at += BATCH;
        }
        uint64_t begun = kit_now();
        kit_process_signal(&node, SIGTERM);
        while (at + BATCH <= from + EACH && rc == 0) {
            rc = kit_scene_put(scene, peer, at, at + BATCH, BATCH);
            at += BATCH;
        }
        rc = rc == 0 ? kit_peer_drain(peer, SECONDS) : rc;
        within += rc != 0;
        int status = kit_process_wait(&node, END_SECONDS);
        slowest = kit_now() - begun > slowest ? kit_now() - begun : slowest;
        KIT_CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %#x", (unsigned)status);
        kit_peer_close(peer);
        kit_process_start(&node);
        checked += kit_scene_acknowledged(scene, &node, 0, from + EACH);
        kit_process_stop(&node);
    }
    kit_scene_check(scene, &node, &held);
    size_t stored = kit_scene_rebuilt(scene, &node, &rebuilt);
    kit_digest_equal(&held, &rebuilt, "stopped and made from scratch");
    KIT_CHECK(checked > 0 && within > 0 && stored >= kit_scene_count(scene, 0),
        "%zu checked, %zu within a load, %zu stored of %zu", checked, within, stored,
        kit_scene_count(scene, 0));
    printf("SIGTERM: %d ends with code 0, %zu within a load, slowest %llu ms; %zu acknowledged "
           "objects fetched\n",
        ROUNDS, within, (unsigned long long)slowest, checked);
    bench_folder_remove(node.folder);
    kit_scene_free(scene);
}

/* Passwords take 80 ms each: those who asked and went are not waited for. */
static void test_sigterm_with_work_waiting(void **state)
{
    enum { CLIENTS = 60, LOGINS = 8 };
    struct kit_scene *scene = kit_scene_new(100);
    struct kit_process node;
    struct kit_peer *clients[CLIENTS];
    const struct fora_message *answer;
    (void)state;
    kit_scene_store(scene, 1, true, &node);
    kit_process_start(&node);
    for (int i = 0; i < CLIENTS; i++) {
        int rc = kit_peer_open(&clients[i], node.address, NULL, 0);
        for (int j = 0; j < LOGINS && rc == 0; j++) {
            struct fora_message login = {.type = FORA_MSG_LOGIN};
            login.u.login.handle = fora_bytes_str("nobody");
            login.u.login.password = fora_bytes_str("a long enough password");
            rc = kit_peer_send(clients[i], &login);
        }
        KIT_CHECK(rc == 0, "%s", fora_error_text(rc));
    }
    /* The node has taken them: it answers what the last client asked after them. */
    struct fora_message ask = {.type = FORA_MSG_GET_STATUS};
    int rc = kit_peer_call(clients[CLIENTS - 1], &ask, FORA_MSG_NODE_STATUS, END_SECONDS, &answer);
    KIT_CHECK(rc == 0, "%s", fora_error_text(rc));
    uint64_t begun = kit_now();
    kit_process_signal(&node, SIGTERM);
    int status = kit_process_wait(&node, END_SECONDS);
    KIT_CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %#x", (unsigned)status);
    printf("SIGTERM with %d passwords waiting: ended after %llu ms\n", CLIENTS * LOGINS,
        (unsigned long long)(kit_now() - begun));
    for (int i = 0; i < CLIENTS; i++) {
        kit_peer_close(clients[i]);
    }
    bench_folder_remove(node.folder);
    kit_scene_free(scene);
}

/* ---- two in one process ---- */

struct inside {
    struct kit_process place; /* folder and address; no process */
    struct bench_node keys;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct shell *shell; /* once it listens */
    bool ended;
    int code;
};

static void started(void *context, struct shell *shell)
{
    struct inside *inside = context;
    pthread_mutex_lock(&inside->mutex);
    inside->shell = shell;
    pthread_cond_signal(&inside->changed);
    pthread_mutex_unlock(&inside->mutex);
}

static int run(struct inside *inside)
{
    struct fora_buf why = {0};
    struct fora_bytes identity = fora_buf_bytes(&inside->keys.identity);
    struct daemon_config config = {.listen = {inside->place.address},
        .listen_count = 1,
        .log_level = DAEMON_LOG_ERROR,
        .started = started,
        .started_context = inside};
    struct kv_lmdb_options options = {.path = inside->place.folder};
    config.node = (struct node_config){.name = "test",
        .self = inside->keys.id,
        .secret = inside->keys.device,
        .noise_secret = inside->keys.noise,
        .custody = inside->keys.custody,
        .identity = &identity,
        .identity_count = 1};
    node_limits_default(&config.node.limits);
    config.node.limits.newcomer_objects_hour = 0; /* every peer is known, and has no quota */
    config.node.limits.peer_objects_hour = 0;
    config.node.limits.peer_bytes_day = 0;
    int rc = kv_lmdb_open(&config.kv, &options, store_table_names, STORE_TABLE_COUNT, &why);
    if (rc == 0) {
        rc = daemon_run(&config, &why);
        kv_close(config.kv);
    }
    if (rc != 0) {
        fprintf(stderr, "%s\n", fora_buf_cstr(&why));
    }
    fora_buf_fini(&why);
    return rc;
}

static void *run_inside(void *context)
{
    struct inside *inside = context;
    int code = run(inside);
    pthread_mutex_lock(&inside->mutex);
    inside->code = code;
    inside->ended = true;
    pthread_cond_signal(&inside->changed);
    pthread_mutex_unlock(&inside->mutex);
    return NULL;
}

/* Waits for the start, or (ended) the end. */
static void inside_wait(struct inside *inside, bool ended)
{
    struct timespec end;
    int rc = 0;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += END_SECONDS;
    pthread_mutex_lock(&inside->mutex);
    while (rc == 0 && !inside->ended && (ended || inside->shell == NULL)) {
        rc = pthread_cond_timedwait(&inside->changed, &inside->mutex, &end);
    }
    KIT_CHECK(rc == 0 && inside->ended == ended, "no %s", ended ? "end" : "start");
    pthread_mutex_unlock(&inside->mutex);
}

static void inside_start(const struct kit_scene *scene, struct inside *inside, unsigned seed,
    const struct inside *follows)
{
    memset(inside, 0, sizeof *inside);
    kit_scene_store(scene, seed, follows == NULL, &inside->place);
    kit_keys(&inside->keys, seed);
    if (follows != NULL) {
        kit_scene_link(scene, &inside->place, follows->place.address);
    }
    pthread_mutex_init(&inside->mutex, NULL);
    pthread_cond_init(&inside->changed, NULL);
    KIT_CHECK(pthread_create(&inside->thread, NULL, run_inside, inside) == 0, "no thread");
    inside_wait(inside, false);
}

static void inside_stop(
    const struct kit_scene *scene, struct inside *inside, struct kit_digest *out)
{
    daemon_stop(inside->shell);
    inside_wait(inside, true);
    pthread_join(inside->thread, NULL);
    KIT_CHECK(inside->code == 0, "%s", fora_error_text(inside->code));
    kit_scene_check(scene, &inside->place, out);
    pthread_mutex_destroy(&inside->mutex);
    pthread_cond_destroy(&inside->changed);
    bench_node_fini(&inside->keys);
    bench_folder_remove(inside->place.folder);
}

static void test_two_in_one_process(void **state)
{
    enum { OBJECTS = 3000, BATCH = 20 };
    struct kit_scene *scene = kit_scene_new(OBJECTS);
    static struct inside a, b;
    struct kit_digest digests[2];
    struct kit_peer *peers[2];
    (void)state;
    inside_start(scene, &a, 1, NULL);
    inside_start(scene, &b, 2, &a);
    const struct kit_process *both[2] = {&a.place, &b.place};
    int rc = kit_peer_open(&peers[0], a.place.address, &scene->peer, 0);
    rc = rc == 0 ? kit_scene_put(scene, peers[0], 0, OBJECTS / 2, BATCH) : rc;
    rc = rc == 0 ? kit_peer_drain(peers[0], SECONDS) : rc;
    KIT_CHECK(rc == 0, "%s", fora_error_text(rc));
    kit_scene_settled(scene, both, 2, kit_scene_expected(scene, OBJECTS / 2), SECONDS);
    rc = kit_peer_open(&peers[1], b.place.address, &scene->peer, 0);
    rc = rc == 0 ? kit_scene_put(scene, peers[0], OBJECTS / 2, OBJECTS, BATCH) : rc;
    rc = rc == 0 ? kit_peer_drain(peers[0], SECONDS) : rc;
    rc = rc == 0 ? kit_scene_put(scene, peers[1], OBJECTS / 2, OBJECTS, BATCH) : rc;
    rc = rc == 0 ? kit_peer_drain(peers[1], SECONDS) : rc;
    KIT_CHECK(rc == 0, "%s", fora_error_text(rc));
    kit_scene_settled(scene, both, 2, kit_scene_expected(scene, OBJECTS), SECONDS);
    kit_peer_close(peers[0]);
    kit_peer_close(peers[1]);
    inside_stop(scene, &a, &digests[0]);
    /* The other one goes on. */
    const struct kit_process *rest[1] = {&b.place};
    kit_scene_settled(scene, rest, 1, kit_scene_expected(scene, OBJECTS), SECONDS);
    inside_stop(scene, &b, &digests[1]);
    kit_digest_equal(&digests[0], &digests[1], "two in one process");
    printf("two in one process: %llu objects equal\n", (unsigned long long)digests[0].count);
    kit_scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sigterm_under_load),
        cmocka_unit_test(test_sigterm_with_work_waiting),
        cmocka_unit_test(test_two_in_one_process),
    };
    return cmocka_run_group_tests_name("the daemon's shell", tests, NULL, NULL);
}
