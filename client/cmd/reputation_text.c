/* Claims in words and in JSON. */
#include "cmd/reputation.h"

#include "cmd/privileges.h"

#include <inttypes.h>
#include <string.h>

void reputation_space_name(
    struct fora_buf *out, const struct reputation *r, const struct fora_space_id *space)
{
    for (size_t i = 0; i < r->spaces_count; i++) {
        if (memcmp(r->spaces[i].id.b, space->b, FORA_ID_SIZE) == 0 &&
            r->spaces[i].name[0] != '\0') {
            fora_buf_append_str(out, r->spaces[i].name);
            return;
        }
    }
    app_short_id(out, FORA_HRP_SPACE, space->b);
}

static const char *type_name(uint32_t type)
{
    switch ((enum fora_attestation_type)type) {
    case FORA_ATTESTATION_STANDING:
        return "standing";
    case FORA_ATTESTATION_BADGE:
        return "badge";
    case FORA_ATTESTATION_AFFILIATION:
        return "affiliation";
    case FORA_ATTESTATION_DELEGATION:
        return "delegation";
    case FORA_ATTESTATION_TRUST:
        return "trust";
    case FORA_ATTESTATION_UNSPECIFIED:
        break;
    }
    return "unknown";
}

/* Anybody may nominate (ATT-12). */
bool reputation_is_nomination(const struct fora_attestation *a)
{
    static const char prefix[] = "nominee: ";
    return a->type == FORA_ATTESTATION_BADGE && a->label.size >= sizeof prefix - 1 &&
           memcmp(a->label.data, prefix, sizeof prefix - 1) == 0;
}

static const char *proof_name(const struct fora_claim *claim, const struct reputation_proof *proof)
{
    if (claim->attestation->type != FORA_ATTESTATION_STANDING || claim->code != 0) {
        return reputation_is_nomination(claim->attestation) ? "nominated"
               : claim->code == 0                           ? "proven"
                                                            : "refused";
    }
    if (proof == NULL) {
        return "stated";
    }
    return proof->proof == FORA_PROOF_PROVEN      ? "proven"
           : proof->proof == FORA_PROOF_SUPPORTED ? "supported"
                                                  : "claimed";
}

static uint64_t score_of(const struct fora_claim *claim)
{
    return fora_fact_get(claim->attestation->facts, claim->attestation->facts_count, "standing");
}

void reputation_head(struct reputation *r, const struct fora_claim *claim)
{
    struct fora_buf *out = &r->app->out;
    const struct fora_attestation *a = claim->attestation;
    text_paint(out, &r->app->style, TEXT_BOLD);
    if (a->type == FORA_ATTESTATION_STANDING) {
        fora_buf_printf(out, "Standing %" PRIu64 " (level %u)", score_of(claim),
            fora_standing_level(score_of(claim)));
    } else {
        fora_buf_printf(out, "%s", type_name(a->type));
        if (a->label.size > 0) {
            fora_buf_append_str(out, " \"");
            text_clean(out, a->label, false);
            fora_buf_append_str(out, "\"");
        }
    }
    text_paint(out, &r->app->style, TEXT_RESET);
    if (!fora_id_is_zero(claim->header->space.b)) {
        fora_buf_append_str(out, " in ");
        reputation_space_name(out, r, &claim->header->space);
    }
    fora_buf_append_str(out, ", by ");
    people_name(out, &r->people, &claim->header->author);
    fora_buf_append_str(out, ", ");
    text_ago(out, claim->header->created_at, r->app->now);
    fora_buf_u8(out, '\n');
}

static void facts_text(struct fora_buf *out, const struct fora_attestation *a)
{
    fora_buf_append_str(out, "  ");
    for (size_t i = 0; i < a->facts_count; i++) {
        fora_buf_append_str(out, i == 0 ? "" : ", ");
        text_clean(out, a->facts[i].name, false);
        fora_buf_printf(out, " %" PRIu64, a->facts[i].count);
    }
    fora_buf_append_str(out, a->facts_count == 0 ? "no facts\n" : "\n");
}

/* Why it counts, or does not. */
static void verdict_text(
    struct reputation *r, const struct fora_claim *claim, const struct reputation_proof *proof)
{
    struct fora_buf *out = &r->app->out;
    bool standing = claim->attestation->type == FORA_ATTESTATION_STANDING;
    text_paint(out, &r->app->style, claim->code == 0 ? TEXT_GREEN : TEXT_RED);
    fora_buf_printf(out, "  %s", proof_name(claim, proof));
    text_paint(out, &r->app->style, TEXT_RESET);
    if (reputation_is_nomination(claim->attestation)) {
        fora_buf_append_str(out, ": a nomination, and no award\n");
        return;
    }
    if (claim->code != 0) {
        fora_buf_printf(
            out, ": %s (%s)\n", fora_error_text(claim->code), fora_error_name(claim->code));
        return;
    }
    if (proof != NULL && standing && !proof->unheld) {
        fora_buf_printf(out, " by %" PRIu64 " objects of the space", proof->objects);
        if (proof->failed.size > 0) {
            fora_buf_append_str(out, "; not shown by them: ");
            text_clean(out, proof->failed, false);
        }
    }
    fora_buf_append_str(
        out, standing && (proof == NULL || proof->unheld) ? ": signed by " : "; it rests on ");
    people_name(out, &r->people, &claim->authority);
    if (claim->delegations > 0) {
        fora_buf_printf(out, " through %u delegation%s", claim->delegations,
            claim->delegations == 1 ? "" : "s");
    }
    bool there = reputation_holds(r, &claim->header->space) ||
                 !reputation_is_carried(r, claim->id); /* a bundle is read without a node */
    fora_buf_append_str(
        out, !standing || (proof != NULL && !proof->unheld) ? "\n"
             : there && proof == NULL
                 ? ", who hosts the space; to recompute it: fora reputation verify\n"
                 : ", who hosts the space\n");
}

