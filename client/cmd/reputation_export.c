/*
 * fora reputation export: a member's credentials for other wallets (VC-3). A credential is signed
 * by who stated it, so each node is asked for what it stated: the one that is connected, and others
 * at the addresses of their own logs.
 *
 *     claims that hold -> by issuer: connect, ask for each -> files, or lines of standard output
 */
#include "cmd/commands.h"
#include "cmd/reputation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { OFFERS_MAX = 256, ADDRESSES_TRIED = 3, CONNECT_MS = 5000, PATH_BYTES = 4096 };

/* An attestation that may leave as a credential. */
struct offer {
    struct fora_object_id id;
    struct fora_principal_id issuer;
    uint32_t type;
    bool asked;
};

struct exporting {
    struct reputation *r;
    const char *folder; /* NULL: standard output */
    struct js_writer w;
    struct offer offers[OFFERS_MAX];
    size_t count;
    size_t got;
    size_t withheld;
    size_t beyond; /* OFFERS_MAX */
};

static bool by_node(struct reputation *r, const struct fora_principal_id *issuer)
{
    const struct fora_identity *log = fora_claims_identity(r->claims, issuer);
    return log != NULL && fora_identity_type(log) == FORA_PRINCIPAL_NODE;
}

/* What a node stated and what holds: of exactly this there are credentials. */
static int offer_claim(void *context, const struct fora_claim *claim)
{
    struct exporting *e = context;
    uint32_t type = claim->attestation->type;
    bool has_form = type == FORA_ATTESTATION_STANDING || type == FORA_ATTESTATION_BADGE ||
                    type == FORA_ATTESTATION_AFFILIATION;
    if (claim->code != 0 || !has_form || !by_node(e->r, &claim->header->author)) {
        return 0;
    }
    if (reputation_withheld(e->r, claim) && !cmd_flag(&e->r->app->line, "all")) {
        e->withheld++;
    } else if (e->count < OFFERS_MAX) {
        e->offers[e->count++] =
            (struct offer){.id = *claim->id, .issuer = claim->header->author, .type = type};
    } else {
        e->beyond++;
    }
    return 0;
}

/* ---- what came ---- */

static const char *type_word(uint32_t type)
{
    return type == FORA_ATTESTATION_STANDING ? "standing"
           : type == FORA_ATTESTATION_BADGE  ? "badge"
                                             : "affiliation";
}

bool reputation_credential_is_about(struct fora_bytes json, const struct fora_object_id *about)
{
    struct js_document *document;
    char where[160], id[FORA_ID_TEXT_MAX], urn[FORA_ID_TEXT_MAX + 9];
    if (js_parse(&document, json, where) != 0) {
        return false;
    }
    fora_id_format(id, FORA_HRP_OBJECT, about->b);
    (void)snprintf(urn, sizeof urn, "urn:fora:%s", id);
    const char *said = js_get_string(js_member(js_root(document), "id"));
    bool same = said != NULL && strcmp(said, urn) == 0;
    js_free(document);
    return same;
}

static int write_file(
    struct exporting *e, const struct offer *offer, struct fora_bytes json, char path[PATH_BYTES])
{
    char id[FORA_ID_TEXT_MAX];
    fora_id_format(id, FORA_HRP_OBJECT, offer->id.b);
    int length = snprintf(path, PATH_BYTES, "%s/%s-%.8s.json", e->folder, type_word(offer->type),
        id + strlen(FORA_HRP_OBJECT) + 1);
    FILE *file = length < PATH_BYTES ? fopen(path, "wb") : NULL;
    bool good = file != NULL && fwrite(json.data, 1, json.size, file) == json.size &&
                fputc('\n', file) == '\n';
    good = file != NULL && fclose(file) == 0 && good;
    return good ? CMD_EXIT_OK : app_fail(e->r->app, CMD_EXIT_LOCAL, "%s cannot be written.", path);
}

