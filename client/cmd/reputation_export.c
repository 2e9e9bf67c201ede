/*
 * fora reputation export: where credentials for other wallets are to be had. A credential is signed
 * by who stated it (VC-1), so its node writes it and no client can; here one learns what there is,
 * and what to ask whom for.
 */
#include "cmd/commands.h"
#include "cmd/reputation.h"

struct exporting {
    struct reputation *r;
    struct js_writer w;
    size_t count;
};

static bool by_node(struct reputation *r, const struct fora_principal_id *issuer)
{
    const struct fora_identity *log = fora_claims_identity(r->claims, issuer);
    return log != NULL && fora_identity_type(log) == FORA_PRINCIPAL_NODE;
}

static void claim_json(struct exporting *e, const struct fora_claim *claim, const char *command)
{
    js_object(&e->w, NULL);
    js_id(&e->w, "id", FORA_HRP_OBJECT, claim->id->b);
    js_id(&e->w, "issuer", FORA_HRP_NODE, claim->header->author.b);
    js_string(&e->w, "ask_for", command);
    js_end(&e->w);
}

static void claim_text(struct exporting *e, const struct fora_claim *claim, const char *command)
{
    struct fora_buf *out = &e->r->app->out;
    char id[FORA_ID_TEXT_MAX];
    reputation_text(e->r, claim, NULL);
    fora_id_format(id, FORA_HRP_NODE, claim->header->author.b);
    fora_buf_printf(out, "  ask who runs %s for: %s\n", id, command);
}

/* What a node stated and what holds: the node gives exactly this the form of a credential. */
static int export_claim(void *context, const struct fora_claim *claim)
{
    struct exporting *e = context;
    uint32_t type = claim->attestation->type;
    char member[FORA_ID_TEXT_MAX];
    struct fora_buf command = {0};
    bool credential = type == FORA_ATTESTATION_STANDING || type == FORA_ATTESTATION_BADGE ||
                      type == FORA_ATTESTATION_AFFILIATION;
    if (claim->code != 0 || !credential || reputation_withheld(e->r, claim) ||
        !by_node(e->r, &claim->header->author)) {
        return 0;
    }
    fora_id_format(member, FORA_HRP_MEMBER, e->r->subject.b);
    fora_buf_printf(&command, "forad reputation export %s --format openbadges", member);
    const char *text = fora_buf_cstr(&command);
    if (text != NULL && e->r->app->json) {
        claim_json(e, claim, text);
    } else if (text != NULL) {
        claim_text(e, claim, text);
    }
    int error = text == NULL ? FORA_E_NOMEM : 0;
    fora_buf_fini(&command);
    e->count++;
    return error;
}

static int act_export(struct reputation *r)
{
    struct exporting e = {.r = r};
    js_init_array(&e.w);
    int exit = fora_claims_each(r->claims, &r->subject, r->at, export_claim, &e) == 0
                   ? CMD_EXIT_OK
                   : app_fail_memory(r->app);
    if (exit == CMD_EXIT_OK && e.count == 0) {
        app_note(r->app, "No node states anything about this member here that could leave as a "
                         "credential.");
    }
    if (exit == CMD_EXIT_OK && r->app->json) {
        return app_json(r->app, &e.w, JS_PRETTY);
    }
    js_fini(&e.w);
    return exit;
}

int run_reputation_export(struct app *app)
{
    return reputation_run(app, act_export);
}
