/*
 * What stands beside a name: affiliations and awards as of the time of what is shown (ATT-9,
 * ATT-10, ATT-13). Asked of the node, judged here; nothing is believed that does not verify.
 */
#ifndef FORA_CMD_BESIDE_H
#define FORA_CMD_BESIDE_H

#include "cmd/reputation.h"

enum {
    BESIDE_MAX = 8,           /* beside one name */
    BESIDE_PEOPLE_MAX = 256,  /* who are asked for */
    BESIDE_ISSUERS_MAX = 1024 /* attestations whose issuers' names are asked for */
};

struct beside {
    struct reputation r;
    struct fora_space_id space;
    struct fora_principal_id people[BESIDE_PEOPLE_MAX];
    size_t people_count;
    bool crowded; /* there are more people than that */
    size_t found; /* attestations that may stand beside a name here */
};

struct beside_mark {
    struct fora_object_id id;    /* the attestation */
    struct fora_bytes label;     /* foreign; borrowed from the struct beside */
    struct fora_principal_id of; /* an affiliation: to whom; an award: by whom */
    bool award;
};

struct beside_marks {
    struct beside_mark items[BESIDE_MAX];
    size_t count;
};

/* On the heap: it is large. NULL without memory. Free takes NULL. */
struct beside *beside_new(struct app *app, const struct fora_space_id *space);
void beside_free(struct beside *beside);
/* Somebody whose name will be shown. Beyond BESIDE_PEOPLE_MAX nobody more is asked for. */
void beside_want(struct beside *beside, const struct fora_principal_id *who);
/* Asks the node about all of them, several requests at a time. Returns an exit code. */
int beside_load(struct beside *beside);
/* What stood beside that name at that time (ms), affiliations first. Returns an exit code. */
int beside_at(struct beside *beside, const struct fora_principal_id *who, uint64_t at,
    struct beside_marks *out);
/* "employee of Example Brewing"; an award by its label. */
void beside_text(struct fora_buf *out, const struct beside *beside, const struct beside_mark *mark);
/* Two arrays, "affiliations" (id, label, of, of_name) and "awards" (id, label, by, by_name). */
void beside_json(
    struct js_writer *w, const struct beside *beside, const struct beside_marks *marks);

#endif