static int keep(struct exporting *e, const struct offer *offer, struct fora_bytes json)
{
    struct app *app = e->r->app;
    char path[PATH_BYTES] = "";
    int exit = e->folder != NULL ? write_file(e, offer, json, path) : CMD_EXIT_OK;
    e->got += exit == CMD_EXIT_OK;
    if (exit == CMD_EXIT_OK && app->json) {
        js_object(&e->w, NULL);
        js_id(&e->w, "id", FORA_HRP_OBJECT, offer->id.b);
        js_id(&e->w, "issuer", FORA_HRP_NODE, offer->issuer.b);
        js_string(&e->w, "file", path);
        js_text(&e->w, "credential", json);
        js_end(&e->w);
    } else if (exit == CMD_EXIT_OK && e->folder != NULL) {
        fora_buf_printf(&app->out, "%s\n", path);
    } else if (exit == CMD_EXIT_OK) {
        if (app->terminal) {
            text_clean(&app->out, json, false);
        } else {
            fora_buf_append_bytes(&app->out, json);
        }
        fora_buf_u8(&app->out, '\n');
    }
    return exit;
}

/* ---- what did not come ---- */

static void missed(struct exporting *e, const struct offer *offer, int code, const char *why)
{
    struct app *app = e->r->app;
    char member[FORA_ID_TEXT_MAX], command[FORA_ID_TEXT_MAX + 64];
    struct fora_buf name = {0};
    fora_id_format(member, FORA_HRP_MEMBER, e->r->subject.b);
    (void)snprintf(
        command, sizeof command, "forad reputation export %s --format openbadges", member);
    if (app->json) {
        js_object(&e->w, NULL);
        js_id(&e->w, "id", FORA_HRP_OBJECT, offer->id.b);
        js_id(&e->w, "issuer", FORA_HRP_NODE, offer->issuer.b);
        js_string(&e->w, "refused", fora_error_name(code));
        js_string(&e->w, "ask_for", command);
        js_end(&e->w);
        return;
    }
    people_name(&name, &e->r->people, &offer->issuer);
    const char *issuer = fora_buf_cstr(&name);
    app_note(app, "The %s that %s states is not here: %s Who runs that node has it with: %s",
        type_word(offer->type), issuer != NULL ? issuer : "the issuer", why, command);
    fora_buf_fini(&name);
}

static const char *reason(int code)
{
    switch (code) {
    case FORA_E_UNSUPPORTED:
        return "it gives members no credentials.";
    case FORA_E_AUTH:
    case FORA_E_FORBIDDEN:
        return "it is withheld, and given to the member alone, when she is logged in there.";
    case FORA_E_MALFORMED:
        return "what the node sent is no credential of it.";
    default:
        return "the node refused it.";
    }
}

/* ---- asking ---- */

static int ask_one(struct exporting *e, struct fora_client *client, const struct offer *offer)
{
    struct fora_message ask = {.type = FORA_MSG_GET_CREDENTIAL};
    const struct fora_message *answer;
    struct fora_client_why *why = &e->r->app->why;
    ask.u.get_credential.id = offer->id;
    int error = fora_client_call(client, &ask, FORA_MSG_CREDENTIAL, &answer, why);
    if (error == 0 && !reputation_credential_is_about(answer->u.credential.json, &offer->id)) {
        error = FORA_E_MALFORMED;
    } else if (error != 0 && !why->from_node) {
        missed(e, offer, error, why->text);
        return CMD_EXIT_OK;
    }
    if (error != 0) {
        missed(e, offer, error, reason(error));
        return CMD_EXIT_OK;
    }
    return keep(e, offer, answer->u.credential.json);
}

static struct fora_client *meet_at(
    struct app *app, const char *address, const struct fora_principal_id *issuer)
{
    struct fora_client *client = NULL;
    const struct fora_client_options options = {.address = address,
        .expected = issuer,
        .agent = APP_AGENT,
        .connect_timeout_ms = CONNECT_MS,
        .call_timeout_ms = (uint64_t)app->config.timeout * 1000};
    return fora_client_open(&client, &options, &app->why) == 0 ? client : NULL;
}

/* The issuer, where she has an account with it or at an address of its log; nobody else is taken
 * for it. NULL: not met, app->why. */
