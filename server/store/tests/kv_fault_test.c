/* LMDB's back end when the world fails: kill -9 between and in commits, and a full disk. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/tests/kv_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KILLS = 12 };

static void put_both(struct kv_txn *txn, uint32_t number, size_t size)
{
    uint8_t key[4] = {
        (uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};
    for (unsigned table = 0; table < 2; table++) {
        uint8_t *out = NULL;
        kv_reserve(txn, table, fora_bytes(key, 4), size, &out);
        if (out != NULL)
            memset(out, (uint8_t)number, size);
    }
}

/* Both tables hold 0 to count - 1, whole. */
static uint32_t check_both(struct kv *kv)
{
    struct kv_txn *txn = rig_read(kv);
    uint64_t count = kv_count(txn, 0);
    assert_int_equal(kv_count(txn, 1), count);
    for (unsigned table = 0; table < 2; table++) {
        struct kv_cursor *cursor = kv_cursor_open(txn, table);
        struct fora_bytes key, value;
        uint32_t i = 0;
        for (; kv_next(cursor, &key, &value); i++) {
            assert_int_equal((uint32_t)key.data[2] << 8 | key.data[3], i);
            for (size_t j = 0; j < value.size; j++)
                if (value.data[j] != (uint8_t)i)
                    fail_msg("entry %u is damaged at byte %zu", i, j);
        }
        kv_cursor_close(cursor);
        assert_int_equal(i, count);
    }
    kv_abort(txn);
    return (uint32_t)count;
}

/* ---- kill -9 ---- */

/* Commits number after number, and says each when its commit returned. */
static void commit_for_ever(const char *folder, int say)
{
    struct kv *kv;
    const struct kv_lmdb_options options = {.path = folder};
    if (kv_lmdb_open(&kv, &options, rig_tables, RIG_TABLES, NULL) != 0)
        _exit(3);
    struct kv_txn *txn;
    if (kv_begin_read(kv, &txn) != 0)
        _exit(4);
    uint32_t i = (uint32_t)kv_count(txn, 0);
    kv_abort(txn);
    for (;; i++) {
        if (kv_begin_write(kv, &txn) != 0)
            _exit(5);
        put_both(txn, i, 20 + i % 7 * 1500);
        if (kv_commit(txn) != 0 || write(say, &i, sizeof i) != sizeof i)
            _exit(6);
    }
}

static void what_was_committed_survives_kill_9(void **state)
{
    struct rig *rig = *state;
    kv_close(rig->kv);
    rig->kv = NULL;
    uint32_t total = 0;
    for (unsigned turn = 0; turn < KILLS; turn++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            (void)close(ends[0]);
            commit_for_ever(rig->folder, ends[1]);
        }
        (void)close(ends[1]);
        uint32_t said = 0, heard = 0;
        while (heard < 5 && read(ends[0], &said, sizeof said) == sizeof said)
            heard++;
        (void)usleep(1000 + turn * 1713);
        assert_int_equal(kill(child, SIGKILL), 0);
        while (read(ends[0], &said, sizeof said) == sizeof said)
            heard++;
        (void)close(ends[0]);
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status)); /* it was at work, not gone with an error */
        assert_true(heard >= 5);
        rig_reopen(rig);
        uint32_t count = check_both(rig->kv);
        assert_true(count >= said + 1);
        assert_true(count <= said + 2); /* the one that was not said may be there, whole */
        total = count;
        kv_close(rig->kv);
        rig->kv = NULL;
    }
    print_message("%d kills, %u commits, none lost\n", KILLS, total);
}

