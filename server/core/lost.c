/* Finding the sessions takes one look at each connection, however many keys were lost. */
#include "core/lost.h"

#include "core/node_impl.h"

#include <stdlib.h>
#include <string.h>

void lost_keys_fini(struct lost_keys *lost)
{
    free(lost->items);
    memset(lost, 0, sizeof *lost);
}

static int append(struct lost_keys *lost, const struct lost_key *key)
{
    if (lost->count == lost->room) {
        size_t room = lost->room == 0 ? 4 : lost->room * 2;
        struct lost_key *grown = realloc(lost->items, room * sizeof *grown);
        if (grown == NULL) {
            return FORA_E_NOMEM;
        }
        lost->items = grown;
        lost->room = room;
    }
    lost->items[lost->count++] = *key;
    return 0;
}

int lost_keys_add(struct lost_keys *lost, const struct fora_identity_key *before, size_t count,
    const struct fora_identity *after)
{
    int rc = 0;
    for (size_t i = 0; i < count && rc == 0; i++) {
        if (before[i].revoked_at == 0 &&
            fora_identity_check_key(after, &before[i].sign, UINT64_MAX) != 0) {
            const struct lost_key key = {*fora_identity_principal(after), before[i].sign};
            rc = append(lost, &key);
        }
    }
    return rc;
}

/* ---- sessions ---- */

static int compare(const void *left, const void *right)
{
    return memcmp(left, right, sizeof(struct lost_key));
}

void lost_stop_sessions(struct node *node, struct job *job)
{
    struct lost_keys *lost = &job->lost;
    if (job->code != 0 || lost->count == 0) {
        return;
    }
    node->keys_lost++;
    qsort(lost->items, lost->count, sizeof *lost->items, compare);
    for (size_t i = 0; i < node->slots_count; i++) {
        struct conn *conn = node->slots[i];
        if (conn != NULL && conn->asker.is_member && conn->asker.by_key) {
            const struct lost_key key = {conn->asker.member, conn->asker.key};
            conn->lost =
                conn->lost || bsearch(&key, lost->items, lost->count, sizeof key, compare) != NULL;
        }
    }
}

void lost_end_sessions(struct node *node, const struct job *job)
{
    if (job->code != 0 || job->lost.count == 0) {
        return;
    }
    for (size_t i = 0; i < node->slots_count; i++) {
        struct conn *conn = node->slots[i];
        if (conn != NULL && conn->lost && !conn->closing) {
            node_say(node, 6, "session", conn, 0, "ended: its key was revoked");
            conn_fail(node, conn, FORA_E_AUTH);
        }
    }
}