static struct fora_client *meet(struct exporting *e, const struct fora_principal_id *issuer)
{
    struct fora_client *client = NULL;
    struct app *app = e->r->app;
    struct state_account account = {.address = ""};
    struct fora_client_why ignored;
    const struct fora_identity *log = fora_claims_identity(e->r->claims, issuer);
    const struct fora_node_info *info = log != NULL ? fora_identity_node(log) : NULL;
    size_t count = info != NULL ? info->addresses_count : 0;
    (void)fora_client_fail(&app->why, FORA_E_CLOSED, "its log names no address.");
    if (state_account_load(&app->state, issuer, &account, &ignored) == 0) {
        client = meet_at(app, account.address, issuer);
    }
    fora_wipe(&account, sizeof account);
    for (size_t i = 0; i < count && i < ADDRESSES_TRIED && client == NULL; i++) {
        char address[FORA_CLIENT_ADDRESS_MAX];
        struct fora_bytes said = info->addresses[i];
        if (said.size < sizeof address) {
            memcpy(address, said.data, said.size);
            address[said.size] = '\0';
            client = meet_at(app, address, issuer);
        }
    }
    return client;
}

/* All that one issuer stated. */
static int ask_issuer(struct exporting *e, struct fora_principal_id issuer)
{
    struct app *app = e->r->app;
    bool here = memcmp(fora_client_node(app->client)->b, issuer.b, sizeof issuer.b) == 0;
    struct fora_client *client = here ? app->client : meet(e, &issuer);
    struct fora_client_why why = app->why;
    int exit = CMD_EXIT_OK;
    for (size_t i = 0; i < e->count && exit == CMD_EXIT_OK; i++) {
        struct offer *offer = &e->offers[i];
        if (offer->asked || memcmp(offer->issuer.b, issuer.b, sizeof issuer.b) != 0) {
            continue;
        }
        offer->asked = true;
        if (client != NULL) {
            exit = ask_one(e, client, offer);
        } else {
            missed(e, offer, why.code, why.text);
        }
    }
    if (!here) {
        fora_client_close(client);
    }
    return exit;
}

static int ask_all(struct exporting *e)
{
    struct app *app = e->r->app;
    int exit = fora_claims_each(e->r->claims, &e->r->subject, e->r->at, offer_claim, e) == 0
                   ? CMD_EXIT_OK
                   : app_fail_memory(app);
    if (exit == CMD_EXIT_OK && e->folder != NULL && mkdir(e->folder, 0700) != 0 &&
        errno != EEXIST) {
        exit = app_fail(app, CMD_EXIT_LOCAL, "The folder %s cannot be made.", e->folder);
    }
    for (size_t i = 0; i < e->count && exit == CMD_EXIT_OK; i++) {
        if (!e->offers[i].asked) {
            exit = ask_issuer(e, e->offers[i].issuer);
        }
    }
    return exit;
}

static void tell(const struct exporting *e)
{
    const struct app *app = e->r->app;
    if (e->withheld > 0) {
        app_note(app, "%zu left out, as the member wishes; --all takes it along.", e->withheld);
    }
    if (e->beyond > 0) {
        app_note(app, "%zu more are not asked for: %d are, at most.", e->beyond, OFFERS_MAX);
    }
    if (e->count == 0) {
        app_note(app, "No node states anything about this member here that could leave as a "
                      "credential.");
    } else if (e->got > 0) {
        app_note(app,
            "%zu credential%s. To check the proof: any verifier of W3C Verifiable Credentials that "
            "knows eddsa-jcs-2022. Whether it still holds: fora reputation show.",
            e->got, e->got == 1 ? "" : "s");
    }
}

static int act_export(struct reputation *r)
{
    struct exporting *e = calloc(1, sizeof *e);
    if (e == NULL) {
        return app_fail_memory(r->app);
    }
    e->r = r;
    e->folder = cmd_text(&r->app->line, "out");
    js_init_array(&e->w);
    int exit = ask_all(e);
    if (exit == CMD_EXIT_OK) {
        tell(e);
    }
    if (exit == CMD_EXIT_OK && r->app->json) {
        exit = app_json(r->app, &e->w, JS_PRETTY);
    } else {
        js_fini(&e->w);
    }
    if (exit == CMD_EXIT_OK && e->count > 0 && e->got == 0) {
        (void)app_flush(r->app);
        exit = app_fail(
            r->app, CMD_EXIT_NOTFOUND, "None of the %zu credentials could be had.", e->count);
    }
    free(e);
    return exit;
}

int run_reputation_export(struct app *app)
{
    return reputation_run(app, act_export);
}
