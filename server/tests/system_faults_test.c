/*
 * Invariant 2 when the ground gives way: syncs that fail, a meta page that cannot be written, no
 * file descriptors left, clocks that jump. The node refuses or ends, says so, goes on when it can,
 * and nothing acknowledged is lost.
 */
#include "testkit/faults.h"
#include "testkit/raw.h"
#include "testkit/scene.h"

#include "bench/process.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OBJECTS = 1500, PART = 500, BATCH = 20, SECONDS = 60, FLOOD = 120, SPARE = 12 };

#define HOUR_MS 3600000LL

/* A node over a fresh store, with a log file of its own. */
static void node_make(const struct kit_scene *scene, unsigned seed, bool whole,
    struct kit_process *node, struct kit_faults **faults)
{
    kit_scene_store(scene, seed, whole, node);
    snprintf(node->log, sizeof node->log, "%s/log", node->folder);
    if (faults != NULL) {
        *faults = kit_faults_new(node);
    }
}

static bool log_says(const struct kit_process *node, const char *what)
{
    char line[1000];
    bool found = false;
    FILE *file = fopen(node->log, "r");
    while (file != NULL && !found && fgets(line, sizeof line, file) != NULL) {
        found = strstr(line, what) != NULL;
    }
    if (file != NULL) {
        fclose(file);
    }
    return found;
}

/* 0, or why the connection ended. */
static int bring(struct kit_scene *scene, const struct kit_process *node, size_t from, size_t to)
{
    struct kit_peer *peer;
    int rc = kit_peer_open(&peer, node->address, &scene->peer, 0);
    if (rc == 0) {
        rc = kit_scene_put(scene, peer, from, to, BATCH);
        rc = rc == 0 ? kit_peer_drain(peer, SECONDS) : rc;
        kit_peer_close(peer);
    }
    return rc;
}

static void bring_whole(
    struct kit_scene *scene, const struct kit_process *node, size_t from, size_t to)
{
    int rc = bring(scene, node, from, to);
    KIT_CHECK(rc == 0, "%s", fora_error_text(rc));
    for (size_t i = from; i < to; i++) {
        KIT_CHECK(scene->codes[i] == 0, "object %zu: %s", i, fora_error_text(scene->codes[i]));
    }
}

/* Stopped and looked at: sound, and the same as made from scratch. */
static uint64_t end(struct kit_scene *scene, struct kit_process *node)
{
    struct kit_digest held, rebuilt;
    kit_process_stop(node);
    kit_scene_check(scene, node, &held);
    kit_scene_rebuilt(scene, node, &rebuilt);
    kit_digest_equal(&held, &rebuilt, "held and made from scratch");
    bench_folder_remove(node->folder);
    return held.objects;
}

/* ---- syncs ---- */

static void test_sync_fails(void **state)
{
    struct kit_scene *scene = kit_scene_new(OBJECTS);
    struct kit_process node;
    struct kit_faults *faults;
    (void)state;
    node_make(scene, 1, true, &node, &faults);
    kit_process_start(&node);
    bring_whole(scene, &node, 0, PART);
    atomic_store(&faults->sync_error, EIO);
    int rc = bring(scene, &node, PART, 2 * PART);
    KIT_CHECK(
        rc == 0, "a refusal is an answer: %s", fora_error_text(rc)); /* ERR-2: IO does not travel */
    for (size_t i = PART; i < 2 * PART; i++) {
        KIT_CHECK(scene->codes[i] == FORA_E_REFUSED, "object %zu is said to be %s", i,
            fora_error_text(scene->codes[i]));
    }
    int failed = atomic_load(&faults->failed);
    KIT_CHECK(failed > 0 && log_says(&node, "a commit failed"), "the node did not say so");
    size_t read = kit_scene_acknowledged(scene, &node, 0, PART);
    kit_process_kill(&node);
    atomic_store(&faults->sync_error, 0);
    kit_process_start(&node);
    KIT_CHECK(kit_scene_acknowledged(scene, &node, 0, PART) == read, "acknowledged and lost");
    atomic_store(&faults->sync_error, EIO);
    rc = bring(scene, &node, PART, PART + BATCH);
    KIT_CHECK(rc == 0 && scene->codes[PART] == FORA_E_REFUSED, "acknowledged without a sync");
    atomic_store(&faults->sync_error, 0); /* and on without a start in between */
    bring_whole(scene, &node, PART, OBJECTS);
    kit_scene_acknowledged(scene, &node, 0, OBJECTS);
    printf("failing syncs: %d failed, %zu read meanwhile, %llu objects in the end\n", failed, read,
        (unsigned long long)end(scene, &node));
    kit_faults_free(faults);
    kit_scene_free(scene);
}

/* Nobody knows which of two meta pages is on the disk: the node ends. */
static void test_meta_page_fails(void **state)
{
    struct kit_scene *scene = kit_scene_new(OBJECTS);
    struct kit_process node;
    struct kit_faults *faults;
    (void)state;
    node_make(scene, 1, true, &node, &faults);
    kit_process_start(&node);
    bring_whole(scene, &node, 0, PART);
    atomic_store(&faults->meta_error, EIO);
    int rc = bring(scene, &node, PART, 2 * PART);
    for (size_t i = PART; i < 2 * PART; i++) {
        KIT_CHECK(scene->codes[i] != 0, "object %zu was acknowledged", i);
    }
    int status = kit_process_wait(&node, SECONDS);
    KIT_CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 1, "it ended with status %#x (%s)",
        (unsigned)status, fora_error_text(rc));
    KIT_CHECK(log_says(&node, "the disk failed under the store"), "the node did not say why");
    atomic_store(&faults->meta_error, 0);
    kit_process_start(&node);
    size_t read = kit_scene_acknowledged(scene, &node, 0, PART);
    KIT_CHECK(read == PART, "acknowledged and lost");
    bring_whole(scene, &node, PART, OBJECTS);
    printf("failing meta page: the node ended, %zu acknowledged objects were there, %llu in the "
           "end\n",
        read, (unsigned long long)end(scene, &node));
    kit_faults_free(faults);
    kit_scene_free(scene);
}

