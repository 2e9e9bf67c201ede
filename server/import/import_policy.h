/* The space, and the roles that imported revisions need. Private to the importer. */
#ifndef FORAD_IMPORT_POLICY_H
#define FORAD_IMPORT_POLICY_H

#include "import/import_pipe.h"
#include "import/import_scan.h"

/*
 * Finds the space that the options name, or makes it, dated as the first post, with the admin as
 * its ADMIN; its id to env->space. FORA_E_FORBIDDEN with a sentence when it is not the node's own:
 * what the node says of imported posts would have no effect.
 */
int policy_space(
    struct import_env *env, struct outlet *outlet, const struct scan *scan) FORA_MUST_USE;

/* EDITOR for who edited posts of others, from the first such edit to the last. */
int policy_editors(
    const struct import_env *env, struct outlet *outlet, const struct scan *scan) FORA_MUST_USE;

#endif
