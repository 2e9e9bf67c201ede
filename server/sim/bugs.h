/*
 * Deliberate bugs (core/bug.h): proof that the checks can fail. Only the program that is built with
 * FORA_SIM_BUGS has them; in the other one no bug is known.
 */
#ifndef FORAD_SIM_BUGS_H
#define FORAD_SIM_BUGS_H

#include "sim/sim.h"

bool bugs_known(const char *name); /* or "all" */
/* Looks for the bug, or for each, over seeds; tells after how many it was found. 0 when every one
 * was, within the seeds that its row allows. */
int bugs_find(const char *name, const struct sim_options *options);
/* One run with the bug switched on, as the options say. */
int bugs_trace(const char *name, const struct sim_options *options);

#endif
