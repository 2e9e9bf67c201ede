#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/tests/store_rig.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct kv *store_rig_mem(void)
{
    struct kv *kv = NULL;
    assert_int_equal(kv_mem_open(&kv, STORE_TABLE_COUNT), 0);
    return kv;
}

struct kv *store_rig_reopen(const char *folder)
{
    struct kv *kv = NULL;
    struct fora_buf why = {0};
    const struct kv_lmdb_options options = {.path = folder, .create = true};
    int rc = kv_lmdb_open(&kv, &options, store_table_names, STORE_TABLE_COUNT, &why);
    if (rc != 0) {
        print_error("%s\n", fora_buf_cstr(&why));
    }
    fora_buf_fini(&why);
    assert_int_equal(rc, 0);
    return kv;
}

struct kv *store_rig_disk(char folder[64])
{
    (void)snprintf(folder, 64, "store-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return store_rig_reopen(folder);
}

void store_rig_remove(const char *folder)
{
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        return;
    }
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        (void)unlinkat(dirfd(dir), entry->d_name, 0);
    }
    (void)closedir(dir);
    (void)rmdir(folder);
}

struct kv_txn *store_rig_read(struct kv *kv)
{
    struct kv_txn *txn = NULL;
    assert_int_equal(kv_begin_read(kv, &txn), 0);
    return txn;
}

struct kv_txn *store_rig_write(struct kv *kv)
{
    struct kv_txn *txn = NULL;
    assert_int_equal(kv_begin_write(kv, &txn), 0);
    return txn;
}

void store_rig_commit(struct kv_txn *txn)
{
    assert_int_equal(kv_commit(txn), 0);
}

/* The n-th entry; its key is copied. */
static bool find_entry(struct kv_txn *txn, unsigned table, uint32_t n, struct store_key *found,
    struct fora_bytes *value)
{
    struct fora_bytes key = {0};
    uint64_t count = kv_count(txn, table);
    struct kv_cursor *cursor = kv_cursor_open(txn, table);
    bool there = count > 0 && kv_first(cursor, &key, value);
    for (uint64_t i = 0; there && i < n % count; i++) {
        there = kv_next(cursor, &key, value);
    }
    if (there) {
        assert_true(key.size <= sizeof found->b);
        memcpy(found->b, key.data, key.size);
        found->size = key.size;
    }
    kv_cursor_close(cursor);
    return there;
}

bool store_rig_flip(struct kv *kv, unsigned table, uint32_t n, uint32_t at)
{
    struct store_key key;
    struct fora_bytes value = {0};
    struct fora_buf copy = {0};
    struct kv_txn *txn = store_rig_write(kv);
    bool there = find_entry(txn, table, n, &key, &value) && value.size > 0;
    if (there) {
        fora_buf_append_bytes(&copy, value);
        assert_int_equal(copy.error, 0);
        copy.data[at % copy.size] ^= (uint8_t)(1 + at % 255);
        kv_put(txn, table, store_key_bytes(&key), fora_buf_bytes(&copy));
    }
    store_rig_commit(txn);
    fora_buf_fini(&copy);
    return there;
}

bool store_rig_drop(struct kv *kv, unsigned table, uint32_t n)
{
    struct store_key key;
    struct kv_txn *txn = store_rig_write(kv);
    bool there =
        find_entry(txn, table, n, &key, NULL) && kv_delete(txn, table, store_key_bytes(&key));
    store_rig_commit(txn);
    return there;
}
