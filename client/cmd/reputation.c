/* fora reputation: what is attested about a member, whether it holds, and carrying it elsewhere. */
#include "cmd/reputation.h"

#include "cmd/carry.h"
#include "cmd/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLAIMS_MAX = 1024 };

bool reputation_withheld(const struct reputation *r, const struct fora_claim *claim)
{
    return person_withholds(
        people_find(&r->people, &claim->attestation->subject), claim->header, claim->attestation);
}

/* Bundles are verified without the option: what is in one was put there to be seen. */
static bool reputation_all(const struct reputation *r)
{
    return cmd_flag(&r->app->line, "all");
}

struct listing {
    struct reputation *r;
    struct js_writer w;
    struct fora_object_id ids[CLAIMS_MAX];
    size_t count;
    size_t shown;
    size_t withheld; /* left out (ATT-14) */
    size_t failed;   /* do not hold */
};

static int list_claim(void *context, const struct fora_claim *claim)
{
    struct listing *listing = context;
    if (claim->code != FORA_E_SUPERSEDED && reputation_withheld(listing->r, claim) &&
        !reputation_all(listing->r)) {
        listing->withheld++;
        return 0;
    }
    if (listing->count < CLAIMS_MAX && claim->code != FORA_E_SUPERSEDED) {
        listing->ids[listing->count++] = *claim->id;
    }
    return 0;
}

static int show_claim(struct listing *listing, const struct fora_object_id *id, bool verify)
{
    struct reputation *r = listing->r;
    struct reputation_proof proof;
    struct fora_claim claim;
    if (fora_claims_check(r->claims, id, r->at, &claim) != 0) {
        return app_fail_memory(r->app);
    }
    bool recount =
        verify && claim.attestation->type == FORA_ATTESTATION_STANDING && claim.code == 0;
    bool unheld = recount && !reputation_holds(r, &claim.header->space);
    proof = (struct reputation_proof){.proof = FORA_PROOF_CLAIMED, .unheld = unheld};
    int exit = recount && !unheld ? reputation_recount(r, &claim, &proof) : CMD_EXIT_OK;
    if (exit != CMD_EXIT_OK || fora_claims_check(r->claims, id, r->at, &claim) != 0) {
        return exit != CMD_EXIT_OK ? exit : app_fail_memory(r->app);
    }
    bool fails = claim.code != 0 && claim.code != FORA_E_EXPIRED &&
                 !reputation_is_nomination(claim.attestation);
    listing->failed += fails || (recount && !unheld && proof.proof == FORA_PROOF_CLAIMED);
    if (r->app->json) {
        reputation_json(r, &listing->w, &claim, recount ? &proof : NULL);
    } else {
        reputation_text(r, &claim, recount ? &proof : NULL);
    }
    listing->shown++;
    return CMD_EXIT_OK;
}

/* What a bundle says of itself, and how much of it was left out. */
struct bundle_head {
    uint64_t made_at;
    size_t left_out;
};

static void begin_json(struct listing *listing, const struct bundle_head *bundle)
{
    if (bundle == NULL) {
        js_init_array(&listing->w);
        return;
    }
    js_init_object(&listing->w);
    js_id(&listing->w, "member", FORA_HRP_MEMBER, listing->r->subject.b);
    js_time(&listing->w, "made_at", bundle->made_at);
    js_count(&listing->w, "left_out", bundle->left_out);
    js_array(&listing->w, "claims");
}

