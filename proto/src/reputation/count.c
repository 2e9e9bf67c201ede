/* Counting one member from all credits of a space: the plain way, which every faster one is held
 * against. */
#include "fora/reputation.h"

#include <stdlib.h>
#include <string.h>

struct giver {
    struct fora_principal_id id;
    uint64_t given;
    uint64_t returned;
    bool rooted;
};

struct dated {
    uint64_t at;
    struct fora_object_id id;
};

struct counting {
    const struct fora_credit *credits;
    size_t count;
    const struct fora_principal_id *subject;
    uint64_t from, until;
    struct giver *givers; /* owned; by id */
    size_t givers_count;
    struct dated *evidence; /* owned */
    size_t evidence_count;
};

static bool same(const struct fora_principal_id *a, const struct fora_principal_id *b)
{
    return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

static bool counts(const struct counting *c, const struct fora_credit *credit)
{
    return credit->at >= c->from && credit->at < c->until;
}

static int by_giver(const void *left, const void *right)
{
    return memcmp(((const struct giver *)left)->id.b, ((const struct giver *)right)->id.b,
        sizeof(struct fora_principal_id));
}

static int by_date(const void *left, const void *right)
{
    const struct dated *a = left, *b = right;

    return fora_object_order(a->at, &a->id, b->at, &b->id);
}

static struct giver *find(const struct counting *c, const struct fora_principal_id *id)
{
    const struct giver key = {.id = *id};

    return c->givers_count == 0 ? NULL
                                : bsearch(&key, c->givers, c->givers_count, sizeof(key), by_giver);
}

/* What is hers: counts, evidence, and who gave what. */
static void take_own(struct counting *c, struct fora_standing *out)
{
    size_t kept = 0;

    for (size_t i = 0; i < c->count; i++) {
        const struct fora_credit *credit = &c->credits[i];

        if (!same(&credit->subject, c->subject) || !counts(c, credit) ||
            credit->class >= FORA_CREDIT_CLASSES)
            continue;
        out->counts[credit->class]++;
        if (credit->class == FORA_CREDIT_RATING)
            out->rating += credit->value;
        else
            c->evidence[c->evidence_count++] =
                (struct dated){.at = credit->at, .id = credit->evidence};
        if (fora_credit_points(credit->class) != 0)
            c->givers[c->givers_count++] =
                (struct giver){.id = credit->giver, .given = fora_credit_points(credit->class)};
    }
    if (c->givers_count != 0)
        qsort(c->givers, c->givers_count, sizeof(*c->givers), by_giver);
    for (size_t i = 0; i < c->givers_count; i++) {
        if (kept != 0 && by_giver(&c->givers[kept - 1], &c->givers[i]) == 0)
            c->givers[kept - 1].given += c->givers[i].given;
        else
            c->givers[kept++] = c->givers[i];
    }
    c->givers_count = kept;
}

/* What she gave them, and whom the organisation knows. */
static void look_at_givers(struct counting *c)
{
    for (size_t i = 0; i < c->count; i++) {
        const struct fora_credit *credit = &c->credits[i];
        struct giver *giver;

        if (!counts(c, credit))
            continue;
        giver = find(c, &credit->subject);
        if (giver != NULL && fora_credit_by_organisation(credit->class))
            giver->rooted = true;
        if (giver != NULL && same(&credit->giver, c->subject))
            giver->returned += fora_credit_points(credit->class);
        giver = credit->badge ? find(c, &credit->giver) : NULL;
        if (giver != NULL)
            giver->rooted = true;
    }
}

static void sum_givers(const struct counting *c, struct fora_standing *out)
{
    out->givers = c->givers_count;
    for (size_t i = 0; i < c->givers_count; i++) {
        const struct giver *giver = &c->givers[i];
        uint32_t worth = fora_standing_pair(giver->given, giver->returned);

        out->rooted += giver->rooted;
        *(giver->rooted ? &out->from_rooted : &out->from_others) += worth;
    }
}

static int prove(struct counting *c, struct fora_evidence *evidence)
{
    int error = 0;

    if (c->evidence_count != 0)
        qsort(c->evidence, c->evidence_count, sizeof(*c->evidence), by_date);
    for (size_t i = 0; i < c->evidence_count && error == 0; i++) {
        if (i == 0 || by_date(&c->evidence[i - 1], &c->evidence[i]) != 0)
            error = fora_evidence_add(evidence, &c->evidence[i].id);
    }
    return error;
}

int fora_standing_count(const struct fora_credit *credits, size_t count,
    const struct fora_principal_id *subject, uint64_t from, uint64_t until,
    struct fora_standing *out, struct fora_evidence *evidence)
{
    struct counting c = {
        .credits = credits, .count = count, .subject = subject, .from = from, .until = until};
    size_t own = 0;
    int error = FORA_E_NOMEM;

    memset(out, 0, sizeof(*out));
    memset(evidence, 0, sizeof(*evidence));
    for (size_t i = 0; i < count; i++)
        own += same(&credits[i].subject, subject);
    c.givers = malloc((own + 1) * sizeof(*c.givers));
    c.evidence = malloc((own + 1) * sizeof(*c.evidence));
    if (c.givers != NULL && c.evidence != NULL) {
        take_own(&c, out);
        look_at_givers(&c);
        sum_givers(&c, out);
        error = prove(&c, evidence);
    }
    free(c.givers);
    free(c.evidence);
    return error;
}
