/* The cases of spec/vectors/reputation.json: attestations, what they rest on, and verdicts. */
#include "make_reputation_vectors.h"

#include "fixture.h"
#include "fora/receipt.h"
#include "fora/reputation.h"
#include "vector_json.h"

#include <stdio.h>
#include <string.h>

/* A vendor's node that hosts a space of its own; a second node; people. */
struct scene {
    struct fx fx;
    struct fx_who *node, *other, *owner, *ann, *bob, *carl, *dora;
    const struct fora_object *space;
    json_t *cases;
    json_t *objects, *checks; /* of the case that is being made */
    const struct fora_object *all[64];
    size_t count;
    const struct fora_object *stolen; /* the entry that says that an admin's key was */
};

static const struct fora_object *put(struct scene *s, const struct fora_object *object)
{
    EXPECT(s->count < 64);
    s->all[s->count++] = object;
    vec_push(s->objects, vec_hex(object->encoded.data, object->encoded.size));
    return object;
}

static void begin(struct scene *s, const char *name, const char *clause)
{
    json_t *made = json_object();

    vec_push(s->cases, made);
    vec_set(made, "name", json_string(name));
    vec_set(made, "clause", json_string(clause));
    s->objects = vec_list(made, "objects");
    s->checks = vec_list(made, "checks");
    s->count = 0;
    for (const struct fx_who *who = s->fx.people; who != NULL; who = who->next)
        put(s, who->create);
    put(s, s->space);
}

static const struct fora_object *issue_in(struct scene *s, struct fora_space_id space,
    const struct fx_who *issuer, struct fora_attestation attestation, uint64_t at)
{
    const struct fora_header header = {.space = space};
    const struct fora_content content = {
        .kind = FORA_KIND_ATTESTATION, .u.attestation = attestation};

    return put(s, fx_object(&s->fx, issuer, header, content, at));
}

static const struct fora_object *issue(
    struct scene *s, const struct fx_who *issuer, struct fora_attestation attestation, uint64_t at)
{
    return issue_in(s, fora_object_space(s->space), issuer, attestation, at);
}

static void revoke(
    struct scene *s, const struct fx_who *issuer, const struct fora_object *what, uint64_t at)
{
    const struct fora_header header = {.space = fora_object_space(s->space), .parent = what->id};
    const struct fora_content content = {.kind = FORA_KIND_REVOCATION};

    put(s, fx_object(&s->fx, issuer, header, content, at));
}

static void check(struct scene *s, const struct fora_object *what, uint64_t at, int code)
{
    struct fora_claims *claims;
    struct fora_claim claim;
    json_t *row = json_object();

    EXPECT(fora_claims_new(&claims) == 0);
    for (size_t i = s->count; i > 0; i--)
        EXPECT(fora_claims_add(claims, s->all[i - 1]) == 0);
    EXPECT(fora_claims_check(claims, &what->id, at, &claim) == 0);
    if (claim.code != code)
        fprintf(stderr, "%s instead of %s\n", fora_error_name(claim.code), fora_error_name(code));
    EXPECT(claim.code == code);
    fora_claims_free(claims);
    vec_set(row, "id", vec_hex(what->id.b, sizeof(what->id.b)));
    vec_set(row, "at", json_integer((json_int_t)at));
    vec_set(row, "result", json_string(fora_error_name(code)));
    vec_push(s->checks, row);
}

static struct fora_attestation badge(const struct fx_who *subject, const char *label)
{
    return (struct fora_attestation){
        .type = FORA_ATTESTATION_BADGE, .subject = subject->id, .label = fora_bytes_str(label)};
}

static struct fora_attestation delegation(const struct fx_who *subject, uint32_t depth)
{
    return (struct fora_attestation){.type = FORA_ATTESTATION_DELEGATION,
        .subject = subject->id,
        .may = 1 << FORA_ATTESTATION_BADGE | 1 << FORA_ATTESTATION_DELEGATION,
        .depth = depth};
}

