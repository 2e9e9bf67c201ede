/*
 * Stating something of somebody: awards with their term, who may award, what somebody is to the
 * vendor, nominations; and the end of any of these. Who issues under a delegation names it.
 */
#include "cmd/commands.h"
#include "cmd/reputation.h"
#include "fora/time.h"

#include <stdlib.h>
#include <string.h>

struct attest {
    struct fora_attestation content;
    struct fora_bytes products[16];
    struct fora_space_id space;
};

static int read_products(struct app *app, struct attest *a)
{
    const char *texts[16 + 1];
    size_t count = cmd_texts(&app->line, "product", texts, 16 + 1);
    if (count > 16) {
        return app_fail(app, CMD_EXIT_USAGE, "--product can be given 16 times at most.");
    }
    for (size_t i = 0; i < count; i++) {
        a->products[i] = fora_bytes_str(texts[i]);
    }
    a->content.products = a->products;
    a->content.products_count = count;
    return CMD_EXIT_OK;
}

/* Who, for how long, for which products, under which delegation. */
static int read_common(struct app *app, struct attest *a, uint32_t type)
{
    int64_t days = cmd_number(&app->line, "days", 0);
    const char *under = cmd_text(&app->line, "under");
    a->content = (struct fora_attestation){.type = type, .from = app->now};
    a->content.until = days > 0 ? app->now + (uint64_t)days * FORA_DAY_MS : 0;
    int exit = app_connect(app, APP_MEMBER);
    exit = exit == CMD_EXIT_OK ? app_member(app, cmd_argument(&app->line, 0), &a->content.subject)
                               : exit;
    exit = exit == CMD_EXIT_OK ? app_space_id(app, cmd_text(&app->line, "space"), &a->space) : exit;
    exit = exit == CMD_EXIT_OK ? read_products(app, a) : exit;
    if (exit == CMD_EXIT_OK && under != NULL) {
        exit = app_object_id(app, under, &a->content.delegation);
    }
    return exit;
}

/* Anybody may state anything, and nobody need believe it: who states what will not hold is told. */
static int look_at_verdict(
    struct app *app, const struct fora_principal_id *subject, const struct fora_object_id *id)
{
    struct reputation r;
    struct fora_claim claim = {.code = 0};
    int exit = reputation_init(&r, app);
    exit = exit == CMD_EXIT_OK ? reputation_load(&r, subject) : exit;
    if (exit == CMD_EXIT_OK) {
        int error = fora_claims_check(r.claims, id, r.at, &claim);
        exit = error == FORA_E_NOMEM ? app_fail_memory(app) : exit;
        claim.code = error != 0 ? 0 : claim.code; /* a page that is full may lack it */
    }
    if (exit == CMD_EXIT_OK && claim.code != 0 && !reputation_is_nomination(claim.attestation)) {
        (void)app_flush(app);
        exit = app_fail(app, CMD_EXIT_REFUSED,
            "It is stored, but holds for nobody: %s (%s). Who may state it: an admin of the space, "
            "or who has a delegation for it (--under).",
            fora_error_text(claim.code), fora_error_name(claim.code));
    }
    reputation_fini(&r);
    return exit;
}

static int state(struct app *app, struct attest *a, const char *done)
{
    struct fora_object_id id;
    struct fora_content content = {.kind = FORA_KIND_ATTESTATION, .u.attestation = a->content};
    int exit = app_post(app, &a->space, NULL, NULL, &content, &id);
    exit = exit == CMD_EXIT_OK ? app_stored(app, FORA_KIND_ATTESTATION, &id, done) : exit;
    return exit == CMD_EXIT_OK ? look_at_verdict(app, &a->content.subject, &id) : exit;
}

int run_reputation_award(struct app *app)
{
    struct attest a;
    int exit = read_common(app, &a, FORA_ATTESTATION_BADGE);
    a.content.label = fora_bytes_str(cmd_argument(&app->line, 1));
    return exit == CMD_EXIT_OK ? state(app, &a, "Awarded: ") : exit;
}

int run_reputation_nominate(struct app *app)
{
    struct attest a;
    struct fora_buf label = {0};
    int exit = read_common(app, &a, FORA_ATTESTATION_BADGE);
    fora_buf_printf(&label, "nominee: %s", cmd_argument(&app->line, 1));
    a.content.label = fora_buf_bytes(&label);
    if (exit == CMD_EXIT_OK && label.error != 0) {
        exit = app_fail_memory(app);
    }
    exit = exit == CMD_EXIT_OK ? state(app, &a, "Nominated: ") : exit;
    fora_buf_fini(&label);
    return exit;
}

int run_reputation_affiliate(struct app *app)
{
    struct attest a;
    int exit = read_common(app, &a, FORA_ATTESTATION_AFFILIATION);
    a.content.label = fora_bytes_str(cmd_argument(&app->line, 1));
    return exit == CMD_EXIT_OK ? state(app, &a, "Stated: ") : exit;
}

static uint32_t may_of(const char *word)
{
    static const struct {
        const char *word;
        uint32_t type;
    } words[] = {{"badge", FORA_ATTESTATION_BADGE}, {"affiliation", FORA_ATTESTATION_AFFILIATION},
        {"standing", FORA_ATTESTATION_STANDING}, {"delegation", FORA_ATTESTATION_DELEGATION}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i].word, word) == 0) {
            return UINT32_C(1) << words[i].type;
        }
    }
    return 0;
}

int run_reputation_delegate(struct app *app)
{
    struct attest a;
    const char *texts[8];
    size_t count = cmd_texts(&app->line, "may", texts, 8);
    int exit = read_common(app, &a, FORA_ATTESTATION_DELEGATION);
    for (size_t i = 0; i < count && i < 8; i++) {
        a.content.may |= may_of(texts[i]);
    }
    if (count == 0) {
        a.content.may = may_of("badge");
    }
    a.content.limit = (uint64_t)cmd_number(&app->line, "limit", 0);
    a.content.depth = (uint32_t)cmd_number(&app->line, "depth", 0);
    return exit == CMD_EXIT_OK ? state(app, &a, "Delegated: ") : exit;
}

int run_reputation_end(struct app *app)
{
    struct app_object object;
    struct fora_object_id id;
    struct fora_content content = {.kind = FORA_KIND_REVOCATION};
    const char *reason = cmd_text(&app->line, "reason");
    int exit = app_connect(app, APP_MEMBER);
    exit = exit == CMD_EXIT_OK ? app_object(app, cmd_argument(&app->line, 0), &object) : exit;
    if (exit == CMD_EXIT_OK && object.header.kind != FORA_KIND_ATTESTATION) {
        exit = app_fail(app, CMD_EXIT_USAGE,
            "This is a %s. What can be ended is an award, a "
            "delegation or an affiliation.",
            fora_kind_name(object.header.kind));
    }
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    content.u.revocation.reason = fora_bytes_str(reason == NULL ? "" : reason);
    exit = app_post(app, &object.header.space, NULL, &object.id, &content, &id);
    return exit == CMD_EXIT_OK ? app_stored(app, FORA_KIND_REVOCATION, &id, "Ended: ") : exit;
}
