/* Stories: their objects, stores and questions. */
#include "testkit/scene.h"

#include "bench/process.h"
#include "maintain/digest.h"
#include "maintain/fsck.h"
#include "store/objects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OWNER_SEED = 1, PEER_SEED = 200, FETCH_MAX = 200, CALL_SECONDS = 30, POLL_MS = 20 };

struct kit_scene *kit_scene_new(size_t objects)
{
    struct kit_scene *scene = calloc(1, sizeof *scene);
    size_t sizes[WORLD_MEMBERS + 1];
    KIT_CHECK(scene != NULL && fora_crypto_init() == 0, "no memory");
    setvbuf(stdout, NULL, _IOLBF, 0);
    kit_keys(&scene->owner, OWNER_SEED);
    kit_keys(&scene->peer, PEER_SEED);
    scene->first_count = world_init(&scene->world, &scene->owner, &scene->first_bytes, sizes);
    size_t at = 0;
    for (size_t i = 0; i < scene->first_count; i++) {
        scene->first[i] = fora_bytes(scene->first_bytes.data + at, sizes[i]);
        at += sizes[i];
    }
    world_make(&scene->world, objects, &scene->load);
    scene->ids = calloc(objects, sizeof *scene->ids);
    scene->codes = calloc(objects, sizeof *scene->codes);
    KIT_CHECK(scene->ids != NULL && scene->codes != NULL, "no memory");
    for (size_t i = 0; i < objects; i++) {
        struct fora_object object;
        KIT_CHECK(fora_object_decode(&object, scene->load.objects[i]) == 0, "a bad object");
        scene->ids[i] = object.id;
        scene->codes[i] = KIT_UNANSWERED;
    }
    return scene;
}

void kit_scene_free(struct kit_scene *scene)
{
    free(scene->ids);
    free(scene->codes);
    world_load_fini(&scene->load);
    world_fini(&scene->world);
    fora_buf_fini(&scene->first_bytes);
    bench_node_fini(&scene->owner);
    bench_node_fini(&scene->peer);
    free(scene);
}

/* ---- stores ---- */

void kit_scene_store(
    const struct kit_scene *scene, unsigned seed, bool whole, struct kit_process *out)
{
    char folder[256];
    struct bench_node keys;
    bench_folder(folder);
    kit_process_init(out, folder, seed);
    kit_keys(&keys, seed);
    bench_store_fill(
        folder, &keys, &scene->world.space, scene->first, whole ? scene->first_count : 0);
    bench_node_fini(&keys);
}

void kit_scene_link(
    const struct kit_scene *scene, const struct kit_process *process, const char *address)
{
    bench_store_link(process->folder, &scene->world.space, address);
}

static struct kv *store_read(const char *folder)
{
    struct kv *kv;
    struct fora_buf why = {0};
    struct kv_lmdb_options options = {.path = folder, .read_only = true};
    int rc = kv_lmdb_open(&kv, &options, store_table_names, STORE_TABLE_COUNT, &why);
    KIT_CHECK(rc == 0, "%s", fora_buf_cstr(&why));
    fora_buf_fini(&why);
    return kv;
}

static void found(void *context, const char *table, const char *text)
{
    (void)context;
    fprintf(stderr, "fsck: %s: %s\n", table, text);
}

struct digest_of {
    const struct fora_space_id *space;
    struct kit_digest *out;
    bool seen;
};

static int take_digest(void *context, const struct digest *digest)
{
    struct digest_of *of = context;
    if (memcmp(digest->set.space.b, of->space->b, sizeof of->space->b) == 0) {
        of->seen = true;
        of->out->count = digest->count;
        of->out->threads = digest->threads;
        memcpy(of->out->fingerprint, digest->fingerprint, sizeof of->out->fingerprint);
        of->out->items = digest->items;
        of->out->views = digest->views;
    }
    return 0;
}

