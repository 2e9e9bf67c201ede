/*
 * forad rekey: other keys for the node, with the same identity. The root that was committed to
 * comes into force, and another is committed to; device and connection get new keys; the old device
 * key is revoked. All of it in one transaction.
 *
 * The new keys lie in keys.next before the log names them, and take the place of keys after: a
 * crash between the two leaves both files, and "forad run" says which one to take.
 */
#include "cmd/forad.h"
#include "cmd/self.h"
#include "core/commit.h"
#include "fora/noise.h"

#include <string.h>

enum { ENTRIES = 4, HELLO_MAX = 64 /* entries that a Hello may carry */ };

static const char next_file[] = "keys.next";

struct rekey {
    struct app *app;
    struct keys fresh;
    struct fora_identity *identity;
    struct fora_buf encoded[ENTRIES];
    struct commit_item items[ENTRIES];
    size_t count;
};

static int fold(struct rekey *rekey, const struct self *self)
{
    int error = fora_identity_new(&rekey->identity);
    for (size_t i = 0; error == 0 && i < self->log_count; i++) {
        struct fora_object entry;
        error = fora_object_decode(&entry, self->log[i]);
        error = error == 0 ? fora_identity_add(rekey->identity, &entry) : error;
    }
    return error;
}

/* An entry on top of those before it; not stored yet. */
static int add(
    struct rekey *rekey, struct fora_identity_entry *entry, const struct fora_secret *signer)
{
    struct fora_buf *encoded = &rekey->encoded[rekey->count];
    struct commit_item *item = &rekey->items[rekey->count];
    item->source = COMMIT_LOCAL;
    int error = fora_identity_build_next(encoded, rekey->identity, entry, rekey->app->now, signer);
    if (error == 0) {
        error = fora_object_decode(&item->object, fora_buf_bytes(encoded));
    }
    if (error == 0) {
        error = fora_identity_add(rekey->identity, &item->object);
    }
    rekey->count += error == 0;
    return error;
}

static int add_rotation(struct rekey *rekey)
{
    struct fora_root_rotation rotation;
    struct fora_key next;
    struct fora_identity_entry entry = {.rotate = &rotation};
    fora_secret_public(rekey->fresh.next_root, &next);
    fora_identity_commitment(&rotation.next_root_commitment, &next);
    return add(rekey, &entry, rekey->app->keys.next_root);
}

static int add_device(struct rekey *rekey)
{
    struct fora_device_key device = {.label = fora_bytes_str("node")};
    struct fora_identity_entry entry = {.add_key = &device};
    fora_secret_public(rekey->fresh.device, &device.sign);
    return add(rekey, &entry, rekey->app->keys.next_root);
}

static int revoke_device(struct rekey *rekey, uint64_t stolen)
{
    struct fora_key_revocation revocation = {.compromised_at = stolen};
    struct fora_identity_entry entry = {.revoke_key = &revocation};
    fora_secret_public(rekey->app->keys.device, &revocation.sign);
    return add(rekey, &entry, rekey->app->keys.next_root);
}

static int name_connection(struct rekey *rekey)
{
    struct fora_node_info info = *fora_identity_node(rekey->identity);
    struct fora_identity_entry entry = {.node = &info};
    fora_noise_public(info.noise_key.b, rekey->fresh.noise);
    return add(rekey, &entry, rekey->app->keys.next_root);
}

/* What stays as it is: the master of members' keys, without which nobody has theirs any more; and
 * the root moves up. */
static int make_keys(struct rekey *rekey)
{
    const struct keys *old = &rekey->app->keys;
    uint8_t seed[32];
    int error = keys_new(&rekey->fresh);
    if (error != 0) {
        return error;
    }
    rekey->fresh.node = old->node;
    memcpy(rekey->fresh.custody, old->custody, sizeof old->custody);
    fora_secret_seed(old->next_root, seed);
    fora_secret_free(rekey->fresh.root);
    rekey->fresh.root = NULL;
    error = fora_secret_from_seed(&rekey->fresh.root, seed);
    fora_wipe(seed, sizeof seed);
    return error;
}

