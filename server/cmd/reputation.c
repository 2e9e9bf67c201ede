/* forad reputation: issuing standings by hand, and what a member's local standing rests on. */
#include "cmd/credential.h"
#include "cmd/forad.h"
#include "cmd/work.h"
#include "core/accounts.h"
#include "reputation/explain.h"
#include "reputation/standing.h"

#include <inttypes.h>
#include <string.h>

/* ---- issue ---- */

static int issue_all(struct app *app, uint64_t *issued)
{
    const struct standing_self self = {.node = app->keys.node,
        .secret = app->keys.device,
        .privileges = {app->settings.editor_at, app->settings.expert_at}};
    struct policies *policies = NULL;
    struct committer *committer = NULL;
    struct standing_report report = {.more = true};
    int error = policies_new(&policies);
    error = error == 0 ? committer_new(&committer, app->kv, policies) : error;
    while (error == 0 && report.more) {
        struct commit_result result;
        error =
            standing_step(committer, &self, app->now, STANDING_STEP_MAX, true, &result, &report);
        *issued += report.issued;
    }
    committer_free(committer);
    policies_free(policies);
    return error;
}

int run_reputation_issue(struct app *app)
{
    bool busy = false;
    uint64_t issued = 0;
    int exit = app_data(app);
    exit = exit == FORAD_OK ? app_settings(app) : exit;
    exit = exit == FORAD_OK ? app_keys(app) : exit;
    exit = exit == FORAD_OK ? app_store_unless_busy(app, &busy) : exit;
    if (exit == FORAD_OK && busy) {
        return app_fail(app, FORAD_LOCAL,
            "The node runs: it issues standings itself, every %u seconds (reputation.interval in "
            "forad.conf).",
            (unsigned)app->settings.standing_interval);
    }
    if (exit != FORAD_OK) {
        return exit;
    }
    int error = issue_all(app, &issued);
    if (error != 0) {
        return app_fail(app, app_exit_of(error), "Standings cannot be issued: %s (%s).",
            fora_error_text(error), fora_error_name(error));
    }
    if (app->json) {
        struct js_writer w;
        js_init_object(&w);
        js_count(&w, "issued", issued);
        return app_json(app, &w);
    }
    text_count(&app->out, issued, "standing", "standings");
    fora_buf_append_str(&app->out, issued == 0 ? ": nothing has changed.\n" : " issued.\n");
    return FORAD_OK;
}

/* ---- explain ---- */

static struct local_policy policy_of_settings(const struct settings *settings)
{
    struct local_policy policy = {.named_count = settings->issuers.count,
        .others = settings->issuers_others,
        .cap = settings->issuers_cap,
        .half_life = settings->issuers_half_life,
        .issuers_min = settings->issuers_min};
    memcpy(policy.named, settings->issuers.items, sizeof policy.named);
    for (size_t i = 0; i < settings->products.count; i++) {
        policy.products[policy.products_count++] = fora_bytes_str(settings->products.items[i]);
    }
    return policy;
}

static int find_member(
    struct app *app, struct kv_txn *txn, const char *name, struct fora_principal_id *out)
{
    struct account account;
    if (fora_id_parse(out->b, FORA_HRP_MEMBER, name) == 0 ||
        fora_id_parse(out->b, FORA_HRP_NODE, name) == 0) {
        return FORAD_OK;
    }
    if (!accounts_find(txn, fora_bytes_str(name), &account)) {
        return app_fail(app, FORAD_NOTFOUND,
            "No member of this node has the handle \"%.100s\". Others are named by their ids "
            "(foram1...).",
            name);
    }
    *out = account.principal;
    return FORAD_OK;
}

static const char *ground_name(enum local_ground ground)
{
    switch (ground) {
    case LOCAL_NAMED:
        return "named";
    case LOCAL_TRUSTED:
        return "trusted";
    case LOCAL_OTHER:
        break;
    }
    return "other";
}