static struct fora_attestation under(
    struct fora_attestation attestation, const struct fora_object *rests_on)
{
    attestation.delegation = rests_on->id;
    return attestation;
}

static void direct(struct scene *s)
{
    const struct fora_object *one;

    begin(s, "a badge by the host of the space, and its term", "ATT-5");
    struct fora_attestation mvp = badge(s->ann, "MVP");
    mvp.from = 2000;
    mvp.until = 5000;
    one = issue(s, s->node, mvp, 2000);
    check(s, one, 1999, FORA_E_FUTURE);
    check(s, one, 2000, 0);
    check(s, one, 4999, 0);
    check(s, one, 5000, FORA_E_EXPIRED);

    begin(s, "forged: by somebody who has nothing to say in the space", "ATT-5");
    check(s, issue(s, s->bob, badge(s->ann, "MVP"), 2000), 3000, FORA_E_SCOPE);
    check(s, issue(s, s->other, badge(s->ann, "MVP"), 2000), 3000, FORA_E_SCOPE);

    begin(s, "about herself", "ATT-5");
    check(s, issue(s, s->node, badge(s->node, "Best"), 2000), 3000, FORA_E_SCOPE);

    begin(s, "revoked: by the issuer, and not by another", "ATT-7");
    one = issue(s, s->node, badge(s->ann, "MVP"), 2000);
    const struct fora_object *stays = issue(s, s->node, badge(s->bob, "MVP"), 2000);
    revoke(s, s->node, one, 4000);
    revoke(s, s->bob, stays, 4000);
    check(s, one, 3999, 0);
    check(s, one, 4000, FORA_E_REVOKED);
    check(s, stays, 9000, 0);

    begin(s, "replayed: an older one after the one that took its place", "ATT-8");
    one = issue(s, s->node, badge(s->ann, "MVP"), 2000);
    stays = issue(s, s->node, badge(s->ann, "MVP"), 3000);
    check(s, one, 2500, 0);
    check(s, one, 3000, FORA_E_SUPERSEDED);
    check(s, stays, 3000, 0);

    begin(s, "an affiliation: by the host, and not by anybody", "ATT-5");
    struct fora_attestation works = badge(s->ann, "employee");
    works.type = FORA_ATTESTATION_AFFILIATION;
    check(s, issue(s, s->node, works, 2000), 3000, 0);
    works.subject = s->carl->id;
    check(s, issue(s, s->bob, works, 2000), 3000, FORA_E_SCOPE);
}

