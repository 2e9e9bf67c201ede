/*
 * Random operations on a store and on a sorted array that is searched from its beginning: whatever
 * happens, both must answer alike. Cursors live across writes. The seed is printed and may be given
 * as the first argument.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/tests/kv_rig.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS = 30000, ENTRIES_MAX = 4000, CURSORS = 3, VALUE_MOST = 6000 };

static uint64_t seed = 20240607;

static uint64_t dice(uint64_t *state, uint64_t sides)
{
    *state += 0x9E3779B97F4A7C15U; /* splitmix64 */
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return (z ^ (z >> 31)) % sides;
}

struct entry {
    size_t key_size, value_size;
    uint8_t key[KV_KEY_MAX];
    uint8_t fill; /* every byte of the value */
};

struct oracle {
    size_t count;
    struct entry *entries; /* sorted */
};

struct place {
    struct kv_cursor *cursor;
    enum { BEFORE, ON, AFTER } at;
    bool fresh;
    struct entry stood; /* its key only */
};

struct world {
    struct kv *kv;
    struct kv_txn *txn; /* a write transaction, or NULL */
    uint64_t dice;
    struct oracle now, committed;
    struct place places[CURSORS];
    unsigned long checks;
};

static struct fora_bytes key_of(const struct entry *entry)
{
    return fora_bytes(entry->key, entry->key_size);
}

/* The number of entries less than key, by looking at each. */
static size_t rank(const struct oracle *oracle, struct fora_bytes key)
{
    size_t i = 0;
    while (i < oracle->count && fora_bytes_compare(key_of(&oracle->entries[i]), key) < 0)
        i++;
    return i;
}

static bool has(const struct oracle *oracle, size_t i, struct fora_bytes key)
{
    return i < oracle->count && fora_bytes_equal(key_of(&oracle->entries[i]), key);
}

static void oracle_copy(struct oracle *to, const struct oracle *from)
{
    to->count = from->count;
    memcpy(to->entries, from->entries, from->count * sizeof *from->entries);
}

/* Mostly short keys of few letters, so that they meet; some that share 508 bytes. */
static void random_key(struct world *world, struct entry *entry)
{
    size_t prefix = dice(&world->dice, 20) == 0 ? KV_KEY_MAX - 3 : 0;
    memset(entry->key, 'p', prefix);
    size_t size = 1 + dice(&world->dice, 3);
    for (size_t i = 0; i < size; i++)
        entry->key[prefix + i] = (uint8_t)(dice(&world->dice, 14) * 19);
    entry->key_size = prefix + size;
}

static void check_entry(
    struct world *world, const struct entry *want, struct fora_bytes key, struct fora_bytes value)
{
    assert_int_equal(key.size, want->key_size);
    assert_memory_equal(key.data, want->key, key.size);
    assert_int_equal(value.size, want->value_size);
    for (size_t i = 0; i < value.size; i++)
        if (value.data[i] != want->fill)
            fail_msg("value byte %zu is %u, not %u", i, value.data[i], want->fill);
    world->checks++;
}

/* ---- operations ---- */

static void close_cursors(struct world *world)
{
    for (size_t i = 0; i < CURSORS; i++)
        kv_cursor_close(world->places[i].cursor);
    memset(world->places, 0, sizeof world->places);
}

static void check_all(struct world *world, struct kv_txn *txn, const struct oracle *oracle)
{
    struct kv_cursor *cursor = kv_cursor_open(txn, 0);
    struct fora_bytes key, value;
    size_t i = 0;
    for (; kv_next(cursor, &key, &value); i++) {
        assert_true(i < oracle->count);
        check_entry(world, &oracle->entries[i], key, value);
    }
    assert_int_equal(i, oracle->count);
    assert_int_equal(kv_count(txn, 0), oracle->count);
    while (kv_prev(cursor, &key, &value))
        check_entry(world, &oracle->entries[--i], key, value);
    assert_int_equal(i, 0);
    kv_cursor_close(cursor);
}

