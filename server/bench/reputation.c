/*
 * Reputation: a bundle against its signatures alone; standings after a thousand changes against
 * counting the space whole; and a member's page at a million objects against a thousand, gathered
 * and (page.c) over the wire.
 */
#include "bench.h"
#include "page.h"
#include "recount.h"

#include "reputation/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    STEP = 50000,
    BUNDLE = 100,
    ROUNDS = 9,
    TURNS = 5,
    PAGES = 2000,
    CHANGES = 1000,
    FEW = 1000
};

/* ---- a space of threads, in each of which an answer is accepted ---- */

struct stage {
    struct bench_node node;
    struct world world;
    struct kv *kv;
    struct policies *policies;
    struct committer *committer;
    char folder[256];
};

static const struct fora_secret *secret_of(
    const struct world *world, const struct fora_principal_id *member)
{
    for (unsigned i = 0; i < WORLD_MEMBERS; i++) {
        if (memcmp(world->ids[i].b, member->b, sizeof member->b) == 0) {
            return world->members[i];
        }
    }
    bench_need(FORA_E_NOTFOUND, "a member");
    return NULL;
}

static void accept_answer(struct world *world, const struct fora_header *thread,
    const struct fora_object_id *root, const struct fora_object_id *answer, struct fora_buf *out)
{
    struct fora_header header = {.kind = FORA_KIND_RESOLUTION,
        .author = thread->author,
        .space = thread->space,
        .root = *root,
        .parent = *answer,
        .created_at = ++world->now};
    struct fora_content content = {
        .kind = FORA_KIND_RESOLUTION, .u.resolution = {.type = FORA_RESOLUTION_ASKER_ACCEPTED}};
    struct fora_buf encoded = {0};
    memcpy(fora_content_salt(&content)->b, root->b, sizeof fora_content_salt(&content)->b);
    bench_need(fora_content_encode(&encoded, &content), "an acceptance");
    bench_need(fora_object_build(
                   out, &header, fora_buf_bytes(&encoded), secret_of(world, &thread->author), NULL),
        "an acceptance");
    fora_buf_fini(&encoded);
}

static bool is_answer(const struct fora_object *object)
{
    struct fora_arena arena;
    struct fora_content content;
    fora_arena_init(&arena, 0);
    bool answer =
        object->header.kind == FORA_KIND_POST &&
        fora_content_decode(&arena, FORA_KIND_POST, object->content_bytes, &content) == 0 &&
        content.u.post.type == FORA_POST_ANSWER;
    fora_arena_fini(&arena);
    return answer;
}

/* `count` objects, and one acceptance for each thread; stored. */
static void grow(struct stage *stage, size_t count)
{
    struct world_load load;
    struct fora_buf more = {0};
    struct fora_bytes *objects = calloc(count, sizeof *objects);
    size_t accepted = 0;
    struct fora_object thread = {.has_content = false};
    bool open = false;
    bench_need(objects == NULL ? FORA_E_NOMEM : 0, "objects");
    world_make(&stage->world, count, &load);
    for (size_t i = 0; i < load.count && objects != NULL; i++) {
        struct fora_object object;
        bench_need(fora_object_decode(&object, load.objects[i]), "an object");
        if (object.header.kind == FORA_KIND_THREAD) {
            thread = object;
            open = true;
        } else if (open && is_answer(&object) &&
                   memcmp(object.header.author.b, thread.header.author.b, FORA_ID_SIZE) != 0) {
            size_t before = more.size;
            accept_answer(&stage->world, &thread.header, &thread.id, &object.id, &more);
            objects[accepted++].size = more.size - before;
            open = false;
        }
    }
    for (size_t i = 0, at = 0; i < accepted && objects != NULL; at += objects[i++].size) {
        objects[i].data = more.data + at;
    }
    bench_store_add(stage->kv, load.objects, load.count);
    bench_store_add(stage->kv, objects, accepted);
    world_load_fini(&load);
    fora_buf_fini(&more);
    free(objects);
}

static struct stage *stage_new(size_t count)
{
    struct fora_buf first = {0};
    size_t sizes[WORLD_MEMBERS + 1];
    struct fora_bytes objects[WORLD_MEMBERS + 1];
    struct stage *stage = calloc(1, sizeof *stage);
    if (stage == NULL) {
        bench_need(FORA_E_NOMEM, "a space");
        return NULL;
    }
    bench_folder(stage->folder);
    bench_node_make(&stage->node, 1, "node", "127.0.0.1:1");
    size_t n = world_init(&stage->world, &stage->node, &first, sizes), at = 0;
    for (size_t i = 0; i < n; i++) {
        objects[i] = fora_bytes(first.data + at, sizes[i]);
        at += sizes[i];
    }
    bench_store_fill(stage->folder, &stage->node, &stage->world.space, objects, n);
    fora_buf_fini(&first);
    stage->kv = bench_store_open(stage->folder);
    bench_need(policies_new(&stage->policies), "policies");
    bench_need(committer_new(&stage->committer, stage->kv, stage->policies), "a writer");
    for (size_t done = 0; done < count; done += STEP) {
        grow(stage, count - done < STEP ? count - done : STEP);
    }
    return stage;
}

