/*
 * forad domain: what the domains of nodes are worth, asking one now, and what to put on one's own.
 */
#include "cmd/domains.h"

#include "core/accounts.h"
#include "core/caches.h"
#include "fora/identity.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* ---- forad domain list ---- */

static void list_json(struct app *app, struct js_writer *w, const struct domains *domains)
{
    js_array(w, "domains");
    for (size_t i = 0; i < domains->nodes.count; i++) {
        const struct domain_node *node = &domains->nodes.items[i];
        const struct domain_entry *entry = domain_cache_find(&domains->cache, node->domain);
        js_object(w, NULL);
        js_string(w, "domain", node->domain);
        js_id(w, "node", FORA_HRP_NODE, node->node.b);
        js_bool(w, "proven", domain_proven(&domains->cache, node->domain, &node->node, app->now));
        js_time(w, "checked_at", entry == NULL ? 0 : entry->checked_at);
        js_time(w, "found_at", entry == NULL ? 0 : entry->found_at);
        js_string(w, "why", entry == NULL ? "" : entry->why);
        js_end(w);
    }
    js_end(w);
}

static const char *why_claimed(const struct domain_entry *entry)
{
    if (entry == NULL) {
        return "it has not been asked yet";
    }
    return entry->why[0] != '\0' ? entry->why : "the domain names another node";
}

static void list_text(struct app *app, const struct domains *domains)
{
    struct fora_buf *out = &app->out;
    for (size_t i = 0; i < domains->nodes.count; i++) {
        const struct domain_node *node = &domains->nodes.items[i];
        char id[FORA_ID_TEXT_MAX];
        fora_id_format(id, FORA_HRP_NODE, node->node.b);
        fora_buf_printf(out, "%s\n  %s: ", id, node->domain);
        if (domain_proven(&domains->cache, node->domain, &node->node, app->now)) {
            text_painted(out, &app->style, TEXT_GREEN, "proven");
        } else {
            text_painted(out, &app->style, TEXT_YELLOW, "claimed");
            fora_buf_append_str(out, ", ");
            text_clean(out,
                fora_bytes_str(why_claimed(domain_cache_find(&domains->cache, node->domain))),
                false);
        }
        fora_buf_u8(out, '\n');
    }
}

static int load_all(struct app *app, struct domains *domains)
{
    int exit = app_store_of(app, APP_STORE_READ);
    if (exit == FORAD_OK) {
        exit = app_keys(app);
    }
    if (exit == FORAD_OK) {
        app->node = app->keys.node;
        exit = domains_load(app, domains);
    }
    return exit;
}

int run_domain_list(struct app *app)
{
    struct domains domains;
    int exit = load_all(app, &domains);
    if (exit != FORAD_OK) {
        return exit;
    }
    if (app->json) {
        struct js_writer w;
        js_init_object(&w);
        list_json(app, &w, &domains);
        exit = app_json(app, &w);
    } else if (domains.nodes.count == 0) {
        app_note(app, "No node that is known here names a domain. Name one's own with \"domain\" "
                      "in forad.conf.");
    } else {
        list_text(app, &domains);
    }
    domains_fini(&domains);
    return exit;
}

/* ---- forad domain check ---- */

/* DOM-7. */
static bool handle_confirmed(struct app *app, const struct domains *domains, const char *name,
    const struct fora_principal_id *member)
{
    struct domain_handle handle;
    struct fora_identity *log = NULL;
    struct domain_node home;
    struct kv_txn *txn;
    bool confirmed = false;
    if (!domain_handle_parse(&handle, name) || kv_begin_read(app->kv, &txn) != 0) {
        return false;
    }
    if (identity_load(txn, member, &log) == 0 &&
        domain_of_node(&home, txn, fora_identity_home(log)) == 0) {
        confirmed = strcmp(home.domain, handle.domain) == 0 &&
                    domain_proven(&domains->cache, home.domain, &home.node, app->now);
    }
    fora_identity_free(log);
    kv_abort(txn);
    return confirmed;
}

