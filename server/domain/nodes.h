/* Which nodes a store knows, and the domains that their logs name. */
#ifndef FORAD_DOMAIN_NODES_H
#define FORAD_DOMAIN_NODES_H

#include "domain/document.h"
#include "store/kv.h"

enum { DOMAIN_NODES_MAX = 1024 };

struct domain_node {
    struct fora_principal_id node;
    char domain[DOMAIN_MAX + 1];
};
struct domain_nodes {
    struct domain_node *items; /* owned */
    size_t count;
};

/* `self`, those that are subscribed to and the peers on record, each once, as far as their logs are
 * stored and name a domain (DOM-1); at most DOMAIN_NODES_MAX. FORA_E_NOMEM, what the store says. */
int domain_nodes_load(
    struct domain_nodes *out, struct kv *kv, const struct fora_principal_id *self) FORA_MUST_USE;
void domain_nodes_fini(struct domain_nodes *nodes);

/* The domain that the log of one node names; FORA_E_NOTFOUND when the log is not stored or names
 * none. */
int domain_of_node(struct domain_node *out, struct kv_txn *txn,
    const struct fora_principal_id *node) FORA_MUST_USE;

#endif
