#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "world.h"

#include "store/sums.h"

#include <stdlib.h>
#include <string.h>

/* ---- shelves ---- */

/* How a node comes by an object in these stories: spaces are its own, the rest came from a peer. */
static enum commit_source source_of(const struct fora_object *object)
{
    bool founds =
        object->header.kind == FORA_KIND_POLICY && fora_id_is_zero(object->header.space.b);
    return founds ? COMMIT_LOCAL : COMMIT_PEER;
}

void shelf_use(struct shelf *shelf, struct kv *kv)
{
    memset(shelf, 0, sizeof *shelf);
    shelf->kv = kv;
    assert_int_equal(policies_new(&shelf->policies), 0);
    assert_int_equal(committer_new(&shelf->committer, kv, shelf->policies), 0);
}

void shelf_init(struct shelf *shelf)
{
    struct kv *kv = NULL;
    assert_int_equal(kv_mem_open(&kv, STORE_TABLE_COUNT), 0);
    shelf_use(shelf, kv);
}

void shelf_fini(struct shelf *shelf)
{
    committer_free(shelf->committer);
    policies_free(shelf->policies);
    kv_close(shelf->kv);
}

int shelf_offer(struct shelf *shelf, const struct fora_object *object, enum commit_source source)
{
    struct commit_item item = {.object = *object, .source = source};
    struct commit_batch batch = {.items = &item, .count = 1, .now = WORLD_NOW};
    assert_int_equal(commit_run(shelf->committer, &batch, &shelf->result), 0);
    return item.code;
}

void shelf_add(struct shelf *shelf, const struct fora_object *const *objects, size_t count)
{
    struct commit_item *items = calloc(count + 1, sizeof *items);
    struct commit_batch batch = {.items = items, .count = count, .now = WORLD_NOW};
    assert_non_null(items);
    for (size_t i = 0; i < count; i++) {
        items[i].object = *objects[i];
        items[i].source = source_of(objects[i]);
    }
    assert_int_equal(commit_run(shelf->committer, &batch, &shelf->result), 0);
    for (size_t i = 0; i < count; i++) {
        if (items[i].code != 0) {
            print_error("object %zu of kind %u: %s\n", i, (unsigned)objects[i]->header.kind,
                fora_error_name(items[i].code));
        }
        assert_int_equal(items[i].code, 0);
        assert_true(items[i].seq > 0);
    }
    free(items);
}

void shelf_add_one(struct shelf *shelf, const struct fora_object *object)
{
    shelf_add(shelf, &object, 1);
}

void shelf_rows(struct shelf *shelf)
{
    uint64_t behind = 1;
    for (size_t i = 0; behind > 0; i++) {
        assert_true(i < 10000);
        assert_int_equal(rows_step(shelf->kv, shelf->policies, 64, &behind), 0);
    }
}

struct kv_txn *shelf_read(struct shelf *shelf)
{
    struct kv_txn *txn = NULL;
    assert_int_equal(kv_begin_read(shelf->kv, &txn), 0);
    return txn;
}

struct set_info shelf_set(struct kv_txn *txn, const struct fora_object *space)
{
    struct set_info info;
    struct fora_space_id id = fora_object_space(space);
    assert_true(sets_find(txn, &id, FORA_AUDIENCE_PUBLIC, &info));
    return info;
}

bool shelf_holds(struct shelf *shelf, const struct fora_object *object)
{
    struct kv_txn *txn = shelf_read(shelf);
    struct stored stored;
    store_seq seq = objects_find(txn, object->id.b);
    bool holds = seq != 0 && objects_read(txn, seq, &stored) == 0;
    kv_abort(txn);
    return holds;
}

bool shelf_has_text(struct shelf *shelf, const struct fora_object *object)
{
    struct kv_txn *txn = shelf_read(shelf);
    struct stored stored;
    store_seq seq = objects_find(txn, object->id.b);
    bool has = seq != 0 && objects_read(txn, seq, &stored) == 0 && stored.object.has_content;
    kv_abort(txn);
    return has;
}

bool shelf_in_set(
    struct shelf *shelf, const struct fora_object *space, const struct fora_object *object)
{
    struct kv_txn *txn = shelf_read(shelf);
    struct set_info info = shelf_set(txn, space);
    bool in = sets_holds(txn, info.number, object);
    kv_abort(txn);
    return in;
}