static void explain_json(struct js_writer *w, const struct explanation *found)
{
    js_count(w, "local_standing", found->local);
    js_bool(w, "issuers_enough", found->enough);
    js_array(w, "claims");
    for (size_t i = 0; i < found->claims_count; i++) {
        const struct explain_claim *claim = &found->claims[i];
        js_object(w, NULL);
        js_id(w, "issuer", FORA_HRP_NODE, claim->issuer.b);
        js_id(w, "space", FORA_HRP_SPACE, claim->space.b);
        js_count(w, "standing", claim->standing);
        js_time(w, "until", claim->until);
        js_string(w, "verdict", fora_error_name(claim->code));
        js_bool(w, "product_counts", claim->product);
        js_bool(w, "said_again", claim->said_again);
        js_bool(w, "carried", claim->carried);
        js_bool(w, "space_held", claim->space_held);
        js_end(w);
    }
    js_end(w);
    js_array(w, "lines");
    for (size_t i = 0; i < found->lines_count; i++) {
        const struct local_line *line = &found->lines[i];
        js_object(w, NULL);
        js_id(w, "issuer", FORA_HRP_NODE, line->issuer.b);
        js_count(w, "standing", line->standing);
        js_count(w, "decayed", line->decayed);
        js_count(w, "weight", line->weight);
        js_string(w, "ground", ground_name(line->ground));
        js_id(w, "source", FORA_HRP_NODE, line->source.b);
        js_count(w, "hops", line->hops);
        js_count(w, "worth", line->worth);
        js_count(w, "given", line->given);
        js_end(w);
    }
    js_end(w);
}

static void claim_text(struct fora_buf *out, const struct explain_claim *claim)
{
    char issuer[FORA_ID_TEXT_MAX], space[FORA_ID_TEXT_MAX];
    fora_id_format(issuer, FORA_HRP_NODE, claim->issuer.b);
    fora_id_format(space, FORA_HRP_SPACE, claim->space.b);
    fora_buf_printf(
        out, "stated   %" PRIu64 " in %s\n         by %s as of ", claim->standing, space, issuer);
    text_time(out, claim->until);
    if (claim->carried) {
        fora_buf_printf(out, "\n         carried by the member; %s",
            claim->space_held ? "this node holds the space, and not this statement"
                              : "its space is not held here, so it cannot be counted anew");
    }
    if (claim->code != 0) {
        fora_buf_printf(out, "\n         does not count: %s (%s)", fora_error_text(claim->code),
            fora_error_name(claim->code));
    } else if (!claim->product) {
        fora_buf_append_str(out,
            "\n         does not count: it is about other products than reputation.products in "
            "forad.conf names");
    } else if (claim->said_again) {
        fora_buf_append_str(out,
            "\n         does not count: a later one by the same issuer in the same space does");
    }
    fora_buf_u8(out, '\n');
}

static void line_text(struct fora_buf *out, const struct local_line *line, uint64_t cap)
{
    char id[FORA_ID_TEXT_MAX];
    fora_id_format(id, FORA_HRP_NODE, line->issuer.b);
    fora_buf_printf(out, "weighed  %s\n", id);
    fora_buf_printf(out, "         %" PRIu64 " stated, %" PRIu64 " after decay, x %u/1000 (",
        line->standing, line->decayed, (unsigned)line->weight);
    if (line->ground == LOCAL_TRUSTED) {
        fora_id_format(id, FORA_HRP_NODE, line->source.b);
        fora_buf_printf(out, "trusted over %u edges from %s", line->hops, id);
    } else {
        fora_buf_append_str(
            out, line->ground == LOCAL_NAMED ? "named in forad.conf" : "the weight of others");
    }
    fora_buf_printf(out, ") = %" PRIu64, line->worth);
    if (line->given < line->worth) {
        fora_buf_printf(out, ", of which the cap of %" PRIu64 " leaves %" PRIu64, cap, line->given);
    }
    fora_buf_u8(out, '\n');
}

static void explain_text(struct app *app, const struct explanation *found)
{
    struct fora_buf *out = &app->out;
    for (size_t i = 0; i < found->claims_count; i++) {
        claim_text(out, &found->claims[i]);
    }
    for (size_t i = 0; i < found->lines_count; i++) {
        line_text(out, &found->lines[i], app->settings.issuers_cap);
    }
    if (found->claims_count == 0) {
        fora_buf_append_str(out, "Nothing is stated about this member.\n");
    } else if (!found->enough) {
        fora_buf_printf(out,
            "Fewer than %u issuers contribute (reputation.issuers_min): a named node and all that "
            "it trusts are one, all others together are one.\n",
            (unsigned)app->settings.issuers_min);
    }
    fora_buf_printf(out, "local standing %" PRIu64 "\n", found->local);
}

