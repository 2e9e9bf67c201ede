/* One suite for both back ends: what kv.h promises of each. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/tests/kv_rig.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static struct kv *kv_of(void **state)
{
    return ((struct rig *)*state)->kv;
}

static void fill(struct kv *kv, const char *const *keys)
{
    struct kv_txn *txn = rig_write(kv);
    for (; *keys != NULL; keys++)
        rig_put(txn, 0, *keys, *keys);
    rig_commit(txn);
}

static void is_text(struct fora_bytes bytes, const char *text)
{
    assert_int_equal(bytes.size, strlen(text));
    assert_memory_equal(bytes.data, text, bytes.size);
}

/* ---- keys and values ---- */

static void put_get_delete_count(void **state)
{
    struct kv *kv = kv_of(state);
    struct kv_txn *txn = rig_write(kv);
    rig_put(txn, 0, "a", "1");
    rig_put(txn, 0, "b", "2");
    rig_put(txn, 1, "a", "other table");
    rig_put(txn, 0, "a", "3");
    rig_expect(txn, 0, "a", "3");
    assert_int_equal(kv_count(txn, 0), 2);
    rig_commit(txn);

    txn = rig_write(kv);
    assert_true(kv_delete(txn, 0, fora_bytes_str("b")));
    assert_false(kv_delete(txn, 0, fora_bytes_str("b")));
    rig_expect(txn, 0, "b", NULL);
    rig_commit(txn);

    txn = rig_read(kv);
    rig_expect(txn, 0, "a", "3");
    rig_expect(txn, 0, "b", NULL);
    rig_expect(txn, 1, "a", "other table");
    assert_int_equal(kv_count(txn, 0), 1);
    assert_int_equal(kv_count(txn, 2), 0);
    assert_int_equal(kv_txn_error(txn), 0);
    kv_abort(txn);
}

static void empty_and_largest_values(void **state)
{
    struct kv *kv = kv_of(state);
    size_t largest = 64 * 1024 * 1024;
    uint8_t *bytes = malloc(largest + 1);
    assert_non_null(bytes);
    memset(bytes, 0xA5, largest + 1);
    struct kv_txn *txn = rig_write(kv);
    kv_put(txn, 0, fora_bytes_str("empty"), fora_bytes(NULL, 0));
    kv_put(txn, 0, fora_bytes_str("large"), fora_bytes(bytes, largest));
    rig_commit(txn);

    txn = rig_read(kv);
    struct fora_bytes got;
    assert_true(kv_get(txn, 0, fora_bytes_str("empty"), &got));
    assert_int_equal(got.size, 0);
    assert_true(kv_get(txn, 0, fora_bytes_str("large"), &got));
    assert_int_equal(got.size, largest);
    assert_int_equal(memcmp(got.data, bytes, largest), 0);
    kv_abort(txn);

    txn = rig_write(kv);
    kv_put(txn, 0, fora_bytes_str("larger"), fora_bytes(bytes, largest + 1));
    assert_int_equal(kv_txn_error(txn), FORA_E_TOO_LARGE);
    assert_int_equal(kv_commit(txn), FORA_E_TOO_LARGE);
    free(bytes);
}

static void keys_have_1_to_511_bytes(void **state)
{
    struct kv *kv = kv_of(state);
    uint8_t key[KV_KEY_MAX + 1];
    memset(key, 0xFF, sizeof key);
    struct kv_txn *txn = rig_write(kv);
    kv_put(txn, 0, fora_bytes(key, KV_KEY_MAX), fora_bytes_str("longest"));
    assert_true(kv_get(txn, 0, fora_bytes(key, KV_KEY_MAX), NULL));
    /* No such key can be there: a miss, not an error. */
    assert_false(kv_get(txn, 0, fora_bytes(key, sizeof key), NULL));
    assert_false(kv_get(txn, 0, fora_bytes(NULL, 0), NULL));
    assert_false(kv_delete(txn, 0, fora_bytes(key, sizeof key)));
    assert_false(kv_delete(txn, 0, fora_bytes(NULL, 0)));
    rig_commit(txn);

    for (size_t size = 0; size <= sizeof key; size += sizeof key) {
        txn = rig_write(kv);
        kv_put(txn, 0, fora_bytes(key, size), fora_bytes_str("x"));
        assert_int_equal(kv_commit(txn), FORA_E_USAGE);
    }
}

