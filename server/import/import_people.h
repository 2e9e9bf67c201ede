/* Authors of a dump as custodial identities. Private to the importer. */
#ifndef FORAD_IMPORT_PEOPLE_H
#define FORAD_IMPORT_PEOPLE_H

#include "import/import_pipe.h"

/*
 * Makes the identity and profile of every author that the index knows to be needed, and writes who
 * they are into the index. `total` is how many. Errors as pipe_run.
 */
int people_run(const struct import_env *env, struct outlet *outlet, uint64_t total) FORA_MUST_USE;

#endif
