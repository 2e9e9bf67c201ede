/* How a new space is called, so that people can tell it from those that are there. */
#include "cmd/space_name.h"

#include <stdio.h>
#include <string.h>

/* Is `slug` the short name of a space that the node has? */
static bool slug_is_there(const struct app_spaces *spaces, struct fora_bytes slug)
{
    for (size_t i = 0; i < spaces->count; i++) {
        if (fora_bytes_equal(fora_policy_slug(spaces->items[i].policy), slug)) {
            return true;
        }
    }
    return false;
}

/* A space that the node owns and that people read the same name of; NULL: none. */
static const struct app_space *namesake(
    const struct app *app, const struct app_spaces *spaces, struct fora_bytes name)
{
    for (size_t i = 0; i < spaces->count; i++) {
        const struct app_space *space = &spaces->items[i];
        struct fora_principal_id owner = fora_policy_owner(space->policy);
        if (memcmp(owner.b, fora_client_node(app->client)->b, sizeof owner.b) == 0 &&
            fora_bytes_equal(fora_policy_name(space->policy), name)) {
            return space;
        }
    }
    return NULL;
}

/* A short name of the name, unless one was given; with a number where another space has it. */
static void make_slug(const struct app_spaces *spaces, const char *name,
    struct fora_policy_statement *policy, char slug[SPACE_SLUG_ROOM])
{
    char base[41];
    if (policy->has_slug) {
        return;
    }
    text_slug(base, name);
    (void)snprintf(slug, SPACE_SLUG_ROOM, "%s", base);
    for (unsigned i = 2; i < 1000 && slug_is_there(spaces, fora_bytes_str(slug)); i++) {
        (void)snprintf(slug, SPACE_SLUG_ROOM, "%.36s-%u", base, i);
    }
    policy->has_slug = true;
    policy->slug = fora_bytes_str(slug);
}

int space_name_apart(
    struct app *app, struct fora_policy_statement *policy, char slug[SPACE_SLUG_ROOM])
{
    struct app_spaces spaces;
    char id[FORA_ID_TEXT_MAX];
    int exit = app_spaces(app, &spaces);
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    const struct app_space *same = namesake(app, &spaces, policy->name);
    if (same != NULL) {
        fora_id_format(id, FORA_HRP_SPACE, same->id.b);
    }
    if (policy->has_slug && slug_is_there(&spaces, policy->slug)) {
        exit = app_fail(app, CMD_EXIT_USAGE,
            "A space here has the short name \"%.*s\" already. Choose another with --slug.",
            (int)policy->slug.size, (const char *)policy->slug.data);
    } else if (same != NULL && !policy->has_slug) {
        exit = app_fail(app, CMD_EXIT_USAGE,
            "The node has a space of that name already: %s. To make a second one all the same, "
            "give "
            "it a short name of its own with --slug.",
            id);
    } else if (same != NULL) {
        app_note(app, "The node has another space of that name: %s.", id);
    }
    make_slug(&spaces, cmd_argument(&app->line, 0), policy, slug);
    app_spaces_fini(&spaces);
    return exit;
}