struct log_check {
    struct kv_txn *txn;
    uint32_t set;
    uint64_t position;
    uint64_t live;
    uint8_t seen[65536]; /* by sequence */
};

static int check_entry(void *context, uint64_t position, store_seq seq)
{
    struct log_check *check = context;
    struct stored stored;
    assert_int_equal(position, check->position++);
    assert_true(seq < sizeof check->seen);
    if (objects_read(check->txn, seq, &stored) == 0) {
        bool holds = sets_holds(check->txn, check->set, &stored.object);
        bool may = fora_header_principal_scoped(&stored.object.header);
        assert_true(may || (holds && check->seen[seq] == 0));
        check->live += holds && check->seen[seq] == 0;
        check->seen[seq] = 1;
    }
    return 0;
}

uint64_t shelf_check_set(struct shelf *shelf, const struct fora_object *space)
{
    struct kv_txn *txn = shelf_read(shelf);
    struct set_info info = shelf_set(txn, space);
    struct fora_neg_sum sum;
    uint64_t nodes = 0;
    struct log_check check = {.txn = txn, .set = info.number};
    sums_total(txn, info.number, &sum);
    assert_int_equal(info.count, sum.count);
    assert_int_equal(sums_check(txn, info.number, &nodes), 0);
    assert_int_equal(setlog_each(txn, info.number, 0, check_entry, &check), 0);
    assert_int_equal(check.position, info.head);
    assert_int_equal(check.live, info.count);
    kv_abort(txn);
    return info.count;
}

void shelf_view(struct shelf *shelf, const struct fora_object *thread, struct fora_hash *out)
{
    struct kv_txn *txn = shelf_read(shelf);
    struct set_info info;
    struct policy_handle *policy = NULL;
    struct fora_arena arena;
    struct fora_view_thread view;
    struct fora_buf encoded = {0};
    fora_arena_init(&arena, 0);
    assert_true(sets_find(txn, &thread->header.space, FORA_AUDIENCE_PUBLIC, &info));
    assert_int_equal(policies_get(shelf->policies, txn, &info, &policy), 0);
    store_seq root = objects_find(txn, thread->id.b);
    assert_int_equal(rows_fold(txn, &arena, policy_of(policy), root, &view), 0);
    assert_int_equal(fora_view_thread_encode(&encoded, &view), 0);
    fora_view_digest(out, fora_buf_bytes(&encoded));
    policies_release(shelf->policies, policy);
    fora_buf_fini(&encoded);
    fora_arena_fini(&arena);
    kv_abort(txn);
}

void shelf_row(struct shelf *shelf, const struct fora_object *thread, struct fora_hash *out)
{
    struct store_key key;
    struct fora_bytes value;
    struct kv_txn *txn = shelf_read(shelf);
    key_row(&key, objects_find(txn, thread->id.b));
    assert_true(kv_get(txn, T_ROWS, store_key_bytes(&key), &value));
    fora_hash1(out, "test.row", value);
    kv_abort(txn);
}

void shelf_table(struct shelf *shelf, unsigned table, struct fora_hash *out)
{
    struct fora_bytes key, value;
    struct kv_txn *txn = shelf_read(shelf);
    struct kv_cursor *cursor = kv_cursor_open(txn, table);
    memset(out, 0, sizeof *out);
    while (kv_next(cursor, &key, &value)) {
        uint8_t sizes[2] = {(uint8_t)key.size, (uint8_t)value.size};
        const struct fora_bytes parts[] = {
            fora_bytes(out->b, sizeof out->b), fora_bytes(sizes, sizeof sizes), key, value};
        struct fora_hash next;
        fora_hash(&next, "test.table", parts, 4);
        *out = next;
    }
    kv_cursor_close(cursor);
    assert_int_equal(kv_txn_error(txn), 0);
    kv_abort(txn);
}

/* ---- worlds ---- */

enum { MEMBERS = 6, NODES = 2, FIRST_AT = 1000000, SPAN = 50000000 };

static void put(struct world *world, const struct fora_object *object)
{
    assert_true(world->count < WORLD_MAX);
    world->objects[world->count++] = object;
}

static uint32_t pick(struct world *world, uint32_t below)
{
    return fx_random(&world->seed, below);
}