/* From here on the store can be somebody else's. */
static void stage_close(struct stage *stage)
{
    committer_free(stage->committer);
    policies_free(stage->policies);
    kv_close(stage->kv);
}

static void stage_free(struct stage *stage)
{
    bench_folder_remove(stage->folder);
    world_fini(&stage->world);
    bench_node_fini(&stage->node);
    free(stage);
}

/* Counts and issues all that is behind: seconds. */
static double issue(struct stage *stage, uint64_t *issued)
{
    const struct standing_self self = {.node = stage->node.id, .secret = stage->node.device};
    struct standing_report report = {.more = true};
    struct commit_result result;
    double begin = bench_seconds();
    *issued = 0;
    while (report.more) {
        bench_need(standing_step(stage->committer, &self, stage->world.now + 200000,
                       STANDING_STEP_MAX, true, &result, &report),
            "standings");
        *issued += report.issued;
    }
    return bench_seconds() - begin;
}

/* ---- standing_incremental ---- */

/* After a thousand changes: what the node does, against counting the same space whole just before.
 * In turns, since the machine's speed drifts. */
static void incremental(struct bench *bench, struct stage *stage)
{
    double parts = 0, wholes = 0, last = 0;
    uint64_t issued;
    struct recount whole = {0};
    double first = issue(stage, &issued);
    for (int i = 0; i < ROUNDS; i++) {
        bench_recount(stage->kv, stage->policies, &stage->world, &stage->node, &whole);
        grow(stage, CHANGES);
        last = issue(stage, &issued);
        bench_need(issued == 0 ? FORA_E_INTERNAL : 0, "nothing was issued");
        parts += last / ROUNDS;
        wholes += whole.seconds / ROUNDS;
    }
    printf("whole: %llu threads folded in %.2f s, %llu credits of %llu members counted and signed: "
           "%.2f s in all\n",
        (unsigned long long)whole.threads, whole.folding, (unsigned long long)whole.credits,
        (unsigned long long)whole.members, whole.seconds);
    printf("after %d changes: all counted, and the %llu standings that changed issued (STD-16), on "
           "disk, in %.1f ms; when the node began, with its index to write: %.1f s\n",
        CHANGES, (unsigned long long)issued, last * 1000, first);
    /* Means, and no medians: what the node puts off it does in one of the rounds. */
    results_add(bench->results, "standing_incremental", parts * 1000, "ms", wholes * 1000,
        "counting the space whole, in memory", parts / wholes, false, 0.01);
}

/* ---- standing_gather ---- */

/* Members that have something on their page already where there is little. */
struct readers {
    struct fora_principal_id ids[WORLD_MEMBERS];
    unsigned count;
};

/* How many objects are on the page. */
static size_t read_page(struct stage *stage, const struct fora_principal_id *member)
{
    struct kv_txn *txn;
    struct gather gather;
    struct fora_arena arena;
    fora_arena_init(&arena, 0);
    bench_need(kv_begin_read(stage->kv, &txn), "reading");
    gather_init(&gather, txn, &arena);
    bench_need(page_gather(&gather, stage->policies, member, 1 << 20), "a page");
    size_t count = gather.count;
    gather_fini(&gather);
    kv_abort(txn);
    fora_arena_fini(&arena);
    return count;
}

static double gather_pages(struct stage *stage, const struct readers *readers)
{
    double begin = bench_seconds();
    for (unsigned i = 0; i < PAGES; i++) {
        size_t count = read_page(stage, &readers->ids[i % readers->count]);
        bench_need(count == 0 ? FORA_E_INTERNAL : 0, "an empty page");
    }
    return PAGES / (bench_seconds() - begin);
}

static void gathered(struct bench *bench, struct stage *few, struct stage *many)
{
    double few_rates[ROUNDS], many_rates[ROUNDS], ratios[ROUNDS];
    struct readers readers = {.count = 0};
    for (unsigned i = 0; i < WORLD_MEMBERS; i++) {
        if (read_page(few, &few->world.ids[i]) > 0) {
            readers.ids[readers.count++] = few->world.ids[i];
        }
    }
    bench_need(readers.count == 0 ? FORA_E_INTERNAL : 0, "nobody has a page");
    for (int i = 0; i < ROUNDS; i++) {
        few_rates[i] = gather_pages(few, &readers);
        many_rates[i] = gather_pages(many, &readers);
        ratios[i] = few_rates[i] / many_rates[i];
    }
    results_add(bench->results, "standing_gather", bench_median(many_rates, ROUNDS), "pages/s",
        bench_median(few_rates, ROUNDS), "the same at a thousand objects",
        bench_median(ratios, ROUNDS), false, 1.5);
}

/* ---- bundle_verify ---- */