static void store_check(
    const char *folder, const struct fora_space_id *space, struct kit_digest *out)
{
    struct fsck_result result = {0};
    struct fsck fsck = {.verify = true, .found = found};
    struct digest_of of = {space, out, false};
    struct kv *kv = store_read(folder);
    memset(out, 0, sizeof *out);
    KIT_CHECK(fsck_run(kv, &fsck, &result) == 0, "fsck did not come to its end");
    KIT_CHECK(result.findings == 0, "fsck found %llu", (unsigned long long)result.findings);
    KIT_CHECK(result.objects > 0 && result.verified > 0, "fsck looked at nothing");
    KIT_CHECK(digest_all(kv, NULL, take_digest, &of) == 0 && of.seen, "no digest");
    out->objects = result.objects;
    kv_close(kv);
}

void kit_scene_check(
    const struct kit_scene *scene, const struct kit_process *process, struct kit_digest *out)
{
    store_check(process->folder, &scene->world.space, out);
}

size_t kit_scene_rebuilt(
    const struct kit_scene *scene, const struct kit_process *process, struct kit_digest *out)
{
    char folder[256];
    size_t count = 0;
    struct kv_txn *txn;
    struct fora_bytes *held = calloc(scene->load.count + 1, sizeof *held);
    struct kv *kv = store_read(process->folder);
    KIT_CHECK(held != NULL && kv_begin_read(kv, &txn) == 0, "no memory");
    for (size_t i = 0; i < scene->load.count; i++) {
        if (objects_find(txn, scene->ids[i].b) != 0) {
            held[count++] = scene->load.objects[i];
        }
    }
    kv_abort(txn);
    kv_close(kv);
    bench_folder(folder);
    bench_store_fill(folder, &scene->owner, &scene->world.space, scene->first, scene->first_count);
    bench_store_fill(folder, &scene->owner, NULL, held, count);
    store_check(folder, &scene->world.space, out);
    bench_folder_remove(folder);
    free(held);
    return count;
}

void kit_digest_equal(const struct kit_digest *a, const struct kit_digest *b, const char *what)
{
    KIT_CHECK(a->count > 0, "%s: nothing to compare", what);
    KIT_CHECK(a->count == b->count && a->threads == b->threads,
        "%s: %llu objects in %llu threads, %llu in %llu", what, (unsigned long long)a->count,
        (unsigned long long)a->threads, (unsigned long long)b->count,
        (unsigned long long)b->threads);
    KIT_CHECK(memcmp(a->fingerprint, b->fingerprint, sizeof a->fingerprint) == 0,
        "%s: other fingerprints", what);
    KIT_CHECK(memcmp(a->items.b, b->items.b, sizeof a->items.b) == 0, "%s: other items", what);
    KIT_CHECK(memcmp(a->views.b, b->views.b, sizeof a->views.b) == 0, "%s: other views", what);
}

/* ---- over the wire ---- */

int kit_scene_put(
    struct kit_scene *scene, struct kit_peer *peer, size_t from, size_t to, size_t batch)
{
    int rc = 0;
    for (size_t at = from; at < to && rc == 0; at += batch) {
        size_t count = to - at < batch ? to - at : batch;
        rc = kit_peer_put(peer, scene->load.objects + at, scene->codes + at, count);
    }
    return rc;
}

/* Those of the first ids that came at once; what did not fit is asked for again (SES-33). */
static size_t fetch_some(struct kit_peer *client, struct fora_object_id *ids, size_t count)
{
    const struct fora_message *answer;
    struct fora_message ask = {.type = FORA_MSG_FETCH};
    ask.u.fetch.ids = ids;
    ask.u.fetch.ids_count = count;
    int rc = kit_peer_call(client, &ask, FORA_MSG_OBJECTS, CALL_SECONDS, &answer);
    KIT_CHECK(rc == 0, "Fetch: %s", fora_error_text(rc));
    size_t some = answer->u.objects.objects_count;
    KIT_CHECK(some > 0 && some + answer->u.objects.missing_count == count,
        "of %zu acknowledged objects %zu are missing", count, answer->u.objects.missing_count);
    for (size_t i = 0; i < some; i++) {
        struct fora_object object;
        KIT_CHECK(fora_object_decode(&object, answer->u.objects.objects[i]) == 0 &&
                      memcmp(object.id.b, ids[i].b, sizeof ids[i].b) == 0,
            "another object than asked for");
    }
    return some;
}

static size_t fetch(struct kit_peer *client, struct fora_object_id *ids, size_t count)
{
    size_t at = 0;
    while (at < count) {
        at += fetch_some(client, ids + at, count - at);
    }
    return count;
}