/* Few distinct times, so that ties are common. */
static uint64_t some_time(struct world *world)
{
    return FIRST_AT + (uint64_t)pick(world, 50) * (SPAN / 50);
}

static struct fx_who *some_member(struct world *world)
{
    return world->members[pick(world, MEMBERS)];
}

static const struct fora_object *some_target(struct world *world)
{
    return world->targets[pick(world, (uint32_t)world->targets_count)];
}

static const struct fora_object *root_of(struct world *world, const struct fora_object *target)
{
    for (size_t i = 0; i < world->threads_count; i++) {
        if (memcmp(world->threads[i]->id.b, target->header.root.b, FORA_ID_SIZE) == 0) {
            return world->threads[i];
        }
    }
    return target;
}

/* A later entry of a member's log: a second key, or another home. */
static void put_entry(struct world *world)
{
    struct fx_who *who = some_member(world);
    struct fora_secret *second = fx_secret(pick(world, 1000000), "second");
    struct fora_device_key key = {.label = fora_bytes_str("phone")};
    struct fora_home_change home = {.home = world->nodes[0]->id};
    struct fora_identity_entry entry = {0};
    struct fora_buf bytes = {0};
    if (pick(world, 2) == 0) {
        entry.add_key = &key;
    } else {
        entry.home = &home;
    }
    entry.salt.b[0] = 1 + (uint8_t)pick(world, 200);
    fora_secret_public(second, &key.sign);
    assert_int_equal(
        fora_identity_build_next(&bytes, who->log, &entry, some_time(world), who->root), 0);
    const struct fora_object *object = fx_decode(&world->fx, fora_buf_bytes(&bytes));
    assert_int_equal(fora_identity_add(who->log, object), 0);
    put(world, object);
    if (entry.add_key != NULL) {
        /* Something that only the new key signs: it waits for the entry. */
        struct fora_content content = {.kind = FORA_KIND_POST,
            .u.post = {.type = FORA_POST_COMMENT, .text = fora_bytes_str("from my phone")}};
        const struct fora_object *target = some_target(world);
        struct fora_header header = {.kind = FORA_KIND_POST,
            .author = who->id,
            .created_at = object->header.created_at + pick(world, 1000),
            .space = target->header.space,
            .root = root_of(world, target)->id,
            .parent = target->id};
        struct fora_buf encoded = {0};
        content.u.post.salt.b[0] = 1 + (uint8_t)pick(world, 200);
        assert_int_equal(fora_content_encode(&encoded, &content), 0);
        put(world, fx_raw(&world->fx, second, header, fora_buf_bytes(&encoded)));
        fora_buf_fini(&encoded);
    }
    fora_buf_fini(&bytes);
    fora_secret_free(second);
}

/* Members 0 and 1 own a space each, 2 is made admin of both; rights to moderate are given and never
 * taken back (what was erased by right stays erased); others come and go. */
static void put_statement(struct world *world)
{
    struct fx *fx = &world->fx;
    uint32_t n = pick(world, WORLD_SPACES);
    const struct fora_object *space = world->spaces[n];
    struct fx_who *by = pick(world, 2) == 0 ? world->members[n] : world->members[2];
    struct fx_who *to = world->members[3 + pick(world, MEMBERS - 3)];
    static const uint32_t roles[] = {FORA_ROLE_STAFF, FORA_ROLE_EDITOR, FORA_ROLE_EXPERT};
    uint32_t role = roles[pick(world, 3)];
    switch (pick(world, 5)) {
    case 0:
        put(world, fx_grant(fx, by, space, world->members[3], FORA_ROLE_MODERATOR, 0, 0,
                       some_time(world)));
        break;
    case 1:
        put(world, fx_revoke(fx, by, space, to, role, some_time(world)));
        break;
    case 2:
        put(world, fx_host(fx, by, space, world->nodes[pick(world, NODES)], some_time(world)));
        break;
    default:
        put(world, fx_grant(fx, by, space, to, role, 0, 0, some_time(world)));
        break;
    }
}

