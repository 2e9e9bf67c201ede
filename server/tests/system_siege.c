/* The node, the client, the looking. */
#include "system_siege.h"

#include "bench/process.h"

#include <stdio.h>
#include <stdlib.h>

int siege_setup(void **state)
{
    struct siege *siege = calloc(1, sizeof *siege);
    KIT_CHECK(siege != NULL, "no memory");
    siege->scene = kit_scene_new(OBJECTS);
    siege->random = 1;
    kit_keys(&siege->stranger, 77);
    kit_scene_store(siege->scene, 1, true, &siege->node);
    bench_store_fill(siege->node.folder, &siege->scene->owner, NULL, siege->scene->load.objects,
        siege->scene->load.count);
    siege->node.limits = (struct kit_limits){
        .connections_max = CONNECTIONS_MAX, .hello_timeout_ms = HELLO_MS, .idle_ms = IDLE_MS};
    kit_process_start(&siege->node);
    KIT_CHECK(kit_peer_open(&siege->honest, siege->node.address, NULL, 0) == 0, "no connection");
    *state = siege;
    return 0;
}

int siege_teardown(void **state)
{
    struct siege *siege = *state;
    struct kit_digest held;
    kit_peer_close(siege->honest);
    kit_process_stop(&siege->node);
    kit_scene_check(siege->scene, &siege->node, &held);
    KIT_CHECK(siege->answers > 0 && held.count == kit_scene_expected(siege->scene, OBJECTS),
        "the set has changed");
    printf("hostile: %zu honest requests answered, at most %.1f MiB of anonymous memory, set "
           "unchanged\n",
        siege->answers, (double)siege->memory / 1048576);
    bench_folder_remove(siege->node.folder);
    bench_node_fini(&siege->stranger);
    kit_scene_free(siege->scene);
    free(siege);
    return 0;
}

/* The honest client answers the node's Pings. */
static void tend(struct siege *siege)
{
    int rc = kit_peer_turn(siege->honest, 0);
    KIT_CHECK(rc == 0, "the honest connection: %s", fora_error_text(rc));
}

void siege_look(struct siege *siege)
{
    tend(siege);
    uint64_t memory = kit_process_memory(&siege->node);
    siege->memory = memory > siege->memory ? memory : siege->memory;
    KIT_CHECK(
        memory < KIT_MEMORY(MEMORY_MAX), "%.1f MiB of anonymous memory", (double)memory / 1048576);
}

/* A thread of the scene must come, whole. */
static void ask(struct siege *siege, struct kit_peer *client)
{
    const struct fora_message *answer;
    struct fora_message request = {.type = FORA_MSG_GET_THREAD};
    size_t thread = kit_random(&siege->random) % (OBJECTS / WORLD_THREAD_POSTS);
    request.u.get_thread.root = siege->scene->ids[thread * WORLD_THREAD_POSTS];
    int rc = kit_peer_call(client, &request, FORA_MSG_THREAD_OBJECTS, ANSWER_SECONDS, &answer);
    KIT_CHECK(rc == 0, "an honest request: %s", fora_error_text(rc));
    KIT_CHECK(answer->u.thread_objects.objects_count == WORLD_THREAD_POSTS, "%zu posts",
        answer->u.thread_objects.objects_count);
    siege->answers++;
}

void siege_ask(struct siege *siege)
{
    ask(siege, siege->honest);
}

void siege_honest(struct siege *siege)
{
    struct kit_peer *fresh;
    KIT_CHECK(kit_process_alive(&siege->node), "the node has ended");
    ask(siege, siege->honest);
    int rc = kit_peer_open(&fresh, siege->node.address, NULL, 0);
    KIT_CHECK(rc == 0, "an honest connection: %s", fora_error_text(rc));
    ask(siege, fresh);
    kit_peer_close(fresh);
    siege_look(siege);
}

/* Waits until the node has no connections but ours: the honest one. */
void siege_alone(struct siege *siege)
{
    const struct fora_message *answer;
    uint64_t count = 0, end = kit_now() + CLOSE_MS;
    do {
        struct fora_message request = {.type = FORA_MSG_GET_STATUS};
        KIT_CHECK(kit_now() < end, "%llu connections are left", (unsigned long long)count);
        int rc =
            kit_peer_call(siege->honest, &request, FORA_MSG_NODE_STATUS, ANSWER_SECONDS, &answer);
        KIT_CHECK(rc == 0, "an honest request: %s", fora_error_text(rc));
        siege->answers++;
        count = answer->u.node_status.connections;
        siege_look(siege);
    } while (count != 1);
}

void siege_random(struct siege *siege, uint8_t *out, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        out[i] = (uint8_t)kit_random(&siege->random);
    }
}
