/* Making objects. Signing on all cores would need ids of parents before they are signed: ids do not
 * depend on signatures, but headers are made in order here for simplicity, at about 25 us an
 * object. */
#include "world.h"

#include "fora/noise.h"
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t begin_ms = WORLD_BEGIN_MS;

static const char *const words[] = {"the", "printer", "does", "not", "start", "after", "update",
    "firmware", "cable", "reset", "screen", "shows", "error", "again", "tried", "network", "driver",
    "version", "works", "here", "when", "power", "cycle", "menu", "setting", "option", "disable",
    "enable", "log", "attached", "same", "problem"};

static uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

static void keys_make(struct fora_secret **root, struct fora_secret **device,
    struct fora_hash *commitment, const char *kind, unsigned number)
{
    uint8_t master[32] = {0x42};
    char label[40];
    struct fora_secret *next;
    struct fora_key key;
    snprintf(label, sizeof label, "%s %u", kind, number);
    bench_need(fora_secret_derive(root, master, "bench.root", fora_bytes_str(label)), "keys");
    bench_need(fora_secret_derive(device, master, "bench.device", fora_bytes_str(label)), "keys");
    bench_need(fora_secret_derive(&next, master, "bench.next", fora_bytes_str(label)), "keys");
    fora_secret_public(next, &key);
    fora_identity_commitment(commitment, &key);
    fora_secret_free(next);
}

void bench_node_make(struct bench_node *node, uint8_t seed, const char *name, const char *address)
{
    struct fora_device_key key = {.label = fora_bytes_str("bench")};
    struct fora_bytes addresses = fora_bytes_str(address);
    struct fora_node_info info = {
        .addresses = &addresses, .addresses_count = 1, .name = fora_bytes_str(name)};
    struct fora_identity_create create = {
        .type = FORA_PRINCIPAL_NODE, .keys = &key, .keys_count = 1, .node = &info};
    struct fora_salt salt = {{seed}};
    memset(node, 0, sizeof *node);
    memset(node->custody, seed, sizeof node->custody);
    keys_make(&node->root, &node->device, &create.next_root_commitment, "node", seed);
    fora_secret_seed(node->device, node->noise);
    node->noise[5] ^= 0x77;
    fora_noise_public(info.noise_key.b, node->noise);
    fora_secret_public(node->device, &key.sign);
    bench_need(fora_identity_build_create(
                   &node->identity, &create, &salt, begin_ms, node->root, &node->id),
        "a node's identity");
}

void bench_node_fini(struct bench_node *node)
{
    fora_secret_free(node->root);
    fora_secret_free(node->device);
    fora_buf_fini(&node->identity);
}

static void member_make(struct world *world, unsigned number, struct fora_buf *out)
{
    struct fora_secret *root;
    struct fora_device_key key = {.label = fora_bytes_str("bench")};
    struct fora_identity_create create = {
        .type = FORA_PRINCIPAL_MEMBER, .keys = &key, .keys_count = 1};
    struct fora_salt salt = {{(uint8_t)number, (uint8_t)(number >> 8), 7}};
    keys_make(&root, &world->members[number], &create.next_root_commitment, "member", number);
    fora_secret_public(world->members[number], &key.sign);
    bench_need(fora_identity_build_create(out, &create, &salt, begin_ms, root, &world->ids[number]),
        "a member");
    fora_secret_free(root);
}

static void object_make(struct world *world, struct fora_header *header,
    struct fora_content *content, const struct fora_secret *secret, struct fora_buf *out,
    struct fora_object_id *id)
{
    struct fora_buf encoded = {0};
    struct fora_salt *salt = fora_content_salt(content);
    memcpy(salt->b, &world->made, sizeof world->made);
    salt->b[15] = 1;
    header->created_at = world->now;
    bench_need(fora_content_encode(&encoded, content), "a content");
    bench_need(fora_object_build(out, header, fora_buf_bytes(&encoded), secret, id), "an object");
    fora_buf_fini(&encoded);
    world->made++;
    world->now += 700;
}