static void wrong_calls_are_usage_errors(void **state)
{
    struct kv *kv = kv_of(state);
    struct kv_txn *txn = rig_read(kv);
    kv_put(txn, 0, fora_bytes_str("a"), fora_bytes_str("1"));
    assert_int_equal(kv_commit(txn), FORA_E_USAGE);

    txn = rig_read(kv);
    struct fora_bytes value = fora_bytes_str("junk");
    assert_false(kv_get(txn, RIG_TABLES, fora_bytes_str("a"), &value));
    assert_null(value.data);
    assert_int_equal(kv_txn_error(txn), FORA_E_USAGE);
    struct kv_cursor *cursor = kv_cursor_open(txn, RIG_TABLES);
    assert_non_null(cursor);
    assert_false(kv_first(cursor, NULL, NULL));
    kv_cursor_close(cursor);
    kv_abort(txn);

    /* A transaction after a bad one has no error. */
    txn = rig_read(kv);
    assert_int_equal(kv_txn_error(txn), 0);
    kv_abort(txn);
    kv_abort(NULL);
}

static void first_error_sticks_and_nothing_is_stored(void **state)
{
    struct kv *kv = kv_of(state);
    const char *const keys[] = {"kept", NULL};
    fill(kv, keys);
    struct kv_txn *txn = rig_write(kv);
    struct kv_cursor *cursor = kv_cursor_open(txn, 0);
    rig_put(txn, 0, "before", "1");
    kv_txn_fail(txn, FORA_E_MALFORMED);
    kv_txn_fail(txn, FORA_E_IO);
    kv_put(txn, 0, fora_bytes_str("after"), fora_bytes_str("1"));
    assert_false(kv_get(txn, 0, fora_bytes_str("kept"), NULL));
    assert_false(kv_delete(txn, 0, fora_bytes_str("kept")));
    assert_int_equal(kv_count(txn, 0), 0);
    assert_false(kv_first(cursor, NULL, NULL));
    kv_cursor_close(cursor);
    uint8_t byte, *out = &byte;
    kv_reserve(txn, 0, fora_bytes_str("r"), 1, &out);
    assert_null(out);
    assert_int_equal(kv_commit(txn), FORA_E_MALFORMED);

    txn = rig_read(kv);
    rig_expect(txn, 0, "kept", "kept");
    assert_int_equal(kv_count(txn, 0), 1);
    kv_abort(txn);
}

static void abort_leaves_nothing(void **state)
{
    struct kv *kv = kv_of(state);
    const char *const keys[] = {"a", "b", NULL};
    fill(kv, keys);
    struct kv_txn *txn = rig_write(kv);
    rig_put(txn, 0, "c", "c");
    assert_true(kv_delete(txn, 0, fora_bytes_str("a")));
    kv_clear(txn, 0);
    kv_abort(txn);
    txn = rig_read(kv);
    assert_int_equal(kv_count(txn, 0), 2);
    rig_expect(txn, 0, "a", "a");
    rig_expect(txn, 0, "c", NULL);
    kv_abort(txn);
}

static void insert_leaves_what_is_there(void **state)
{
    struct kv_txn *txn = rig_write(kv_of(state));
    assert_true(kv_insert(txn, 0, fora_bytes_str("a"), fora_bytes_str("1")));
    assert_false(kv_insert(txn, 0, fora_bytes_str("a"), fora_bytes_str("2")));
    rig_commit(txn); /* it is no error, and kv_property_test sees what is there */
}

static void append_takes_only_greater_keys(void **state)
{
    struct kv *kv = kv_of(state);
    struct kv_txn *txn = rig_write(kv);
    for (uint8_t i = 0; i < 200; i++)
        kv_append(txn, 0, fora_bytes(&i, 1), fora_bytes(&i, 1));
    rig_commit(txn);
    const uint8_t wrong[] = {199, 100};
    for (size_t i = 0; i < sizeof wrong; i++) {
        txn = rig_write(kv);
        kv_append(txn, 0, fora_bytes(&wrong[i], 1), fora_bytes_str("x"));
        assert_int_equal(kv_commit(txn), FORA_E_INTERNAL);
    }
    txn = rig_read(kv);
    assert_int_equal(kv_count(txn, 0), 200);
    kv_abort(txn);
}