size_t kit_scene_acknowledged(
    const struct kit_scene *scene, const struct kit_process *process, size_t from, size_t to)
{
    struct fora_object_id ids[FETCH_MAX];
    struct kit_peer *client;
    size_t count = 0, checked = 0;
    KIT_CHECK(kit_peer_open(&client, process->address, NULL, 0) == 0, "no connection");
    for (size_t i = from; i < to; i++) {
        if (scene->codes[i] == 0) {
            ids[count++] = scene->ids[i];
        }
        if (count == FETCH_MAX || (i + 1 == to && count > 0)) {
            checked += fetch(client, ids, count);
            count = 0;
        }
    }
    kit_peer_close(client);
    return checked;
}

size_t kit_scene_count(const struct kit_scene *scene, int code)
{
    size_t count = 0;
    for (size_t i = 0; i < scene->load.count; i++) {
        count += scene->codes[i] == code;
    }
    return count;
}

uint64_t kit_scene_expected(const struct kit_scene *scene, size_t count)
{
    bool wrote[WORLD_MEMBERS] = {false};
    uint64_t authors = 0;
    for (size_t i = 0; i < count; i++) {
        struct fora_object object;
        unsigned author = 0;
        KIT_CHECK(fora_object_decode(&object, scene->load.objects[i]) == 0, "a bad object");
        while (author < WORLD_MEMBERS && memcmp(scene->world.ids[author].b, object.header.author.b,
                                             sizeof object.header.author.b) != 0) {
            author++;
        }
        KIT_CHECK(author < WORLD_MEMBERS, "an author from elsewhere");
        authors += !wrote[author];
        wrote[author] = true;
    }
    return count + authors + 2;
}

int kit_scene_space(const struct kit_scene *scene, struct kit_peer *client, uint64_t *count,
    uint8_t fingerprint[16])
{
    const struct fora_message *answer;
    struct fora_message ask = {.type = FORA_MSG_LIST_SPACES};
    int rc = kit_peer_call(client, &ask, FORA_MSG_SPACES, CALL_SECONDS, &answer);
    for (size_t i = 0; rc == 0 && i < answer->u.spaces.rows_count; i++) {
        const struct fora_msg_space_row *row = &answer->u.spaces.rows[i];
        if (memcmp(row->space.b, scene->world.space.b, sizeof row->space.b) == 0 &&
            row->fingerprint.size == 16) {
            *count = row->objects;
            memcpy(fingerprint, row->fingerprint.data, 16);
            return 0;
        }
    }
    return rc == 0 ? FORA_E_ABSENT : rc;
}

void kit_scene_settled(const struct kit_scene *scene, const struct kit_process *const *processes,
    size_t processes_count, uint64_t count, unsigned seconds)
{
    struct kit_peer *clients[8];
    uint64_t end = kit_now() + seconds * 1000u;
    uint64_t counts[8] = {0};
    uint8_t prints[8][16];
    bool equal = false;
    for (size_t i = 0; i < processes_count; i++) {
        int rc = kit_peer_open(&clients[i], processes[i]->address, NULL, 0);
        KIT_CHECK(rc == 0, "node %zu: %s", i, fora_error_text(rc));
    }
    while (!equal) {
        equal = true;
        for (size_t i = 0; i < processes_count; i++) {
            int rc = kit_scene_space(scene, clients[i], &counts[i], prints[i]);
            KIT_CHECK(rc == 0 || rc == FORA_E_ABSENT, "node %zu: %s", i, fora_error_text(rc));
            equal = equal && rc == 0 && counts[i] == count && memcmp(prints[i], prints[0], 16) == 0;
        }
        if (!equal) {
            KIT_CHECK(kit_now() < end, "not equal after %u s: %llu, %llu, %llu objects of %llu",
                seconds, (unsigned long long)counts[0], (unsigned long long)counts[1],
                (unsigned long long)counts[2], (unsigned long long)count);
            int rc = kit_peer_turn(clients[0], POLL_MS);
            KIT_CHECK(rc == 0, "node 0: %s", fora_error_text(rc));
        }
    }
    for (size_t i = 0; i < processes_count; i++) {
        kit_peer_close(clients[i]);
    }
}