static void delegated(struct scene *s)
{
    const struct fora_object *programme, *one, *two;
    struct fora_bytes brewer = fora_bytes_str("Brewer"), kit = fora_bytes_str("Kit");

    begin(s, "a programme may award for one product, until a date", "ATT-6");
    struct fora_attestation may = delegation(s->bob, 0);
    may.products = &brewer;
    may.products_count = 1;
    may.until = 5000;
    programme = issue(s, s->node, may, 2000);
    struct fora_attestation mvp = under(badge(s->ann, "MVP"), programme);
    check(s, issue(s, s->bob, mvp, 3000), 4000, FORA_E_SCOPE); /* all products */
    mvp.products = &kit;
    mvp.products_count = 1;
    check(s, issue(s, s->bob, mvp, 3001), 4000, FORA_E_SCOPE);
    mvp.products = &brewer;
    one = issue(s, s->bob, mvp, 3002);
    check(s, one, 4000, 0);
    check(s, one, 9000, 0); /* the end of the programme leaves its awards */
    mvp.subject = s->carl->id;
    check(s, issue(s, s->bob, mvp, 5000), 9000, FORA_E_SCOPE);
    check(s, issue(s, s->dora, mvp, 3003), 9000, FORA_E_SCOPE); /* somebody else's delegation */
    mvp.type = FORA_ATTESTATION_STANDING;
    check(s, issue(s, s->bob, mvp, 3004), 9000, FORA_E_SCOPE); /* not of this type */

    begin(s, "at most two: renewals take no place", "ATT-6");
    may = delegation(s->bob, 0);
    may.limit = 2;
    programme = issue(s, s->node, may, 2000);
    one = issue(s, s->bob, under(badge(s->ann, "MVP"), programme), 3000);
    issue(s, s->bob, under(badge(s->ann, "MVP"), programme), 3100);
    two = issue(s, s->bob, under(badge(s->carl, "MVP"), programme), 3200);
    const struct fora_object *over =
        issue(s, s->bob, under(badge(s->dora, "MVP"), programme), 3300);
    check(s, one, 3050, 0);
    check(s, two, 9000, 0);
    check(s, over, 9000, FORA_E_LIMIT);

    begin(s, "at most two at once: what was revoked makes room", "ATT-6");
    programme = issue(s, s->node, may, 2000);
    one = issue(s, s->bob, under(badge(s->ann, "MVP"), programme), 3000);
    two = issue(s, s->bob, under(badge(s->carl, "MVP"), programme), 3200);
    revoke(s, s->bob, two, 3250);
    over = issue(s, s->bob, under(badge(s->dora, "MVP"), programme), 3300);
    check(s, two, 9000, FORA_E_REVOKED);
    check(s, over, 9000, 0);
    check(s, issue(s, s->bob, under(badge(s->owner, "MVP"), programme), 3500), 9000, FORA_E_LIMIT);

    begin(s, "a delegation that is revoked takes everything with it", "ATT-7");
    programme = issue(s, s->node, delegation(s->bob, 0), 2000);
    one = issue(s, s->bob, under(badge(s->ann, "MVP"), programme), 3000);
    revoke(s, s->node, programme, 4000);
    check(s, one, 3999, 0);
    check(s, one, 4000, FORA_E_REVOKED);
}

static void chains(struct scene *s)
{
    const struct fora_object *first, *second, *third;

    begin(s, "handed on once, and not twice", "ATT-6");
    first = issue(s, s->node, delegation(s->bob, 1), 2000);
    second = issue(s, s->bob, under(delegation(s->carl, 0), first), 2100);
    check(s, issue(s, s->carl, under(badge(s->ann, "MVP"), second), 3000), 4000, 0);
    third = issue(s, s->carl, under(delegation(s->dora, 0), second), 2200);
    check(s, third, 4000, FORA_E_SCOPE);
    check(s, issue(s, s->dora, under(badge(s->ann, "Star"), third), 3000), 4000, FORA_E_SCOPE);

    begin(s, "cyclic: a principal that issues twice in a chain", "ATT-6");
    first = issue(s, s->node, delegation(s->bob, 9), 2000);
    second = issue(s, s->bob, under(delegation(s->carl, 8), first), 2100);
    third = issue(s, s->carl, under(delegation(s->bob, 7), second), 2200);
    check(s, issue(s, s->bob, under(badge(s->ann, "MVP"), third), 3000), 4000, FORA_E_CHAIN);

    begin(s, "too long: more than four delegations", "LIM-42");
    struct fx_who *people[6] = {s->bob, s->carl, s->dora, s->owner, s->ann, s->other};
    first = issue(s, s->node, delegation(people[0], 9), 2000);
    for (unsigned i = 1; i < 5; i++)
        first = issue(s, people[i - 1], under(delegation(people[i], 9 - i), first), 2000 + i);
    check(s, issue(s, people[4], under(badge(s->other, "MVP"), first), 3000), 4000, FORA_E_CHAIN);

    begin(s, "a delegation that is not known, and one that is none", "ATT-6");
    struct fora_attestation lost = badge(s->ann, "MVP");
    memset(lost.delegation.b, 7, sizeof(lost.delegation.b));
    check(s, issue(s, s->bob, lost, 3000), 4000, FORA_E_UNKNOWN_PARENT);
    first = issue(s, s->node, badge(s->bob, "MVP"), 2000);
    check(s, issue(s, s->bob, under(badge(s->ann, "MVP"), first), 3000), 4000, FORA_E_MISMATCH);
}

