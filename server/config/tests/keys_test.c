/* The node's keys lie in locked memory, and are gone when it has ended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config/keys.h"

/* As the kernel says of the mapping that holds the byte (proc(5), smaps). */
static bool is_locked(const void *byte)
{
    char line[512];
    bool here = false;
    bool locked = false;
    FILE *maps = fopen("/proc/self/smaps", "r");
    assert_non_null(maps);
    while (fgets(line, sizeof line, maps) != NULL) {
        uintmax_t begin;
        uintmax_t end;
        if (sscanf(line, "%jx-%jx ", &begin, &end) == 2) {
            here = (uintptr_t)byte >= begin && (uintptr_t)byte < end;
        } else if (here && strncmp(line, "VmFlags:", 8) == 0) {
            locked = strstr(line, " lo") != NULL;
        }
    }
    fclose(maps);
    return locked;
}

static uint8_t *pages_of(size_t size)
{
    void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(pages, MAP_FAILED);
    assert_false(is_locked(pages));
    return pages;
}

/* Sanitizers take mlock away, and a process may have no right to it. */
static void skip_where_nothing_can_be_locked(void)
{
    uint8_t *page = pages_of(1);
    bool can = mlock(page, 1) == 0 && is_locked(page);
    munmap(page, 1);
    if (!can) {
        skip();
    }
}

/* In pages of their own, so that no other key's lock covers them; the two that are no struct
 * fora_secret on two of them, so that the lock of one does not cover the other. */
static struct keys *place(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (struct keys *)(void *)(pages_of(2 * page) + page - offsetof(struct keys, custody));
}

static void all_locked(const struct keys *keys)
{
    assert_true(is_locked(keys->root));
    assert_true(is_locked(keys->next_root));
    assert_true(is_locked(keys->device));
    assert_true(is_locked(keys->noise));
    assert_true(is_locked(keys->custody));
}

static void gone(struct keys *keys)
{
    static const struct keys nothing;
    keys_fini(keys);
    assert_memory_equal(keys, &nothing, sizeof nothing);
}

static void test_new_keys_are_locked_and_wiped(void **state)
{
    (void)state;
    skip_where_nothing_can_be_locked();
    struct keys *keys = place();
    assert_int_equal(keys_new(keys), 0);
    all_locked(keys);
    gone(keys);
}

static void test_keys_of_the_file_are_locked_and_wiped(void **state)
{
    char folder[] = "/tmp/fora-keys-XXXXXX";
    char file[sizeof folder + 8];
    struct state data;
    struct fora_client_why why;
    struct keys made;
    (void)state;
    skip_where_nothing_can_be_locked();
    assert_non_null(mkdtemp(folder));
    (void)snprintf(file, sizeof file, "%s/keys", folder);
    assert_int_equal(state_locate(&data, folder, &why), 0);
    assert_int_equal(keys_new(&made), 0);
    assert_int_equal(keys_save(&data, &made, &why), 0);
    struct keys *keys = place();
    assert_int_equal(keys_load(&data, keys, &why), 0);
    assert_memory_equal(keys->noise, made.noise, sizeof made.noise);
    assert_memory_equal(keys->custody, made.custody, sizeof made.custody);
    all_locked(keys);
    gone(keys);
    keys_fini(&made);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_keys_are_locked_and_wiped),
        cmocka_unit_test(test_keys_of_the_file_are_locked_and_wiped),
    };
    return fora_crypto_init() == 0 ? cmocka_run_group_tests_name("keys", tests, NULL, NULL) : 1;
}
