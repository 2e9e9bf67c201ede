#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "state_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int setup(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    if (rig == NULL) {
        return -1;
    }
    scratch_init(&rig->scratch);
    (void)snprintf(rig->state.home, sizeof rig->state.home, "%s/a/b/fora", rig->scratch.path);
    *state = rig;
    return 0;
}

int teardown(void **state)
{
    struct rig *rig = *state;
    scratch_fini(&rig->scratch);
    free(rig);
    return 0;
}

mode_t mode_of(const struct rig *rig, const char *name)
{
    char path[STATE_PATH_MAX + 32];
    struct stat found;
    (void)snprintf(path, sizeof path, "%s/%s", rig->state.home, name);
    assert_int_equal(stat(path, &found), 0);
    return found.st_mode & 0777;
}

void set_mode(const struct rig *rig, const char *name, mode_t mode)
{
    char path[STATE_PATH_MAX + 32];
    (void)snprintf(path, sizeof path, "%s/%s", rig->state.home, name);
    assert_int_equal(chmod(path, mode), 0);
}

void put(struct rig *rig, const char *name, const char *text)
{
    assert_int_equal(state_make(&rig->state, &rig->why), 0);
    assert_int_equal(state_write(&rig->state, name, fora_bytes_str(text), &rig->why), 0);
}