static void standings(struct scene *s)
{
    struct fora_fact facts[FORA_STANDING_FACTS];
    struct fora_standing counted = {
        .counts = {[FORA_CREDIT_ANSWER] = 4, [FORA_CREDIT_ACCEPTED] = 2},
        .givers = 2,
        .rooted = 1,
        .from_rooted = 15,
        .from_others = 15};
    struct fora_attestation standing = {.type = FORA_ATTESTATION_STANDING,
        .subject = s->ann->id,
        .until = 5000,
        .rule = fora_bytes_str(FORA_STANDING_RULE),
        .facts = facts};
    const struct fora_object *one, *two;

    standing.facts_count = fora_standing_facts(&counted, facts);
    begin(s, "a standing by the host: it has no term", "ATT-2");
    check(s, issue(s, s->node, standing, 5000), 900000, 0);

    begin(s, "a standing that contradicts itself", "STD-12");
    facts[standing.facts_count - 1].count++;
    check(s, issue(s, s->node, standing, 5000), 9000, FORA_E_EVIDENCE);
    facts[standing.facts_count - 1].count--;

    begin(s, "contradictory: two standings of one period", "ATT-8");
    one = issue(s, s->node, standing, 5000);
    memset(standing.evidence_root.b, 1, sizeof(standing.evidence_root.b));
    two = issue(s, s->node, standing, 6000);
    check(s, one, 5500, 0);
    check(s, one, 6000, FORA_E_CONFLICT);
    check(s, two, 6000, FORA_E_CONFLICT);

    begin(s, "a standing by an admin who is no host", "ATT-5");
    put(s, fx_grant(&s->fx, s->node, s->space, s->owner, FORA_ROLE_ADMIN, 1, 0, 1500));
    check(s, issue(s, s->owner, standing, 5000), 6000, FORA_E_SCOPE);
    check(s, issue(s, s->owner, badge(s->ann, "MVP"), 5000), 6000, 0);
}

static void strangers(struct scene *s)
{
    const struct fora_object *one;
    size_t kept;

    begin(s, "the issuer's log is not known", "ATT-4");
    kept = s->count;
    one = issue(s, s->node, badge(s->ann, "MVP"), 2000);
    /* The case holds the badge and the space only. */
    s->all[0] = s->space;
    s->all[1] = one;
    s->count = 2;
    EXPECT(kept > 2);
    EXPECT(json_array_clear(s->objects) == 0);
    for (size_t i = 0; i < 2; i++)
        vec_push(s->objects, vec_hex(s->all[i]->encoded.data, s->all[i]->encoded.size));
    check(s, one, 3000, FORA_E_UNKNOWN_AUTHOR);
}

/* Who has authority without being a host. */
static void authorities(struct scene *s)
{
    const struct fora_space_id nowhere = {{0}};
    struct fora_home_change move = {.home = s->other->id};
    struct fora_fact weight = {.name = fora_bytes_str("weight"), .count = 500};

    begin(s, "an affiliation by the home of the subject", "ATT-5");
    put(s, fx_next_entry(
               &s->fx, s->dora, (struct fora_identity_entry){.home = &move}, s->dora->root, 1500));
    struct fora_attestation works = badge(s->dora, "employee");
    works.type = FORA_ATTESTATION_AFFILIATION;
    check(s, issue(s, s->other, works, 2000), 3000, 0);
    check(s, issue(s, s->other, badge(s->dora, "MVP"), 2000), 3000, FORA_E_SCOPE);
    works.subject = s->ann->id;
    check(s, issue(s, s->other, works, 2000), 3000, FORA_E_SCOPE);
    check(s, issue_in(s, nowhere, s->other, works, 2000), 3000, 0); /* her own affairs */

    begin(s, "trust: by nodes, and in no space", "ATT-5");
    struct fora_attestation trust = {.type = FORA_ATTESTATION_TRUST,
        .subject = s->other->id,
        .facts = &weight,
        .facts_count = 1};
    check(s, issue_in(s, nowhere, s->node, trust, 2000), 3000, 0);
    check(s, issue_in(s, nowhere, s->ann, trust, 2000), 3000, FORA_E_SCOPE);
    check(s, issue(s, s->node, trust, 2000), 3000, FORA_E_SCOPE);

    begin(s, "revoked twice: from the earlier time on", "ATT-7");
    const struct fora_object *one = issue(s, s->node, badge(s->ann, "MVP"), 2000);
    revoke(s, s->node, one, 5000);
    revoke(s, s->node, one, 4000);
    revoke(s, s->node, one, 6000);
    check(s, one, 3999, 0);
    check(s, one, 4000, FORA_E_REVOKED);
}