/* ---- descriptors ---- */

static size_t descriptors(const struct kit_process *node)
{
    char path[64];
    size_t count = 0;
    snprintf(path, sizeof path, "/proc/%d/fd", (int)node->pid);
    DIR *folder = opendir(path);
    KIT_CHECK(folder != NULL, "the node is gone");
    while (readdir(folder) != NULL) {
        count++;
    }
    closedir(folder);
    return count;
}

/* The flood takes every descriptor; who was there is served, and who comes later gets in again. */
static void test_descriptors(void **state)
{
    struct kit_scene *scene = kit_scene_new(OBJECTS);
    struct kit_process node;
    struct kit_peer *peer, *late;
    struct kit_raw flood[FLOOD];
    size_t closed = 0;
    (void)state;
    node_make(scene, 1, true, &node, NULL);
    kit_process_start(&node);
    KIT_CHECK(kit_peer_open(&peer, node.address, &scene->peer, 0) == 0, "no connection");
    const struct rlimit few = {descriptors(&node) + SPARE, descriptors(&node) + SPARE};
    KIT_CHECK(prlimit(node.pid, RLIMIT_NOFILE, &few, NULL) == 0, "no limit");
    for (size_t i = 0; i < FLOOD; i++) {
        kit_raw_open(&flood[i], node.address, false);
    }
    int rc = kit_scene_put(scene, peer, 0, PART, BATCH);
    rc = rc == 0 ? kit_peer_drain(peer, SECONDS) : rc;
    KIT_CHECK(rc == 0, "who was there: %s", fora_error_text(rc));
    KIT_CHECK(kit_scene_count(scene, 0) == PART, "objects were refused");
    size_t used = descriptors(&node);
    KIT_CHECK(used >= few.rlim_cur, "only %zu descriptors were taken", used);
    for (size_t i = 0; i < FLOOD; i++) {
        closed += kit_raw_closed(&flood[i], 20);
        kit_raw_close(&flood[i]);
    }
    KIT_CHECK(closed >= FLOOD - 2 * SPARE, "of %d only %zu were turned away", FLOOD, closed);
    for (uint64_t until = kit_now() + SECONDS * 1000;
         (rc = kit_peer_open(&late, node.address, NULL, 0)) != 0;) {
        KIT_CHECK(kit_now() < until, "nobody gets in again: %s", fora_error_text(rc));
    }
    kit_peer_close(late);
    kit_peer_close(peer);
    bring_whole(scene, &node, PART, OBJECTS);
    printf("descriptors: %zu of %d turned away, %llu objects in the end\n", closed, FLOOD,
        (unsigned long long)end(scene, &node));
    kit_scene_free(scene);
}

/* ---- clocks ---- */

/* The follower's clock goes where it likes while it waits to dial, while it is connected, and while
 * it is brought objects; it must never wait for the clock. */
static void test_clock_jumps(void **state)
{
    static const long long jumps[] = {HOUR_MS, -2 * HOUR_MS, 240 * HOUR_MS, -240 * HOUR_MS, 0};
    enum { JUMPS = sizeof jumps / sizeof jumps[0] };
    struct kit_scene *scene = kit_scene_new(JUMPS * PART);
    struct kit_process node, follower;
    struct kit_faults *faults;
    (void)state;
    node_make(scene, 1, true, &node, NULL);
    node_make(scene, 2, false, &follower, &faults);
    follower.limits.reconcile_s = 5;
    kit_scene_link(scene, &follower, node.address);
    kit_process_start(&follower); /* nobody is there to be dialled */
    kit_process_start(&node);
    const struct kit_process *both[2] = {&node, &follower};
    for (size_t i = 0; i < JUMPS; i++) {
        atomic_store(&faults->clock_ms, jumps[i]);
        bring_whole(scene, &node, i * PART, i * PART + PART / 2);
        kit_process_stop(&node); /* the follower begins to wait for its next attempt */
        kit_process_start(&node);
        bring_whole(scene, &node, i * PART + PART / 2, (i + 1) * PART);
        kit_scene_settled(scene, both, 2, kit_scene_expected(scene, (i + 1) * PART), SECONDS);
        kit_scene_acknowledged(scene, &follower, i * PART, (i + 1) * PART);
    }
    int asked = atomic_load(&faults->clock_asked);
    KIT_CHECK(asked > 0, "the clock was never asked");
    printf("clock jumps: %d, over %d readings; %llu objects in the end\n", JUMPS, asked,
        (unsigned long long)end(scene, &follower));
    kit_process_stop(&node);
    bench_folder_remove(node.folder);
    kit_faults_free(faults);
    kit_scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sync_fails),
        cmocka_unit_test(test_meta_page_fails), cmocka_unit_test(test_descriptors),
        cmocka_unit_test(test_clock_jumps)};
    return cmocka_run_group_tests_name(
        "faults below a node (DESIGN invariant 2)", tests, NULL, NULL);
}
