/* Founding a node: its keys, its identity, an admin, a first space, in a folder that is not there
 * yet. */
#ifndef FORAD_CMD_FOUND_H
#define FORAD_CMD_FOUND_H

#include "cmd/folder.h"
#include "config/keys.h"
#include "config/settings.h"

enum { FOUND_PRODUCTS_MAX = 64 };

/* The handle of the first admin. */
#define FOUND_ADMIN "admin"

/* What is wanted. Texts are borrowed. */
struct found_plan {
    struct settings settings;
    const char *space_name;
    uint32_t space_kind;                      /* enum fora_space_kind */
    const char *products[FOUND_PRODUCTS_MAX]; /* "NAME" or "NAME=LATEST" */
    size_t products_count;
    uint64_t now; /* ms */
};

struct found {
    struct fora_principal_id node;
    struct fora_principal_id admin;
    struct fora_space_id space;
    char slug[41];
};

/* Fills `folder`, which is an empty stage. Codes with a sentence in `why`. */
int found_node(const struct state *folder, const struct found_plan *plan, struct found *out,
    struct fora_client_why *why) FORA_MUST_USE;

#endif