static void reserve_gives_room_to_write(void **state)
{
    struct kv *kv = kv_of(state);
    struct kv_txn *txn = rig_write(kv);
    const size_t sizes[] = {0, 1, 100, 100000};
    for (uint8_t i = 0; i < 4; i++) {
        uint8_t *out = NULL;
        kv_reserve(txn, 0, fora_bytes(&i, 1), sizes[i], &out);
        assert_non_null(out);
        memset(out, 'x', sizes[i]);
    }
    rig_commit(txn);
    txn = rig_read(kv);
    for (uint8_t i = 0; i < 4; i++) {
        struct fora_bytes got;
        assert_true(kv_get(txn, 0, fora_bytes(&i, 1), &got));
        assert_int_equal(got.size, sizes[i]);
        for (size_t j = 0; j < got.size; j++)
            assert_int_equal(got.data[j], 'x');
    }
    kv_abort(txn);
}

static void clear_empties_one_table(void **state)
{
    struct kv *kv = kv_of(state);
    struct kv_txn *txn = rig_write(kv);
    for (uint32_t i = 0; i < 1000; i++) {
        kv_put(txn, 0, fora_bytes(&i, 4), fora_bytes(&i, 4));
        kv_put(txn, 1, fora_bytes(&i, 4), fora_bytes(&i, 4));
    }
    rig_commit(txn);
    txn = rig_write(kv);
    kv_clear(txn, 0);
    assert_int_equal(kv_count(txn, 0), 0);
    rig_put(txn, 0, "new", "1");
    rig_commit(txn);
    txn = rig_read(kv);
    assert_int_equal(kv_count(txn, 0), 1);
    assert_int_equal(kv_count(txn, 1), 1000);
    kv_abort(txn);
}

/* ---- cursors ---- */

static void cursor_walks_in_memcmp_order(void **state)
{
    struct kv *kv = kv_of(state);
    const char *const given[] = {"b", "a", "ab", "\xff", "abc", "\x7f", "\x80", "B", NULL};
    const char *const sorted[] = {"B", "a", "ab", "abc", "b", "\x7f", "\x80", "\xff"};
    fill(kv, given);
    struct kv_txn *txn = rig_read(kv);
    struct kv_cursor *cursor = kv_cursor_open(txn, 0);
    struct fora_bytes key, value;
    for (size_t i = 0; i < 8; i++) {
        assert_true(kv_next(cursor, &key, &value));
        is_text(key, sorted[i]);
        is_text(value, sorted[i]);
    }
    assert_false(kv_next(cursor, &key, &value));
    assert_null(key.data);
    assert_false(kv_next(cursor, NULL, NULL));
    for (size_t i = 8; i-- > 0;) {
        assert_true(kv_prev(cursor, &key, NULL));
        is_text(key, sorted[i]);
    }
    assert_false(kv_prev(cursor, NULL, NULL));
    assert_false(kv_prev(cursor, NULL, NULL));
    assert_true(kv_next(cursor, &key, NULL));
    is_text(key, "B");
    kv_cursor_close(cursor);

    cursor = kv_cursor_open(txn, 0);
    assert_true(kv_prev(cursor, &key, NULL));
    is_text(key, "\xff");
    kv_cursor_close(cursor);
    kv_abort(txn);
}