int run_reputation_explain(struct app *app)
{
    struct fora_principal_id member;
    struct explanation found;
    struct kv_txn *txn;
    int exit = app_store_of(app, APP_STORE_READ);
    if (exit != FORAD_OK) {
        return exit;
    }
    int error = kv_begin_read(app->kv, &txn);
    if (error != 0) {
        return app_fail(app, app_exit_of(error), "The store cannot be read: %s (%s).",
            fora_error_text(error), fora_error_name(error));
    }
    const struct local_policy policy = policy_of_settings(&app->settings);
    exit = find_member(app, txn, cmd_argument(&app->line, 0), &member);
    if (exit == FORAD_OK) {
        error = explain_member(txn, &policy, &member, app->now, &found);
        if (error != 0) {
            exit = app_fail(app, app_exit_of(error), "It cannot be explained: %s (%s).",
                fora_error_text(error), fora_error_name(error));
        }
    }
    kv_abort(txn);
    if (exit != FORAD_OK) {
        return exit;
    }
    if (app->json) {
        struct js_writer w;
        js_init_object(&w);
        js_id(&w, "member", FORA_HRP_MEMBER, member.b);
        explain_json(&w, &found);
        exit = app_json(app, &w);
    } else {
        explain_text(app, &found);
    }
    explanation_fini(&found);
    return exit;
}

/* ---- export ---- */

struct exporting {
    struct app *app;
    struct kv_txn *txn;
    struct fora_claims *claims;
    size_t count;
};

static int export_claim(void *context, const struct fora_claim *claim)
{
    struct exporting *e = context;
    struct stored stored;
    if (claim->code != 0 ||
        !credential_may(claim->header, claim->attestation, &e->app->keys.node)) {
        return 0;
    }
    int rc = objects_read(e->txn, objects_find(e->txn, claim->id->b), &stored);
    const struct fora_policy *policy = fora_claims_policy(e->claims, &claim->header->space);
    const struct credential credential = {.claim = claim,
        .object = stored.object.encoded,
        .issuer_name = fora_bytes_str(e->app->settings.name),
        .space_name = policy != NULL ? fora_policy_name(policy) : fora_bytes(NULL, 0),
        .made_at = e->app->now};
    rc = rc == 0 ? credential_write(&e->app->out, &credential, e->app->keys.device) : rc;
    e->count += rc == 0;
    return rc;
}

static int export_member(struct exporting *e, const struct fora_principal_id *member)
{
    int error = fora_claims_new(&e->claims);
    error = error == 0 ? member_claims(e->txn, member, e->claims) : error;
    error = error == 0 ? fora_claims_each(e->claims, member, e->app->now, export_claim, e) : error;
    fora_claims_free(e->claims);
    if (error != 0) {
        return app_fail(e->app, app_exit_of(error), "It cannot be exported: %s (%s).",
            fora_error_text(error), fora_error_name(error));
    }
    if (e->count == 0) {
        return app_fail(e->app, FORAD_NOTFOUND,
            "This node has stated nothing about her that holds. What others state, they export.");
    }
    return FORAD_OK;
}

int run_reputation_export(struct app *app)
{
    struct fora_principal_id member;
    struct exporting e = {.app = app};
    int exit = app_store_of(app, APP_STORE_READ);
    exit = exit == FORAD_OK ? app_keys(app) : exit;
    if (exit != FORAD_OK) {
        return exit;
    }
    int error = kv_begin_read(app->kv, &e.txn);
    if (error != 0) {
        return app_fail(app, app_exit_of(error), "The store cannot be read: %s (%s).",
            fora_error_text(error), fora_error_name(error));
    }
    exit = find_member(app, e.txn, cmd_argument(&app->line, 0), &member);
    exit = exit == FORAD_OK ? export_member(&e, &member) : exit;
    kv_abort(e.txn);
    return exit;
}
