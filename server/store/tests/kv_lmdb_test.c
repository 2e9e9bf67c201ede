/* What only LMDB's back end does: files, locks, growth. Crashes and full disks: kv_fault_test.c. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/tests/kv_rig.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB (1024 * 1024)

static void file_of(const struct rig *rig, const char *name, char *path, size_t room)
{
    assert_true((size_t)snprintf(path, room, "%s/%s", rig->folder, name) < room);
}

static off_t data_size(const struct rig *rig)
{
    char path[128];
    struct stat st;
    file_of(rig, "data.mdb", path, sizeof path);
    assert_int_equal(stat(path, &st), 0);
    return st.st_size;
}

static void cut_data(const struct rig *rig, off_t size)
{
    char path[128];
    file_of(rig, "data.mdb", path, sizeof path);
    assert_int_equal(truncate(path, size), 0);
}

static void close_store(struct rig *rig)
{
    kv_close(rig->kv);
    rig->kv = NULL;
}

static struct kv_lmdb_options existing(const struct rig *rig)
{
    return (struct kv_lmdb_options){.path = rig->folder};
}

static struct kv_lmdb_options reading(const struct rig *rig)
{
    return (struct kv_lmdb_options){.path = rig->folder, .read_only = true};
}

static void put_number(struct kv_txn *txn, unsigned table, uint32_t number, size_t size)
{
    uint8_t key[4] = {
        (uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};
    uint8_t *out = NULL;
    kv_reserve(txn, table, fora_bytes(key, 4), size, &out);
    if (out != NULL)
        memset(out, (uint8_t)number, size);
}

/* ---- files ---- */

