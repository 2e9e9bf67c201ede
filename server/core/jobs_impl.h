/* What jobs.c, settle.c and upkeep.c have of each other. */
#ifndef FORAD_CORE_JOBS_IMPL_H
#define FORAD_CORE_JOBS_IMPL_H

#include "core/node_impl.h"

/* jobs.c: what was stored is counted, and what has to follow becomes due. */
void jobs_note_commit(struct node *node, struct job *job);

/* settle.c: the job's batches go on, or end. */
void settle_verified(struct node *node, struct job *job);
void settle_committed(struct node *node, struct job *job);

/* upkeep.c: a job when its time has come, else NULL; and what follows when it is done. */
struct job *upkeep_take_rows(struct node *node);
struct job *upkeep_take_sweep(struct node *node);
struct job *upkeep_take_peers(struct node *node);
struct job *upkeep_take_standing(struct node *node);
void upkeep_rows_wait(struct node *node); /* rows are due, after a rest */
/* They are about to be brought up to date: lists wait for that. */
bool upkeep_rows_come(const struct node *node);
void upkeep_rows_done(struct node *node, struct job *job);
void upkeep_sweep_done(struct node *node, const struct job *job);
void upkeep_standing_done(struct node *node, struct job *job);

#endif
