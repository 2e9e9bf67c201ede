/* Gathering, keeping and storing what one carries (ATT-17). */
#include "cmd/carry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A file for each member that one is. */
static void kept_name(char out[FORA_ID_TEXT_MAX + 8], const struct fora_principal_id *member)
{
    memcpy(out, "carried-", 8);
    fora_id_format(out + 8, FORA_HRP_MEMBER, member->b);
}

/* ---- bundles ---- */

int carry_take(struct reputation *r, struct fora_bytes encoded)
{
    struct fora_bundle bundle;
    int error = fora_bundle_decode(&r->arena, encoded, &bundle);
    if (error != 0) {
        return app_fail(r->app, app_exit_of(error), "This is no bundle that can be read: %s (%s).",
            fora_error_text(error), fora_error_name(error));
    }
    if (memcmp(bundle.subject.b, r->subject.b, FORA_ID_SIZE) != 0) {
        return app_fail(r->app, CMD_EXIT_REFUSED,
            "This bundle is about somebody else. You can carry only what is stated about you.");
    }
    int exit = CMD_EXIT_OK;
    for (size_t i = 0; i < bundle.objects_count && exit == CMD_EXIT_OK; i++) {
        /* What is there already would be chosen twice. */
        if (!reputation_has(r, bundle.objects[i])) {
            exit = reputation_take(r, bundle.objects[i], true);
        }
    }
    return exit;
}

int carry_take_kept(struct reputation *r)
{
    char name[FORA_ID_TEXT_MAX + 8];
    struct fora_buf bytes;
    struct fora_client_why why;
    kept_name(name, &r->subject);
    fora_buf_init(&bytes, FORA_BUNDLE_MAX + 1);
    /* What is missing or damaged was only a copy. */
    bool there = state_read(&r->app->state, name, false, &bytes, &why) == 0;
    struct fora_bytes copy = fora_arena_copy(&r->arena, fora_buf_bytes(&bytes));
    fora_buf_fini(&bytes);
    struct fora_bundle bundle;
    bool mine = there && copy.data != NULL && fora_bundle_decode(&r->arena, copy, &bundle) == 0 &&
                memcmp(bundle.subject.b, r->subject.b, FORA_ID_SIZE) == 0;
    return mine ? carry_take(r, copy) : CMD_EXIT_OK;
}

static int take_file(struct reputation *r, const char *path)
{
    struct fora_buf bytes;
    int exit = reputation_read_file(r->app, path, &bytes);
    exit = exit == CMD_EXIT_OK ? carry_take(r, fora_buf_bytes(&bytes)) : exit;
    fora_buf_fini(&bytes);
    return exit;
}

/* Her profile goes into the copy too: it says what she withholds. */
static int encode(struct reputation *r, const struct carry_choice *choice, struct fora_buf *out)
{
    struct fora_bytes *list = calloc(choice->count + 1, sizeof *list);
    struct fora_bundle bundle = {
        .version = 1, .subject = r->subject, .made_at = r->app->now, .objects = list};
    if (list == NULL) {
        return FORA_E_NOMEM;
    }
    for (size_t i = 0; i < choice->count; i++) {
        list[bundle.objects_count++] = choice->objects[i].encoded;
    }
    if (r->profile.size > 0) {
        list[bundle.objects_count++] = r->profile;
    }
    int error = fora_bundle_encode(out, &bundle);
    free(list);
    return error;
}

void carry_keep(struct reputation *r)
{
    const struct carry_room room = {.bytes = FORA_BUNDLE_MAX - FORA_OBJECT_MAX,
        .objects = FORA_BUNDLE_OBJECTS_MAX / 2,
        .withheld = true,
        .own_log = true};
    struct carry_choice choice = {0};
    struct fora_buf encoded = {0};
    struct fora_client_why why;
    char name[FORA_ID_TEXT_MAX + 8];
    kept_name(name, &r->subject);
    if (carry_take_kept(r) != CMD_EXIT_OK) {
        return;
    }
    int error = carry_choose(r, &room, &choice);
    if (error == 0 && choice.claims > 0) {
        error = encode(r, &choice, &encoded);
        error =
            error == 0 ? state_write(&r->app->state, name, fora_buf_bytes(&encoded), &why) : error;
    }
    if (error != 0) {
        app_note(r->app, "What is attested about you could not be kept in %s/%s (%s).",
            r->app->state.home, name, fora_error_name(error));
    }
    fora_buf_fini(&encoded);
    carry_choice_fini(&choice);
}

void carry_remember(struct app *app, const struct fora_principal_id *member)
{
    struct reputation r;
    if (reputation_init(&r, app) == CMD_EXIT_OK && reputation_load(&r, member) == CMD_EXIT_OK) {
        carry_keep(&r);
    }
    reputation_fini(&r);
}

/* ---- storing ---- */