void world_space(struct world *world, const struct bench_node *owner, struct fora_buf *out)
{
    struct fora_header header = {.kind = FORA_KIND_POLICY, .author = owner->id};
    struct fora_content policy = {.kind = FORA_KIND_POLICY};
    struct fora_object_id id;
    policy.u.policy.kind = FORA_SPACE_QUESTIONS;
    policy.u.policy.has_name = true;
    policy.u.policy.name = fora_bytes_str("bench");
    object_make(world, &header, &policy, owner->device, out, &id);
    memcpy(world->space.b, id.b, sizeof id.b);
    world->posts = 0;
}

size_t world_init(
    struct world *world, const struct bench_node *owner, struct fora_buf *out, size_t *sizes)
{
    size_t count = 0;
    memset(world, 0, sizeof *world);
    world->random = 1;
    world->now = begin_ms + 1000;
    for (unsigned i = 0; i < WORLD_MEMBERS; i++) {
        size_t before = out->size;
        member_make(world, i, out);
        sizes[count++] = out->size - before;
    }
    size_t before = out->size;
    world_space(world, owner, out);
    sizes[count++] = out->size - before;
    return count;
}

void world_fini(struct world *world)
{
    for (unsigned i = 0; i < WORLD_MEMBERS; i++) {
        fora_secret_free(world->members[i]);
    }
}

/* 80 to 600 bytes, 300 on average. */
static size_t text_make(struct world *world, char *out, size_t room)
{
    size_t want = 80 + next_random(&world->random) % 440;
    size_t at = 0;
    while (at < want && at + 16 < room) {
        const char *word = words[next_random(&world->random) % (sizeof words / sizeof words[0])];
        at += (size_t)snprintf(out + at, room - at, "%s ", word);
    }
    return at;
}

size_t world_next(struct world *world, struct fora_buf *out, struct fora_object_id *id)
{
    char text[700];
    size_t before = out->size;
    unsigned author = next_random(&world->random) % WORLD_MEMBERS;
    struct fora_header header = {.author = world->ids[author], .space = world->space};
    struct fora_content content = {.kind = FORA_KIND_POST};
    struct fora_object_id made;
    struct fora_bytes tag = fora_bytes_str(words[next_random(&world->random) % 8]);
    size_t size = text_make(world, text, sizeof text);
    bool opens = world->posts == 0;
    if (opens) {
        content.kind = FORA_KIND_THREAD;
        content.u.thread.type = FORA_THREAD_QUESTION;
        content.u.thread.title = fora_bytes(text, 60);
        content.u.thread.text = fora_bytes(text, size);
        content.u.thread.tags = &tag;
        content.u.thread.tags_count = 1;
    } else {
        content.u.post.type = world->posts % 3 == 0 ? FORA_POST_COMMENT : FORA_POST_ANSWER;
        content.u.post.text = fora_bytes(text, size);
        header.root = world->root;
        header.parent = world->root;
    }
    header.kind = content.kind;
    object_make(world, &header, &content, world->members[author], out, &made);
    if (opens) {
        world->root = made;
    }
    world->posts = (world->posts + 1) % WORLD_THREAD_POSTS;
    world->bytes += out->size - before;
    if (id != NULL) {
        *id = made;
    }
    return out->size - before;
}

void world_make(struct world *world, size_t count, struct world_load *out)
{
    size_t *sizes = calloc(count, sizeof *sizes);
    memset(out, 0, sizeof *out);
    out->objects = calloc(count, sizeof *out->objects);
    if (sizes == NULL || out->objects == NULL) {
        bench_need(FORA_E_NOMEM, "objects");
    }
    for (size_t i = 0; i < count; i++) {
        sizes[i] = world_next(world, &out->bytes, NULL);
    }
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        out->objects[i] = fora_bytes(out->bytes.data + at, sizes[i]);
        at += sizes[i];
    }
    out->count = count;
    free(sizes);
}

void world_load_fini(struct world_load *load)
{
    fora_buf_fini(&load->bytes);
    free(load->objects);
    memset(load, 0, sizeof *load);
}
