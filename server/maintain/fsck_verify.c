/*
 * Hashes and signatures, on all cores. The chunks are listed once; each thread takes the next one
 * that nobody has taken and reads it in a transaction of its own, so that what a running node
 * rewrites meanwhile is read as it then is.
 */
#include "maintain/fsck_impl.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { THREADS_MAX = 64 };

struct verify {
    struct fsck_run *run;
    store_seq *chunks; /* owned: where each begins, and one behind the last */
    size_t count;
    atomic_size_t next;
    atomic_uint_fast64_t verified;
    atomic_int error; /* the first one; ends all */
};

static int list_chunks(struct verify *verify)
{
    struct kv_txn *txn = verify->run->txn;
    struct fora_bytes key;
    size_t room = (size_t)kv_count(txn, T_OBJECTS);
    verify->chunks = calloc(room + 1, sizeof *verify->chunks);
    if (verify->chunks == NULL) {
        return FORA_E_NOMEM;
    }
    struct kv_cursor *cursor = kv_cursor_open(txn, T_OBJECTS);
    while (verify->count < room && kv_next(cursor, &key, NULL)) {
        if (key_object_parse(key, &verify->chunks[verify->count])) {
            verify->count++;
        }
    }
    kv_cursor_close(cursor);
    verify->chunks[verify->count] = verify->run->last + 1;
    return 0;
}

static void fail(struct verify *verify, int error)
{
    int none = 0;
    (void)atomic_compare_exchange_strong(&verify->error, &none, error);
}

static void verify_object(struct verify *verify, const struct stored *stored)
{
    int rc = fora_object_verify(&stored->object);
    if (rc != 0) {
        fsck_found(verify->run, T_OBJECTS, "object %llu: %s", (unsigned long long)stored->seq,
            fora_error_text(rc));
    }
}

static void verify_chunk(struct verify *verify, struct kv_txn *txn, size_t index)
{
    store_seq first = verify->chunks[index], end = verify->chunks[index + 1];
    end = end - first < CHUNK_RECORDS_MAX ? end : first + CHUNK_RECORDS_MAX;
    for (store_seq seq = first; seq < end; seq++) {
        struct stored stored;
        if (objects_read(txn, seq, &stored) == 0) {
            verify_object(verify, &stored);
            atomic_fetch_add(&verify->verified, 1);
        }
    }
}

/* `leader` is the caller's thread, which alone tells how far the work has come. */
static void work(struct verify *verify, bool leader)
{
    while (atomic_load(&verify->error) == 0) {
        struct kv_txn *txn;
        size_t index = atomic_fetch_add(&verify->next, 1);
        if (index >= verify->count) {
            return;
        }
        int rc = kv_begin_read(verify->run->kv, &txn);
        if (rc == 0) {
            verify_chunk(verify, txn, index);
            rc = kv_txn_error(txn);
            kv_abort(txn);
        }
        if (rc == 0 && leader) {
            rc = maintain_step(
                verify->run->options->progress, atomic_load(&verify->verified), verify->run->last);
        }
        if (rc != 0) {
            fail(verify, rc);
        }
    }
}

static void *work_beside(void *context)
{
    work(context, false);
    return NULL;
}

static unsigned threads_wanted(const struct fsck_run *run)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned wanted = run->options->threads;
    if (wanted == 0) {
        wanted = cores > 1 ? (unsigned)cores : 1;
    }
    return wanted < THREADS_MAX ? wanted : THREADS_MAX;
}

int fsck_verify(struct fsck_run *run)
{
    struct verify verify = {.run = run};
    pthread_t threads[THREADS_MAX];
    unsigned started = 0;
    int rc = list_chunks(&verify);
    if (rc == 0) {
        /* A thread that cannot be made is work for the others. */
        while (started + 1 < threads_wanted(run) &&
               pthread_create(&threads[started], NULL, work_beside, &verify) == 0) {
            started++;
        }
        work(&verify, true);
        for (unsigned i = 0; i < started; i++) {
            (void)pthread_join(threads[i], NULL);
        }
        rc = atomic_load(&verify.error);
        run->result->verified = atomic_load(&verify.verified);
    }
    free(verify.chunks);
    return rc;
}