static void badge(struct stage *stage, unsigned number, struct fora_buf *out)
{
    char label[32];
    struct fora_buf encoded = {0};
    struct fora_header header = {.kind = FORA_KIND_ATTESTATION,
        .author = stage->node.id,
        .space = stage->world.space,
        .created_at = stage->world.now};
    snprintf(label, sizeof label, "award %u", number);
    struct fora_content content = {.kind = FORA_KIND_ATTESTATION,
        .u.attestation = {.type = FORA_ATTESTATION_BADGE,
            .subject = stage->world.ids[0],
            .label = fora_bytes_str(label)}};
    fora_salt_random(fora_content_salt(&content));
    bench_need(fora_content_encode(&encoded, &content), "a badge");
    bench_need(fora_object_build(out, &header, fora_buf_bytes(&encoded), stage->node.device, NULL),
        "a badge");
    fora_buf_fini(&encoded);
}

static double signatures_alone(const struct fora_bytes *objects, size_t count)
{
    double begin = bench_seconds();
    for (size_t i = 0; i < count; i++) {
        struct fora_object object;
        bench_need(fora_object_decode(&object, objects[i]), "an object");
        bench_need(fora_verify(&object.signature, &object.header.key, FORA_DOMAIN_SIGN_OBJECT,
                       fora_bytes(object.id.b, sizeof object.id.b)),
            "a signature");
    }
    return bench_seconds() - begin;
}

static int count_good(void *context, const struct fora_claim *claim)
{
    *(size_t *)context += claim->code == 0;
    return 0;
}

static double whole_bundle(struct fora_bytes bytes, uint64_t now)
{
    struct fora_arena arena;
    struct fora_bundle bundle;
    struct fora_claims *claims;
    size_t good = 0;
    double begin = bench_seconds();
    fora_arena_init(&arena, 0);
    bench_need(fora_claims_new(&claims), "claims");
    bench_need(fora_bundle_decode(&arena, bytes, &bundle), "a bundle");
    bench_need(fora_bundle_open(&bundle, claims, NULL, NULL), "a bundle");
    bench_need(fora_claims_each(claims, &bundle.subject, now, count_good, &good), "verdicts");
    bench_need(good == BUNDLE ? 0 : FORA_E_INTERNAL, "verdicts");
    fora_claims_free(claims);
    fora_arena_fini(&arena);
    return bench_seconds() - begin;
}

static void bundles(struct bench *bench, struct stage *stage)
{
    struct fora_buf made = {0}, first = {0}, encoded = {0};
    struct fora_bytes objects[BUNDLE + 2];
    struct world again;
    size_t sizes[WORLD_MEMBERS + 1], at = 0;
    double alone[ROUNDS], all[ROUNDS], ratios[ROUNDS];
    for (unsigned i = 0; i < BUNDLE; i++) {
        badge(stage, i, &made);
        objects[i].size = made.size - at;
        at = made.size;
    }
    for (size_t i = 0, begin = 0; i < BUNDLE; begin += objects[i++].size) {
        objects[i].data = made.data + begin;
    }
    /* The space's first statement is the last of the world's first objects. */
    size_t n = world_init(&again, &stage->node, &first, sizes);
    objects[BUNDLE] = fora_buf_bytes(&stage->node.identity);
    objects[BUNDLE + 1] = fora_bytes(first.data + first.size - sizes[n - 1], sizes[n - 1]);
    const struct fora_bundle bundle = {.version = 1,
        .subject = stage->world.ids[0],
        .made_at = stage->world.now,
        .objects = objects,
        .objects_count = BUNDLE + 2};
    bench_need(fora_bundle_encode(&encoded, &bundle), "a bundle");
    for (int i = 0; i < ROUNDS; i++) {
        alone[i] = all[i] = 0;
        for (int turn = 0; turn < TURNS; turn++) { /* in turns: the machine's speed drifts */
            alone[i] += signatures_alone(objects, BUNDLE + 2) / TURNS;
            all[i] += whole_bundle(fora_buf_bytes(&encoded), stage->world.now + 1) / TURNS;
        }
        ratios[i] = all[i] / alone[i];
    }
    results_add(bench->results, "bundle_verify", bench_median(all, ROUNDS) * 1000, "ms",
        bench_median(alone, ROUNDS) * 1000, "its signatures alone", bench_median(ratios, ROUNDS),
        false, 1.5);
    world_fini(&again);
    fora_buf_fini(&made);
    fora_buf_fini(&first);
    fora_buf_fini(&encoded);
}

void bench_reputation(struct bench *bench)
{
    uint64_t issued;
    struct stage *few = stage_new(FEW);
    (void)issue(few, &issued);
    bundles(bench, few);
    struct stage *many = stage_new(1000000 / bench->scale);
    incremental(bench, many);
    gathered(bench, few, many);
    stage_close(few);
    stage_close(many);
    bench_pages(bench, &(struct page_store){few->folder, &few->node, few->world.ids, WORLD_MEMBERS},
        &(struct page_store){many->folder, &many->node, many->world.ids, WORLD_MEMBERS});
    stage_free(few);
    stage_free(many);
}