static void longer_chains(struct scene *s)
{
    const struct fora_object *first, *second;
    struct fx_who *people[4] = {s->bob, s->carl, s->owner, s->ann};

    begin(s, "four delegations are not too many", "LIM-42");
    first = issue(s, s->node, delegation(people[0], 9), 2000);
    for (unsigned i = 1; i < 4; i++)
        first = issue(s, people[i - 1], under(delegation(people[i], 9 - i), first), 2000 + i);
    check(s, issue(s, people[3], under(badge(s->other, "MVP"), first), 3000), 4000, 0);

    begin(s, "handed on with less, and not with more", "ATT-6");
    first = issue(s, s->node, delegation(s->bob, 1), 2000);
    struct fora_attestation less = delegation(s->carl, 0), more = delegation(s->owner, 0);
    less.may = 1 << FORA_ATTESTATION_BADGE;
    more.may |= 1 << FORA_ATTESTATION_AFFILIATION;
    second = issue(s, s->bob, under(less, first), 2100);
    check(s, second, 4000, 0);
    check(s, issue(s, s->carl, under(badge(s->ann, "MVP"), second), 3000), 4000, 0);
    second = issue(s, s->bob, under(more, first), 2100);
    check(s, second, 4000, FORA_E_SCOPE);
    check(s, issue(s, s->owner, under(badge(s->ann, "Star"), second), 3000), 4000, FORA_E_SCOPE);

    begin(s, "a delegation that is younger than what rests on it", "ATT-6");
    first = issue(s, s->node, delegation(s->bob, 0), 3000);
    check(s, issue(s, s->bob, under(badge(s->ann, "MVP"), first), 2999), 4000, FORA_E_FUTURE);
    check(s, issue(s, s->bob, under(badge(s->carl, "MVP"), first), 3000), 4000, 0);

    begin(s, "a delegation by a key that was revoked before", "ATT-6");
    struct fora_key_revocation lost = {.compromised_at = 0};
    fora_secret_public(s->carl->device, &lost.sign);
    put(s, fx_next_entry(&s->fx, s->carl, (struct fora_identity_entry){.revoke_key = &lost},
               s->carl->root, 2500));
    first = issue(s, s->node, delegation(s->carl, 1), 2000);
    second = issue(s, s->carl, under(delegation(s->bob, 0), first), 2499);
    check(s, issue(s, s->bob, under(badge(s->ann, "MVP"), second), 3000), 4000, 0);
    second = issue(s, s->carl, under(delegation(s->bob, 0), first), 2500);
    check(s, issue(s, s->bob, under(badge(s->ann, "Star"), second), 3000), 4000, FORA_E_KEY);
}

