/* A folder of a test's own, removed at the end. */
#ifndef FORA_CLIENT_TESTS_SCRATCH_H
#define FORA_CLIENT_TESTS_SCRATCH_H

struct scratch {
    char path[64];
};
/* Aborts the program when there is no room for one: nothing can be tested then. */
void scratch_init(struct scratch *scratch);
void scratch_fini(struct scratch *scratch);

#endif
