#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/tests/kv_rig.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const rig_tables[RIG_TABLES] = {"one", "two", "three", "four"};

void rig_remove(const char *folder)
{
    DIR *dir = opendir(folder);
    if (dir == NULL)
        return;
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir))
        (void)unlinkat(dirfd(dir), entry->d_name, 0);
    (void)closedir(dir);
    (void)rmdir(folder);
}

struct kv *rig_open(const struct kv_lmdb_options *options)
{
    struct fora_buf why = {0};
    struct kv *kv = NULL;
    int error = kv_lmdb_open(&kv, options, rig_tables, RIG_TABLES, &why);
    if (error != 0)
        print_error("%s\n", fora_buf_cstr(&why));
    fora_buf_fini(&why);
    assert_int_equal(error, 0);
    assert_non_null(kv);
    return kv;
}

void rig_open_fails(const struct kv_lmdb_options *options, int error, const char *says)
{
    struct fora_buf why = {0};
    struct kv *kv = NULL;
    int got = kv_lmdb_open(&kv, options, rig_tables, RIG_TABLES, &why);
    bool told = why.size > 0 && strstr(fora_buf_cstr(&why), says) != NULL;
    if (got != error || !told)
        print_error("%d \"%s\"\n", got, why.size > 0 ? fora_buf_cstr(&why) : "");
    kv_close(kv);
    fora_buf_fini(&why);
    assert_int_equal(got, error);
    assert_true(told);
    assert_null(kv);
}

void rig_reopen(struct rig *rig)
{
    kv_close(rig->kv);
    rig->kv = rig_open(&(struct kv_lmdb_options){.path = rig->folder, .create = true});
}

void rig_start(struct rig *rig, bool in_memory)
{
    memset(rig, 0, sizeof *rig);
    rig->in_memory = in_memory;
    (void)snprintf(rig->folder, sizeof rig->folder, "kv-test-XXXXXX");
    assert_non_null(mkdtemp(rig->folder));
    if (in_memory)
        assert_int_equal(kv_mem_open(&rig->kv, RIG_TABLES), 0);
    else
        rig_reopen(rig);
}

void rig_stop(struct rig *rig)
{
    kv_close(rig->kv);
    rig->kv = NULL;
    rig_remove(rig->folder);
}

static int setup(void **state, bool in_memory)
{
    struct rig *rig = malloc(sizeof *rig);
    if (rig == NULL)
        return -1;
    rig_start(rig, in_memory);
    *state = rig;
    return 0;
}

int rig_setup_lmdb(void **state)
{
    return setup(state, false);
}

int rig_setup_mem(void **state)
{
    return setup(state, true);
}

int rig_teardown(void **state)
{
    rig_stop(*state);
    free(*state);
    return 0;
}

struct kv_txn *rig_read(struct kv *kv)
{
    struct kv_txn *txn = NULL;
    assert_int_equal(kv_begin_read(kv, &txn), 0);
    return txn;
}

struct kv_txn *rig_write(struct kv *kv)
{
    struct kv_txn *txn = NULL;
    assert_int_equal(kv_begin_write(kv, &txn), 0);
    return txn;
}

void rig_commit(struct kv_txn *txn)
{
    assert_int_equal(kv_commit(txn), 0);
}

void rig_put(struct kv_txn *txn, unsigned table, const char *key, const char *value)
{
    kv_put(txn, table, fora_bytes_str(key), fora_bytes_str(value));
    assert_int_equal(kv_txn_error(txn), 0);
}

void rig_expect(struct kv_txn *txn, unsigned table, const char *key, const char *value)
{
    struct fora_bytes got;
    bool hit = kv_get(txn, table, fora_bytes_str(key), &got);
    if (hit != (value != NULL))
        print_error("%s: %s\n", key, hit ? "present" : "absent");
    assert_int_equal(hit, value != NULL);
    if (value == NULL)
        return;
    assert_int_equal(got.size, strlen(value));
    assert_memory_equal(got.data, value, got.size);
}
