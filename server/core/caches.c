/* Policies by space and version; identities by principal. Both tables are small, bounded and simply
 * emptied when full. */
#include "core/caches.h"

#include "core/bug.h"
#include "core/receipts.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    POLICIES_MAX = 64,
    IDENTITIES_MAX = 8192 /* a power of two */,
    ENTRIES_MAX = 65536 /* of all logs that are kept: who forks his own log does not fill memory */
};

struct policy_handle {
    struct fora_policy *policy;
    struct fora_space_id space;
    store_seq version;
    unsigned references; /* under the mutex; the cache holds one while it lists it */
};

struct policies {
    pthread_mutex_t mutex;
    struct policy_handle *entries[POLICIES_MAX];
    size_t next; /* who goes when there is no room */
};

int policies_new(struct policies **out)
{
    *out = calloc(1, sizeof **out);
    if (*out == NULL) {
        return FORA_E_NOMEM;
    }
    if (pthread_mutex_init(&(*out)->mutex, NULL) != 0) {
        free(*out);
        *out = NULL;
        return FORA_E_NOMEM;
    }
    return 0;
}

/* With the mutex held. */
static void handle_drop(struct policy_handle *handle)
{
    if (--handle->references == 0) {
        fora_policy_free(handle->policy);
        free(handle);
    }
}

void policies_clear(struct policies *policies)
{
    pthread_mutex_lock(&policies->mutex);
    for (size_t i = 0; i < POLICIES_MAX; i++) {
        if (policies->entries[i] != NULL) {
            handle_drop(policies->entries[i]);
            policies->entries[i] = NULL;
        }
    }
    pthread_mutex_unlock(&policies->mutex);
}

void policies_free(struct policies *policies)
{
    if (policies != NULL) {
        policies_clear(policies);
        pthread_mutex_destroy(&policies->mutex);
        free(policies);
    }
}

const struct fora_policy *policy_of(const struct policy_handle *handle)
{
    return handle->policy;
}

void policies_release(struct policies *policies, struct policy_handle *handle)
{
    if (handle != NULL) {
        pthread_mutex_lock(&policies->mutex);
        handle_drop(handle);
        pthread_mutex_unlock(&policies->mutex);
    }
}

struct policy_load {
    struct kv_txn *txn;
    struct fora_policy *policy;
};

static int load_statement(void *context, store_seq child)
{
    struct policy_load *load = context;
    struct stored stored;
    int rc = objects_read(load->txn, child, &stored);
    if (rc == 0 && stored.object.header.kind == FORA_KIND_POLICY) {
        rc = fora_policy_add(load->policy, &stored.object);
    }
    return rc == FORA_E_NOTFOUND ? 0 : rc;
}

static int policy_load(struct kv_txn *txn, const struct set_info *info, struct policy_handle **out)
{
    struct policy_handle *handle = calloc(1, sizeof *handle);
    struct policy_load load = {.txn = txn};
    int rc = handle == NULL ? FORA_E_NOMEM : fora_policy_new(&handle->policy);
    if (rc == 0) {
        load.policy = handle->policy;
        rc = children_each(txn, info->space_seq, load_statement, &load);
    }
    if (rc == 0 && !fora_policy_ready(handle->policy)) {
        rc = FORA_E_NOTFOUND;
    }
    if (rc == 0) {
        rc = receipts_apply_policy(txn, handle->policy, info->space_seq);
    }
    if (rc != 0) {
        if (handle != NULL) {
            fora_policy_free(handle->policy);
        }
        free(handle);
        return rc;
    }
    /* The first read merges: it must be over before other threads see the policy. */
    (void)fora_policy_owner(handle->policy);
    handle->space = info->space;
    handle->version = info->policy_version;
    *out = handle;
    return 0;
}

static struct policy_handle **entry_of(struct policies *policies, const struct fora_space_id *space)
{
    for (size_t i = 0; i < POLICIES_MAX; i++) {
        struct policy_handle *handle = policies->entries[i];
        if (handle != NULL && memcmp(handle->space.b, space->b, sizeof space->b) == 0) {
            return &policies->entries[i];
        }
    }
    return NULL;
}

int policies_get(struct policies *policies, struct kv_txn *txn, const struct set_info *info,
    struct policy_handle **out)
{
    int rc = 0;
    if (info->space_seq == 0) {
        return FORA_E_NOTFOUND;
    }
    pthread_mutex_lock(&policies->mutex);
    struct policy_handle **entry = entry_of(policies, &info->space);
    struct policy_handle *handle = entry != NULL ? *entry : NULL;
    if (handle == NULL || (handle->version != info->policy_version && !SIM_BUG(POLICY_STALE))) {
        handle = NULL;
        rc = policy_load(txn, info, &handle);
        if (rc == 0) {
            if (entry == NULL) {
                entry = &policies->entries[policies->next];
                policies->next = (policies->next + 1) % POLICIES_MAX;
            }
            if (*entry != NULL) {
                handle_drop(*entry);
            }
            *entry = handle;
            handle->references = 1;
        }
    }
    if (rc == 0) {
        handle->references++;
        *out = handle;
    }
    pthread_mutex_unlock(&policies->mutex);
    return rc;
}