/* Where a delegation reaches. */
static void reach(struct scene *s)
{
    const struct fora_space_id nowhere = {{0}};
    const struct fora_object *may;

    begin(s, "a delegation without a space reaches into those of its issuer", "ATT-6");
    may = issue_in(s, nowhere, s->node, delegation(s->bob, 0), 2000);
    check(s, issue(s, s->bob, under(badge(s->ann, "MVP"), may), 3000), 4000, 0);
    may = issue_in(s, nowhere, s->dora, delegation(s->bob, 0), 2000);
    check(s, issue(s, s->bob, under(badge(s->ann, "Star"), may), 3000), 4000, FORA_E_SCOPE);
    check(s, issue_in(s, nowhere, s->bob, under(badge(s->ann, "Star"), may), 3000), 4000, 0);

    begin(s, "a delegation of one space is none of another, of the same host", "ATT-6");
    const struct fora_object *other =
        put(s, fx_space(&s->fx, s->node, FORA_SPACE_QUESTIONS, "baking", 1000));
    may = issue_in(s, fora_object_space(other), s->node, delegation(s->bob, 0), 2000);
    check(s, issue_in(s, fora_object_space(other), s->bob, under(badge(s->ann, "MVP"), may), 3000),
        4000, 0);
    check(s, issue(s, s->bob, under(badge(s->ann, "MVP"), may), 3000), 4000, FORA_E_SCOPE);

    begin(s, "a type without a name: nobody may state it, whatever bits there are", "ATT-1");
    struct fora_attestation strange = badge(s->ann, "MVP");
    strange.type = 32 + FORA_ATTESTATION_BADGE;
    check(s, issue(s, s->node, strange, 2000), 4000, FORA_E_SCOPE);
    may = issue(s, s->node, delegation(s->bob, 0), 2000);
    check(s, issue(s, s->bob, under(strange, may), 3000), 4000, FORA_E_SCOPE);
}

static void more_standings(struct scene *s)
{
    struct fora_fact facts[] = {{.name = fora_bytes_str("givers"), .count = 1},
        {.name = fora_bytes_str("rooted"), .count = 1},
        {.name = fora_bytes_str("earned"), .count = 560},
        {.name = fora_bytes_str("standing"), .count = 560}};
    struct fora_attestation standing = {.type = FORA_ATTESTATION_STANDING,
        .subject = s->ann->id,
        .until = 5000,
        .rule = fora_bytes_str(FORA_STANDING_RULE),
        .facts = facts,
        .facts_count = 4};
    const struct fora_object *one;

    begin(s, "more than its givers can have given", "STD-12");
    check(s, issue(s, s->node, standing, 5000), 9000, 0);
    facts[2].count = facts[3].count = 561;
    standing.subject = s->bob->id;
    check(s, issue(s, s->node, standing, 5000), 9000, FORA_E_EVIDENCE);

    begin(s, "more rooted givers than givers", "STD-12");
    facts[1].count = 2;
    facts[2].count = facts[3].count = 9;
    check(s, issue(s, s->node, standing, 5000), 9000, FORA_E_EVIDENCE);
    facts[1].count = 1;
    standing.subject = s->ann->id;
    check(s, issue(s, s->node, standing, 5000), 9000, 0);

    begin(s, "another period is another standing, and takes the place of the older", "ATT-8");
    one = issue(s, s->node, standing, 5000);
    standing.until = 6000;
    facts[2].count = facts[3].count = 10;
    check(s, issue(s, s->node, standing, 6000), 7000, 0);
    check(s, one, 5999, 0);
    check(s, one, 7000, FORA_E_SUPERSEDED);
}

/* By one node and about one object; in no thread. */
static void receipt(struct scene *s, const struct fx_who *node, const struct fora_object *about,
    uint64_t accepted_at)
{
    const struct fora_header header = {.space = fora_object_space(s->space)};
    struct fora_object_id id = about->id;
    struct fora_receipt_proof proof = {.object = id};
    struct fora_content content = {.kind = FORA_KIND_RECEIPT,
        .u.receipt = {
            .accepted_at = accepted_at, .leaves = 1, .proofs = &proof, .proofs_count = 1}};
    size_t count = 1;

    EXPECT(fora_receipt_tree(&content.u.receipt.objects_root, &id, &count) == 0);
    put(s, fx_object(&s->fx, node, header, content, accepted_at));
}

