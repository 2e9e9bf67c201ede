/*
 * People: the identities and profiles that came with what is shown, so that every name and every
 * signature is checked here.
 */
#ifndef FORA_CMD_PEOPLE_H
#define FORA_CMD_PEOPLE_H

#include "cmd/app.h"

/* A line of attestations that somebody does not want shown about her (ATT-14). */
struct person_withheld {
    struct fora_principal_id issuer;
    struct fora_space_id space;
    uint32_t type;
    size_t label_size;
    uint8_t label[200];
};

struct person {
    struct fora_principal_id id;
    struct fora_identity *identity; /* owned; NULL: the log is missing or broken */
    uint64_t profile_at;            /* created_at of the profile that stands */
    struct fora_object_id profile_id;
    char name[101]; /* clean; empty: none known */
    char *about;    /* owned, foreign; NULL: none */
    size_t about_size;
    char *links;                      /* owned, foreign, one a line; NULL: none */
    struct person_withheld *withheld; /* owned */
    size_t withheld_count;
};

struct people {
    struct person *items; /* owned, ascending by id */
    size_t count;
    size_t room;
};

void people_fini(struct people *people);
/*
 * Takes the identity entries and profiles among `objects` (signatures verified before); others are
 * passed over. What does not follow from a log, or is signed by a key that does not speak for its
 * author, is left out. May be called again with more. FORA_E_NOMEM.
 */
int people_add(
    struct people *people, const struct fora_object *objects, size_t count) FORA_MUST_USE;
const struct person *people_find(
    const struct people *people, const struct fora_principal_id *id); /* or NULL */
/* Appends the name, or the beginning of the id when there is none. */
void people_name(
    struct fora_buf *out, const struct people *people, const struct fora_principal_id *id);
/* Does she not want it shown (ATT-14)? `person` may be NULL; only standings and badges can be
 * withheld. */
bool person_withholds(const struct person *person, const struct fora_header *header,
    const struct fora_attestation *attestation);
/* Does the key of the object's header speak for its author? 0, FORA_E_KEY, or
 * FORA_E_UNKNOWN_AUTHOR. */
int people_check(const struct people *people, const struct fora_object *object) FORA_MUST_USE;
/* Asks the node for a principal that is missing; a node that does not know her is no error. The
 * answer's frame is dealt with inside. Returns an exit code. */
int people_ask(struct app *app, struct fora_client *client, struct people *people,
    const struct fora_principal_id *id);
/* The node refused what only one's home takes (app->why). Says so when the node is that no more,
 * else what the node said. Returns an exit code. */
int people_fail_home(struct app *app);

#endif