static void files_are_private(void **state)
{
    struct rig *rig = *state;
    static const char *const names[] = {"data.mdb", "lock.mdb", "lock"};
    char path[128];
    struct stat st;
    for (size_t i = 0; i < 3; i++) {
        file_of(rig, names[i], path, sizeof path);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
    file_of(rig, "data.mdb.new", path, sizeof path);
    assert_int_equal(access(path, F_OK), -1);
    file_of(rig, "inner", path, sizeof path);
    kv_close(rig_open(&(struct kv_lmdb_options){.path = path, .create = true}));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    rig_remove(path);
}

static void nothing_there_is_not_found(void **state)
{
    struct rig *rig = *state;
    char path[128];
    file_of(rig, "missing", path, sizeof path);
    struct kv_lmdb_options options = {.path = path};
    rig_open_fails(&options, FORA_E_NOTFOUND, path);
    options.read_only = true;
    rig_open_fails(&options, FORA_E_NOTFOUND, path);
    assert_int_equal(mkdir(path, 0700), 0);
    rig_open_fails(&options, FORA_E_NOTFOUND, path);
    options.read_only = false;
    rig_open_fails(&options, FORA_E_NOTFOUND, path);
    rig_remove(path);
}

static void second_writer_is_told_who_holds_the_lock(void **state)
{
    struct rig *rig = *state;
    char says[64];
    (void)snprintf(says, sizeof says, "pid %ld", (long)getpid());
    const struct kv_lmdb_options options = existing(rig);
    rig_open_fails(&options, FORA_E_BUSY, says);
    rig_open_fails(&options, FORA_E_BUSY, "/lock");
    close_store(rig);
    rig_reopen(rig);
}

static void garbage_is_corrupt(void **state)
{
    struct rig *rig = *state;
    close_store(rig);
    char path[128];
    file_of(rig, "data.mdb", path, sizeof path);
    const struct kv_lmdb_options options = existing(rig), read_only = reading(rig);
    for (int fill = 0; fill < 3; fill++) {
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        for (int i = 0; i < 40000; i++)
            (void)fputc(fill == 0 ? 0 : fill == 1 ? 0xFF : i * i, file);
        assert_int_equal(fclose(file), 0);
        rig_open_fails(&options, FORA_E_CORRUPT, "data.mdb");
        rig_open_fails(&read_only, FORA_E_CORRUPT, "data.mdb");
    }
}

/* Every length from nothing to all: refused, or whole. */
static void cut_off_file_is_corrupt(void **state)
{
    struct rig *rig = *state;
    for (uint32_t i = 0; i < 20; i++) {
        struct kv_txn *txn = rig_write(rig->kv);
        put_number(txn, i % RIG_TABLES, i, 5000);
        rig_commit(txn);
    }
    close_store(rig);
    off_t whole = data_size(rig);
    const struct kv_lmdb_options options = existing(rig), read_only = reading(rig);
    unsigned refused = 0;
    for (off_t size = whole - 4096; size >= 0; size -= size > 8192 ? 4096 : 1024) {
        /* Only free pages may be missing, and here none is at the end. */
        cut_data(rig, size);
        if (refused % 16 == 0) /* it waits a while, for a writer who might be padding */
            rig_open_fails(&read_only, FORA_E_CORRUPT, "data.mdb");
        rig_open_fails(&options, FORA_E_CORRUPT, "data.mdb");
        assert_int_equal(data_size(rig), size);
        refused++;
    }
    print_message("%u lengths below %ld refused\n", refused, (long)whole);
    assert_true(refused > 20);
}

/* LMDB leaves pages unwritten at the end that came and went in one transaction: no damage. */
static void missing_free_pages_are_no_damage(void **state)
{
    struct rig *rig = *state;
    struct kv_txn *txn = rig_write(rig->kv);
    put_number(txn, 0, 1, 100);
    put_number(txn, 0, 2, 400000);
    rig_commit(txn);
    txn = rig_write(rig->kv);
    put_number(txn, 0, 3, 4000);
    const uint8_t key[4] = {0, 0, 0, 2};
    assert_true(kv_delete(txn, 0, fora_bytes(key, 4)));
    rig_commit(txn);
    for (int i = 0; i < 3;
         i++) { /* pages freed two commits ago are taken first, from low numbers */
        txn = rig_write(rig->kv);
        put_number(txn, 1, 7, 10);
        rig_commit(txn);
    }
    close_store(rig);
    off_t whole = data_size(rig), shortest = whole;
    const struct kv_lmdb_options options = existing(rig);
    struct kv *kv = NULL;
    for (off_t size = whole - 4096; size > 0; size -= 4096) {
        cut_data(rig, size);
        if (kv_lmdb_open(&kv, &options, rig_tables, RIG_TABLES, NULL) != 0)
            break;
        shortest = size;
        txn = rig_read(kv);
        assert_int_equal(kv_count(txn, 0), 2);
        assert_int_equal(kv_count(txn, 1), 1);
        kv_abort(txn);
        kv_close(kv);
        assert_int_equal(data_size(rig), whole); /* padded again */
    }
    print_message("%ld of %ld bytes suffice\n", (long)shortest, (long)whole);
    assert_true(shortest < whole);
}

static void read_only_store_reads(void **state)
{
    struct rig *rig = *state;
    struct kv_txn *txn = rig_write(rig->kv);
    rig_put(txn, 0, "a", "1");
    rig_commit(txn);
    close_store(rig);
    static const char *const more[] = {"never made", "one"};
    const struct kv_lmdb_options options = reading(rig);
    assert_int_equal(kv_lmdb_open(&rig->kv, &options, more, 2, NULL), 0);
    assert_int_equal(kv_begin_write(rig->kv, &txn), FORA_E_USAGE);
    txn = rig_read(rig->kv);
    rig_expect(txn, 1, "a", "1");
    rig_expect(txn, 0, "a", NULL);
    assert_int_equal(kv_count(txn, 0), 0);
    struct kv_cursor *cursor = kv_cursor_open(txn, 0);
    assert_false(kv_next(cursor, NULL, NULL));
    kv_cursor_close(cursor);
    assert_int_equal(kv_txn_error(txn), 0);
    kv_abort(txn);
}

/* ---- growth ---- */

enum { BIG = 65536, READERS = 4 };

struct crowd {
    struct kv *kv;
    atomic_bool stop;
    atomic_uint failures;
    atomic_ulong reads;
};

/* Keys are 0 to count - 1, each value filled with its number. */
static bool reads_right(struct kv_txn *txn)
{
    uint64_t count = kv_count(txn, 0);
    struct kv_cursor *cursor = kv_cursor_open(txn, 0);
    struct fora_bytes key, value;
    bool right = !kv_last(cursor, &key, &value)
                     ? count == 0
                     : value.size == BIG && value.data[BIG - 1] == (uint8_t)(count - 1) &&
                           value.data[0] == (uint8_t)(count - 1);
    kv_cursor_close(cursor);
    return right && kv_txn_error(txn) == 0;
}

/* Reads nested: the inner begins while a writer may be waiting for the outer to end. */
static void *read_on(void *arg)
{
    struct crowd *crowd = arg;
    while (!atomic_load(&crowd->stop)) {
        struct kv_txn *outer = NULL, *inner = NULL;
        bool right = kv_begin_read(crowd->kv, &outer) == 0 && reads_right(outer);
        (void)usleep(200);
        right = right && kv_begin_read(crowd->kv, &inner) == 0 && reads_right(inner);
        right = right && reads_right(outer);
        kv_abort(inner);
        kv_abort(outer);
        if (!right)
            atomic_fetch_add(&crowd->failures, 1);
        atomic_fetch_add(&crowd->reads, 1);
    }
    return NULL;
}

static void write_big(struct kv *kv, uint32_t from, uint32_t count)
{
    for (uint32_t i = from; i < from + count;) {
        struct kv_txn *txn = rig_write(kv);
        for (int batch = 0; batch < 64; batch++, i++)
            put_number(txn, 0, i, BIG);
        rig_commit(txn);
    }
}

static void map_grows_under_readers(void **state)
{
    struct rig *rig = *state;
    close_store(rig);
    rig->kv = rig_open(
        &(struct kv_lmdb_options){.path = rig->folder, .map_initial = MIB, .no_sync = true});
    struct kv_info before, after;
    assert_int_equal(kv_info(rig->kv, &before), 0);
    struct crowd crowd = {.kv = rig->kv};
    pthread_t threads[READERS];
    for (size_t i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_on, &crowd), 0);
    write_big(rig->kv, 0, 4096); /* 256 MiB: past the first size and the one after it */
    atomic_store(&crowd.stop, true);
    for (size_t i = 0; i < READERS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(kv_info(rig->kv, &after), 0);
    print_message("map %lu to %lu MiB during %lu reads\n", (unsigned long)before.map_size / MIB,
        (unsigned long)after.map_size / MIB, atomic_load(&crowd.reads));
    assert_int_equal(atomic_load(&crowd.failures), 0);
    assert_true(atomic_load(&crowd.reads) > 20);
    assert_true(before.map_size < 256 * MIB);
    assert_true(after.map_size > 256 * MIB);
    struct kv_txn *txn = rig_read(rig->kv);
    assert_int_equal(kv_count(txn, 0), 4096);
    kv_abort(txn);
}

static void full_map_is_refused_and_the_store_goes_on(void **state)
{
    struct rig *rig = *state;
    close_store(rig);
    rig->kv = rig_open(&(struct kv_lmdb_options){
        .path = rig->folder, .map_initial = MIB, .map_limit = 4 * MIB, .no_sync = true});
    uint32_t stored = 0;
    int error = 0;
    while (error == 0 && stored < 200) {
        struct kv_txn *txn = rig_write(rig->kv);
        put_number(txn, 0, stored, BIG);
        error = kv_commit(txn);
        stored += error == 0;
    }
    assert_int_equal(error, FORA_E_FULL);
    assert_in_range(stored, 30, 64);
    struct kv_txn *txn = rig_read(rig->kv);
    assert_int_equal(kv_count(txn, 0), stored);
    assert_true(reads_right(txn));
    kv_abort(txn);
    for (int i = 0; i < 5; i++) { /* refused again, never broken */
        txn = rig_write(rig->kv);
        put_number(txn, 0, stored, BIG);
        assert_int_equal(kv_commit(txn), FORA_E_FULL);
    }
    /* With a higher limit there is room for the rest. */
    close_store(rig);
    rig_reopen(rig);
    write_big(rig->kv, stored, 128);
    txn = rig_read(rig->kv);
    assert_int_equal(kv_count(txn, 0), stored + 128);
    assert_true(reads_right(txn));
    kv_abort(txn);
}

/* ---- two processes ---- */

static int read_beside(const struct kv_lmdb_options *options, int pipe_from)
{
    char byte;
    struct kv *kv;
    if (read(pipe_from, &byte, 1) != 1)
        return 2;
    if (kv_lmdb_open(&kv, options, rig_tables, RIG_TABLES, NULL) != 0)
        return 3;
    uint64_t seen = 0;
    unsigned turns = 0;
    do {
        struct kv_txn *txn;
        if (kv_begin_read(kv, &txn) != 0)
            return 4;
        uint64_t count = kv_count(txn, 0);
        bool right = reads_right(txn) && count >= seen;
        seen = count;
        kv_abort(txn);
        if (!right)
            return 5;
        turns++;
        (void)usleep(500);
    } while (seen < 4096 && turns < 100000);
    struct kv_info info;
    if (kv_info(kv, &info) != 0 || info.map_size < 256 * MIB)
        return 6;
    kv_close(kv);
    return turns > 3 ? 0 : 7;
}

static void another_process_reads_while_the_map_grows(void **state)
{
    struct rig *rig = *state;
    close_store(rig);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    const struct kv_lmdb_options options = reading(rig);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(read_beside(&options, ends[0]));
    rig->kv = rig_open(
        &(struct kv_lmdb_options){.path = rig->folder, .map_initial = MIB, .no_sync = true});
    write_big(rig->kv, 0, 64);
    assert_int_equal(write(ends[1], "x", 1), 1);
    for (uint32_t i = 64; i < 4096; i += 64) {
        write_big(rig->kv, i, 64);
        (void)usleep(1000);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    (void)close(ends[0]);
    (void)close(ends[1]);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- backup ---- */

static void *write_meanwhile(void *arg)
{
    struct crowd *crowd = arg;
    uint32_t i = 64;
    while (!atomic_load(&crowd->stop)) {
        struct kv_txn *txn;
        if (kv_begin_write(crowd->kv, &txn) != 0)
            break;
        put_number(txn, 0, i++, BIG);
        if (kv_commit(txn) != 0)
            break;
    }
    atomic_store(&crowd->failures, !atomic_load(&crowd->stop));
    return NULL;
}

static void backup_is_a_whole_store(void **state)
{
    struct rig *rig = *state;
    write_big(rig->kv, 0, 64);
    struct crowd crowd = {.kv = rig->kv};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, write_meanwhile, &crowd), 0);
    char folder[128], file[160];
    file_of(rig, "copy", folder, sizeof folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    int error = kv_backup(rig->kv, folder, NULL);
    struct fora_buf why = {0};
    int again = kv_backup(rig->kv, folder, &why);
    bool told = why.size > 0;
    fora_buf_fini(&why);
    atomic_store(&crowd.stop, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(atomic_load(&crowd.failures), 0);
    assert_int_equal(error, 0);
    assert_int_equal(again, FORA_E_EXISTS);
    assert_true(told);
    struct stat st;
    (void)snprintf(file, sizeof file, "%s/data.mdb", folder);
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);

    struct kv *copy = rig_open(&(struct kv_lmdb_options){.path = folder});
    struct kv_txn *txn = rig_read(copy);
    assert_true(kv_count(txn, 0) >= 64);
    assert_true(reads_right(txn));
    kv_abort(txn);
    kv_close(copy);
    rig_remove(folder);
    char missing[128];
    file_of(rig, "missing", missing, sizeof missing);
    assert_int_equal(kv_backup(rig->kv, missing, NULL), FORA_E_NOTFOUND);
}

enum {
    ROUND_ALL = 8192,
    ROUND_EACH = 512,
    ROUND_SIZE = 1900,
    COPIES = 8,
    /* What a copy reads is not written over: this many rounds fill some 300 MB while one is slow.
     */
    ROUNDS_MAX = 4096,
    ROUND_REST_US = 200
};

/* Every so many keys one gets the number of the round, in one transaction: copying takes as long as
 * many of those, since it has to read all keys. */
static void write_round(struct kv_txn *txn, uint8_t round, uint32_t each)
{
    uint8_t value[ROUND_SIZE];
    memset(value, round, sizeof value);
    for (uint32_t i = 0; i < ROUND_ALL; i += each) {
        const uint8_t key[2] = {(uint8_t)(i >> 8), (uint8_t)i};
        kv_put(txn, 0, fora_bytes(key, sizeof key), fora_bytes(value, sizeof value));
    }
}

static void *write_rounds(void *arg)
{
    struct crowd *crowd = arg;
    for (uint32_t round = 1; round <= ROUNDS_MAX && !atomic_load(&crowd->stop); round++) {
        struct kv_txn *txn;
        if (kv_begin_write(crowd->kv, &txn) != 0) {
            atomic_store(&crowd->failures, 1);
            return NULL;
        }
        write_round(txn, (uint8_t)round, ROUND_EACH);
        if (kv_commit(txn) != 0) {
            atomic_store(&crowd->failures, 1);
            return NULL;
        }
        usleep(ROUND_REST_US);
    }
    return NULL;
}

/* How many keys are as the round of the first one left them. */
static uint32_t of_one_round(struct kv_txn *txn)
{
    struct kv_cursor *cursor = kv_cursor_open(txn, 0);
    struct fora_bytes key, value;
    uint32_t at = 0, same = 0;
    uint8_t round = 0;
    for (bool more = kv_first(cursor, &key, &value); more && at <= ROUND_ALL;
         more = kv_next(cursor, &key, &value)) {
        round = at == 0 ? value.data[0] : round;
        uint8_t wanted = at++ % ROUND_EACH == 0 ? round : 0;
        same += value.size == ROUND_SIZE && value.data[0] == wanted &&
                value.data[ROUND_SIZE - 1] == wanted;
    }
    kv_cursor_close(cursor);
    return same;
}

static void backup_is_as_of_one_moment(void **state)
{
    struct rig *rig = *state;
    close_store(rig);
    rig->kv = rig_open(&(struct kv_lmdb_options){.path = rig->folder, .no_sync = true});
    struct kv_txn *txn = rig_write(rig->kv);
    write_round(txn, 0, 1);
    rig_commit(txn);
    struct crowd crowd = {.kv = rig->kv};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, write_rounds, &crowd), 0);
    int errors[COPIES];
    char folders[COPIES][128];
    for (int i = 0; i < COPIES; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "copy%d", i);
        file_of(rig, name, folders[i], sizeof folders[i]);
        errors[i] = mkdir(folders[i], 0700) == 0 ? kv_backup(rig->kv, folders[i], NULL) : -1;
    }
    atomic_store(&crowd.stop, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(atomic_load(&crowd.failures), 0);
    for (int i = 0; i < COPIES; i++) {
        assert_int_equal(errors[i], 0);
        struct kv *copy = rig_open(&(struct kv_lmdb_options){.path = folders[i]});
        txn = rig_read(copy);
        assert_int_equal(of_one_round(txn), ROUND_ALL);
        kv_abort(txn);
        kv_close(copy);
        rig_remove(folders[i]);
    }
}

#define LMDB(test) cmocka_unit_test_setup_teardown(test, rig_setup_lmdb, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LMDB(files_are_private),
        LMDB(nothing_there_is_not_found),
        LMDB(second_writer_is_told_who_holds_the_lock),
        LMDB(garbage_is_corrupt),
        LMDB(cut_off_file_is_corrupt),
        LMDB(missing_free_pages_are_no_damage),
        LMDB(read_only_store_reads),
        LMDB(map_grows_under_readers),
        LMDB(full_map_is_refused_and_the_store_goes_on),
        LMDB(another_process_reads_while_the_map_grows),
        LMDB(backup_is_a_whole_store),
        LMDB(backup_is_as_of_one_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
