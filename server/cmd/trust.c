/* forad reputation trust: how far this node trusts what another states of members (ATT-1, LOC-3).
 */
#include "cmd/forad.h"

#include "core/make.h"
#include "fora/content.h"

#include <string.h>

/* Signs it with the node's own key: it speaks of the node's own affairs, and belongs to it. */
static int make(
    struct app *app, const struct fora_principal_id *node, uint64_t weight, struct fora_buf *out)
{
    struct fora_fact fact = {.name = fora_bytes_str("weight"), .count = weight};
    struct fora_header header = {
        .kind = FORA_KIND_ATTESTATION, .author = app->node, .created_at = app->now};
    struct fora_content content = {.kind = FORA_KIND_ATTESTATION,
        .u.attestation = {
            .type = FORA_ATTESTATION_TRUST, .subject = *node, .facts = &fact, .facts_count = 1}};
    fora_salt_random(fora_content_salt(&content));
    return object_make(out, &header, &content, app->keys.device, NULL);
}

int run_reputation_trust(struct app *app)
{
    struct fora_principal_id node;
    struct fora_buf encoded;
    int64_t weight = cmd_number(&app->line, "weight", 1000);
    const char *name = cmd_argument(&app->line, 0);
    if (fora_id_parse(node.b, FORA_HRP_NODE, name) != 0) {
        return app_fail(app, FORAD_USAGE,
            "\"%.100s\" is not the id of a node (foran1...). \"forad peers\" shows the ids of "
            "those "
            "that were here.",
            name);
    }
    int exit = app_connect(app);
    exit = exit == FORAD_OK ? app_keys(app) : exit;
    if (exit == FORAD_OK && memcmp(node.b, app->node.b, sizeof node.b) == 0) {
        exit = app_fail(app, FORAD_USAGE, "That is this node itself.");
    }
    if (exit != FORAD_OK) {
        return exit;
    }
    fora_buf_init(&encoded, FORA_OBJECT_MAX);
    int error = make(app, &node, (uint64_t)weight, &encoded);
    exit = error == 0 ? app_put(app, fora_buf_bytes(&encoded), weight > 0 ? "Trusted:" : "Ended:")
                      : app_fail(app, app_exit_of(error), "The statement cannot be made: %s (%s).",
                            fora_error_text(error), fora_error_name(error));
    fora_buf_fini(&encoded);
    return exit;
}