/* `bundle`: NULL when they are of a node. */
static int list_claims(
    struct reputation *r, bool verify, const struct bundle_head *bundle, size_t *failed)
{
    struct listing *listing = calloc(1, sizeof *listing);
    if (listing == NULL) {
        return app_fail_memory(r->app);
    }
    listing->r = r;
    begin_json(listing, bundle);
    int exit = fora_claims_each(r->claims, &r->subject, r->at, list_claim, listing) == 0
                   ? CMD_EXIT_OK
                   : app_fail_memory(r->app);
    for (size_t i = 0; i < listing->count && exit == CMD_EXIT_OK; i++) {
        exit = show_claim(listing, &listing->ids[i], verify);
    }
    *failed = listing->failed;
    if (exit == CMD_EXIT_OK && listing->shown + listing->withheld == 0 && !r->app->json) {
        fora_buf_append_str(&r->app->out, "Nothing is attested about this member here.\n");
    }
    if (exit == CMD_EXIT_OK && listing->withheld > 0 && !r->app->json) {
        fora_buf_printf(&r->app->out,
            "%zu not shown, as the member wishes; --all shows it all the same.\n",
            listing->withheld);
    }
    if (exit == CMD_EXIT_OK && r->app->json) {
        if (bundle != NULL) {
            js_end(&listing->w);
        }
        exit = app_json(r->app, &listing->w, JS_PRETTY);
    } else {
        js_fini(&listing->w);
    }
    free(listing);
    return exit;
}

/* The member that is named, or oneself. */
static int find_subject(struct app *app, struct fora_principal_id *out)
{
    const char *name = cmd_argument(&app->line, 0);
    if (name != NULL) {
        return app_member(app, name, out);
    }
    if (!app->has_account) {
        return app_fail(app, CMD_EXIT_USAGE, "Say whose: a handle or an id (foram1...).");
    }
    *out = app->account.member;
    return CMD_EXIT_OK;
}

int reputation_run(struct app *app, int (*act)(struct reputation *r))
{
    struct reputation r;
    struct fora_principal_id subject;
    int exit = app_connect(app, APP_ANYONE);
    if (exit == CMD_EXIT_OK) {
        exit = find_subject(app, &subject);
    }
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    exit = reputation_init(&r, app);
    if (exit == CMD_EXIT_OK) {
        exit = reputation_load(&r, &subject);
    }
    if (exit == CMD_EXIT_OK) {
        exit = act(&r);
    }
    reputation_fini(&r);
    return exit;
}

/* Of oneself a copy is kept: the node may be gone when one wants to carry it (ATT-17). */
static void keep_own(struct reputation *r)
{
    const struct app *app = r->app;
    if (app->has_account && memcmp(app->account.member.b, r->subject.b, FORA_ID_SIZE) == 0) {
        carry_keep(r);
    }
}

static int act_show(struct reputation *r)
{
    size_t failed;
    int exit = list_claims(r, false, NULL, &failed);
    if (exit == CMD_EXIT_OK) {
        keep_own(r);
    }
    return exit;
}

int run_reputation_show(struct app *app)
{
    return reputation_run(app, act_show);
}

static int act_verify(struct reputation *r)
{
    size_t failed = 0;
    int exit = list_claims(r, true, NULL, &failed);
    if (exit == CMD_EXIT_OK && failed > 0) {
        (void)app_flush(r->app);
        exit = app_fail(r->app, CMD_EXIT_REFUSED, "%zu of the claims %s not hold.", failed,
            failed == 1 ? "does" : "do");
    }
    return exit;
}

int run_reputation_verify(struct app *app)
{
    return reputation_run(app, act_verify);
}

/* ---- bundles ---- */

static int write_file(struct app *app, const char *path, struct fora_bytes bytes)
{
    FILE *file = fopen(path, "wb");
    bool good = file != NULL && fwrite(bytes.data, 1, bytes.size, file) == bytes.size;
    good = file != NULL && fclose(file) == 0 && good;
    return good ? CMD_EXIT_OK : app_fail(app, CMD_EXIT_LOCAL, "%s cannot be written.", path);
}

/* Anybody can state anything of her: what was nobody's to state would make her bundle one that does
 * not hold. What was taken back or has ended stays, and says so. */
static bool without_right(const struct fora_claim *claim)
{
    return !reputation_is_nomination(claim->attestation) &&
           (claim->code == FORA_E_SCOPE || claim->code == FORA_E_UNKNOWN_PARENT ||
               claim->code == FORA_E_CHAIN || claim->code == FORA_E_MISMATCH ||
               claim->code == FORA_E_LIMIT);
}