static void seeks_find_neighbours(void **state)
{
    struct kv *kv = kv_of(state);
    const char *const keys[] = {"b", "d", "f", NULL};
    /* target, first >= target, last < target */
    const char *const cases[][3] = {{"a", "b", NULL}, {"b", "b", NULL}, {"bb", "d", "b"},
        {"d", "d", "b"}, {"f", "f", "d"}, {"fa", NULL, "f"}, {"", "b", NULL}};
    fill(kv, keys);
    struct kv_txn *txn = rig_read(kv);
    struct kv_cursor *cursor = kv_cursor_open(txn, 0);
    struct fora_bytes key;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fora_bytes target = fora_bytes_str(cases[i][0]);
        assert_int_equal(kv_seek(cursor, target, &key, NULL), cases[i][1] != NULL);
        if (cases[i][1] != NULL)
            is_text(key, cases[i][1]);
        assert_int_equal(kv_seek_before(cursor, target, &key, NULL), cases[i][2] != NULL);
        if (cases[i][2] != NULL)
            is_text(key, cases[i][2]);
    }
    /* After a seek beyond the end, back is the last. */
    assert_false(kv_seek(cursor, fora_bytes_str("z"), NULL, NULL));
    assert_true(kv_prev(cursor, &key, NULL));
    is_text(key, "f");
    assert_false(kv_seek_before(cursor, fora_bytes_str("a"), NULL, NULL));
    assert_true(kv_next(cursor, &key, NULL));
    is_text(key, "b");
    kv_cursor_close(cursor);
    kv_abort(txn);
}

/* The successor of a prefix may be longer than any key. */
static void seeks_take_longer_targets(void **state)
{
    struct kv *kv = kv_of(state);
    uint8_t key[KV_KEY_MAX + 100];
    memset(key, 'k', sizeof key);
    struct kv_txn *txn = rig_write(kv);
    kv_put(txn, 0, fora_bytes(key, KV_KEY_MAX), fora_bytes_str("1"));
    rig_put(txn, 0, "z", "2");
    rig_commit(txn);
    txn = rig_read(kv);
    struct kv_cursor *cursor = kv_cursor_open(txn, 0);
    struct fora_bytes got;
    assert_true(kv_seek(cursor, fora_bytes(key, sizeof key), &got, NULL));
    is_text(got, "z");
    assert_true(kv_seek_before(cursor, fora_bytes(key, sizeof key), &got, NULL));
    assert_int_equal(got.size, KV_KEY_MAX);
    kv_cursor_close(cursor);
    kv_abort(txn);
}

static void empty_table_has_no_entries(void **state)
{
    struct kv_txn *txn = rig_read(kv_of(state));
    struct kv_cursor *cursor = kv_cursor_open(txn, 3);
    struct fora_bytes key;
    assert_false(kv_next(cursor, &key, NULL));
    assert_false(kv_prev(cursor, &key, NULL));
    assert_false(kv_first(cursor, &key, NULL));
    assert_false(kv_last(cursor, &key, NULL));
    assert_false(kv_seek(cursor, fora_bytes_str("a"), &key, NULL));
    assert_false(kv_seek_before(cursor, fora_bytes_str("a"), &key, NULL));
    kv_cursor_close(cursor);
    assert_int_equal(kv_txn_error(txn), 0);
    kv_abort(txn);
}

