/* One pass over the items hashes the set and collects its threads; these are then folded by id. */
#include "maintain/digest.h"

#include "core/rows.h"
#include "store/sums_source.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1024, STEP = 4096 };

static const char views_domain[] = "fora.v1.views";

/* A hash over a list of any length. */
struct chain {
    const char *domain;
    struct fora_hash hash;
    struct fora_buf block;
    size_t entries; /* in the block */
};

static void chain_init(struct chain *chain, const char *domain)
{
    memset(chain, 0, sizeof *chain);
    chain->domain = domain;
}

static void chain_flush(struct chain *chain)
{
    struct fora_hash next;
    const struct fora_bytes parts[] = {
        fora_bytes(chain->hash.b, sizeof chain->hash.b), fora_buf_bytes(&chain->block)};
    if (chain->entries > 0 && chain->block.error == 0) {
        fora_hash(&next, chain->domain, parts, 2);
        chain->hash = next;
        chain->entries = 0;
        fora_buf_clear(&chain->block);
    }
}

/* To be called once after each entry has been appended to chain->block. */
static void chain_entry(struct chain *chain)
{
    if (++chain->entries == BLOCK) {
        chain_flush(chain);
    }
}

static int chain_end(struct chain *chain, struct fora_hash *out)
{
    chain_flush(chain);
    int rc = chain->block.error;
    *out = chain->hash;
    fora_buf_fini(&chain->block);
    return rc;
}

struct thread {
    struct fora_object_id id;
    store_seq seq;
};

struct pass {
    struct kv_txn *txn;
    const struct maintain_progress *progress;
    struct digest *out;
    struct chain chain;
    struct thread *threads; /* owned */
    size_t threads_count;
    size_t threads_room;
    uint64_t done;
};

static int add_thread(struct pass *pass, const struct fora_object_id *id, store_seq seq)
{
    if (pass->threads_count == pass->threads_room) {
        size_t room = pass->threads_room == 0 ? 256 : pass->threads_room * 2;
        struct thread *grown = realloc(pass->threads, room * sizeof *grown);
        if (grown == NULL) {
            return FORA_E_NOMEM;
        }
        pass->threads = grown;
        pass->threads_room = room;
    }
    pass->threads[pass->threads_count++] = (struct thread){*id, seq};
    return 0;
}

static int step(struct pass *pass)
{
    return ++pass->done % STEP == 0
               ? maintain_step(pass->progress, pass->done, pass->out->set.count)
               : 0;
}

/* Items are only named by the set; what they are is read from the objects. */
static int item_take(void *context, const struct fora_neg_item *item)
{
    struct pass *pass = context;
    struct stored stored;
    store_seq seq = objects_find(pass->txn, item->id);
    int rc = seq != 0 ? objects_read(pass->txn, seq, &stored) : FORA_E_CORRUPT;
    fora_buf_be64(&pass->chain.block, item->time);
    fora_buf_append(&pass->chain.block, item->id, sizeof item->id);
    chain_entry(&pass->chain);
    pass->out->count++;
    if (rc == 0 && stored.object.header.kind == FORA_KIND_THREAD) {
        rc = add_thread(pass, &stored.object.id, seq);
    }
    if (rc != 0) {
        return rc == FORA_E_NOTFOUND ? FORA_E_CORRUPT : rc;
    }
    return step(pass);
}

static int items_digest(struct pass *pass)
{
    struct sums_source context = {.txn = pass->txn, .set = pass->out->set.number};
    struct fora_neg_source source = sums_neg_source(&context);
    struct fora_neg_sum sum;
    uint64_t size;
    int rc = source.size(source.context, &size);
    chain_init(&pass->chain, FORA_DOMAIN_SET);
    if (rc == 0) {
        rc = source.scan(source.context, 0, size, item_take, pass);
    }
    sums_source_end(&context);
    sums_total(pass->txn, pass->out->set.number, &sum);
    fora_neg_fingerprint(pass->out->fingerprint, &sum);
    int end = chain_end(&pass->chain, &pass->out->items);
    return rc != 0 ? rc : end;
}

