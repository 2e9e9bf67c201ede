/* What is known about the domains of nodes, for the commands that show it. */
#ifndef FORAD_CMD_DOMAINS_H
#define FORAD_CMD_DOMAINS_H

#include "cmd/forad.h"
#include "domain/check.h"
#include "domain/nodes.h"

struct domains {
    struct domain_nodes nodes;
    struct domain_cache cache;
};

/* From the store, which is opened for reading unless it is open, and the cache. The settings and
 * the keys' node need not be loaded. */
int domains_load(struct app *app, struct domains *out);
/* The same without a word where there is no store to look into: then nothing is known. */
void domains_try(struct app *app, struct domains *out);
void domains_fini(struct domains *domains);

/* The domain that a node's log names, or NULL; *proven is DOM-3. */
const char *domains_of(const struct app *app, const struct domains *domains,
    const struct fora_principal_id *node, bool *proven);

/* The rules of forad.conf. The file of certificates is read into `ca`, which the caller frees. */
int domains_rules(struct app *app, struct fora_buf *ca, struct domain_rules *out);

#endif