static void finish(struct world *world)
{
    close_cursors(world);
    bool commit = dice(&world->dice, 4) != 0;
    /* Begun before the commit: sees the state before it. */
    struct kv_txn *old = rig_read(world->kv);
    if (commit)
        rig_commit(world->txn);
    else
        kv_abort(world->txn);
    world->txn = NULL;
    check_all(world, old, &world->committed);
    kv_abort(old);
    if (commit)
        oracle_copy(&world->committed, &world->now);
    else
        oracle_copy(&world->now, &world->committed);
    struct kv_txn *txn = rig_read(world->kv);
    check_all(world, txn, &world->committed);
    kv_abort(txn);
}

static void put(struct world *world)
{
    static uint8_t bytes[VALUE_MOST];
    struct entry entry;
    memset(&entry, 0, sizeof entry);
    random_key(world, &entry);
    entry.fill = (uint8_t)dice(&world->dice, 256);
    entry.value_size = dice(&world->dice, dice(&world->dice, 8) == 0 ? VALUE_MOST : 40);
    memset(bytes, entry.fill, entry.value_size);
    size_t at = rank(&world->now, key_of(&entry));
    bool there = has(&world->now, at, key_of(&entry));
    if (!there && world->now.count == ENTRIES_MAX)
        return;
    if (dice(&world->dice, 4) == 0) {
        assert_int_equal(
            kv_insert(world->txn, 0, key_of(&entry), fora_bytes(bytes, entry.value_size)), !there);
        if (there)
            return;
    } else if (dice(&world->dice, 4) == 0) {
        uint8_t *out;
        kv_reserve(world->txn, 0, key_of(&entry), entry.value_size, &out);
        assert_non_null(out);
        memcpy(out, bytes, entry.value_size);
    } else if (at == world->now.count) {
        kv_append(world->txn, 0, key_of(&entry), fora_bytes(bytes, entry.value_size));
    } else {
        kv_put(world->txn, 0, key_of(&entry), fora_bytes(bytes, entry.value_size));
    }
    if (!there) {
        memmove(&world->now.entries[at + 1], &world->now.entries[at],
            (world->now.count - at) * sizeof entry);
        world->now.count++;
    }
    world->now.entries[at] = entry;
}

static void oracle_remove(struct oracle *oracle, size_t at)
{
    oracle->count--;
    memmove(&oracle->entries[at], &oracle->entries[at + 1],
        (oracle->count - at) * sizeof *oracle->entries);
}

static void remove_one(struct world *world)
{
    struct entry entry;
    random_key(world, &entry);
    size_t at = rank(&world->now, key_of(&entry));
    bool there = has(&world->now, at, key_of(&entry));
    if (!there && at < world->now.count && dice(&world->dice, 2) == 0) {
        entry = world->now.entries[at]; /* one that is there, for once */
        there = true;
    }
    assert_int_equal(kv_delete(world->txn, 0, key_of(&entry)), there);
    if (there)
        oracle_remove(&world->now, at);
}

static void get(struct world *world)
{
    struct entry entry;
    random_key(world, &entry);
    size_t at = rank(&world->now, key_of(&entry));
    bool there = has(&world->now, at, key_of(&entry));
    struct fora_bytes value;
    assert_int_equal(kv_get(world->txn, 0, key_of(&entry), &value), there);
    if (there)
        check_entry(world, &world->now.entries[at], key_of(&entry), value);
    world->checks++;
}

/* The cursor said hit, key and value: is that entry `at` of the oracle, and if not, is there none?
 */
static void landed(struct world *world, struct place *place, bool hit, size_t at, bool forward,
    struct fora_bytes key, struct fora_bytes value)
{
    bool exists = at < world->now.count; /* SIZE_MAX: one before the first */
    assert_int_equal(hit, exists);
    place->fresh = false;
    place->at = hit ? ON : forward ? AFTER : BEFORE;
    if (!hit)
        return;
    check_entry(world, &world->now.entries[at], key, value);
    place->stood = world->now.entries[at];
}