/* DOM-3, for a domain that names a node. */
static bool domain_confirmed(struct app *app, const struct domains *domains, const char *domain,
    const struct fora_principal_id *node)
{
    struct domain_node said;
    struct kv_txn *txn;
    if (kv_begin_read(app->kv, &txn) != 0) {
        return false;
    }
    bool confirmed = domain_of_node(&said, txn, node) == 0 && strcmp(said.domain, domain) == 0 &&
                     domain_proven(&domains->cache, domain, node, app->now);
    kv_abort(txn);
    return confirmed;
}

static int show(struct app *app, const struct domains *domains, const char *name)
{
    char id[FORA_ID_TEXT_MAX];
    const struct domain_entry *entry = domain_cache_find(&domains->cache, name);
    bool handle = name[0] == '@';
    if (!domain_entry_holds(entry, app->now)) {
        struct fora_buf clean = {0};
        text_clean(&clean, fora_bytes_str(entry == NULL ? "" : entry->why), false);
        const char *why = fora_buf_cstr(&clean);
        int exit = app_fail(app, FORAD_NOTFOUND, "%s names no %s: %s.", name,
            handle ? "member" : "node", why == NULL ? "" : why);
        fora_buf_fini(&clean);
        return exit;
    }
    bool confirmed = handle ? handle_confirmed(app, domains, name, &entry->found)
                            : domain_confirmed(app, domains, name, &entry->found);
    fora_id_format(id, handle ? FORA_HRP_MEMBER : FORA_HRP_NODE, entry->found.b);
    if (app->json) {
        struct js_writer w;
        js_init_object(&w);
        js_string(&w, "name", name);
        js_string(&w, "found", id);
        js_bool(&w, handle ? "confirmed" : "proven", confirmed);
        js_time(&w, "found_at", entry->found_at);
        js_string(&w, "why", entry->why);
        return app_json(app, &w);
    }
    fora_buf_printf(&app->out, "%s is %s: %s\n", name, id,
        confirmed ? (handle ? "confirmed, her home is the node of that domain"
                            : "proven, the node's log names the domain too")
        : handle  ? "the domain says so, and nothing here confirms it"
                  : "the domain says so, but no log that is held here names it");
    if (entry->why[0] != '\0') {
        app_note(app, "It could not be asked now: %s.", entry->why);
    }
    return FORAD_OK;
}

int run_domain_check(struct app *app)
{
    const char *name = cmd_argument(&app->line, 0);
    struct domains domains;
    struct domain_rules rules;
    struct fora_buf ca;
    int exit = load_all(app, &domains);
    if (exit != FORAD_OK) {
        return exit;
    }
    exit = domains_rules(app, &ca, &rules);
    if (exit == FORAD_OK && domain_fetch_init() != 0) {
        exit = app_fail(app, FORAD_LOCAL, "libcurl cannot be used here.");
    } else if (exit == FORAD_OK) {
        if (domain_check(&app->data, &rules, &domains.cache, name, app->now, &app->why) != 0) {
            exit = app->why.code == FORA_E_MALFORMED
                       ? app_fail(app, FORAD_USAGE, "%s", app->why.text)
                       : app_fail_why(app);
        }
        domain_fetch_fini();
    }
    if (exit == FORAD_OK) {
        exit = show(app, &domains, name);
    }
    fora_buf_fini(&ca);
    domains_fini(&domains);
    return exit;
}

/* ---- forad domain export ---- */

struct exporting {
    struct app *app;
    struct state folder; /* DIR/.well-known */
    size_t members;
};

/* The client's files are for its owner only; these are for the web server. */
static int put_file(struct app *app, const struct state *folder, const char *name,
    const struct fora_buf *text, int error)
{
    char path[STATE_PATH_MAX + 64];
    if (error != 0) {
        return fora_client_fail(&app->why, error, "There is not enough memory.");
    }
    error = state_write(folder, name, fora_buf_bytes(text), &app->why);
    (void)snprintf(path, sizeof path, "%s/%s", folder->home, name);
    if (error == 0 && chmod(path, 0644) != 0) {
        error = fora_client_fail(&app->why, FORA_E_IO, "Cannot make %.300s readable for all: %s.",
            path, strerror(errno));
    }
    return error;
}

