/*
 * Invariant 6, with the attackers of the benchmarks: each does its worst for some seconds from a
 * process of its own. Meanwhile a client is answered, on the connection that it has and on new
 * ones; the node's memory stays below a bound; and in the end what it holds is sound.
 */
#include "bench/attack.h"
#include "bench/process.h"
#include "testkit/scene.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum {
    OBJECTS = 3000,
    PREPARED = 4000,
    FORKING = 3,
    ATTACK_MS = 1500,
    ANSWER_SECONDS = 30,
    MEMORY_MAX = 64 * 1024 * 1024 /* as KIT_MEMORY takes it */
};

struct scene {
    struct kit_scene *kit;
    struct attack attack;
};

static void ask(struct scene *scene, struct kit_peer *client, size_t number)
{
    const struct fora_message *answer;
    struct fora_message request = {.type = FORA_MSG_GET_THREAD};
    size_t thread = number % (OBJECTS / WORLD_THREAD_POSTS);
    request.u.get_thread.root = scene->kit->ids[thread * WORLD_THREAD_POSTS];
    int rc = kit_peer_call(client, &request, FORA_MSG_THREAD_OBJECTS, ANSWER_SECONDS, &answer);
    KIT_CHECK(rc == 0, "an honest request: %s", fora_error_text(rc));
    KIT_CHECK(answer->u.thread_objects.objects_count > 0, "an empty thread");
}

static void ask_anew(struct scene *scene, const struct kit_process *node, size_t number)
{
    struct kit_peer *fresh;
    int rc = kit_peer_open(&fresh, node->address, NULL, 0);
    KIT_CHECK(rc == 0, "an honest connection: %s", fora_error_text(rc));
    ask(scene, fresh, number);
    kit_peer_close(fresh);
}

/* How many answers came while the attack lasted. */
static size_t under_attack(struct scene *scene, const struct kit_process *node, uint64_t *memory)
{
    struct kit_peer *client;
    size_t answers = 0;
    uint64_t end = kit_now() + ATTACK_MS;
    int rc = kit_peer_open(&client, node->address, NULL, 0);
    KIT_CHECK(rc == 0, "an honest connection: %s", fora_error_text(rc));
    while (kit_now() < end) {
        ask(scene, client, answers);
        if (answers % 16 == 0) {
            ask_anew(scene, node, answers);
            uint64_t now = kit_process_memory(node);
            *memory = now > *memory ? now : *memory;
        }
        answers++;
    }
    kit_peer_close(client);
    return answers;
}

static void attack_with(struct scene *scene, const struct attack_kind *kind)
{
    struct kit_process node;
    struct kit_digest held;
    uint64_t memory = 0;
    kit_scene_store(scene->kit, 1, true, &node);
    bench_store_fill(
        node.folder, &scene->kit->owner, NULL, scene->kit->load.objects, scene->kit->load.count);
    kit_process_start(&node);
    scene->attack.address = node.address;
    pid_t attacker = attack_start(kind, &scene->attack);
    size_t answers = under_attack(scene, &node, &memory);
    KIT_CHECK(waitpid(attacker, NULL, WNOHANG) == 0, "the attacker gave up by himself");
    KIT_CHECK(kill(attacker, SIGKILL) == 0 && waitpid(attacker, NULL, 0) == attacker, "no child");
    ask_anew(scene, &node, answers);
    KIT_CHECK(memory < KIT_MEMORY(MEMORY_MAX), "%.1f MiB", (double)memory / 1048576);
    kit_process_stop(&node);
    kit_scene_check(scene->kit, &node, &held);
    KIT_CHECK(held.count >= kit_scene_expected(scene->kit, OBJECTS), "something is gone");
    printf("attack %s: %zu honest requests answered, at most %.1f MiB\n", kind->name, answers,
        (double)memory / 1048576);
    bench_folder_remove(node.folder);
}

static void test_attacks_on_the_wire(void **state)
{
    size_t count;
    const struct attack_kind *kinds = attack_wire_kinds(&count);
    assert_true(count > 5);
    for (size_t i = 0; i < count; i++) {
        attack_with(*state, &kinds[i]);
    }
}

static void test_attacks_with_objects_and_requests(void **state)
{
    size_t count;
    const struct attack_kind *kinds = attack_object_kinds(&count);
    assert_true(count > 7);
    for (size_t i = 0; i < count; i++) {
        attack_with(*state, &kinds[i]);
    }
}

static int setup(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);
    KIT_CHECK(scene != NULL, "no memory");
    KIT_CHECK(setenv("FORA_TEST_NEWCOMERS", "1", 1) == 0, "no memory");
    scene->kit = kit_scene_new(OBJECTS);
    attack_make(&scene->attack, &scene->kit->world, scene->kit->first, PREPARED, FORKING);
    scene->attack.held = scene->kit->load.objects;
    scene->attack.held_count = scene->kit->load.count;
    *state = scene;
    return 0;
}

static int teardown(void **state)
{
    struct scene *scene = *state;
    attack_fini(&scene->attack);
    kit_scene_free(scene->kit);
    free(scene);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_attacks_on_the_wire),
        cmocka_unit_test(test_attacks_with_objects_and_requests),
    };
    return cmocka_run_group_tests_name(
        "attacks at full speed (DESIGN invariant 6)", tests, setup, teardown);
}