static int sign(struct rekey *rekey, uint64_t stolen)
{
    int error = make_keys(rekey);
    error = error == 0 ? add_rotation(rekey) : error;
    error = error == 0 ? add_device(rekey) : error;
    error = error == 0 ? revoke_device(rekey, stolen) : error;
    return error == 0 ? name_connection(rekey) : error;
}

static int store(struct rekey *rekey)
{
    struct policies *policies = NULL;
    struct committer *committer = NULL;
    struct commit_result result;
    struct commit_batch batch = {
        .items = rekey->items, .count = rekey->count, .now = rekey->app->now};
    int error = policies_new(&policies);
    error = error == 0 ? committer_new(&committer, rekey->app->kv, policies) : error;
    error = error == 0 ? commit_run(committer, &batch, &result) : error;
    for (size_t i = 0; i < rekey->count && error == 0; i++) {
        error = rekey->items[i].code;
    }
    committer_free(committer);
    policies_free(policies);
    return error;
}

static int rekey_run(struct rekey *rekey, uint64_t stolen)
{
    struct app *app = rekey->app;
    int error = sign(rekey, stolen);
    if (error != 0) {
        return app_fail(app, app_exit_of(error), "The new keys cannot be signed: %s (%s).",
            fora_error_text(error), fora_error_name(error));
    }
    if (keys_save_as(&app->data, next_file, &rekey->fresh, &app->why) != 0) {
        return app_fail_why(app);
    }
    error = store(rekey);
    if (error != 0) {
        return app_fail(app, app_exit_of(error), "The new keys are not in force: %s (%s).",
            fora_error_text(error), fora_error_name(error));
    }
    if (keys_save(&app->data, &rekey->fresh, &app->why) != 0 ||
        state_remove(&app->data, next_file, &app->why) != 0) {
        return app_fail_why(app);
    }
    return FORAD_OK;
}

static int say(struct app *app, const struct rekey *rekey)
{
    if (app->json) {
        struct js_writer w;
        js_init_object(&w);
        js_id(&w, "node", FORA_HRP_NODE, app->keys.node.b);
        js_count(&w, "sequence", fora_identity_sequence(rekey->identity));
        return app_json(app, &w);
    }
    if (!app->quiet) {
        fora_buf_append_str(&app->out,
            "The node has other keys, and is who it was. Make a new copy of the file keys: the old "
            "one opens nothing any more.\n");
    }
    return FORAD_OK;
}

int run_rekey(struct app *app)
{
    struct rekey rekey = {.app = app};
    struct self self = {.log = NULL};
    int64_t hours = cmd_number(&app->line, "stolen", -1);
    uint64_t stolen = hours < 0 ? 0 : app->now - (uint64_t)hours * 3600000;
    int exit = app_store_of(app, APP_STORE_WRITE);
    exit = exit == FORAD_OK ? app_keys(app) : exit;
    if (exit == FORAD_OK &&
        self_load(app->kv, &app->keys, &app->settings, app->now, &self, &app->why) != 0) {
        exit = app_fail_why(app);
    }
    if (exit == FORAD_OK && self.log_count + ENTRIES > HELLO_MAX) {
        exit = app_fail(app, FORAD_REFUSED,
            "The node's identity log has %zu entries, and other nodes take %d: it cannot change "
            "its "
            "keys any more.",
            self.log_count, HELLO_MAX);
    }
    if (exit == FORAD_OK && fold(&rekey, &self) != 0) {
        exit = app_fail_memory(app);
    }
    if (exit == FORAD_OK) {
        exit = rekey_run(&rekey, stolen);
    }
    exit = exit == FORAD_OK ? say(app, &rekey) : exit;
    for (size_t i = 0; i < ENTRIES; i++) {
        fora_buf_fini(&rekey.encoded[i]);
    }
    fora_identity_free(rekey.identity);
    keys_fini(&rekey.fresh);
    self_fini(&self);
    return exit;
}
