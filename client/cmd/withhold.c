/*
 * fora reputation withhold, and publish ID: what is attested about oneself and is not to be shown
 * (ATT-14). It is a list in one's profile, of lines and not of ids, so that a standing that is
 * stated anew stays withheld.
 */
#include "cmd/withhold.h"

#include "cmd/carry.h"
#include "cmd/commands.h"
#include "cmd/profile.h"

#include <stdlib.h>
#include <string.h>

struct search {
    const char *name;
    struct fora_object_id id;
    size_t matches;
};

/* An id, or the beginning of one as lists show it. */
static int match(void *context, const struct fora_claim *claim)
{
    struct search *search = context;
    char text[FORA_ID_TEXT_MAX];
    size_t size = strlen(search->name);
    fora_id_format(text, FORA_HRP_OBJECT, claim->id->b);
    const char *digits = strchr(text, '1') == NULL ? text : strchr(text, '1') + 1;
    if (size > 0 &&
        (strncmp(text, search->name, size) == 0 || strncmp(digits, search->name, size) == 0)) {
        search->id = *claim->id;
        search->matches++;
    }
    return 0;
}

static int find_claim(struct reputation *r, struct fora_claim *out)
{
    struct app *app = r->app;
    struct search search = {.name = cmd_argument(&app->line, 0)};
    if (fora_claims_each(r->claims, &r->subject, r->at, match, &search) != 0) {
        return app_fail_memory(app);
    }
    if (search.matches != 1) {
        return app_fail(app, search.matches == 0 ? CMD_EXIT_NOTFOUND : CMD_EXIT_USAGE,
            search.matches == 0 ? "Nothing of that id is attested about you here. See: fora "
                                  "reputation show --all"
                                : "More than one id begins so. Give more of it.");
    }
    if (fora_claims_check(r->claims, &search.id, r->at, out) != 0) {
        return app_fail_memory(app);
    }
    uint32_t type = out->attestation->type;
    if (type != FORA_ATTESTATION_STANDING && type != FORA_ATTESTATION_BADGE) {
        return app_fail(app, CMD_EXIT_REFUSED,
            "Only standings and awards can be withheld. What you are to somebody else, and what "
            "you may do in whose name, others have to know.");
    }
    return CMD_EXIT_OK;
}

static bool same_line(const struct fora_withheld *line, const struct fora_claim *claim)
{
    return line->type == claim->attestation->type &&
           memcmp(line->issuer.b, claim->header->author.b, FORA_ID_SIZE) == 0 &&
           memcmp(line->space.b, claim->header->space.b, FORA_ID_SIZE) == 0 &&
           fora_bytes_equal(line->label, claim->attestation->label);
}

/* Takes the line out, and puts it in again when it is to be withheld. */
static int change_list(
    struct app *app, struct profile_draft *draft, const struct fora_claim *claim, bool withhold)
{
    struct fora_profile *profile = &draft->content.u.profile;
    size_t kept = 0;
    for (size_t i = 0; i < profile->withheld_count; i++) {
        if (!same_line(&draft->withheld[i], claim)) {
            draft->withheld[kept++] = draft->withheld[i];
        }
    }
    if (withhold && kept == PROFILE_WITHHELD_MAX) {
        return app_fail(
            app, CMD_EXIT_REFUSED, "A profile can name %d of them at most.", PROFILE_WITHHELD_MAX);
    }
    if (withhold) {
        draft->withheld[kept++] = (struct fora_withheld){.issuer = claim->header->author,
            .space = claim->header->space,
            .type = claim->attestation->type,
            .label = claim->attestation->label};
    }
    profile->withheld_count = kept;
    return CMD_EXIT_OK;
}

static int change(struct reputation *r, bool withhold)
{
    struct app *app = r->app;
    struct fora_claim claim;
    struct fora_object_id id;
    struct profile_draft *draft = calloc(1, sizeof *draft);
    r->subject = app->account.member;
    /* What was withheld and is known here alone can be shown again. */
    int exit = draft == NULL ? app_fail_memory(app) : carry_take_kept(r);
    exit = exit == CMD_EXIT_OK ? reputation_load(r, &app->account.member) : exit;
    if (exit == CMD_EXIT_OK) {
        exit = find_claim(r, &claim);
    }
    if (exit == CMD_EXIT_OK) {
        profile_draft(draft, app, people_find(&r->people, &app->account.member));
        exit = change_list(app, draft, &claim, withhold);
    }
    if (exit == CMD_EXIT_OK) {
        exit = app_post(app, NULL, NULL, NULL, &draft->content, &id);
    }
    if (exit == CMD_EXIT_OK) {
        exit = app_stored(app, FORA_KIND_PROFILE, &id,
            withhold ? "Withheld; your profile says so:" : "Shown; your profile says so:");
    }
    free(draft);
    return exit;
}

/* What she carries has left it out, or has it again. The wish itself stands whatever comes of it.
 */
static void refresh(struct app *app)
{
    const struct carry_options options = {.refresh = true};
    struct carry_result done;
    if (carry_publish(app, &options, &done) != CMD_EXIT_OK) {
        app_note(app, "What you carry is as it was. To make it anew: fora reputation publish");
    }
}

int withhold_run(struct app *app, bool withhold)
{
    struct reputation r;
    int exit = app_connect(app, APP_MEMBER);
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    exit = reputation_init(&r, app);
    exit = exit == CMD_EXIT_OK ? change(&r, withhold) : exit;
    reputation_fini(&r);
    if (exit == CMD_EXIT_OK) {
        refresh(app);
    }
    return exit;
}

int run_reputation_withhold(struct app *app)
{
    return withhold_run(app, true);
}