/* The usual way to prune: the key that the cursor gave is deleted, and the walk goes on. */
static void walk_deletes_what_it_visits(void **state)
{
    struct kv *kv = kv_of(state);
    struct kv_txn *txn = rig_write(kv);
    for (uint32_t i = 0; i < 5000; i++) {
        uint8_t key[4] = {(uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
        kv_put(txn, 0, fora_bytes(key, 4), fora_bytes_str("some bytes that fill pages sooner"));
    }
    struct kv_cursor *cursor = kv_cursor_open(txn, 0);
    struct fora_bytes key;
    unsigned seen = 0;
    while (kv_next(cursor, &key, NULL)) {
        uint32_t i = (uint32_t)key.data[2] << 8 | key.data[3];
        assert_int_equal(i, seen);
        if (seen % 3 != 0)
            assert_true(kv_delete(txn, 0, key));
        seen++;
    }
    assert_int_equal(seen, 5000);
    kv_cursor_close(cursor);
    assert_int_equal(kv_count(txn, 0), 1667);
    rig_commit(txn);
}

static void cursor_stays_while_neighbours_change(void **state)
{
    struct kv *kv = kv_of(state);
    const char *const keys[] = {"b", "d", "f", NULL};
    fill(kv, keys);
    struct kv_txn *txn = rig_write(kv);
    struct kv_cursor *cursor = kv_cursor_open(txn, 0);
    struct fora_bytes key;
    assert_true(kv_seek(cursor, fora_bytes_str("d"), &key, NULL));
    rig_put(txn, 0, "c", "c");
    rig_put(txn, 0, "e", "e");
    assert_true(kv_delete(txn, 0, fora_bytes_str("d")));
    assert_true(kv_next(cursor, &key, NULL));
    is_text(key, "e");
    assert_true(kv_delete(txn, 0, fora_bytes_str("e")));
    assert_true(kv_prev(cursor, &key, NULL));
    is_text(key, "c");
    kv_clear(txn, 0);
    assert_false(kv_next(cursor, &key, NULL));
    rig_put(txn, 0, "a", "a");
    assert_true(kv_prev(cursor, &key, NULL));
    is_text(key, "a");
    kv_cursor_close(cursor);
    kv_abort(txn);
}

/* ---- transactions ---- */

static void reader_sees_its_begin(void **state)
{
    struct kv *kv = kv_of(state);
    const char *const keys[] = {"a", "b", NULL};
    fill(kv, keys);
    struct kv_txn *writer = rig_write(kv);
    struct kv_txn *reader = rig_read(kv);
    rig_put(writer, 0, "a", "changed");
    assert_true(kv_delete(writer, 0, fora_bytes_str("b")));
    rig_put(writer, 0, "c", "c");
    rig_expect(reader, 0, "a", "a");
    rig_commit(writer);
    rig_expect(reader, 0, "a", "a");
    rig_expect(reader, 0, "b", "b");
    rig_expect(reader, 0, "c", NULL);
    struct kv_txn *later = rig_read(kv);
    rig_expect(later, 0, "a", "changed");
    rig_expect(later, 0, "b", NULL);
    rig_expect(reader, 0, "b", "b");
    kv_abort(reader);
    rig_expect(later, 0, "c", "c");
    kv_abort(later);
}

static void writing_while_holding_a_transaction_is_refused(void **state)
{
    struct kv *kv = kv_of(state);
    struct kv_txn *second = NULL;
    struct kv_txn *txn = rig_read(kv);
    assert_int_equal(kv_begin_write(kv, &second), FORA_E_USAGE);
    assert_null(second);
    kv_abort(txn);
    txn = rig_write(kv);
    assert_int_equal(kv_begin_write(kv, &second), FORA_E_USAGE);
    kv_abort(txn);
    rig_commit(rig_write(kv));
}

enum { WRITERS = 4, READERS = 3, TURNS = 60, ACCOUNTS = 8 };

struct bank {
    struct kv *kv;
    int failures;
};

/* Moves one unit between two accounts, the sum staying the same; and counts the moves. */
static int transfer(struct kv *kv, unsigned turn)
{
    struct kv_txn *txn;
    int error = kv_begin_write(kv, &txn);
    if (error != 0)
        return error;
    uint8_t from = (uint8_t)(turn % ACCOUNTS), to = (uint8_t)((turn + 3) % ACCOUNTS);
    int64_t amounts[2] = {0, 0};
    struct fora_bytes got;
    if (kv_get(txn, 0, fora_bytes(&from, 1), &got))
        memcpy(&amounts[0], got.data, 8);
    if (kv_get(txn, 0, fora_bytes(&to, 1), &got))
        memcpy(&amounts[1], got.data, 8);
    amounts[0]--;
    amounts[1]++;
    kv_put(txn, 0, fora_bytes(&from, 1), fora_bytes(&amounts[0], 8));
    kv_put(txn, 0, fora_bytes(&to, 1), fora_bytes(&amounts[1], 8));
    uint64_t moves = 0;
    if (kv_get(txn, 1, fora_bytes_str("moves"), &got))
        memcpy(&moves, got.data, 8);
    moves++;
    kv_put(txn, 1, fora_bytes_str("moves"), fora_bytes(&moves, 8));
    return kv_commit(txn);
}

static void *write_turns(void *arg)
{
    struct bank *bank = arg;
    for (unsigned i = 0; i < TURNS; i++)
        bank->failures += transfer(bank->kv, i) != 0;
    return NULL;
}

static void *read_turns(void *arg)
{
    struct bank *bank = arg;
    for (unsigned i = 0; i < 20 * TURNS; i++) {
        struct kv_txn *txn;
        if (kv_begin_read(bank->kv, &txn) != 0) {
            bank->failures++;
            continue;
        }
        int64_t sum = 0;
        struct kv_cursor *cursor = kv_cursor_open(txn, 0);
        struct fora_bytes value;
        while (kv_next(cursor, NULL, &value)) {
            int64_t amount;
            memcpy(&amount, value.data, 8);
            sum += amount;
        }
        kv_cursor_close(cursor);
        kv_abort(txn);
        bank->failures += sum != 0;
    }
    return NULL;
}

static void threads_write_in_turn_and_read_whole_states(void **state)
{
    struct kv *kv = kv_of(state);
    pthread_t threads[WRITERS + READERS];
    struct bank banks[WRITERS + READERS];
    for (size_t i = 0; i < WRITERS + READERS; i++) {
        banks[i] = (struct bank){kv, 0};
        assert_int_equal(
            pthread_create(&threads[i], NULL, i < WRITERS ? write_turns : read_turns, &banks[i]),
            0);
    }
    for (size_t i = 0; i < WRITERS + READERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(banks[i].failures, 0);
    }
    struct kv_txn *txn = rig_read(kv);
    struct fora_bytes got;
    uint64_t moves = 0;
    assert_true(kv_get(txn, 1, fora_bytes_str("moves"), &got));
    memcpy(&moves, got.data, 8);
    assert_int_equal(moves, WRITERS * TURNS);
    kv_abort(txn);
}

static void info_counts(void **state)
{
    struct kv *kv = kv_of(state);
    struct kv_info before, after;
    assert_int_equal(kv_info(kv, &before), 0);
    struct kv_txn *txn = rig_write(kv);
    uint8_t *out;
    kv_reserve(txn, 0, fora_bytes_str("k"), 1000000, &out);
    assert_non_null(out);
    memset(out, 1, 1000000);
    rig_commit(txn);
    txn = rig_read(kv);
    assert_int_equal(kv_info(kv, &after), 0);
    assert_int_equal(before.readers, 0);
    assert_int_equal(after.readers, 1);
    assert_true(after.bytes_used >= before.bytes_used + 1000000);
    assert_true(after.bytes_file >= after.bytes_used);
    kv_abort(txn);
}

static void too_many_tables_are_refused(void **state)
{
    struct rig *rig = *state;
    struct kv *kv = NULL;
    assert_int_equal(kv_mem_open(&kv, KV_TABLES_MAX + 1), FORA_E_USAGE);
    const struct kv_lmdb_options options = {.path = rig->folder, .create = true};
    assert_int_equal(
        kv_lmdb_open(&kv, &options, rig_tables, KV_TABLES_MAX + 1, NULL), FORA_E_USAGE);
    assert_null(kv);
    kv_close(NULL);
}

#define BOTH(test)                                                                                 \
    {"lmdb: " #test, test, rig_setup_lmdb, rig_teardown, NULL},                                    \
    {                                                                                              \
        "memory: " #test, test, rig_setup_mem, rig_teardown, NULL                                  \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(put_get_delete_count),
        BOTH(empty_and_largest_values),
        BOTH(keys_have_1_to_511_bytes),
        BOTH(wrong_calls_are_usage_errors),
        BOTH(first_error_sticks_and_nothing_is_stored),
        BOTH(abort_leaves_nothing),
        BOTH(insert_leaves_what_is_there),
        BOTH(append_takes_only_greater_keys),
        BOTH(reserve_gives_room_to_write),
        BOTH(clear_empties_one_table),
        BOTH(cursor_walks_in_memcmp_order),
        BOTH(seeks_find_neighbours),
        BOTH(seeks_take_longer_targets),
        BOTH(empty_table_has_no_entries),
        BOTH(walk_deletes_what_it_visits),
        BOTH(cursor_stays_while_neighbours_change),
        BOTH(reader_sees_its_begin),
        BOTH(writing_while_holding_a_transaction_is_refused),
        BOTH(threads_write_in_turn_and_read_whole_states),
        BOTH(info_counts),
        BOTH(too_many_tables_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
