/* forad init: asks what the command line leaves open, founds the node, says what to do next. */
#include "cmd/forad.h"
#include "cmd/found.h"
#include "fora/utf8.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct answers {
    char kind[16];
    char name[SETTINGS_NAME_MAX + 2];
    char space[SETTINGS_NAME_MAX + 2];
    char address[SETTINGS_TEXT_MAX];
};

/* One line typed; `otherwise` when it is empty. False at the end of input. */
static bool ask(const char *question, const char *otherwise, char *out, size_t room)
{
    char line[512];
    (void)fprintf(stderr, otherwise[0] == '\0' ? "%s: " : "%s [%s]: ", question, otherwise);
    (void)fflush(stderr);
    if (fgets(line, sizeof line, stdin) == NULL) {
        return false;
    }
    line[strcspn(line, "\r\n")] = '\0';
    /* What is too long stays too long by a byte, and is refused. */
    (void)snprintf(out, room, "%.*s", (int)room - 1, line[0] == '\0' ? otherwise : line);
    return true;
}

static bool interactive(const struct app *app)
{
    return !cmd_flag(&app->line, "yes") && isatty(STDIN_FILENO) == 1 && app->error_terminal;
}

static int check_line(struct app *app, const char *what, const char *text)
{
    size_t size = strlen(text);
    if (size == 0 || size > SETTINGS_NAME_MAX ||
        !fora_utf8_printable(fora_bytes_str(text), false)) {
        return app_fail(app, FORAD_USAGE, "%s must be one line of 1 to 100 bytes of UTF-8.", what);
    }
    return FORAD_OK;
}

static int read_kind(struct app *app, struct answers *answers)
{
    const char *kind = cmd_text(&app->line, "kind");
    if (kind != NULL) {
        (void)snprintf(answers->kind, sizeof answers->kind, "%s", kind);
    } else if (interactive(app) &&
               !ask("What is the node for: support of a vendor's products, or a community? "
                    "vendor or community",
                   "", answers->kind, sizeof answers->kind)) {
        return app_fail(app, FORAD_USAGE, "Nothing was answered, and nothing was made.");
    }
    return strcmp(answers->kind, "vendor") == 0 || strcmp(answers->kind, "community") == 0
               ? FORAD_OK
               : app_fail(app, FORAD_USAGE,
                     "Say what the node is for: --kind vendor (support of products) or --kind "
                     "community.");
}

static int read_names(struct app *app, struct answers *answers)
{
    const char *name = cmd_text(&app->line, "name");
    const char *space = cmd_text(&app->line, "space");
    if (name == NULL && !interactive(app)) {
        return app_fail(app, FORAD_USAGE, "The node needs a name. Give one with --name NAME.");
    }
    if (name != NULL) {
        (void)snprintf(answers->name, sizeof answers->name, "%s", name);
    } else if (!ask("Name of the node, as people read it", "", answers->name,
                   sizeof answers->name)) {
        return app_fail(app, FORAD_USAGE, "Nothing was answered, and nothing was made.");
    }
    int exit = check_line(app, "The node's name", answers->name);
    if (exit != FORAD_OK) {
        return exit;
    }
    bool vendor = strcmp(answers->kind, "vendor") == 0;
    char otherwise[SETTINGS_NAME_MAX + 2];
    int size = snprintf(otherwise, sizeof otherwise, vendor ? "%s support" : "%s", answers->name);
    if (size > SETTINGS_NAME_MAX) {
        (void)snprintf(otherwise, sizeof otherwise, "Support");
    }
    (void)snprintf(answers->space, sizeof answers->space, "%s", space == NULL ? otherwise : space);
    if (space == NULL && interactive(app) &&
        !ask("Name of the first space", otherwise, answers->space, sizeof answers->space)) {
        return app_fail(app, FORAD_USAGE, "Nothing was answered, and nothing was made.");
    }
    return check_line(app, "The space's name", answers->space);
}

static int read_addresses(struct app *app, struct settings *settings)
{
    const char *texts[SETTINGS_LIST_MAX + 1];
    size_t count = cmd_texts(&app->line, "listen", texts, SETTINGS_LIST_MAX + 1);
    if (count > SETTINGS_LIST_MAX) {
        return app_fail(app, FORAD_USAGE, "--listen can be given 8 times at most.");
    }
    for (size_t i = 0; i < count; i++) {
        if (settings_check_listen(texts[i], &app->why) != 0) {
            return app_fail(app, FORAD_USAGE, "--listen: %s", app->why.text);
        }
        (void)snprintf(settings->listen.items[i], SETTINGS_TEXT_MAX, "%s", texts[i]);
        settings->listen.count = i + 1;
    }
    count = cmd_texts(&app->line, "address", texts, SETTINGS_LIST_MAX + 1);
    if (count > SETTINGS_LIST_MAX) {
        return app_fail(app, FORAD_USAGE, "--address can be given 8 times at most.");
    }
    for (size_t i = 0; i < count; i++) {
        if (settings_check_address(texts[i], &app->why) != 0) {
            return app_fail(app, FORAD_USAGE, "--address: %s", app->why.text);
        }
        (void)snprintf(settings->addresses.items[i], SETTINGS_TEXT_MAX, "%s", texts[i]);
        settings->addresses.count = i + 1;
    }
    return FORAD_OK;
}

