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
    bool held;      /* by the node that was asked: a standing can be counted anew there */
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
    struct fora_bytes profile; /* of the subject, encoded; empty: none known. In the arena */
    uint64_t profile_at;
    bool profile_given;         /* by the node */
    bool carries;               /* she carries something at the node (ATT-15) */
    uint64_t carried_at;        /* its created_at */
    struct fora_bytes *bundled; /* what it holds, in the arena */
    size_t bundled_count;
    struct fora_object_id *carried; /* attestations that came with it, and else from nobody */
    size_t carried_count;
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
/* Is it among the objects that are kept? Costs a look at each. */
bool reputation_has(const struct reputation *r, struct fora_bytes encoded);
/* A bundle's file, for carry_take and others; `out` is initialised, whatever comes of it. */
int reputation_read_file(struct app *app, const char *path, struct fora_buf *out);

/* --- telling --- */

/* The name of a space, or the beginning of its id. */
void reputation_space_name(
    struct fora_buf *out, const struct reputation *r, const struct fora_space_id *space);
/* Anybody may nominate (ATT-12): it is shown as that, and is no claim that could fail. */
bool reputation_is_nomination(const struct fora_attestation *attestation);
/* Does the member not want it shown (ATT-14)? */
bool reputation_withheld(const struct reputation *r, const struct fora_claim *claim);
/* Did it come with what she carries, and from nobody else (ATT-16)? */
bool reputation_is_carried(const struct reputation *r, const struct fora_object_id *id);
/* Does the node that was asked hold the space, so that a standing can be counted anew? */
bool reputation_holds(const struct reputation *r, const struct fora_space_id *space);
/* One line: what, where, by whom, when. */
void reputation_head(struct reputation *r, const struct fora_claim *claim);
/* One paragraph on a claim. `proof` is NULL when nothing was recomputed. */
struct reputation_proof {
    enum fora_proof proof;
    struct fora_bytes failed; /* the fact that does not hold */
    uint64_t objects;         /* that were looked at */
    bool unheld;              /* nothing was: the space is not held (STD-13: claimed) */
};
void reputation_text(
    struct reputation *r, const struct fora_claim *claim, const struct reputation_proof *proof);
void reputation_json(struct reputation *r, struct js_writer *w, const struct fora_claim *claim,
    const struct reputation_proof *proof);

/* --- recomputing (reputation_count.c) --- */

/* Reads the whole space of a standing from the node and counts it anew. An exit code. */
int reputation_recount(
    struct reputation *r, const struct fora_claim *claim, struct reputation_proof *out);

/* Is what a node answered JSON, and about that attestation? All else of it is for who verifies it.
 */
bool reputation_credential_is_about(struct fora_bytes json, const struct fora_object_id *about);

#endif