/* ---- identities ---- */

struct identity_entry {
    struct fora_identity *identity; /* NULL: empty */
    size_t size;                    /* its entries */
    store_seq seq;
};

struct identities {
    struct identity_entry entries[IDENTITIES_MAX]; /* direct-mapped: a newcomer takes the place */
    size_t held;                                   /* entries of all logs: some 500 bytes each */
};

int identities_new(struct identities **out)
{
    *out = calloc(1, sizeof **out);
    return *out != NULL ? 0 : FORA_E_NOMEM;
}

static void identity_drop(struct identities *identities, struct identity_entry *entry)
{
    fora_identity_free(entry->identity);
    identities->held -= entry->size;
    entry->identity = NULL;
    entry->size = 0;
}

void identities_clear(struct identities *identities)
{
    for (size_t i = 0; i < IDENTITIES_MAX; i++) {
        identity_drop(identities, &identities->entries[i]);
    }
}

void identities_free(struct identities *identities)
{
    if (identities != NULL) {
        identities_clear(identities);
        free(identities);
    }
}

static struct identity_entry *identity_place(
    struct identities *identities, const struct fora_principal_id *id)
{
    return &identities->entries[key_be32(id->b) % IDENTITIES_MAX];
}

static bool identity_is(const struct identity_entry *entry, const struct fora_principal_id *id)
{
    return entry->identity != NULL &&
           memcmp(fora_identity_principal(entry->identity)->b, id->b, sizeof id->b) == 0;
}

struct identity_read {
    struct kv_txn *txn;
    struct fora_identity *identity;
    size_t entries;
    size_t waiting; /* entries whose parent was not there yet */
};

static int load_entry(void *context, store_seq child)
{
    struct identity_read *read = context;
    struct stored stored;
    int rc = objects_read(read->txn, child, &stored);
    if (rc == 0 && stored.object.header.kind == FORA_KIND_IDENTITY) {
        rc = fora_identity_add(read->identity, &stored.object);
        read->waiting += rc == FORA_E_UNKNOWN_PARENT;
        read->entries += rc == 0;
        rc = rc == FORA_E_UNKNOWN_PARENT ? 0 : rc;
    }
    return rc == FORA_E_NOTFOUND ? 0 : rc;
}

/* Entries are stored after the entry that they follow, so one pass in order of arrival suffices,
 * unless one was lost to damage and has been fetched anew. */
static int identity_read(
    struct kv_txn *txn, store_seq seq, struct fora_identity **out, size_t *size)
{
    struct identity_read read = {.txn = txn};
    size_t before;
    int rc = fora_identity_new(&read.identity);
    do {
        before = read.entries;
        read.entries = read.waiting = 0;
        rc = rc == 0 ? children_each(txn, seq, load_entry, &read) : rc;
    } while (rc == 0 && read.waiting > 0 && read.entries > before);
    if (rc == 0 && read.entries == 0) {
        rc = FORA_E_NOTFOUND;
    }
    if (rc != 0) {
        fora_identity_free(read.identity);
        return rc;
    }
    *out = read.identity;
    *size = read.entries;
    return 0;
}

int identity_load(
    struct kv_txn *txn, const struct fora_principal_id *principal, struct fora_identity **out)
{
    store_seq seq = objects_find(txn, principal->b);
    size_t size;
    return seq != 0 ? identity_read(txn, seq, out, &size) : FORA_E_NOTFOUND;
}

int identities_get(struct identities *identities, struct objects_writer *writer,
    const struct fora_principal_id *principal, struct fora_identity **out, store_seq *seq)
{
    struct identity_entry *entry = identity_place(identities, principal);
    if (identities->held > ENTRIES_MAX) {
        identities_clear(identities); /* by entries that were added to those that are kept */
    }
    if (!identity_is(entry, principal)) {
        struct fora_identity *identity;
        store_seq found = objects_find(writer->txn, principal->b);
        if (found == 0) {
            return FORA_E_NOTFOUND;
        }
        objects_flush(writer);
        size_t size;
        int rc = identity_read(writer->txn, found, &identity, &size);
        if (rc != 0) {
            return rc;
        }
        identity_drop(identities, entry);
        if (identities->held + size > ENTRIES_MAX) {
            identities_clear(identities);
        }
        entry->identity = identity;
        entry->size = size;
        entry->seq = found;
        identities->held += size;
    }
    *out = entry->identity;
    *seq = entry->seq;
    return 0;
}

int identities_add(struct identities *identities, const struct fora_principal_id *principal,
    const struct fora_object *object)
{
    struct identity_entry *entry = identity_place(identities, principal);
    if (!identity_is(entry, principal)) {
        return 0; /* it is read with the entry the next time */
    }
    entry->size++;
    identities->held++;
    return fora_identity_add(entry->identity, object);
}

size_t identities_held(const struct identities *identities)
{
    size_t held = 0;
    for (size_t i = 0; i < IDENTITIES_MAX; i++) {
        held += identities->entries[i].size;
    }
    return held;
}
