/*
 * fora whoami: who one is at the node, and what one may there. The privileges are read from the
 * policies of its spaces, and what is next from the standings that hold: two questions to the node,
 * and the logs of who made those policies.
 */
#include "cmd/account.h"
#include "cmd/privileges.h"
#include "cmd/reputation.h"

#include <inttypes.h>
#include <string.h>

enum { STANDINGS_MAX = 256 };

struct stated {
    struct fora_space_id space;
    uint64_t standing;
};

struct standings {
    struct stated items[STANDINGS_MAX];
    size_t count;
};

static struct stated *find(struct standings *standings, const struct fora_space_id *space)
{
    for (size_t i = 0; i < standings->count; i++) {
        if (memcmp(standings->items[i].space.b, space->b, sizeof space->b) == 0) {
            return &standings->items[i];
        }
    }
    return NULL;
}

/* Of several hosts that state one, the greatest: it is what may earn something. */
static int take_standing(void *context, const struct fora_claim *claim)
{
    struct standings *standings = context;
    const struct fora_attestation *a = claim->attestation;
    if (claim->code != 0 || a->type != FORA_ATTESTATION_STANDING) {
        return 0;
    }
    uint64_t standing = fora_fact_get(a->facts, a->facts_count, "standing");
    struct stated *known = find(standings, &claim->header->space);
    if (known == NULL && standings->count < STANDINGS_MAX) {
        known = &standings->items[standings->count++];
        *known = (struct stated){.space = claim->header->space};
    }
    if (known != NULL && known->standing < standing) {
        known->standing = standing;
    }
    return 0;
}

/* The account has none but the handle where she came from another node: her profile has it. */
static void take_name(struct reputation *r)
{
    const struct person *person = people_find(&r->people, &r->subject);
    if (person != NULL && person->name[0] != '\0') {
        memcpy(r->app->name, person->name, sizeof r->app->name);
    }
}

/* False: in this space there is nothing to say of her. Of one that the node does not hold she may
 * carry a standing (ATT-16), and may nothing there. */
static bool privileges_in(struct reputation *r, struct standings *standings,
    const struct fora_space_id *space, struct privileges_of *out)
{
    const struct stated *stated = find(standings, space);
    *out = (struct privileges_of){.policy = fora_claims_policy(r->claims, space),
        .member = r->subject,
        .standing = stated != NULL ? stated->standing : 0,
        .at = r->at};
    return reputation_holds(r, space) && out->policy != NULL &&
           (stated != NULL || privileges_any(out));
}

static void space_text(
    struct reputation *r, const struct fora_space_id *space, const struct privileges_of *of)
{
    struct fora_buf *out = &r->app->out;
    fora_buf_append_str(out, "In ");
    reputation_space_name(out, r, space);
    if (of->standing > 0) {
        fora_buf_printf(out, ", with a standing of %" PRIu64, of->standing);
    }
    fora_buf_append_str(out, ":\n");
    if (!privileges_of_text(out, of)) {
        fora_buf_append_str(out, "  nothing more is earned there\n");
    }
}

static void space_json(struct js_writer *w, struct reputation *r, const struct fora_space_id *space,
    const struct privileges_of *of)
{
    struct fora_buf name = {0};
    reputation_space_name(&name, r, space);
    js_object(w, NULL);
    js_id(w, "space", FORA_HRP_SPACE, space->b);
    js_text(w, "name", fora_buf_bytes(&name));
    js_count(w, "standing", of->standing);
    privileges_of_json(w, of);
    js_end(w);
    fora_buf_fini(&name);
}

static int show(struct reputation *r)
{
    struct app *app = r->app;
    struct standings *standings = fora_arena_zalloc(&r->arena, 1, sizeof *standings);
    struct js_writer w;
    if (standings == NULL ||
        fora_claims_each(r->claims, &r->subject, r->at, take_standing, standings) != 0) {
        return app_fail_memory(app);
    }
    take_name(r);
    if (app->json) {
        account_json(app, &w);
        js_array(&w, "privileges");
    } else {
        account_text(app, "You are ");
    }
    for (size_t i = 0; i < r->spaces_count; i++) {
        struct privileges_of of;
        const struct fora_space_id *space = &r->spaces[i].id;
        if (!privileges_in(r, standings, space, &of)) {
            continue;
        }
        if (app->json) {
            space_json(&w, r, space, &of);
        } else {
            space_text(r, space, &of);
        }
    }
    if (app->json) {
        js_end(&w);
        return app_json(app, &w, JS_PRETTY);
    }
    return CMD_EXIT_OK;
}

int run_whoami(struct app *app)
{
    struct reputation r;
    int exit = app_connect(app, APP_MEMBER);
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    if (app->quiet && !app->json) {
        account_text(app, "");
        return CMD_EXIT_OK;
    }
    exit = reputation_init(&r, app);
    exit = exit == CMD_EXIT_OK ? reputation_load_own(&r) : exit;
    exit = exit == CMD_EXIT_OK ? show(&r) : exit;
    reputation_fini(&r);
    return exit;
}