/* Is it an attestation that is not to be carried along? What does not decode is no such. */
static bool not_carried(struct reputation *r, struct fora_bytes encoded)
{
    struct fora_object object;
    struct fora_claim claim;
    return fora_object_decode(&object, encoded) == 0 &&
           object.header.kind == FORA_KIND_ATTESTATION &&
           fora_claims_check(r->claims, &object.id, r->at, &claim) == 0 &&
           memcmp(claim.attestation->subject.b, r->subject.b, FORA_ID_SIZE) == 0 &&
           (reputation_withheld(r, &claim) || without_right(&claim));
}

static void leave_out(struct reputation *r)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->objects_count; i++) {
        if (!not_carried(r, r->objects[i])) {
            r->objects[kept++] = r->objects[i];
        }
    }
    r->objects_count = kept;
}

static int act_bundle(struct reputation *r)
{
    struct app *app = r->app;
    const char *path = cmd_text(&app->line, "out");
    struct fora_buf encoded = {0};
    if (!reputation_all(r)) {
        leave_out(r);
    }
    const struct fora_bundle bundle = {.version = 1,
        .subject = r->subject,
        .made_at = app->now,
        .objects = r->objects,
        .objects_count = r->objects_count};
    if (path == NULL) {
        return app_fail(app, CMD_EXIT_USAGE, "Say where to: --out FILE.");
    }
    int error = fora_bundle_encode(&encoded, &bundle);
    int exit = error == 0 ? write_file(app, path, fora_buf_bytes(&encoded))
                          : app_fail(app, CMD_EXIT_LOCAL, "The bundle cannot be made: %s (%s).",
                                fora_error_text(error), fora_error_name(error));
    if (exit == CMD_EXIT_OK && app->json) {
        struct js_writer w;
        js_init_object(&w);
        js_string(&w, "file", path);
        js_id(&w, "member", FORA_HRP_MEMBER, r->subject.b);
        js_count(&w, "objects", r->objects_count);
        js_count(&w, "bytes", encoded.size);
        exit = app_json(app, &w, JS_PRETTY);
    } else if (exit == CMD_EXIT_OK) {
        fora_buf_printf(&app->out, "%zu object%s, %zu bytes: %s\n", r->objects_count,
            r->objects_count == 1 ? "" : "s", encoded.size, path);
    }
    fora_buf_fini(&encoded);
    return exit;
}

int run_reputation_bundle(struct app *app)
{
    return reputation_run(app, act_bundle);
}

int reputation_read_file(struct app *app, const char *path, struct fora_buf *out)
{
    FILE *file = fopen(path, "rb");
    uint8_t block[4096];
    size_t got = 1;
    fora_buf_init(out, FORA_BUNDLE_MAX + 1);
    while (file != NULL && out->error == 0 && got > 0) {
        got = fread(block, 1, sizeof block, file);
        fora_buf_append(out, block, got);
    }
    bool good = file != NULL && ferror(file) == 0;
    if (file != NULL) {
        (void)fclose(file);
    }
    if (out->error == FORA_E_TOO_LARGE) {
        return app_fail(app, CMD_EXIT_REFUSED, "%s is no bundle: it is larger than 1 MiB (%s).",
            path, fora_error_name(out->error));
    }
    return good && out->error == 0 ? CMD_EXIT_OK
                                   : app_fail(app, CMD_EXIT_LOCAL, "%s cannot be read.", path);
}

struct opening {
    struct app *app;
    struct bundle_head head;
};

static void refused(void *context, size_t index, int code)
{
    struct opening *opening = context;
    opening->head.left_out++;
    app_note(opening->app, "Object %zu of the bundle is left out: %s (%s).", index + 1,
        fora_error_text(code), fora_error_name(code));
}

