/* A member's page: what is attested about her, at a million objects against a thousand. */
#ifndef FORAD_BENCH_PAGE_H
#define FORAD_BENCH_PAGE_H

#include "bench.h"

/* A store whose standings are issued. All borrowed. */
struct page_store {
    const char *folder;
    const struct bench_node *node;
    const struct fora_principal_id *members;
    size_t members_count;
};

/* standing_read: over the wire from running nodes, as a client reads it. Nobody else may have the
 * stores open. Only who has a page where there is little is asked for. */
void bench_pages(struct bench *bench, const struct page_store *few, const struct page_store *many);

#endif