/* Whence one has it, when it is from her alone. */
static void carried_text(struct reputation *r, const struct fora_claim *claim)
{
    bool counted = claim->attestation->type == FORA_ATTESTATION_STANDING;
    if (reputation_is_carried(r, claim->id)) {
        fora_buf_append_str(
            &r->app->out, !counted || reputation_holds(r, &claim->header->space)
                              ? "  carried by the member: this node has it from her\n"
                              : "  carried by the member; its space is not held here, so it was "
                                "not recomputed\n");
    }
}

/* Where she stands among the privileges of the space; false: of this there is nothing to say. */
static bool privileges_of_claim(
    struct reputation *r, const struct fora_claim *claim, struct privileges_of *out)
{
    const struct fora_attestation *a = claim->attestation;
    *out = (struct privileges_of){.policy = fora_claims_policy(r->claims, &claim->header->space),
        .member = a->subject,
        .standing = score_of(claim),
        .at = r->at};
    return a->type == FORA_ATTESTATION_STANDING && claim->code == 0 && out->policy != NULL &&
           (reputation_holds(r, &claim->header->space) || !reputation_is_carried(r, claim->id));
}

void reputation_text(
    struct reputation *r, const struct fora_claim *claim, const struct reputation_proof *proof)
{
    struct fora_buf *out = &r->app->out;
    const struct fora_attestation *a = claim->attestation;
    struct privileges_of privileges;
    char id[FORA_ID_TEXT_MAX];
    reputation_head(r, claim);
    if (a->type == FORA_ATTESTATION_STANDING) {
        facts_text(out, a);
    } else if (a->until != 0) {
        fora_buf_append_str(out, "  until ");
        text_time(out, a->until);
        fora_buf_u8(out, '\n');
    }
    for (size_t i = 0; i < a->products_count; i++) {
        fora_buf_append_str(out, i == 0 ? "  for " : ", ");
        text_clean(out, a->products[i], false);
    }
    fora_buf_append_str(out, a->products_count > 0 ? "\n" : "");
    verdict_text(r, claim, proof);
    carried_text(r, claim);
    if (privileges_of_claim(r, claim, &privileges)) {
        (void)privileges_of_text(out, &privileges);
    }
    fora_id_format(id, FORA_HRP_OBJECT, claim->id->b);
    fora_buf_printf(
        out, "  %s%s\n", id, reputation_withheld(r, claim) ? " (withheld by the member)" : "");
}

static void facts_json(struct js_writer *w, const struct fora_attestation *a)
{
    js_object(w, "facts");
    for (size_t i = 0; i < a->facts_count; i++) {
        struct fora_buf name = {0};
        fora_buf_append_bytes(&name, a->facts[i].name);
        const char *key = fora_buf_cstr(&name);
        if (key != NULL) {
            js_count(w, key, a->facts[i].count);
        }
        fora_buf_fini(&name);
    }
    js_end(w);
}

/* Members state awards and delegations, nodes standings and trust. */
static const char *hrp_of(struct reputation *r, const struct fora_principal_id *issuer)
{
    const struct fora_identity *log = fora_claims_identity(r->claims, issuer);
    return log != NULL && fora_identity_type(log) == FORA_PRINCIPAL_MEMBER ? FORA_HRP_MEMBER
                                                                           : FORA_HRP_NODE;
}

void reputation_json(struct reputation *r, struct js_writer *w, const struct fora_claim *claim,
    const struct reputation_proof *proof)
{
    const struct fora_attestation *a = claim->attestation;
    struct privileges_of privileges;
    js_object(w, NULL);
    js_id(w, "id", FORA_HRP_OBJECT, claim->id->b);
    js_string(w, "type", type_name(a->type));
    js_id(w, "issuer", hrp_of(r, &claim->header->author), claim->header->author.b);
    js_id(w, "space", FORA_HRP_SPACE, claim->header->space.b);
    js_time(w, "created_at", claim->header->created_at);
    js_time(w, "from", a->from);
    js_time(w, "until", a->until);
    js_text(w, "label", a->label);
    js_text(w, "rule", a->rule);
    facts_json(w, a);
    js_array(w, "products");
    for (size_t i = 0; i < a->products_count; i++) {
        js_text(w, NULL, a->products[i]);
    }
    js_end(w);
    js_string(w, "verdict", fora_error_name(claim->code));
    js_string(w, "proof", proof_name(claim, proof));
    if (proof != NULL) {
        js_text(w, "failed", proof->failed);
        js_count(w, "objects", proof->objects);
    }
    js_count(w, "delegations", claim->delegations);
    js_bool(w, "withheld", reputation_withheld(r, claim));
    js_bool(w, "carried", reputation_is_carried(r, claim->id));
    js_bool(w, "space_held", reputation_holds(r, &claim->header->space));
    if (privileges_of_claim(r, claim, &privileges)) {
        privileges_of_json(w, &privileges);
    }
    js_end(w);
}