static int read_plan(struct app *app, struct found_plan *plan, struct answers *answers)
{
    const char *registration = cmd_text(&app->line, "registration");
    const char *kind = cmd_text(&app->line, "space-kind");
    settings_default(&plan->settings);
    plan->now = app->now;
    int exit = read_kind(app, answers);
    if (exit == FORAD_OK) {
        exit = read_addresses(app, &plan->settings);
    }
    if (exit == FORAD_OK) {
        exit = read_names(app, answers);
    }
    (void)snprintf(plan->settings.name, sizeof plan->settings.name, "%.100s", answers->name);
    plan->settings.registration = registration != NULL && strcmp(registration, "closed") == 0
                                      ? REGISTRATION_CLOSED
                                      : REGISTRATION_OPEN;
    plan->space_name = answers->space;
    plan->space_kind = kind == NULL ? FORA_SPACE_QUESTIONS : fora_space_kind_parse(kind);
    plan->products_count = cmd_texts(&app->line, "product", plan->products, FOUND_PRODUCTS_MAX);
    return exit;
}

/* ---- what was made ---- */

static int say_json(struct app *app, const struct found_plan *plan, const struct found *found)
{
    struct js_writer w;
    js_init_object(&w);
    js_string(&w, "data", app->data.home);
    js_id(&w, "node", FORA_HRP_NODE, found->node.b);
    js_string(&w, "name", plan->settings.name);
    js_id(&w, "admin", FORA_HRP_MEMBER, found->admin.b);
    js_object(&w, "space");
    js_id(&w, "id", FORA_HRP_SPACE, found->space.b);
    js_string(&w, "slug", found->slug);
    js_string(&w, "name", plan->space_name);
    js_end(&w);
    js_array(&w, "listen");
    for (size_t i = 0; i < plan->settings.listen.count; i++) {
        js_string(&w, NULL, plan->settings.listen.items[i]);
    }
    js_end(&w);
    return app_json(app, &w);
}

static int say_text(struct app *app, const struct found_plan *plan, const struct found *found)
{
    char node[FORA_ID_TEXT_MAX];
    char admin[FORA_ID_TEXT_MAX];
    char space[FORA_ID_TEXT_MAX];
    const char *home = app->data.home;
    fora_id_format(node, FORA_HRP_NODE, found->node.b);
    fora_id_format(admin, FORA_HRP_MEMBER, found->admin.b);
    fora_id_format(space, FORA_HRP_SPACE, found->space.b);
    if (app->quiet) {
        fora_buf_printf(&app->out, "%s\n", node);
        return FORAD_OK;
    }
    fora_buf_printf(&app->out,
        "Made the node \"%s\" in %s\n\n"
        "  node    %s\n"
        "  admin   %s  (handle %s, keys in %s/admin)\n"
        "  space   %s  (%s)\n"
        "  listen  %s\n\n",
        plan->settings.name, home, node, admin, FOUND_ADMIN, home, space, found->slug,
        plan->settings.listen.items[0]);
    fora_buf_printf(&app->out,
        "Next:\n"
        "  $ forad run --data %s                  starts it\n"
        "  $ forad status --data %s               how it is\n"
        "  $ fora --home %s/admin threads         the client, as admin\n"
        "Keep a copy of %s/keys and %s/admin in a safe place: who has lost them has lost the "
        "node.\n",
        home, home, home, home, home);
    return FORAD_OK;
}

int run_init(struct app *app)
{
    struct stage stage = {.inside = false};
    struct answers answers = {.name = ""};
    struct found_plan plan = {.now = 0};
    struct found found;
    int exit = app_data(app);
    /* Before the questions: nobody likes to answer in vain. */
    if (exit == FORAD_OK && stage_vacant(&stage, app->data.home, &app->why) != 0) {
        exit = app_fail_why(app);
    }
    if (exit == FORAD_OK) {
        exit = read_plan(app, &plan, &answers);
    }
    if (exit == FORAD_OK && (stage_begin(&stage, app->data.home, &app->why) != 0 ||
                                found_node(&stage.stage, &plan, &found, &app->why) != 0 ||
                                stage_publish(&stage, "keys", &app->why) != 0)) {
        exit = app_fail_why(app);
        stage_drop(&stage);
    }
    if (exit != FORAD_OK) {
        return exit;
    }
    return app->json ? say_json(app, &plan, &found) : say_text(app, &plan, &found);
}
