/* Store, cache and settings, joined. */
#include "cmd/domains.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TIMEOUT_MS = 10000, CA_MAX = 1024 * 1024 };

int domains_load(struct app *app, struct domains *out)
{
    static const struct fora_principal_id nobody = {{0}};
    *out = (struct domains){.nodes = {.count = 0}};
    int exit = app->kv == NULL ? app_store_of(app, APP_STORE_READ) : FORAD_OK;
    if (exit != FORAD_OK) {
        return exit;
    }
    if (domain_load(&app->data, &out->cache, &app->why) != 0) {
        return app_fail_why(app);
    }
    int error = domain_nodes_load(
        &out->nodes, app->kv, fora_id_is_zero(app->node.b) ? &nobody : &app->node);
    if (error != 0) {
        domains_fini(out);
        return app_fail(app, app_exit_of(error), "The nodes in the store cannot be read: %s (%s).",
            fora_error_text(error), fora_error_name(error));
    }
    return FORAD_OK;
}

void domains_try(struct app *app, struct domains *out)
{
    char path[STATE_PATH_MAX + 32];
    (void)snprintf(path, sizeof path, "%s/store/data.mdb", app->data.home);
    *out = (struct domains){.nodes = {.count = 0}};
    if (access(path, R_OK) == 0) {
        (void)domains_load(app, out);
    }
}

void domains_fini(struct domains *domains)
{
    domain_nodes_fini(&domains->nodes);
    domain_cache_fini(&domains->cache);
}

const char *domains_of(const struct app *app, const struct domains *domains,
    const struct fora_principal_id *node, bool *proven)
{
    *proven = false;
    for (size_t i = 0; i < domains->nodes.count; i++) {
        const struct domain_node *known = &domains->nodes.items[i];
        if (memcmp(known->node.b, node->b, sizeof node->b) == 0) {
            *proven = domain_proven(&domains->cache, known->domain, node, app->now);
            return known->domain;
        }
    }
    return NULL;
}

static int read_ca(struct app *app, struct fora_buf *ca)
{
    const char *path = app->settings.domains_ca;
    uint8_t piece[4096];
    size_t got;
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return app_fail(
            app, FORAD_USAGE, "domains.ca_file: cannot read %.200s: %s.", path, strerror(errno));
    }
    fora_buf_init(ca, CA_MAX);
    while ((got = fread(piece, 1, sizeof piece, file)) > 0) {
        fora_buf_append(ca, piece, got);
    }
    bool failed = ferror(file) != 0;
    (void)fclose(file);
    if (failed || ca->error != 0 || ca->size == 0) {
        return app_fail(app, FORAD_USAGE,
            "domains.ca_file: %.200s is empty, too large or cannot be read.", path);
    }
    return FORAD_OK;
}

int domains_rules(struct app *app, struct fora_buf *ca, struct domain_rules *out)
{
    *ca = (struct fora_buf){0};
    int exit = app->settings.domains_ca[0] != '\0' ? read_ca(app, ca) : FORAD_OK;
    if (exit != FORAD_OK) {
        fora_buf_fini(ca);
        return exit;
    }
    *out = (struct domain_rules){.private = app->settings.domains_private != 0,
        .port = (uint16_t)app->settings.domains_port,
        .timeout_ms = TIMEOUT_MS,
        .ca = fora_buf_bytes(ca)};
    return FORAD_OK;
}