static void put_thread(struct world *world)
{
    static const uint32_t types[] = {
        FORA_THREAD_QUESTION, FORA_THREAD_QUESTION, FORA_THREAD_IDEA, FORA_THREAD_ARTICLE};
    struct fora_bytes tags[] = {fora_bytes_str("yeast"), fora_bytes_str("hops")};
    struct fora_content content = {.kind = FORA_KIND_THREAD};
    const struct fora_object *space = world->spaces[pick(world, WORLD_SPACES)];
    content.u.thread.type = types[pick(world, 4)];
    content.u.thread.title = fora_bytes_str("Why is it flat?");
    content.u.thread.text = fora_bytes_str("It was not yesterday.");
    content.u.thread.tags = tags;
    content.u.thread.tags_count = pick(world, 3);
    struct fora_principal_id mentioned = some_member(world)->id;
    content.u.thread.mentions = &mentioned;
    content.u.thread.mentions_count = pick(world, 2);
    const struct fora_object *thread = fx_object(&world->fx, some_member(world),
        (struct fora_header){.space = fora_object_space(space)}, content, some_time(world));
    put(world, thread);
    world->threads[world->threads_count++] = thread;
    world->targets[world->targets_count++] = thread;
}

static void put_post(struct world *world)
{
    const struct fora_object *target = some_target(world);
    struct fx_who *who = some_member(world);
    const struct fora_object *post =
        pick(world, 2) == 0
            ? fx_answer(&world->fx, who, root_of(world, target), "Dirty glass.", some_time(world))
            : fx_comment(&world->fx, who, target, "Or old yeast.", some_time(world));
    put(world, post);
    world->targets[world->targets_count++] = post;
}

static void put_moderation(struct world *world)
{
    const struct fora_object *target = some_target(world);
    uint32_t action = 1 + pick(world, FORA_MODERATION_UNPIN);
    bool whole = action != FORA_MODERATION_HIDE && action != FORA_MODERATION_UNHIDE &&
                 action != FORA_MODERATION_ERASE && action != FORA_MODERATION_DISMISS_FLAGS;
    struct fx_who *who = pick(world, 3) == 0 ? some_member(world) : world->members[3];
    put(world, fx_moderate(&world->fx, who, whole ? root_of(world, target) : target, action,
                   some_time(world)));
}

static void put_small(struct world *world)
{
    struct fx *fx = &world->fx;
    const struct fora_object *target = some_target(world);
    const struct fora_object *root = root_of(world, target);
    struct fora_object_id other = world->threads[pick(world, (uint32_t)world->threads_count)]->id;
    struct fora_content flag = {.kind = FORA_KIND_FLAG, .u.flag.reason = fora_bytes_str("spam")};
    struct fora_content status = {
        .kind = FORA_KIND_STATUS, .u.status.status = fora_bytes_str("planned")};
    struct fora_content cite = {
        .kind = FORA_KIND_CITE, .u.cite = {.objects = &other, .objects_count = 1}};
    struct fora_content duplicate = {.kind = FORA_KIND_DUPLICATE, .u.duplicate.original = other};
    switch (pick(world, 4)) {
    case 0:
        put(world, fx_about(fx, some_member(world), target, flag, some_time(world)));
        break;
    case 1:
        put(world, fx_about(fx, some_member(world), root, status, some_time(world)));
        break;
    case 2:
        put(world, fx_about(fx, some_member(world), root, cite, some_time(world)));
        break;
    default:
        if (memcmp(other.b, root->id.b, FORA_ID_SIZE) != 0) {
            put(world, fx_about(fx, some_member(world), root, duplicate, some_time(world)));
        }
        break;
    }
}

static void put_about(struct world *world)
{
    struct fx *fx = &world->fx;
    const struct fora_object *target = some_target(world);
    switch (pick(world, 7)) {
    case 0:
        put(world, fx_revise(fx, some_member(world), target, "Better words.", some_time(world)));
        break;
    case 1:
    case 2:
        put(world, fx_tally(fx, world->nodes[pick(world, NODES)], target, pick(world, 9),
                       pick(world, 9), some_time(world)));
        break;
    case 3:
        put(world, fx_resolve(fx, some_member(world), target,
                       1 + pick(world, FORA_RESOLUTION_REGRESSED_IN), some_time(world)));
        break;
    case 4:
        put_moderation(world);
        break;
    case 5: {
        struct fx_who *author = fx_find(fx, &target->header.author);
        put(world, fx_retract(fx, author, target, some_time(world)));
        break;
    }
    default:
        put_small(world);
        break;
    }
}

