/* How a new space of the node is called: as "fora space create" calls it. */
#include "cmd/forad.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the spaces of the node are called; the policies are owned. */
struct names {
    struct app_space *items; /* owned */
    size_t count;
};

static void names_fini(struct names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        fora_policy_free(names->items[i].policy);
    }
    free(names->items);
    *names = (struct names){.items = NULL};
}

/* One whose policy does not verify has no name here. */
static int names_load(struct app *app, struct names *out)
{
    struct fora_message ask = {.type = FORA_MSG_LIST_SPACES};
    const struct fora_message *answer;
    *out = (struct names){.items = NULL};
    int exit = app_call(app, &ask, FORA_MSG_SPACES, &answer);
    if (exit != FORAD_OK) {
        return exit;
    }
    const struct fora_msg_spaces *spaces = &answer->u.spaces;
    out->items = calloc(spaces->rows_count + 1, sizeof *out->items);
    if (out->items == NULL) {
        return app_fail_memory(app);
    }
    for (size_t i = 0; i < spaces->rows_count; i++) {
        struct app_space *space = &out->items[out->count];
        int error = app_space_fold(&spaces->rows[i], &space->policy);
        if (error == FORA_E_NOMEM) {
            return app_fail_memory(app);
        }
        space->id = spaces->rows[i].space;
        out->count += error == 0;
    }
    return FORAD_OK;
}

static bool slug_is_there(const struct names *names, struct fora_bytes slug)
{
    for (size_t i = 0; i < names->count; i++) {
        if (fora_bytes_equal(fora_policy_slug(names->items[i].policy), slug)) {
            return true;
        }
    }
    return false;
}

/* A space that the node owns and that people read the same name of; NULL: none. */
static const struct app_space *namesake(
    const struct app *app, const struct names *names, struct fora_bytes name)
{
    for (size_t i = 0; i < names->count; i++) {
        const struct app_space *space = &names->items[i];
        struct fora_principal_id owner = fora_policy_owner(space->policy);
        if (memcmp(owner.b, app->node.b, sizeof owner.b) == 0 &&
            fora_bytes_equal(fora_policy_name(space->policy), name)) {
            return space;
        }
    }
    return NULL;
}

/* Of the name, with a number where another space has it. */
static void make_slug(const struct names *names, const char *name,
    struct fora_policy_statement *policy, char slug[SPACE_SLUG_ROOM])
{
    char base[41];
    text_slug(base, name);
    (void)snprintf(slug, SPACE_SLUG_ROOM, "%s", base);
    for (unsigned i = 2; i < 1000 && slug_is_there(names, fora_bytes_str(slug)); i++) {
        (void)snprintf(slug, SPACE_SLUG_ROOM, "%.36s-%u", base, i);
    }
    policy->has_slug = true;
    policy->slug = fora_bytes_str(slug);
}

int space_name_apart(
    struct app *app, struct fora_policy_statement *policy, char slug[SPACE_SLUG_ROOM])
{
    struct names names;
    char id[FORA_ID_TEXT_MAX];
    int exit = names_load(app, &names);
    const struct app_space *same = exit == FORAD_OK ? namesake(app, &names, policy->name) : NULL;
    if (exit == FORAD_OK && policy->has_slug && slug_is_there(&names, policy->slug)) {
        exit = app_fail(app, FORAD_USAGE,
            "A space here has the short name \"%.*s\" already. Choose another with --slug.",
            (int)policy->slug.size, (const char *)policy->slug.data);
    } else if (same != NULL && !policy->has_slug) {
        fora_id_format(id, FORA_HRP_SPACE, same->id.b);
        exit = app_fail(app, FORAD_USAGE,
            "The node has a space of that name already: %s. To make a second one all the same, "
            "give it a short name of its own with --slug.",
            id);
    } else if (exit == FORAD_OK && !policy->has_slug) {
        make_slug(&names, cmd_argument(&app->line, 0), policy, slug);
    }
    names_fini(&names);
    return exit;
}
