/*
 * What is attested about a member: fetched, verified and judged here (spec 12). The node is
 * believed nothing: every object's signature is checked, logs and policies are folded by this
 * program.
 */
#ifndef FORA_CMD_REPUTATION_H
#define FORA_CMD_REPUTATION_H

#include "cmd/app.h"
#include "cmd/people.h"
#include "fora/reputation.h"

struct reputation_space {
    struct fora_space_id id;
    char name[101]; /* clean */
};

struct reputation {
    struct app *app;
    struct fora_principal_id subject;
    uint64_t at; /* ms: of the verdicts. Now, by the clock that is ahead: ours or the node's */
    struct fora_claims *claims;
    struct people people;
    struct fora_arena arena;    /* of objects and spaces */
    struct fora_bytes *objects; /* encoded, what a bundle holds; the list is owned */
    size_t objects_count;
    size_t objects_room;
    struct reputation_space *spaces;
    size_t spaces_count;
};

int reputation_init(struct reputation *r, struct app *app);
void reputation_fini(struct reputation *r);
/* Asks the node for all of it. Returns an exit code. */
int reputation_load(struct reputation *r, const struct fora_principal_id *subject);
/* The same about oneself, with the policies of all spaces of the node, and without the names of
 * issuers. */
int reputation_load_own(struct reputation *r);
/* Connects, loads what is attested about the member that the command line names, or about oneself,
 * and acts on it. Returns an exit code. */
int reputation_run(struct app *app, int (*act)(struct reputation *r));
/* The policy of one space, and the logs of those who made it. Returns an exit code. */
int reputation_load_space(struct reputation *r, const struct fora_space_id *space);
/* Takes an object of any origin: what does not verify is passed over. `keep`: for a bundle. */
int reputation_take(struct reputation *r, struct fora_bytes encoded, bool keep);

/* --- telling --- */

/* The name of a space, or the beginning of its id. */
void reputation_space_name(
    struct fora_buf *out, const struct reputation *r, const struct fora_space_id *space);
/* Anybody may nominate (ATT-12): it is shown as that, and is no claim that could fail. */
bool reputation_is_nomination(const struct fora_attestation *attestation);
/* Does the member not want it shown (ATT-14)? */
bool reputation_withheld(const struct reputation *r, const struct fora_claim *claim);
/* One paragraph on a claim. `proof` is NULL when nothing was recomputed. */
struct reputation_proof {
    enum fora_proof proof;
    struct fora_bytes failed; /* the fact that does not hold */
    uint64_t objects;         /* that were looked at */
};
void reputation_text(
    struct reputation *r, const struct fora_claim *claim, const struct reputation_proof *proof);
void reputation_json(struct reputation *r, struct js_writer *w, const struct fora_claim *claim,
    const struct reputation_proof *proof);

/* --- recomputing (reputation_count.c) --- */

/* Reads the whole space of a standing from the node and counts it anew. An exit code. */
int reputation_recount(
    struct reputation *r, const struct fora_claim *claim, struct reputation_proof *out);

#endif