static void put_random(struct world *world)
{
    uint32_t dice = pick(world, 20);
    if (dice == 0) {
        put_entry(world);
    } else if (dice <= 2) {
        put(world, fx_profile(&world->fx, some_member(world), "Ann", some_time(world)));
    } else if (dice <= 4) {
        put_statement(world);
    } else if (dice <= 6) {
        put_thread(world);
    } else if (dice <= 11) {
        put_post(world);
    } else {
        put_about(world);
    }
}

void world_init(struct world *world, uint64_t seed, size_t count)
{
    assert_true(count + 40 < WORLD_MAX);
    memset(world, 0, sizeof *world);
    world->seed = seed;
    fx_init(&world->fx);
    for (unsigned i = 0; i < MEMBERS; i++) {
        world->members[i] = fx_member(&world->fx, 10 + i, FIRST_AT);
        put(world, world->members[i]->create);
    }
    for (unsigned i = 0; i < NODES; i++) {
        world->nodes[i] = fx_node(&world->fx, 90 + i, FIRST_AT);
        put(world, world->nodes[i]->create);
    }
    for (size_t i = 0; i < WORLD_SPACES; i++) {
        world->spaces[i] =
            fx_space(&world->fx, world->members[i], FORA_SPACE_QUESTIONS, "beer", FIRST_AT + i);
        put(world, world->spaces[i]);
        put(world, fx_grant(&world->fx, world->members[i], world->spaces[i], world->members[2],
                       FORA_ROLE_ADMIN, 0, 0, FIRST_AT + 5));
        put(world, fx_host(&world->fx, world->members[i], world->spaces[i], world->nodes[i],
                       FIRST_AT + 6));
    }
    put_thread(world);
    while (world->count < count) {
        put_random(world);
    }
}

void world_fini(struct world *world)
{
    fx_fini(&world->fx);
}

/* ---- delivering ---- */

/* Codes after which an object is offered again when others have come. */
static bool waits(int code)
{
    return code == FORA_E_UNKNOWN_AUTHOR || code == FORA_E_UNKNOWN_PARENT ||
           code == FORA_E_UNKNOWN_SPACE || code == FORA_E_FORBIDDEN;
}

struct delivery {
    const struct fora_object *waiting[WORLD_MAX];
    size_t count;
};

/* Offers the first `size` of what waits; keeps what must wait on. */
static void deliver_batch(struct delivery *delivery, struct shelf *shelf, size_t size)
{
    struct commit_item items[WORLD_MAX];
    struct commit_batch batch = {.items = items, .count = size, .now = WORLD_NOW};
    memset(items, 0, sizeof items);
    for (size_t i = 0; i < size; i++) {
        items[i].object = *delivery->waiting[i];
        items[i].source = source_of(delivery->waiting[i]);
    }
    assert_int_equal(commit_run(shelf->committer, &batch, &shelf->result), 0);
    size_t left = delivery->count - size;
    const struct fora_object *again[WORLD_MAX];
    size_t again_count = 0;
    for (size_t i = 0; i < size; i++) {
        if (waits(items[i].code)) {
            again[again_count++] = delivery->waiting[i];
        } else if (items[i].code != 0 && items[i].code != FORA_E_SUPERSEDED) {
            print_error("kind %u: %s\n", (unsigned)items[i].object.header.kind,
                fora_error_name(items[i].code));
            fail();
        }
    }
    memmove(delivery->waiting, delivery->waiting + size, left * sizeof delivery->waiting[0]);
    memcpy(delivery->waiting + left, again, again_count * sizeof again[0]);
    delivery->count = left + again_count;
}

void world_deliver(
    const struct world *world, struct shelf *shelf, uint64_t seed, uint32_t batch_max, bool rows)
{
    struct delivery delivery = {.count = world->count};
    uint64_t behind;
    memcpy(delivery.waiting, world->objects, world->count * sizeof world->objects[0]);
    fx_shuffle(&seed, delivery.waiting, delivery.count);
    for (size_t round = 0; delivery.count > 0; round++) {
        size_t size = 1 + fx_random(&seed, batch_max);
        assert_true(round < 100 * WORLD_MAX);
        deliver_batch(&delivery, shelf, size < delivery.count ? size : delivery.count);
        if (rows && fx_random(&seed, 3) == 0) {
            uint32_t most = 1 + fx_random(&seed, 40);
            assert_int_equal(rows_step(shelf->kv, shelf->policies, most, &behind), 0);
        }
    }
}