static void step_next(struct world *world, struct place *place)
{
    size_t at = place->at == BEFORE ? 0 : world->now.count;
    if (place->at == ON) {
        at = rank(&world->now, key_of(&place->stood));
        at += has(&world->now, at, key_of(&place->stood));
    }
    struct fora_bytes key, value;
    bool hit = kv_next(place->cursor, &key, &value);
    landed(world, place, hit, at, true, key, value);
}

static void step_prev(struct world *world, struct place *place)
{
    size_t at = place->at == AFTER || place->fresh ? world->now.count : 0;
    if (place->at == ON)
        at = rank(&world->now, key_of(&place->stood));
    struct fora_bytes key, value;
    bool hit = kv_prev(place->cursor, &key, &value);
    landed(world, place, hit, at - 1, false, key, value);
}

static void step_cursor(struct world *world)
{
    struct place *place = &world->places[dice(&world->dice, CURSORS)];
    if (place->cursor == NULL) {
        place->cursor = kv_cursor_open(world->txn, 0);
        place->fresh = true;
        place->at = BEFORE;
    }
    struct entry target;
    random_key(world, &target);
    size_t below = rank(&world->now, key_of(&target));
    struct fora_bytes key, value;
    bool hit;
    switch (dice(&world->dice, 10)) {
    case 0:
        hit = kv_seek(place->cursor, key_of(&target), &key, &value);
        landed(world, place, hit, below, true, key, value);
        break;
    case 1:
        hit = kv_seek_before(place->cursor, key_of(&target), &key, &value);
        landed(world, place, hit, below - 1, false, key, value);
        break;
    case 2:
        hit = kv_first(place->cursor, &key, &value);
        landed(world, place, hit, 0, true, key, value);
        break;
    case 3:
        hit = kv_last(place->cursor, &key, &value);
        landed(world, place, hit, world->now.count - 1, false, key, value);
        break;
    case 4:
    case 5:
    case 6:
        step_next(world, place);
        break;
    default:
        step_prev(world, place);
        break;
    }
}

static void step(struct world *world)
{
    if (world->txn == NULL)
        world->txn = rig_write(world->kv);
    uint64_t what = dice(&world->dice, 1000);
    if (what < 350)
        put(world);
    else if (what < 520)
        remove_one(world);
    else if (what < 600)
        get(world);
    else if (what < 990)
        step_cursor(world);
    else if (what < 999)
        finish(world);
    else if (dice(&world->dice, 3) == 0) {
        kv_clear(world->txn, 0);
        world->now.count = 0;
    }
    if (world->txn != NULL)
        assert_int_equal(kv_txn_error(world->txn), 0);
}

static void store_answers_like_an_array(void **state)
{
    struct rig *rig = *state;
    struct world world = {.kv = rig->kv, .dice = seed};
    world.now.entries = calloc(ENTRIES_MAX, sizeof(struct entry));
    world.committed.entries = calloc(ENTRIES_MAX, sizeof(struct entry));
    assert_non_null(world.now.entries);
    assert_non_null(world.committed.entries);
    for (int i = 0; i < STEPS; i++)
        step(&world);
    if (world.txn != NULL)
        finish(&world);
    if (!rig->in_memory) {
        rig_reopen(rig);
        struct kv_txn *txn = rig_read(rig->kv);
        check_all(&world, txn, &world.committed);
        kv_abort(txn);
    }
    free(world.now.entries);
    free(world.committed.entries);
    print_message("seed %llu: %lu entries compared\n", (unsigned long long)seed, world.checks);
    assert_true(world.checks > STEPS / 4);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        seed = strtoull(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        {"lmdb: store_answers_like_an_array", store_answers_like_an_array, rig_setup_lmdb,
            rig_teardown, NULL},
        {"memory: store_answers_like_an_array", store_answers_like_an_array, rig_setup_mem,
            rig_teardown, NULL},
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