/* A dead process leaves its reader's slot and the lock file: neither is in the way. */
static void killed_reader_pins_nothing(void **state)
{
    struct rig *rig = *state;
    kv_close(rig->kv);
    rig->kv = NULL;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct kv *kv;
        struct kv_txn *txn;
        const struct kv_lmdb_options options = {.path = rig->folder, .read_only = true};
        if (kv_lmdb_open(&kv, &options, rig_tables, RIG_TABLES, NULL) != 0 ||
            kv_begin_read(kv, &txn) != 0 || write(ends[1], "x", 1) != 1)
            _exit(3);
        for (;;)
            (void)pause();
    }
    char byte;
    assert_int_equal(read(ends[0], &byte, 1), 1);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    (void)close(ends[0]);
    (void)close(ends[1]);
    rig_reopen(rig);
    struct kv_info info;
    for (uint32_t i = 0; i < 200; i++) { /* the same entry: with reuse the file stays small */
        struct kv_txn *txn = rig_write(rig->kv);
        put_both(txn, 0, 50000);
        rig_commit(txn);
    }
    assert_int_equal(kv_info(rig->kv, &info), 0);
    assert_true(info.bytes_file < 2 * 1024 * 1024);
}

/* ---- a full disk ---- */

static int fill_until_full(struct kv *kv, uint32_t *next)
{
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < 5000; i++) {
        struct kv_txn *txn = rig_write(kv);
        put_both(txn, *next, 3000);
        error = kv_commit(txn);
        *next += error == 0;
    }
    return error;
}

static void write_filler(const char *path, size_t size)
{
    static const uint8_t zeros[65536];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    for (size_t done = 0; done < size; done += sizeof zeros)
        assert_int_equal(write(fd, zeros, sizeof zeros), sizeof zeros);
    assert_int_equal(close(fd), 0);
}

static void full_disk_steps(const char *disk)
{
    char filler[128], store[128];
    (void)snprintf(filler, sizeof filler, "%s/filler", disk);
    (void)snprintf(store, sizeof store, "%s/store", disk);
    write_filler(filler, 2 * 1024 * 1024);
    const struct kv_lmdb_options options = {.path = store, .create = true};
    struct kv *kv = rig_open(&options);
    uint32_t next = 0;
    assert_int_equal(fill_until_full(kv, &next), FORA_E_FULL);
    uint32_t first = next;
    assert_true(first > 100);
    assert_int_equal(check_both(kv), first);
    for (int i = 0; i < 5; i++) /* again and again: refused, never broken */
        assert_int_equal(fill_until_full(kv, &next), FORA_E_FULL);
    assert_int_equal(check_both(kv), next);

    assert_int_equal(unlink(filler), 0);
    assert_int_equal(fill_until_full(kv, &next), FORA_E_FULL);
    print_message("full at %u, with more room at %u\n", first, next);
    assert_true(next > first + 100);
    assert_int_equal(check_both(kv), next);
    kv_close(kv);

    kv = rig_open(&options);
    assert_int_equal(check_both(kv), next);
    kv_close(kv);
    rig_remove(store);
}

static void full_disk_is_refused_and_the_store_goes_on(void **state)
{
    struct rig *rig = *state;
    char disk[96];
    (void)snprintf(disk, sizeof disk, "%s/disk", rig->folder);
    assert_int_equal(mkdir(disk, 0700), 0);
    if (mount("fora-test", disk, "tmpfs", 0, "size=8m") != 0) {
        print_message("a small tmpfs cannot be mounted: %s\n", strerror(errno));
        (void)rmdir(disk);
        skip();
    }
    full_disk_steps(disk);
    assert_int_equal(umount2(disk, MNT_DETACH), 0);
    assert_int_equal(rmdir(disk), 0);
}

/* An assertion that failed above leaves the disk mounted. */
static int unmount_teardown(void **state)
{
    struct rig *rig = *state;
    char disk[96];
    (void)snprintf(disk, sizeof disk, "%s/disk", rig->folder);
    (void)umount2(disk, MNT_DETACH);
    (void)rmdir(disk);
    return rig_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            what_was_committed_survives_kill_9, rig_setup_lmdb, rig_teardown),
        cmocka_unit_test_setup_teardown(killed_reader_pins_nothing, rig_setup_lmdb, rig_teardown),
        cmocka_unit_test_setup_teardown(
            full_disk_is_refused_and_the_store_goes_on, rig_setup_lmdb, unmount_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