static void end_key(struct scene *s, struct fx_who *who, uint64_t compromised_at, uint64_t at)
{
    struct fora_key_revocation lost = {.compromised_at = compromised_at};

    fora_secret_public(who->device, &lost.sign);
    put(s, fx_next_entry(
               &s->fx, who, (struct fora_identity_entry){.revoke_key = &lost}, who->root, at));
}

/* What keys say that do not speak any more. These cases come last: logs have more entries then. */
static void dead_keys(struct scene *s)
{
    const struct fora_space_id nowhere = {{0}};
    const struct fora_object *one, *two, *space, *named;
    struct fx_who *eve = fx_member(&s->fx, 8, 1000);

    begin(s, "revoked by a key that was revoked before", "ATT-7");
    one = issue_in(s, nowhere, s->bob, badge(s->ann, "Friend"), 2000);
    two = issue_in(s, nowhere, s->bob, badge(s->carl, "Friend"), 2000);
    end_key(s, s->bob, 0, 2500);
    revoke(s, s->bob, one, 2499);
    revoke(s, s->bob, two, 2500);
    check(s, one, 4000, FORA_E_REVOKED);
    check(s, two, 4000, 0);

    begin(s, "statements by a key that was revoked before", "ATT-4");
    space = put(s, fx_space(&s->fx, s->owner, FORA_SPACE_QUESTIONS, "baking", 1000));
    put(s, fx_grant(&s->fx, s->owner, space, s->ann, FORA_ROLE_ADMIN, 1, 0, 2499));
    put(s, fx_grant(&s->fx, s->owner, space, s->carl, FORA_ROLE_ADMIN, 1, 0, 2500));
    end_key(s, s->owner, 0, 2500);
    one = issue_in(s, fora_object_space(space), s->ann, badge(s->node, "MVP"), 3000);
    two = issue_in(s, fora_object_space(space), s->carl, badge(s->node, "MVP"), 3000);
    check(s, one, 4000, 0);
    check(s, two, 4000, FORA_E_SCOPE);

    /* An admin's key was stolen, and names a host with an older date. */
    for (unsigned i = 0; i < 3; i++) {
        static const char *const names[] = {"a statement whose date is disputed",
            "a statement whose date is disputed, and shown by a receipt",
            "a statement whose date is disputed, with a receipt by a key that was revoked before"};

        begin(s, names[i], "RCP-9");
        put(s, fx_grant(&s->fx, s->node, s->space, eve, FORA_ROLE_ADMIN, 1, 0, 1500));
        put(s, fx_host(&s->fx, s->node, s->space, s->other, 1500));
        named = put(s, fx_host(&s->fx, eve, s->space, s->carl, 2400));
        if (i == 0)
            end_key(s, eve, 2500, 5000);
        else
            put(s, s->stolen);
        s->stolen = s->all[s->count - 1];
        if (i == 1)
            receipt(s, s->other, named, 2401);
        if (i == 2) {
            end_key(s, s->other, 0, 2300);
            receipt(s, s->other, named, 2401);
        }
        one = issue(s, s->carl, badge(s->ann, "MVP"), 3000);
        check(s, one, 4000, i == 1 ? 0 : FORA_E_SCOPE);
    }
}

void make_verdicts(json_t *cases)
{
    struct scene s = {.cases = cases};

    fx_init(&s.fx);
    s.node = fx_node(&s.fx, 1, 1000);
    s.other = fx_node(&s.fx, 2, 1000);
    s.owner = fx_member(&s.fx, 3, 1000);
    s.ann = fx_member(&s.fx, 4, 1000);
    s.bob = fx_member(&s.fx, 5, 1000);
    s.carl = fx_member(&s.fx, 6, 1000);
    s.dora = fx_member(&s.fx, 7, 1000);
    s.space = fx_space(&s.fx, s.node, FORA_SPACE_QUESTIONS, "brewing", 1000);
    direct(&s);
    delegated(&s);
    chains(&s);
    standings(&s);
    strangers(&s);
    authorities(&s);
    longer_chains(&s);
    more_standings(&s);
    reach(&s);
    dead_keys(&s);
    fx_fini(&s.fx);
}