static int by_id(const void *a, const void *b)
{
    const struct thread *x = a;
    const struct thread *y = b;
    return memcmp(x->id.b, y->id.b, sizeof x->id.b);
}

static int view_append(struct chain *chain, struct kv_txn *txn, const struct fora_policy *policy,
    const struct thread *thread)
{
    struct fora_arena arena;
    struct fora_view_thread view;
    struct fora_buf encoded = {0};
    struct fora_hash hash;
    fora_arena_init(&arena, 0);
    int rc = rows_fold(txn, &arena, policy, thread->seq, &view);
    if (rc == 0) {
        rc = fora_view_thread_encode(&encoded, &view);
    }
    if (rc == 0) {
        fora_view_digest(&hash, fora_buf_bytes(&encoded));
        fora_buf_append(&chain->block, thread->id.b, sizeof thread->id.b);
        fora_buf_append(&chain->block, hash.b, sizeof hash.b);
        chain_entry(chain);
    }
    fora_buf_fini(&encoded);
    fora_arena_fini(&arena);
    return rc == FORA_E_NOTFOUND ? FORA_E_CORRUPT : rc;
}

static int views_digest(struct pass *pass, struct policies *policies)
{
    struct set_info ruling;
    struct policy_handle *policy = NULL;
    if (!sets_find(pass->txn, &pass->out->set.space, FORA_AUDIENCE_PUBLIC, &ruling)) {
        return 0;
    }
    int rc = policies_get(policies, pass->txn, &ruling, &policy);
    if (rc != 0) {
        return rc == FORA_E_NOTFOUND ? 0 : rc;
    }
    chain_init(&pass->chain, views_domain);
    if (pass->threads_count > 0) {
        qsort(pass->threads, pass->threads_count, sizeof *pass->threads, by_id);
    }
    for (size_t i = 0; i < pass->threads_count && rc == 0; i++) {
        rc = view_append(&pass->chain, pass->txn, policy_of(policy), &pass->threads[i]);
        pass->out->threads++;
        if (rc == 0 && i % 256 == 0) {
            rc = maintain_step(pass->progress, pass->done, pass->out->set.count);
        }
    }
    policies_release(policies, policy);
    int end = chain_end(&pass->chain, &pass->out->views);
    return rc != 0 ? rc : end;
}

int digest_set(struct kv_txn *txn, struct policies *policies, const struct set_info *set,
    const struct maintain_progress *progress, struct digest *out)
{
    struct pass pass = {.txn = txn, .progress = progress, .out = out};
    memset(out, 0, sizeof *out);
    out->set = *set;
    int rc = items_digest(&pass);
    if (rc == 0) {
        rc = views_digest(&pass, policies);
    }
    free(pass.threads);
    return rc != 0 ? rc : kv_txn_error(txn);
}

struct all {
    struct kv_txn *txn;
    struct policies *policies;
    const struct maintain_progress *progress;
    int (*each)(void *context, const struct digest *digest);
    void *context;
};

static int digest_one(void *context, const struct set_info *set)
{
    const struct all *all = context;
    struct digest digest;
    int rc = digest_set(all->txn, all->policies, set, all->progress, &digest);
    return rc == 0 ? all->each(all->context, &digest) : rc;
}

int digest_all(struct kv *kv, const struct maintain_progress *progress,
    int (*each)(void *context, const struct digest *digest), void *context)
{
    struct all all = {.progress = progress, .each = each, .context = context};
    int rc = policies_new(&all.policies);
    if (rc != 0) {
        return rc;
    }
    rc = kv_begin_read(kv, &all.txn);
    if (rc == 0) {
        rc = sets_each(all.txn, digest_one, &all);
        kv_abort(all.txn);
    }
    policies_free(all.policies);
    return rc;
}
