/* fora profile: who somebody is, and who one is oneself. */
#include "cmd/commands.h"
#include "cmd/profile.h"

#include <string.h>

static void links_json(struct js_writer *w, const char *links)
{
    js_array(w, "links");
    while (links != NULL && *links != '\0') {
        size_t size = strcspn(links, "\n");
        js_text(w, NULL, fora_bytes(links, size));
        links += size + 1;
    }
    js_end(w);
}

static int show_json(
    struct app *app, const struct fora_principal_id *id, const struct person *person)
{
    struct js_writer w;
    size_t keys = 0;
    js_init_object(&w);
    js_id(&w, "member", FORA_HRP_MEMBER, id->b);
    if (person->name[0] != '\0') {
        js_string(&w, "name", person->name);
    } else {
        js_null(&w, "name");
    }
    js_text(&w, "about", fora_bytes(person->about, person->about_size));
    links_json(&w, person->links);
    if (person->identity != NULL) {
        js_id(&w, "home", FORA_HRP_NODE, fora_identity_home(person->identity)->b);
        (void)fora_identity_keys(person->identity, &keys);
    } else {
        js_null(&w, "home");
    }
    js_count(&w, "keys", keys);
    js_bool(&w, "verified", person->identity != NULL);
    return app_json(app, &w, JS_PRETTY);
}

static void show_text(
    struct app *app, const struct fora_principal_id *id, const struct person *person)
{
    struct fora_buf *out = &app->out;
    char text[FORA_ID_TEXT_MAX];
    text_painted(out, &app->style, TEXT_BOLD, person->name[0] != '\0' ? person->name : "(no name)");
    fora_id_format(text, FORA_HRP_MEMBER, id->b);
    fora_buf_printf(out, "\n%s\n", text);
    if (person->identity != NULL && !fora_id_is_zero(fora_identity_home(person->identity)->b)) {
        fora_id_format(text, FORA_HRP_NODE, fora_identity_home(person->identity)->b);
        fora_buf_printf(out, "home %s\n", text);
    }
    if (person->identity == NULL) {
        fora_buf_append_str(
            out, "The identity log is missing or broken: nothing of this is proven.\n");
    } else if (fora_identity_forked(person->identity)) {
        fora_buf_append_str(out, "The identity log forks: a key was misused at some time.\n");
    }
    if (person->about != NULL) {
        fora_buf_u8(out, '\n');
        text_markdown(out, &app->style, fora_bytes(person->about, person->about_size), 0);
    }
    if (person->links != NULL) {
        fora_buf_u8(out, '\n');
        text_clean(out, fora_bytes_str(person->links), true);
    }
}

static int show_member(struct app *app, const struct fora_principal_id *id)
{
    struct people people = {0};
    int exit = people_ask(app, app->client, &people, id);
    const struct person *person = people_find(&people, id);
    if (exit == CMD_EXIT_OK && person == NULL) {
        exit = app_fail(app, CMD_EXIT_NOTFOUND, "The node knows nobody of that id.");
    }
    if (exit == CMD_EXIT_OK && app->json) {
        exit = show_json(app, id, person);
    } else if (exit == CMD_EXIT_OK) {
        show_text(app, id, person);
    }
    people_fini(&people);
    return exit;
}

static void draft_withheld(struct profile_draft *out, const struct person *me)
{
    struct fora_profile *profile = &out->content.u.profile;
    profile->withheld = out->withheld;
    for (size_t i = 0; i < me->withheld_count && i < PROFILE_WITHHELD_MAX; i++) {
        const struct person_withheld *line = &me->withheld[i];
        out->withheld[profile->withheld_count++] = (struct fora_withheld){.issuer = line->issuer,
            .space = line->space,
            .type = line->type,
            .label = fora_bytes(line->label, line->label_size)};
    }
}

void profile_draft(struct profile_draft *out, const struct app *app, const struct person *me)
{
    struct fora_profile *profile = &out->content.u.profile;
    *out = (struct profile_draft){.content = {.kind = FORA_KIND_PROFILE}};
    profile->links = out->links;
    profile->name =
        fora_bytes_str(me != NULL && me->name[0] != '\0' ? me->name : app->account.handle);
    if (me == NULL) {
        return;
    }
    profile->about = fora_bytes(me->about, me->about_size);
    const char *old = me->links;
    while (old != NULL && *old != '\0' && profile->links_count < PROFILE_LINKS_MAX) {
        size_t size = strcspn(old, "\n");
        out->links[profile->links_count++] = fora_bytes(old, size);
        old += size + 1;
    }
    draft_withheld(out, me);
}

/* A profile is replaced whole: what is not given stays as it was. */
static int change(struct app *app)
{
    struct people people = {0};
    struct profile_draft draft;
    struct fora_profile *profile = &draft.content.u.profile;
    struct fora_object_id id;
    const char *name = cmd_text(&app->line, "name");
    const char *about = cmd_text(&app->line, "about");
    int exit = people_ask(app, app->client, &people, &app->account.member);
    profile_draft(&draft, app, people_find(&people, &app->account.member));
    if (exit == CMD_EXIT_OK && cmd_text(&app->line, "link") != NULL) {
        exit = app_links(app, draft.links, PROFILE_LINKS_MAX, &profile->links_count);
    }
    if (exit == CMD_EXIT_OK && name != NULL) {
        exit = app_line_of_text(app, "name", fora_bytes_str(name), 100);
        profile->name = fora_bytes_str(name);
    }
    if (about != NULL) {
        profile->about = fora_bytes_str(about);
    }
    if (exit == CMD_EXIT_OK) {
        exit = app_post(app, NULL, NULL, NULL, &draft.content, &id);
    }
    people_fini(&people);
    return exit == CMD_EXIT_OK ? app_stored(app, draft.content.kind, &id, "Changed your profile:")
                               : exit;
}

int run_profile(struct app *app)
{
    struct fora_principal_id id;
    const char *member = cmd_argument(&app->line, 0);
    const struct cmd_line *line = &app->line;
    bool changes = cmd_text(line, "name") != NULL || cmd_text(line, "about") != NULL ||
                   cmd_text(line, "link") != NULL;
    if (changes && member != NULL) {
        return app_fail(
            app, CMD_EXIT_USAGE, "Only your own profile can be changed: leave MEMBER out.");
    }
    int exit = app_connect(app, changes || member == NULL ? APP_MEMBER : APP_ANYONE);
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    if (changes) {
        return change(app);
    }
    id = app->account.member;
    if (member != NULL) {
        exit = app_member(app, member, &id);
    }
    return exit == CMD_EXIT_OK ? show_member(app, &id) : exit;
}
