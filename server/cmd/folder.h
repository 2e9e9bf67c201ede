/* Folders that come into being whole: built beside or inside, then shown at once. */
#ifndef FORAD_CMD_FOLDER_H
#define FORAD_CMD_FOLDER_H

#include "state/state.h"

/*
 * A folder that is being built. When `target` is not there yet, the stage is its sibling and is
 * renamed to it. When it is there and empty (it may be a mount point), the stage lies inside, and
 * what it holds is moved up, `last` at the end: a folder without it is not taken for a whole one.
 */
struct stage {
    struct state target;
    struct state stage;
    bool inside;
};

/* FORA_E_EXISTS (not empty), FORA_E_IO: sentences that name the folder and say what to do. Parents
 * are made. */
int stage_vacant(
    struct stage *stage, const char *target, struct fora_client_why *why) FORA_MUST_USE;
/* Checks the same, and makes the stage. */
int stage_begin(struct stage *stage, const char *target, struct fora_client_why *why) FORA_MUST_USE;
int stage_publish(struct stage *stage, const char *last, struct fora_client_why *why) FORA_MUST_USE;
/* Removes what was built. */
void stage_drop(struct stage *stage);

/* A folder in a folder, mode 0700. */
int folder_make(const struct state *folder, const char *name, struct state *out,
    struct fora_client_why *why) FORA_MUST_USE;
/* Copies one file, mode 0600, synced. `from` is open_ed by its full path. FORA_E_NOTFOUND without a
 * sentence when it is not there. */
int folder_copy_file(const struct state *from, const char *name, const struct state *to,
    struct fora_client_why *why) FORA_MUST_USE;
/* Copies the ordinary files of a folder (no folders in it). */
int folder_copy_files(
    const struct state *from, const struct state *to, struct fora_client_why *why) FORA_MUST_USE;

#endif