static int name_bundle_spaces(struct reputation *r, const struct fora_bundle *bundle)
{
    r->spaces = fora_arena_zalloc(&r->arena, bundle->objects_count + 1, sizeof *r->spaces);
    if (r->spaces == NULL) {
        return app_fail_memory(r->app);
    }
    for (size_t i = 0; i < bundle->objects_count; i++) {
        struct fora_object object;
        if (fora_object_decode(&object, bundle->objects[i]) != 0 ||
            object.header.kind != FORA_KIND_POLICY || !fora_id_is_zero(object.header.space.b)) {
            continue;
        }
        struct reputation_space *space = &r->spaces[r->spaces_count++];
        space->id = fora_object_space(&object);
        const struct fora_policy *policy = fora_claims_policy(r->claims, &space->id);
        struct fora_buf clean = {0};
        if (policy != NULL) {
            text_clean(&clean, fora_policy_name(policy), false);
        }
        if (clean.size > 0 && clean.size < sizeof space->name) {
            memcpy(space->name, clean.data, clean.size);
        }
        fora_buf_fini(&clean);
    }
    return CMD_EXIT_OK;
}

/* Issuers are nodes: their logs say what they are called. */
static int name_bundle_issuers(struct reputation *r, const struct fora_bundle *bundle)
{
    struct fora_object *entries = calloc(bundle->objects_count + 1, sizeof *entries);
    size_t count = 0;
    for (size_t i = 0; entries != NULL && i < bundle->objects_count; i++) {
        struct fora_object *object = &entries[count];
        count += fora_object_decode(object, bundle->objects[i]) == 0 &&
                 object->header.kind == FORA_KIND_IDENTITY && fora_object_verify(object) == 0;
    }
    int error = entries == NULL ? FORA_E_NOMEM : people_add(&r->people, entries, count);
    free(entries);
    return error == FORA_E_NOMEM ? app_fail_memory(r->app) : CMD_EXIT_OK;
}

static int open_bundle(struct reputation *r, struct fora_bytes bytes, struct opening *opening)
{
    struct app *app = r->app;
    struct fora_bundle bundle;
    int error = fora_bundle_decode(&r->arena, bytes, &bundle);
    if (error == 0) {
        r->subject = bundle.subject;
        r->at = app->now > bundle.made_at ? app->now : bundle.made_at;
        opening->head.made_at = bundle.made_at;
        error = fora_bundle_open(&bundle, r->claims, refused, opening);
    }
    if (error != 0) {
        return app_fail(app, app_exit_of(error), "This is no bundle that can be read: %s (%s).",
            fora_error_text(error), fora_error_name(error));
    }
    if (!app->json) {
        char id[FORA_ID_TEXT_MAX];
        fora_id_format(id, FORA_HRP_MEMBER, bundle.subject.b);
        fora_buf_printf(&app->out, "%s\nas of ", id);
        text_time(&app->out, bundle.made_at);
        fora_buf_append_str(&app->out, "; what was revoked since is not in it\n");
    }
    int exit = name_bundle_spaces(r, &bundle);
    return exit == CMD_EXIT_OK ? name_bundle_issuers(r, &bundle) : exit;
}

int run_reputation_verify_bundle(struct app *app)
{
    struct reputation r;
    struct opening opening = {.app = app};
    struct fora_buf bytes;
    size_t failed = 0;
    int exit = reputation_read_file(app, cmd_argument(&app->line, 0), &bytes);
    if (exit == CMD_EXIT_OK) {
        exit = reputation_init(&r, app);
        exit = exit == CMD_EXIT_OK ? open_bundle(&r, fora_buf_bytes(&bytes), &opening) : exit;
        exit = exit == CMD_EXIT_OK ? list_claims(&r, false, &opening.head, &failed) : exit;
        reputation_fini(&r);
    }
    fora_buf_fini(&bytes);
    size_t all = failed + opening.head.left_out;
    if (exit == CMD_EXIT_OK && all > 0) {
        (void)app_flush(app);
        exit = app_fail(app, CMD_EXIT_REFUSED, "%zu of what is in it do%s not hold.", all,
            all == 1 ? "es" : "");
    }
    return exit;
}
