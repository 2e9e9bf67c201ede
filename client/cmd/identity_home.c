/*
 * The account at a home that a member moves to, and the one that she has at the home before it. A
 * move may have ended in the middle, or its answer may have been lost: then it is told from the
 * node and from the log what was done, and only the rest is.
 */
#include "cmd/own.h"

#include <stdio.h>
#include <string.h>

/* ---- the home before ---- */

/* Which node an entry names as home; NULL: none. */
static const struct fora_principal_id *home_of(struct fora_arena *arena, struct fora_bytes encoded)
{
    struct fora_object object;
    struct fora_content content;
    if (fora_object_decode(&object, encoded) != 0 || !object.has_content ||
        fora_content_decode(arena, FORA_KIND_IDENTITY, object.content_bytes, &content) != 0) {
        return NULL;
    }
    const struct fora_identity_entry *entry = &content.u.identity;
    return entry->home != NULL     ? &entry->home->home
           : entry->create != NULL ? &entry->create->home
                                   : NULL;
}

int home_before(struct app *app, const struct fora_principal_id *target, struct home_account *out)
{
    struct fora_arena arena;
    int exit = CMD_EXIT_OK;
    *out = (struct home_account){.known = false};
    fora_arena_init(&arena, 0);
    for (size_t i = app->own.log_count; i > 0 && exit == CMD_EXIT_OK && !out->known; i--) {
        const struct fora_principal_id *home = home_of(&arena, app->own.log[i - 1]);
        if (home != NULL && memcmp(home->b, target->b, sizeof target->b) != 0) {
            exit = home_known(app, home, out);
        }
    }
    fora_arena_fini(&arena);
    return exit;
}

int home_known(struct app *app, const struct fora_principal_id *node, struct home_account *out)
{
    int error = state_account_load(&app->state, node, &out->account, &app->why);
    out->known = error == 0 &&
                 memcmp(out->account.member.b, app->own.member.b, sizeof app->own.member.b) == 0;
    return error == 0 || error == FORA_E_NOTFOUND ? CMD_EXIT_OK : app_fail_why(app);
}

/* ---- the new one ---- */

/* Whose the handle is at the node. Who does not answer that is asked to sign her up, and says then
 * what is wrong. */
enum owner { NOBODY, SHE, ANOTHER };

static enum owner owner_of(struct app *app, const char *handle)
{
    struct fora_message ask = {.type = FORA_MSG_GET_PRINCIPAL};
    const struct fora_message *answer;
    ask.u.get_principal.handle = fora_bytes_str(handle);
    if (fora_client_call(app->client, &ask, FORA_MSG_PRINCIPAL_OBJECTS, &answer, &app->why) != 0) {
        return NOBODY;
    }
    return memcmp(answer->u.principal_objects.principal.b, app->own.member.b,
               sizeof app->own.member.b) == 0
               ? SHE
               : ANOTHER;
}

static int taken(struct app *app, const char *handle)
{
    return app_fail(app, CMD_EXIT_REFUSED,
        "The handle \"%s\" is somebody else's at %s (NAME_TAKEN). Say which other one you want "
        "there with --handle NAME.",
        handle, app->address);
}

int home_offers(struct app *app, const char *handle)
{
    return owner_of(app, handle) == ANOTHER ? taken(app, handle) : CMD_EXIT_OK;
}

static int sign_up(struct app *app, const char *handle)
{
    struct fora_message ask = {.type = FORA_MSG_SIGN_UP};
    const struct fora_message *answer;
    ask.u.sign_up = (struct fora_msg_sign_up){.handle = fora_bytes_str(handle),
        .name = fora_bytes_str(app->name[0] != '\0' ? app->name : handle),
        .identity = app->own.log,
        .identity_count = app->own.log_count};
    int error = fora_client_call(app->client, &ask, FORA_MSG_AUTH_OK, &answer, &app->why);
    if (error == 0) {
        app_take_auth(app, &answer->u.auth_ok);
        return CMD_EXIT_OK;
    }
    if (error == FORA_E_NAME_TAKEN) {
        return taken(app, handle);
    }
    if (error == FORA_E_REFUSED && app->why.from_node) {
        return app_fail(app, CMD_EXIT_REFUSED,
            "%s refused it (REFUSED). If you are a member there under another handle, say which "
            "with "
            "--handle NAME.",
            app->address);
    }
    return app_fail_why(app);
}

int home_enter(struct app *app, struct own *own, const char *handle, bool *was_there)
{
    *was_there = false;
    if (app_sign_up_fits(app) != CMD_EXIT_OK) {
        return CMD_EXIT_REFUSED;
    }
    if (app_auth_own(app) != 0) {
        return app_fail_why(app);
    }
    *was_there = owner_of(app, handle) == SHE;
    int exit = *was_there ? own_tell(app, own) : sign_up(app, handle);
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    struct state_account account = {
        .node = *fora_client_node(app->client), .member = app->own.member, .self_custody = true};
    (void)snprintf(account.address, sizeof account.address, "%s", app->address);
    (void)snprintf(account.handle, sizeof account.handle, "%s", handle);
    return state_account_save(&app->state, &account, &app->why) == 0 ? CMD_EXIT_OK
                                                                     : app_fail_why(app);
}
