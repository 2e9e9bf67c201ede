/* The client's folder on a real disk, of each test its own. */
#ifndef FORA_CLIENT_TESTS_STATE_RIG_H
#define FORA_CLIENT_TESTS_STATE_RIG_H

#include "scratch.h"
#include "state/state.h"

#include <sys/types.h>

struct rig {
    struct scratch scratch;
    struct state state;
    struct fora_client_why why;
};

/* Set-up and tear-down of cmocka. */
int setup(void **state);
int teardown(void **state);

/* Of a file of the folder; asserts that it is there. */
mode_t mode_of(const struct rig *rig, const char *name);
void set_mode(const struct rig *rig, const char *name, mode_t mode);
/* Writes it, and makes the folder. */
void put(struct rig *rig, const char *name, const char *text);

#endif