/* Once her log is known: what she withholds is not carried, wherever she said so. */
static int read_profile(struct reputation *r)
{
    struct fora_object profile;
    bool there = r->profile.size > 0 && fora_object_decode(&profile, r->profile) == 0;
    int error = there ? people_add(&r->people, &profile, 1) : 0;
    return error == FORA_E_NOMEM ? app_fail_memory(r->app) : CMD_EXIT_OK;
}

/* As it was at the old home: the name, and what is withheld. It is signed, and goes as it is. */
static int bring_profile(struct reputation *r)
{
    struct fora_message ask = {.type = FORA_MSG_PUT};
    const struct fora_message *answer;
    if (r->profile.size == 0 || r->profile_given) {
        return CMD_EXIT_OK;
    }
    ask.u.put = (struct fora_msg_put){.objects = &r->profile, .objects_count = 1};
    return app_call(r->app, &ask, FORA_MSG_PUT_RESULT, &answer);
}

static bool is_carried(const struct reputation *r, const struct carry_choice *choice)
{
    bool equal = r->carries && r->bundled_count == choice->count;
    for (size_t i = 0; equal && i < choice->count; i++) {
        equal = false;
        for (size_t j = 0; !equal && j < r->bundled_count; j++) {
            equal = fora_bytes_equal(r->bundled[j], choice->objects[i].encoded);
        }
    }
    return equal;
}

static int store(struct reputation *r, const struct carry_choice *choice, struct carry_result *out)
{
    struct app *app = r->app;
    struct fora_content content = {.kind = FORA_KIND_CARRIED};
    struct fora_bytes *list = calloc(choice->count + 1, sizeof *list);
    if (list == NULL) {
        return app_fail_memory(app);
    }
    for (size_t i = 0; i < choice->count; i++) {
        list[i] = choice->objects[i].encoded;
    }
    content.u.carried = (struct fora_carried){.objects = list, .objects_count = choice->count};
    /* It is to take the place of what is there, whatever this machine's clock says. */
    app->now = r->carried_at >= app->now ? r->carried_at + 1 : app->now;
    int exit = app_post(app, NULL, NULL, NULL, &content, &out->id);
    out->stored = exit == CMD_EXIT_OK;
    free(list);
    return exit;
}

/* What is carried now, one by one. */
static void tell(
    struct reputation *r, const struct carry_options *options, const struct carry_choice *choice)
{
    for (size_t i = 0; i < choice->count; i++) {
        struct fora_claim claim;
        if (choice->objects[i].header.kind != FORA_KIND_ATTESTATION ||
            fora_claims_check(r->claims, &choice->objects[i].id, r->at, &claim) != 0 ||
            memcmp(claim.attestation->subject.b, r->subject.b, FORA_ID_SIZE) != 0) {
            continue;
        }
        if (options->list != NULL) {
            reputation_json(r, options->list, &claim, NULL);
        } else if (options->say) {
            reputation_head(r, &claim);
        }
    }
}

static int choose_and_store(
    struct reputation *r, const struct carry_options *options, struct carry_result *out)
{
    const struct carry_room room = {.bytes = FORA_CARRIED_MAX, .objects = FORA_CARRIED_OBJECTS_MAX};
    struct carry_choice choice;
    if (carry_choose(r, &room, &choice) != 0) {
        carry_choice_fini(&choice);
        return app_fail_memory(r->app);
    }
    *out = (struct carry_result){.claims = choice.claims,
        .left_out = choice.left_out,
        .objects = choice.count,
        .bytes = choice.bytes};
    bool needed = !is_carried(r, &choice) && (choice.count > 0 || r->carries);
    int exit = needed ? store(r, &choice, out) : CMD_EXIT_OK;
    if (exit == CMD_EXIT_OK) {
        tell(r, options, &choice);
    }
    carry_choice_fini(&choice);
    return exit;
}

int carry_publish(struct app *app, const struct carry_options *options, struct carry_result *out)
{
    struct reputation r;
    *out = (struct carry_result){0};
    int exit = reputation_init(&r, app);
    r.subject = app->account.member;
    exit = exit == CMD_EXIT_OK && options->file != NULL ? take_file(&r, options->file) : exit;
    exit = exit == CMD_EXIT_OK ? carry_take_kept(&r) : exit;
    exit = exit == CMD_EXIT_OK ? reputation_load(&r, &app->account.member) : exit;
    exit = exit == CMD_EXIT_OK ? read_profile(&r) : exit;
    if (exit == CMD_EXIT_OK && (r.carries || !options->refresh)) {
        exit = bring_profile(&r);
        exit = exit == CMD_EXIT_OK ? choose_and_store(&r, options, out) : exit;
    }
    if (exit == CMD_EXIT_OK) {
        carry_keep(&r);
    }
    reputation_fini(&r);
    return exit;
}