static int export_member(void *context, const struct account *account)
{
    struct exporting *exporting = context;
    struct app *app = exporting->app;
    struct domain_handle handle;
    struct state folder = {.home = ""};
    struct fora_buf text = {0};
    char file[DOMAIN_HANDLE_MAX + 8];
    if (account->disabled) {
        return 0;
    }
    (void)snprintf(handle.name, sizeof handle.name, "%s", account->handle);
    (void)snprintf(handle.domain, sizeof handle.domain, "%s", app->settings.domain);
    (void)snprintf(folder.home, sizeof folder.home, "%.4000s/webfinger", exporting->folder.home);
    (void)snprintf(file, sizeof file, "%s.json", handle.name);
    int error = domain_webfinger_write(&text, &handle, &account->principal);
    error = put_file(app, &folder, file, &text, error);
    fora_buf_fini(&text);
    exporting->members += error == 0;
    return error;
}

static int export_members(struct exporting *exporting)
{
    struct app *app = exporting->app;
    struct kv_txn *txn;
    int error = kv_begin_read(app->kv, &txn);
    app->why.code = 0;
    if (error == 0) {
        error = accounts_each(txn, export_member, exporting);
        kv_abort(txn);
    }
    if (error != 0 && app->why.code == 0) {
        error = fora_client_fail(&app->why, error, "The members cannot be read: %s (%s).",
            fora_error_text(error), fora_error_name(error));
    }
    return error;
}

static int export_document(struct exporting *exporting)
{
    struct app *app = exporting->app;
    struct fora_buf text = {0};
    struct domain_document document = {.node = app->keys.node};
    const struct settings_list *addresses = &app->settings.addresses;
    for (size_t i = 0; i < addresses->count && i < DOMAIN_ADDRESSES_MAX; i++) {
        (void)snprintf(
            document.addresses[i], sizeof document.addresses[i], "%.255s", addresses->items[i]);
        document.addresses_count++;
    }
    int error = domain_document_write(&text, &document);
    error = put_file(app, &exporting->folder, "fora", &text, error);
    fora_buf_fini(&text);
    return error;
}

static int make_folders(struct exporting *exporting, const char *dir)
{
    struct app *app = exporting->app;
    char webfinger[STATE_PATH_MAX + 16];
    int size =
        snprintf(exporting->folder.home, sizeof exporting->folder.home, "%.3900s/.well-known", dir);
    if (size <= 0 || strlen(dir) > 3900) {
        return app_fail(app, FORAD_USAGE, "The name of the folder is too long.");
    }
    (void)snprintf(webfinger, sizeof webfinger, "%s/webfinger", exporting->folder.home);
    const char *const folders[] = {dir, exporting->folder.home, webfinger};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        if (mkdir(folders[i], 0755) != 0 && errno != EEXIST) {
            return app_fail(app, FORAD_LOCAL, "Cannot make the folder %.300s: %s.", folders[i],
                strerror(errno));
        }
    }
    return FORAD_OK;
}

int run_domain_export(struct app *app)
{
    struct exporting exporting = {.app = app};
    const char *dir = cmd_argument(&app->line, 0);
    int exit = app_store_of(app, APP_STORE_READ);
    if (exit == FORAD_OK) {
        exit = app_keys(app);
    }
    if (exit == FORAD_OK && app->settings.domain[0] == '\0') {
        exit = app_fail(
            app, FORAD_USAGE, "forad.conf names no domain. Write there: domain = \"example.com\";");
    }
    if (exit == FORAD_OK) {
        exit = make_folders(&exporting, dir);
    }
    if (exit != FORAD_OK) {
        return exit;
    }
    if (export_document(&exporting) != 0 || export_members(&exporting) != 0) {
        return app_fail_why(app);
    }
    if (app->json) {
        struct js_writer w;
        js_init_object(&w);
        js_string(&w, "folder", exporting.folder.home);
        js_string(&w, "domain", app->settings.domain);
        js_count(&w, "members", exporting.members);
        return app_json(app, &w);
    }
    fora_buf_printf(&app->out, "Wrote %s/fora, and ", exporting.folder.home);
    text_count(&app->out, exporting.members, "member", "members");
    fora_buf_printf(&app->out, " below %s/webfinger\n", exporting.folder.home);
    return FORAD_OK;
}
