/* Where an object stands in the log of its set, and who hosts the set: what GetDelivery needs of
 * the store (REP-14). */
#include "core/caches.h"
#include "core/query.h"
#include "store/sets.h"

#include <string.h>

enum { FIND_WINDOW = 100000, FOUND = 2, HOSTS_MAX = 64 };

struct log_find {
    store_seq seq;
    uint64_t position;
};

static int find_entry(void *context, uint64_t position, store_seq seq)
{
    struct log_find *find = context;
    if (seq != find->seq) {
        return 0;
    }
    find->position = position;
    return FOUND;
}

/* By the name in its own log, when that is held; a member that owns a space is no host. */
static void add_host(struct kv_txn *txn, const struct fora_principal_id *node,
    struct fora_msg_delivery *delivery, struct fora_arena *arena)
{
    struct fora_identity *identity = NULL;
    struct fora_bytes name = fora_bytes(NULL, 0);
    bool is_node = true;
    for (size_t i = 0; i < delivery->rows_count; i++) {
        if (memcmp(delivery->rows[i].node.b, node->b, sizeof node->b) == 0) {
            return;
        }
    }
    if (identity_load(txn, node, &identity) == 0) {
        is_node = fora_identity_node(identity) != NULL;
        name = is_node ? fora_arena_copy(arena, fora_identity_node(identity)->name) : name;
    }
    fora_identity_free(identity);
    if (is_node) {
        delivery->rows[delivery->rows_count++] =
            (struct fora_msg_delivery_row){.node = *node, .name = name};
        delivery->rows[delivery->rows_count - 1].state = fora_bytes_str("absent");
    }
}

/* Who hosts the space by its policy: of whom the loop knows more, it says more (status.c). */
static int add_hosts(
    struct job *job, struct kv_txn *txn, const struct set_info *set, struct fora_arena *arena)
{
    struct fora_message answer = {.type = FORA_MSG_DELIVERY};
    struct fora_msg_delivery *delivery = &answer.u.delivery;
    struct policy_handle *policy = NULL;
    size_t count = 0;
    int rc = policies_get(job->env->policies, txn, set, &policy);
    const struct fora_host *hosts = rc == 0 ? fora_policy_hosts(policy_of(policy), &count) : NULL;
    count = count < HOSTS_MAX ? count : HOSTS_MAX;
    delivery->rows = fora_arena_zalloc(arena, count + 1, sizeof *delivery->rows);
    if (rc == 0 && delivery->rows != NULL) {
        struct fora_principal_id owner = fora_policy_owner(policy_of(policy));
        add_host(txn, &owner, delivery, arena);
    }
    for (size_t i = 0; i < count && delivery->rows != NULL; i++) {
        add_host(txn, &hosts[i].node, delivery, arena);
    }
    rc = delivery->rows == NULL ? FORA_E_NOMEM : rc;
    rc = rc == 0 || rc == FORA_E_NOTFOUND ? job_answer(job, &answer) : rc;
    policies_release(job->env->policies, policy);
    return rc;
}

int replica_find(struct job *job, struct kv_txn *txn, const struct fora_msg_get_delivery *request,
    struct fora_arena *arena)
{
    struct stored stored;
    struct set_info set;
    struct log_find find = {.seq = objects_find(txn, request->id.b)};
    int rc = find.seq != 0 ? objects_read(txn, find.seq, &stored) : FORA_E_ABSENT;
    if (rc != 0 || !query_may_send(job, txn, &stored.object)) {
        return rc == 0 || rc == FORA_E_NOTFOUND ? FORA_E_ABSENT : rc;
    }
    struct fora_space_id space = fora_object_space(&stored.object);
    if (!sets_find(txn, &space, stored.object.header.audience, &set)) {
        return FORA_E_ABSENT;
    }
    uint64_t from = set.head > FIND_WINDOW ? set.head - FIND_WINDOW : 0;
    rc = setlog_each(txn, set.number, from, find_entry, &find);
    job->position =
        find.position; /* 0 when it is older than the window: every follower has passed it */
    job->set_number = set.number;
    job->founds = memcmp(space.b, request->id.b, sizeof space.b) == 0;
    return rc == FOUND || rc == 0 ? add_hosts(job, txn, &set, arena) : rc;
}
