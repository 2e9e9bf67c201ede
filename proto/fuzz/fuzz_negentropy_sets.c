/*
 * Negentropy against the obvious way to do it. The input makes two sets: a header of frame limits,
 * how ids are drawn, and how is asked and split, then four bytes an item: who has it, its time, its
 * id. They are reconciled, and what the initiator learns must be exactly the two differences.
 */
#include "fora/negentropy.h"

#include <stdlib.h>
#include <string.h>

enum { HEADER = 4, ITEM = 4, ITEMS_MAX = 600, ROUNDS_MAX = 2 * ITEMS_MAX };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    struct fora_neg_item item;
    bool in[2];
    unsigned have, need; /* how often it was reported */
};

struct world {
    struct seen items[ITEMS_MAX];
    size_t count;
};

static void require(bool condition)
{
    if (!condition)
        abort();
}

static struct seen *find(struct world *world, const uint8_t id[32])
{
    for (size_t i = 0; i < world->count; i++) {
        if (memcmp(world->items[i].item.id, id, 32) == 0)
            return &world->items[i];
    }
    return NULL;
}

static int report_have(void *context, const uint8_t id[32])
{
    struct seen *seen = find(context, id);

    require(seen != NULL);
    seen->have++;
    return 0;
}

static int report_need(void *context, const uint8_t id[32])
{
    struct seen *seen = find(context, id);

    require(seen != NULL);
    seen->need++;
    return 0;
}

/* Ids as even as hashes are, from two bytes, and alike in their first: sums of ids that a fuzzer
 * may choose freely soon collide (1 + 4 = 2 + 3), which tells nothing about the protocol. */
static void id_make(uint8_t id[32], uint64_t from, unsigned alike)
{
    for (unsigned i = 0; i < 32; i++) {
        from = (from + 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;
        from ^= from >> 29;
        id[i] = i < alike ? 0 : (uint8_t)(from >> 24);
    }
}

/* Few times, and ids alike at their beginning: bounds fall within runs of equals. */
static void world_make(struct world *world, const uint8_t *data, size_t size)
{
    unsigned shape = data[2];

    for (size_t at = HEADER; at + ITEM <= size && world->count < ITEMS_MAX; at += ITEM) {
        struct seen *seen = &world->items[world->count];

        memset(seen, 0, sizeof(*seen));
        seen->item.time = (uint64_t)data[at + 1] << (shape % 8 * 8 % 57);
        id_make(seen->item.id, (uint64_t)data[at + 2] << 8 | data[at + 3], shape / 8 % 20);
        seen->in[0] = (data[at] & 1) != 0;
        seen->in[1] = (data[at] & 2) != 0;
        if (find(world, seen->item.id) == NULL) /* an id is in a set once */
            world->count++;
    }
}

static struct fora_neg_vector *side_make(const struct world *world, int side)
{
    struct fora_neg_item *items = calloc(world->count + 1, sizeof(*items));
    struct fora_neg_vector *vector;
    size_t count = 0;

    require(items != NULL);
    for (size_t i = 0; i < world->count; i++) {
        if (world->items[i].in[side])
            items[count++] = world->items[i].item;
    }
    require(fora_neg_vector_new(&vector, items, count) == 0);
    free(items);
    return vector;
}

static void reconcile(struct world *world, struct fora_neg_vector *const vectors[2],
    const struct fora_neg_limits limits[2])
{
    struct fora_neg_source sources[2] = {
        fora_neg_vector_source(vectors[0]), fora_neg_vector_source(vectors[1])};
    const struct fora_neg_report report = {
        .context = world, .have = report_have, .need = report_need};
    struct fora_buf question = {0}, answer = {0};

    require(fora_neg_start(&sources[0], &limits[0], &question) == 0);
    for (unsigned round = 0; question.size > 0; round++) {
        require(round < ROUNDS_MAX);
        require(limits[0].frame_max == 0 || question.size <= limits[0].frame_max);
        fora_buf_clear(&answer);
        require(
            fora_neg_reply(&sources[1], &limits[1], fora_buf_bytes(&question), NULL, &answer) == 0);
        require(limits[1].frame_max == 0 || answer.size <= limits[1].frame_max);
        fora_buf_clear(&question);
        require(fora_neg_reply(
                    &sources[0], &limits[0], fora_buf_bytes(&answer), &report, &question) == 0);
    }
    fora_buf_fini(&question);
    fora_buf_fini(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world *world = calloc(1, sizeof(*world));
    static const uint8_t key[FORA_NEG_KEY_SIZE] = {0x1f, 0x7a, 0xc4, 0x02, 0x5b};
    struct fora_neg_limits limits[2] = {{0}, {0}};

    require(world != NULL);
    if (size >= HEADER) {
        for (int side = 0; side < 2; side++) {
            limits[side].frame_max =
                data[side] % 4 == 0 ? 0 : FORA_NEG_FRAME_MIN + 64 * (size_t)data[side];
            limits[side].lean = (data[3] >> side & 1) != 0;
        }
        limits[0].key = (data[3] & 4) != 0 ? key : NULL;
        world_make(world, data, size);
        struct fora_neg_vector *vectors[2] = {side_make(world, 0), side_make(world, 1)};
        reconcile(world, vectors, limits);
        for (size_t i = 0; i < world->count; i++) {
            const struct seen *seen = &world->items[i];

            require((seen->have > 0) == (seen->in[0] && !seen->in[1]));
            require((seen->need > 0) == (seen->in[1] && !seen->in[0]));
        }
        fora_neg_vector_free(vectors[0]);
        fora_neg_vector_free(vectors[1]);
    }
    free(world);
    return 0;
}
