#include "scene.h"

#include <stdlib.h>

struct scene *scene_new(void)
{
    struct scene *scene = calloc(1, sizeof *scene);
    size_t sizes[WORLD_MEMBERS + 1];
    if (scene == NULL) {
        bench_need(FORA_E_NOMEM, "a scene");
        return NULL;
    }
    bench_node_make(&scene->node, 1, "node", "127.0.0.1:1");
    bench_node_make(&scene->peer, 2, "peer", "127.0.0.1:2");
    scene->objects_count = world_init(&scene->world, &scene->node, &scene->first, sizes);
    size_t at = 0;
    for (size_t i = 0; i < scene->objects_count; i++) {
        scene->objects[i] = fora_bytes(scene->first.data + at, sizes[i]);
        at += sizes[i];
    }
    bench_folder(scene->folder);
    return scene;
}

void scene_free(struct scene *scene)
{
    bench_folder_remove(scene->folder);
    world_fini(&scene->world);
    bench_node_fini(&scene->node);
    bench_node_fini(&scene->peer);
    fora_buf_fini(&scene->first);
    free(scene);
}

void scene_fill(struct scene *scene)
{
    bench_store_fill(
        scene->folder, &scene->node, &scene->world.space, scene->objects, scene->objects_count);
    bench_store_approve(scene->folder, &scene->peer.id);
}
