/* Read from one transaction. */
#include "domain/nodes.h"

#include "core/caches.h"
#include "core/links.h"
#include "core/peers.h"

#include <stdlib.h>
#include <string.h>

struct listing {
    struct domain_nodes *nodes;
    struct kv_txn *txn;
};

int domain_of_node(
    struct domain_node *out, struct kv_txn *txn, const struct fora_principal_id *node)
{
    struct fora_identity *log = NULL;
    int rc = identity_load(txn, node, &log);
    if (rc != 0) {
        return rc;
    }
    const struct fora_node_info *info = fora_identity_node(log);
    rc = FORA_E_NOTFOUND;
    if (info != NULL && domain_valid(info->domain)) {
        out->node = *node;
        memcpy(out->domain, info->domain.data, info->domain.size);
        out->domain[info->domain.size] = '\0';
        rc = 0;
    }
    fora_identity_free(log);
    return rc;
}

static int add(struct listing *listing, const struct fora_principal_id *node)
{
    struct domain_nodes *nodes = listing->nodes;
    if (nodes->count == DOMAIN_NODES_MAX || fora_id_is_zero(node->b)) {
        return 0;
    }
    for (size_t i = 0; i < nodes->count; i++) {
        if (memcmp(nodes->items[i].node.b, node->b, sizeof node->b) == 0) {
            return 0;
        }
    }
    int rc = domain_of_node(&nodes->items[nodes->count], listing->txn, node);
    nodes->count += rc == 0;
    /* A log that is damaged has no domain; a store that fails is told of below. */
    return rc == FORA_E_NOMEM ? rc : 0;
}

static int add_link(void *context, const struct subscription *subscription)
{
    return add(context, &subscription->node);
}

static int add_peer(void *context, const struct peer_record *record)
{
    return add(context, &record->node);
}

int domain_nodes_load(struct domain_nodes *out, struct kv *kv, const struct fora_principal_id *self)
{
    struct listing listing = {.nodes = out};
    *out = (struct domain_nodes){.items = calloc(DOMAIN_NODES_MAX, sizeof *out->items)};
    if (out->items == NULL) {
        return FORA_E_NOMEM;
    }
    int rc = kv_begin_read(kv, &listing.txn);
    if (rc == 0) {
        rc = add(&listing, self);
        rc = rc == 0 ? links_each(listing.txn, add_link, &listing) : rc;
        rc = rc == 0 ? peer_records_each(listing.txn, add_peer, &listing) : rc;
        rc = rc == 0 ? kv_txn_error(listing.txn) : rc;
        kv_abort(listing.txn);
    }
    if (rc != 0) {
        domain_nodes_fini(out);
    }
    return rc;
}

void domain_nodes_fini(struct domain_nodes *nodes)
{
    free(nodes->items);
    *nodes = (struct domain_nodes){.count = 0};
}
