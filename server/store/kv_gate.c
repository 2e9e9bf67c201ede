/*
 * Who may be inside: readers together, or one who changes the map alone. See kv_impl.h.
 */
#include "store/kv_impl.h"

/* Each pooled transaction keeps one of LMDB's 510 reader slots. */
enum { POOL_MAX = 64 };

int kv_base_init(struct kv *kv, const struct kv_impl *impl, size_t tables)
{
    kv->impl = impl;
    kv->tables = tables;
    if (pthread_mutex_init(&kv->gate.mutex, NULL) != 0)
        return FORA_E_NOMEM;
    if (pthread_cond_init(&kv->gate.changed, NULL) != 0) {
        pthread_mutex_destroy(&kv->gate.mutex);
        return FORA_E_NOMEM;
    }
    if (pthread_mutex_init(&kv->writer, NULL) != 0) {
        pthread_cond_destroy(&kv->gate.changed);
        pthread_mutex_destroy(&kv->gate.mutex);
        return FORA_E_NOMEM;
    }
    return 0;
}

static void drop_pool(struct kv *kv, struct kv_txn *pool)
{
    while (pool != NULL) {
        struct kv_txn *next = pool->next;
        kv->impl->txn_free(pool);
        pool = next;
    }
}

void kv_base_fini(struct kv *kv)
{
    drop_pool(kv, kv->gate.pool);
    kv->gate.pool = NULL;
    pthread_mutex_destroy(&kv->writer);
    pthread_cond_destroy(&kv->gate.changed);
    pthread_mutex_destroy(&kv->gate.mutex);
}

static bool is_inside(const struct kv_gate *gate)
{
    for (const struct kv_txn *txn = gate->inside; txn != NULL; txn = txn->next)
        if (pthread_equal(txn->owner, pthread_self()))
            return true;
    return false;
}

struct kv_txn *kv_gate_enter(struct kv *kv, struct kv_txn *fresh)
{
    struct kv_gate *gate = &kv->gate;
    pthread_mutex_lock(&gate->mutex);
    while (gate->closed || (gate->waiting > 0 && !is_inside(gate)))
        pthread_cond_wait(&gate->changed, &gate->mutex);
    struct kv_txn *txn = fresh;
    if (txn == NULL && gate->pool != NULL) {
        txn = gate->pool;
        gate->pool = txn->next;
        gate->pooled--;
    }
    if (txn != NULL) {
        txn->owner = pthread_self();
        txn->prev = NULL;
        txn->next = gate->inside;
        if (gate->inside != NULL)
            gate->inside->prev = txn;
        gate->inside = txn;
        gate->count++;
    }
    pthread_mutex_unlock(&gate->mutex);
    return txn;
}

bool kv_gate_leave(struct kv *kv, struct kv_txn *txn, bool keep)
{
    struct kv_gate *gate = &kv->gate;
    pthread_mutex_lock(&gate->mutex);
    if (txn->prev != NULL)
        txn->prev->next = txn->next;
    else
        gate->inside = txn->next;
    if (txn->next != NULL)
        txn->next->prev = txn->prev;
    gate->count--;
    txn->prev = NULL;
    txn->next = NULL;
    bool pooled = keep && gate->pooled < POOL_MAX;
    if (pooled) {
        txn->next = gate->pool;
        gate->pool = txn;
        gate->pooled++;
    }
    if (gate->waiting > 0 && gate->count == 0)
        pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->mutex);
    return !pooled;
}

bool kv_gate_holds(struct kv *kv)
{
    pthread_mutex_lock(&kv->gate.mutex);
    bool holds =
        (kv->writing && pthread_equal(kv->writer_thread, pthread_self())) || is_inside(&kv->gate);
    pthread_mutex_unlock(&kv->gate.mutex);
    return holds;
}

unsigned kv_gate_readers(struct kv *kv)
{
    pthread_mutex_lock(&kv->gate.mutex);
    unsigned count = kv->gate.count;
    pthread_mutex_unlock(&kv->gate.mutex);
    return count;
}

int kv_gate_close(struct kv *kv, bool wait)
{
    struct kv_gate *gate = &kv->gate;
    pthread_mutex_lock(&gate->mutex);
    if (is_inside(gate) || (!wait && (gate->count > 0 || gate->closed))) {
        int error = is_inside(gate) ? FORA_E_BUSY : FORA_E_AGAIN;
        pthread_mutex_unlock(&gate->mutex);
        return error;
    }
    gate->waiting++;
    while (gate->closed || gate->count > 0)
        pthread_cond_wait(&gate->changed, &gate->mutex);
    gate->waiting--;
    gate->closed = true;
    struct kv_txn *pool = gate->pool;
    gate->pool = NULL;
    gate->pooled = 0;
    pthread_mutex_unlock(&gate->mutex);
    drop_pool(kv, pool);
    return 0;
}

void kv_gate_open(struct kv *kv)
{
    pthread_mutex_lock(&kv->gate.mutex);
    kv->gate.closed = false;
    pthread_cond_broadcast(&kv->gate.changed);
    pthread_mutex_unlock(&kv->gate.mutex);
}
