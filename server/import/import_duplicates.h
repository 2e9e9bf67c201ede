/* Duplicates: what joins two threads. Private to the importer. */
#ifndef FORAD_IMPORT_DUPLICATES_H
#define FORAD_IMPORT_DUPLICATES_H

#include "import/import_pipe.h"

/*
 * A duplicate names the other thread by its id, which is the hash of its opening: both openings are
 * made again for it. So no index of ids is needed, and there are few duplicates. After all threads.
 */
int duplicates_run(const struct import_env *env, struct outlet *outlet) FORA_MUST_USE;

#endif
