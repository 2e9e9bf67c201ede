/* The simulator of the product: it has none. */
#include "sim/bugs.h"

bool bugs_known(const char *name)
{
    (void)name;
    return false;
}

int bugs_find(const char *name, const struct sim_options *options)
{
    (void)name;
    (void)options;
    return 2;
}

int bugs_trace(const char *name, const struct sim_options *options)
{
    (void)name;
    (void)options;
    return 2;
}
