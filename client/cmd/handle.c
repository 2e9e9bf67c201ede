/*
 * name@domain: the node asks the domain (DOM-8), and what logs can say about it is looked at here.
 * What has to be taken from the node is what the two web servers said.
 */
#include "cmd/handle.h"

#include "cmd/people.h"

#include <string.h>

enum { NAME_MAX_BYTES = 32, DOMAIN_MAX_BYTES = 253 };

bool handle_is_of_domain(const char *name)
{
    return name[0] != '\0' && strchr(name + 1, '@') != NULL;
}

/* "ann@Example.COM" or "@ann@example.com" into a name and a domain in lower case (DOM-1). */
static int split(struct app *app, const char *text, struct fora_bytes *name, char *domain)
{
    const char *begin = text[0] == '@' ? text + 1 : text;
    const char *at = strchr(begin, '@');
    size_t size = strlen(at + 1);
    *name = fora_bytes((const uint8_t *)begin, (size_t)(at - begin));
    if (name->size == 0 || name->size > NAME_MAX_BYTES || size == 0 || size > DOMAIN_MAX_BYTES) {
        return app_fail(
            app, CMD_EXIT_USAGE, "\"%.300s\" is no handle: it looks like name@example.com.", text);
    }
    for (size_t i = 0; i <= size; i++) {
        char c = at[1 + i];
        domain[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    return CMD_EXIT_OK;
}

static int failed(struct app *app, int error, const char *text, const char *domain)
{
    if (error == FORA_E_ABSENT || error == FORA_E_NOTFOUND) {
        return app_fail(app, CMD_EXIT_NOTFOUND,
            "Nobody was found as \"%s\": %s names no such member, or could not be asked.", text,
            domain);
    }
    if (error == FORA_E_AUTH || error == FORA_E_FORBIDDEN) {
        return app_fail(app, CMD_EXIT_CREDENTIALS,
            "The node %s asks other domains for its own members only. Log in with: fora login "
            "HANDLE, or give an id (foram1...).",
            app->address);
    }
    if (error == FORA_E_UNSUPPORTED) {
        return app_fail(app, CMD_EXIT_NOTFOUND,
            "The node %s asks no domains. Give an id (foram1...), or a handle there.",
            app->address);
    }
    return app_fail_why(app);
}

/* DOM-7, as far as logs go: hers names the node as home, and the node's the domain. */
static int check(
    struct app *app, const struct fora_msg_resolved *said, const char *domain, bool *out)
{
    struct people people = {0};
    *out = false;
    int exit = people_ask(app, app->client, &people, &said->principal);
    if (exit == CMD_EXIT_OK) {
        exit = people_ask(app, app->client, &people, &said->node);
    }
    const struct person *member = people_find(&people, &said->principal);
    const struct person *node = people_find(&people, &said->node);
    if (exit == CMD_EXIT_OK && member != NULL && member->identity != NULL && node != NULL &&
        node->identity != NULL) {
        const struct fora_node_info *info = fora_identity_node(node->identity);
        const struct fora_principal_id *home = fora_identity_home(member->identity);
        *out = memcmp(home->b, said->node.b, FORA_ID_SIZE) == 0 && info != NULL &&
               fora_bytes_equal(info->domain, fora_bytes_str(domain));
    }
    people_fini(&people);
    return exit;
}

/* A code of app->why. */
static int ask_node(
    struct app *app, struct fora_bytes name, const char *domain, struct fora_msg_resolved *out)
{
    struct fora_message ask = {.type = FORA_MSG_RESOLVE};
    const struct fora_message *answer;
    ask.u.resolve = (struct fora_msg_resolve){.name = name, .domain = fora_bytes_str(domain)};
    int error = fora_client_call(app->client, &ask, FORA_MSG_RESOLVED, &answer, &app->why);
    if (error == 0) {
        *out = answer->u.resolved; /* the next call ends the frame */
    }
    return error;
}

bool handle_try(struct app *app, const char *text, struct fora_principal_id *out)
{
    struct fora_msg_resolved said;
    struct fora_bytes name;
    char domain[DOMAIN_MAX_BYTES + 1];
    if (strcspn(text, "@") > NAME_MAX_BYTES || split(app, text, &name, domain) != CMD_EXIT_OK ||
        ask_node(app, name, domain, &said) != 0) {
        return false;
    }
    *out = said.principal;
    return true;
}

int handle_resolve(struct app *app, const char *text, struct fora_principal_id *out)
{
    struct fora_msg_resolved said;
    struct fora_bytes name;
    char domain[DOMAIN_MAX_BYTES + 1], id[FORA_ID_TEXT_MAX];
    bool confirmed = false;
    int exit = split(app, text, &name, domain);
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    int error = ask_node(app, name, domain, &said);
    if (error != 0) {
        return failed(app, error, text, domain);
    }
    if (!fora_id_is_zero(said.node.b)) {
        exit = check(app, &said, domain, &confirmed);
    }
    if (exit != CMD_EXIT_OK) {
        return exit;
    }
    fora_id_format(id, FORA_HRP_MEMBER, said.principal.b);
    *out = said.principal;
    if (said.confirmed && !confirmed) {
        app_note(app,
            "%s is %s: the node says that this is confirmed, and the logs that it shows do not say "
            "so. Take it for what %s says alone.",
            text, id, domain);
    } else {
        app_note(app, "%s is %s: %s.", text, id,
            confirmed ? "confirmed, her home is the node of that domain"
                      : "the domain says so, and nothing confirms it");
    }
    return CMD_EXIT_OK;
}
