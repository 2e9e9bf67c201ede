/* What is kept folded in memory is bounded (SEC-59). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "core/caches.h"
#include "fixture.h"
#include "store/kv.h"
#include "store/objects.h"
#include "store/sets.h"

enum {
    KEPT = 65536,              /* entries, of all logs together */
    ENTRIES = 1024,            /* of one log (LIM-20) */
    LOGS = KEPT / ENTRIES + 2, /* more than are kept */
    BEGIN_MS = 1 << 28,        /* low bits are zeros: each entry has its own */
    FORK_MAX = 512             /* bytes of an entry */
};

/* A log that forks at its first entry, again and again: by one that was signed. What differs is
 * the time, so that each has an id of its own; nobody verifies here. */
struct log {
    struct fx_who *who;
    uint8_t fork[FORK_MAX];
    size_t size;
    size_t time_at; /* where in it the low bits of the time are */
};

struct scene {
    struct fx fx;
    struct kv *kv;
    struct kv_txn *txn;
    struct objects_writer writer;
    struct identities *identities;
    struct log logs[LOGS];
};

/* The two low bytes of a varint, of a number that has more. */
static void put_time(uint8_t *at, uint32_t low)
{
    at[0] = (uint8_t)(0x80 | (low & 0x7f));
    at[1] = (uint8_t)(0x80 | (low >> 7 & 0x7f));
}

static void make_log(struct scene *s, struct log *log)
{
    static const uint8_t time[] = {0x80, 0x80, 0x80, 0x80, 0x01};
    log->who = fx_member(&s->fx, 1, 1000);
    const struct fora_object *fork =
        fx_move(&s->fx, log->who, log->who->create, 1, s->logs[0].who, log->who->root, BEGIN_MS);
    assert_true(fork->encoded.size <= sizeof log->fork);
    memcpy(log->fork, fork->encoded.data, fork->encoded.size);
    log->size = fork->encoded.size;
    while (memcmp(log->fork + log->time_at, time, sizeof time) != 0) {
        assert_true(++log->time_at + sizeof time < log->size);
    }
}

/* Borrowed until the next one of the log. */
static struct fora_object fork_of(struct log *log, uint32_t number)
{
    struct fora_object object;
    put_time(log->fork + log->time_at, number);
    assert_int_equal(fora_object_decode(&object, fora_bytes(log->fork, log->size)), 0);
    return object;
}

static void setup(struct scene *s, uint32_t stored)
{
    memset(s, 0, sizeof *s);
    fx_init(&s->fx);
    assert_int_equal(kv_mem_open(&s->kv, STORE_TABLE_COUNT), 0);
    assert_int_equal(kv_begin_write(s->kv, &s->txn), 0);
    objects_writer_init(&s->writer, s->txn);
    assert_int_equal(identities_new(&s->identities), 0);
    for (size_t i = 0; i < LOGS; i++) {
        make_log(s, &s->logs[i]);
        store_seq owner = objects_append(&s->writer, s->logs[i].who->create, 0);
        children_add(s->txn, owner, owner);
        for (uint32_t number = 1; number < stored; number++) {
            const struct fora_object fork = fork_of(&s->logs[i], number);
            children_add(s->txn, owner, objects_append(&s->writer, &fork, 0));
        }
    }
    objects_finish(&s->writer);
}

static void teardown(struct scene *s)
{
    identities_free(s->identities);
    objects_writer_fini(&s->writer);
    kv_abort(s->txn);
    kv_close(s->kv);
    fx_fini(&s->fx);
}

static void get(struct scene *s, const struct log *log)
{
    struct fora_identity *identity;
    store_seq seq;
    assert_int_equal(identities_get(s->identities, &s->writer, &log->who->id, &identity, &seq), 0);
    assert_memory_equal(
        fora_identity_principal(identity)->b, log->who->id.b, sizeof log->who->id.b);
}

static void sec59_of_logs_that_are_read_so_many_entries_are_kept(void **state)
{
    static struct scene s;
    size_t most = 0;
    (void)state;
    setup(&s, ENTRIES);
    for (size_t i = 0; i < LOGS; i++) {
        get(&s, &s.logs[i]);
        size_t held = identities_held(s.identities);
        assert_in_range(held, ENTRIES, KEPT);
        most = held > most ? held : most;
    }
    assert_true(most > KEPT / 2);
    teardown(&s);
}

/* Each was short when it was read, and had entries added as they were stored. */
static void sec59_of_logs_that_grow_so_many_entries_are_kept(void **state)
{
    static struct scene s;
    size_t most = 0;
    (void)state;
    setup(&s, 1);
    for (size_t i = 0; i < LOGS; i++) {
        get(&s, &s.logs[i]);
    }
    for (uint32_t number = 1; number < ENTRIES; number++) {
        for (size_t i = 0; i < LOGS; i++) {
            const struct fora_object fork = fork_of(&s.logs[i], number);
            get(&s, &s.logs[i]);
            assert_int_equal(identities_add(s.identities, &s.logs[i].who->id, &fork), 0);
        }
        size_t held = identities_held(s.identities);
        assert_in_range(held, 1, KEPT + 1); /* the last one may be over it */
        most = held > most ? held : most;
    }
    assert_true(most > KEPT / 2);
    teardown(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sec59_of_logs_that_are_read_so_many_entries_are_kept),
        cmocka_unit_test(sec59_of_logs_that_grow_so_many_entries_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
