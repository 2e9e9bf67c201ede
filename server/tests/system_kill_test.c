/*
 * Invariant 2: nothing acknowledged is lost. A node is killed at random moments while a peer loads
 * it over TCP, and while it serves or follows another; then it is started over the same store.
 *
 * FORA_KILL_ROUNDS: how many kills of each kind, 20 when unset. FORA_KILL_SEED: of the moments.
 */
#include "testkit/scene.h"

#include "bench/process.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUND_OBJECTS = 400, BATCH = 7, MOMENT_US = 60000, SECONDS = 60 };

static size_t number_of(const char *name, size_t otherwise)
{
    const char *text = getenv(name);
    size_t number = text != NULL ? strtoul(text, NULL, 10) : 0;
    return number != 0 ? number : otherwise;
}

/* Puts the objects of a round until a moment has come, and kills `victim` in it: within a batch, a
 * commit, an answer, or after all. */
static void load_and_kill(struct kit_scene *scene, const struct kit_process *loaded,
    struct kit_process *victim, size_t round, uint64_t moment_us)
{
    struct kit_peer *peer;
    size_t at = round * ROUND_OBJECTS, end = at + ROUND_OBJECTS;
    KIT_CHECK(kit_peer_open(&peer, loaded->address, &scene->peer, 0) == 0, "no connection");
    pid_t killer = kit_process_kill_later(victim, moment_us);
    int rc = kit_scene_put(scene, peer, at, end, BATCH);
    if (rc == 0) {
        rc = kit_peer_drain(peer, SECONDS);
    }
    KIT_CHECK(rc == 0 || loaded == victim, "the node that lives: %s", fora_error_text(rc));
    kit_process_wait_killed(victim, killer);
    kit_peer_close(peer);
}

/* Everything again: what an honest sender does that got no answer. */
static void bring_all(struct kit_scene *scene, const struct kit_process *process)
{
    struct kit_peer *peer;
    KIT_CHECK(kit_peer_open(&peer, process->address, &scene->peer, 0) == 0, "no connection");
    int rc = kit_scene_put(scene, peer, 0, scene->load.count, 64);
    rc = rc == 0 ? kit_peer_drain(peer, SECONDS) : rc;
    KIT_CHECK(rc == 0, "%s", fora_error_text(rc));
    KIT_CHECK(kit_scene_count(scene, 0) == scene->load.count, "objects were refused");
    kit_peer_close(peer);
}

static void test_kill_under_load(void **state)
{
    size_t rounds = number_of("FORA_KILL_ROUNDS", 20), checked = 0, within = 0;
    uint64_t random = number_of("FORA_KILL_SEED", 1);
    struct kit_scene *scene = kit_scene_new(rounds * ROUND_OBJECTS);
    struct kit_process node;
    struct kit_digest held, rebuilt;
    (void)state;
    kit_scene_store(scene, 1, true, &node);
    for (size_t round = 0; round < rounds; round++) {
        kit_process_start(&node);
        load_and_kill(scene, &node, &node, round, kit_random(&random) % MOMENT_US);
        within += scene->codes[(round + 1) * ROUND_OBJECTS - 1] == KIT_UNANSWERED;
        kit_scene_check(scene, &node, &held);
        size_t stored = kit_scene_rebuilt(scene, &node, &rebuilt);
        KIT_CHECK(stored >= kit_scene_count(scene, 0), "less is stored than acknowledged");
        kit_digest_equal(&held, &rebuilt, "killed and made from scratch");
        kit_process_start(&node);
        checked += kit_scene_acknowledged(scene, &node, 0, (round + 1) * ROUND_OBJECTS);
        kit_process_kill(&node);
    }
    kit_process_start(&node);
    bring_all(scene, &node);
    kit_process_stop(&node);
    kit_scene_check(scene, &node, &held);
    size_t stored = kit_scene_rebuilt(scene, &node, &rebuilt);
    kit_digest_equal(&held, &rebuilt, "whole and made from scratch");
    KIT_CHECK(stored == scene->load.count && held.threads > 0 && checked > 0 && within > 0,
        "nothing was looked at");
    printf("kill: %zu rounds, %zu kills within a load, %zu acknowledged objects fetched, %llu "
           "objects in the end\n",
        rounds, within, checked, (unsigned long long)held.objects);
    bench_folder_remove(node.folder);
    kit_scene_free(scene);
}

/* Whatever this node acknowledged in any round so far. */
static size_t check_acknowledged(const struct kit_scene *scene, const struct kit_process *node,
    const struct kit_process *const *loaded, size_t rounds)
{
    size_t checked = 0;
    for (size_t round = 0; round < rounds; round++) {
        if (loaded[round] == node) {
            checked += kit_scene_acknowledged(
                scene, node, round * ROUND_OBJECTS, (round + 1) * ROUND_OBJECTS);
        }
    }
    return checked;
}

static void test_kill_while_followed(void **state)
{
    size_t rounds = number_of("FORA_KILL_ROUNDS", 20), checked = 0, kills[2] = {0};
    const struct kit_process **loaded = calloc(rounds, sizeof *loaded);
    uint64_t random = number_of("FORA_KILL_SEED", 1) + 1000;
    struct kit_scene *scene = kit_scene_new(rounds * ROUND_OBJECTS);
    struct kit_process nodes[2];
    struct kit_digest digests[3];
    (void)state;
    KIT_CHECK(loaded != NULL, "no memory");
    kit_scene_store(scene, 1, true, &nodes[0]);
    kit_scene_store(scene, 2, false, &nodes[1]);
    kit_scene_link(scene, &nodes[1], nodes[0].address);
    kit_process_start(&nodes[0]);
    kit_process_start(&nodes[1]);
    const struct kit_process *both[2] = {&nodes[0], &nodes[1]};
    kit_scene_settled(scene, both, 2, kit_scene_expected(scene, 0), SECONDS);
    for (size_t round = 0; round < rounds; round++) {
        struct kit_process *victim = &nodes[kit_random(&random) % 2];
        loaded[round] = &nodes[kit_random(&random) % 2];
        kills[victim - nodes]++;
        load_and_kill(scene, loaded[round], victim, round, kit_random(&random) % MOMENT_US);
        kit_process_start(victim);
        checked += check_acknowledged(scene, victim, loaded, round + 1);
    }
    bring_all(scene, &nodes[0]);
    kit_scene_settled(scene, both, 2, kit_scene_expected(scene, scene->load.count), SECONDS);
    kit_process_stop(&nodes[0]);
    kit_process_stop(&nodes[1]);
    kit_scene_check(scene, &nodes[0], &digests[0]);
    kit_scene_check(scene, &nodes[1], &digests[1]);
    kit_scene_rebuilt(scene, &nodes[1], &digests[2]);
    kit_digest_equal(&digests[0], &digests[1], "two nodes");
    kit_digest_equal(&digests[1], &digests[2], "a node and made from scratch");
    KIT_CHECK(checked > 0 && kills[0] + kills[1] > 0, "nothing was looked at");
    printf("kill while followed: %zu kills of the one, %zu of the other, %zu acknowledged objects "
           "fetched, %llu objects in the set, views equal\n",
        kills[0], kills[1], checked, (unsigned long long)digests[0].count);
    bench_folder_remove(nodes[0].folder);
    bench_folder_remove(nodes[1].folder);
    free(loaded);
    kit_scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kill_under_load), cmocka_unit_test(test_kill_while_followed)};
    return cmocka_run_group_tests_name("kill -9 (DESIGN invariant 2)", tests, NULL, NULL);
}
