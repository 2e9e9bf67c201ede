/* forad reputation revoke: takes back what this node stated itself (ATT-7). */
#include "cmd/forad.h"

#include "core/make.h"
#include "fora/content.h"

#include <string.h>

/* What is to be taken back, decoded; its bytes are of the client's last answer. */
static int fetch(struct app *app, struct fora_object_id *id, struct fora_object *out)
{
    const struct fora_message *answer;
    struct fora_message ask = {.type = FORA_MSG_FETCH, .u.fetch = {.ids = id, .ids_count = 1}};
    int exit = app_call(app, &ask, FORA_MSG_OBJECTS, &answer);
    if (exit != FORAD_OK) {
        return exit;
    }
    if (answer->u.objects.objects_count == 0) {
        return app_fail(app, FORAD_NOTFOUND,
            "The node does not hold this. \"fora reputation show MEMBER --json\" has the ids.");
    }
    int error = fora_object_decode(out, answer->u.objects.objects[0]);
    return error == 0 ? FORAD_OK
                      : app_fail(app, FORAD_DAMAGED, "What the node gave is damaged: %s (%s).",
                            fora_error_text(error), fora_error_name(error));
}

static int may(struct app *app, const struct fora_object *object)
{
    if (object->header.kind != FORA_KIND_ATTESTATION) {
        return app_fail(app, FORAD_USAGE,
            "This is a %s. What can be taken back here is a standing, or whatever else this node "
            "stated.",
            fora_kind_name(object->header.kind));
    }
    if (memcmp(&object->header.author, &app->node, sizeof app->node) != 0) {
        return app_fail(app, FORAD_USAGE,
            "This node did not state that, and who did takes it back: a person with \"fora "
            "reputation end\".");
    }
    return FORAD_OK;
}

static int make(struct app *app, const struct fora_object *object, struct fora_buf *out)
{
    const char *reason = cmd_text(&app->line, "reason");
    struct fora_header header = {.kind = FORA_KIND_REVOCATION,
        .author = app->node,
        .created_at = app->now,
        .space = object->header.space,
        .parent = object->id};
    struct fora_content content = {.kind = FORA_KIND_REVOCATION,
        .u.revocation = {.reason = fora_bytes_str(reason == NULL ? "" : reason)}};
    fora_salt_random(fora_content_salt(&content));
    return object_make(out, &header, &content, app->keys.device, NULL);
}

int run_reputation_revoke(struct app *app)
{
    struct fora_object_id id;
    struct fora_object object;
    struct fora_buf encoded;
    const char *name = cmd_argument(&app->line, 0);
    if (fora_id_parse(id.b, FORA_HRP_OBJECT, name) != 0) {
        return app_fail(app, FORAD_USAGE,
            "\"%.100s\" is not the id of an object (fora1...). \"fora reputation show MEMBER "
            "--json\" has those of what is stated about her.",
            name);
    }
    int exit = app_connect(app);
    exit = exit == FORAD_OK ? app_keys(app) : exit;
    exit = exit == FORAD_OK ? fetch(app, &id, &object) : exit;
    exit = exit == FORAD_OK ? may(app, &object) : exit;
    if (exit != FORAD_OK) {
        return exit;
    }
    fora_buf_init(&encoded, FORA_OBJECT_MAX);
    int error = make(app, &object, &encoded);
    exit = error == 0 ? app_put(app, fora_buf_bytes(&encoded), "Revoked:")
                      : app_fail(app, app_exit_of(error), "The revocation cannot be made: %s (%s).",
                            fora_error_text(error), fora_error_name(error));
    fora_buf_fini(&encoded);
    return exit;
}
