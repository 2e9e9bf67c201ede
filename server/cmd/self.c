/* Reading, checking and, where the settings moved on, prolonging the node's own identity log. */
#include "cmd/self.h"

#include "core/commit.h"
#include "fora/noise.h"

#include <stdio.h>
#include <string.h>

enum {
    LOG_MAX = FORA_IDENTITY_ENTRIES_MAX,
    HELLO_MAX = 64 /* entries that a Hello may carry (session.proto) */
};

struct reading {
    struct self *self;
    struct fora_identity *identity;
    struct kv_txn *txn;
};

void self_fini(struct self *self)
{
    fora_arena_fini(&self->arena);
    *self = (struct self){.log = NULL};
}

static int keep(struct self *self, struct fora_bytes entry)
{
    struct fora_bytes copy = fora_arena_copy(&self->arena, entry);
    if (self->log_count == LOG_MAX) {
        return FORA_E_LIMIT;
    }
    self->log[self->log_count++] = copy;
    return copy.data == NULL ? FORA_E_NOMEM : 0;
}

static int read_child(void *context, store_seq child)
{
    struct reading *reading = context;
    struct stored stored;
    int error = objects_read(reading->txn, child, &stored);
    if (error == 0 && stored.object.header.kind == FORA_KIND_IDENTITY) {
        error = fora_identity_add(reading->identity, &stored.object);
        return error == 0 ? keep(reading->self, stored.object.encoded) : error;
    }
    return error == FORA_E_NOTFOUND ? 0 : error;
}

/* Entries are children of the first one, in the order in which they were stored. */
static int read_log(
    struct kv *kv, const struct keys *keys, struct self *self, struct fora_identity *identity)
{
    struct reading reading = {.self = self, .identity = identity};
    int error = kv_begin_read(kv, &reading.txn);
    if (error != 0) {
        return error;
    }
    store_seq first = objects_find(reading.txn, keys->node.b);
    error = first == 0 ? FORA_E_NOTFOUND : children_each(reading.txn, first, read_child, &reading);
    error = kv_txn_error(reading.txn) != 0 ? kv_txn_error(reading.txn) : error;
    kv_abort(reading.txn);
    return error == 0 && self->log_count == 0 ? FORA_E_NOTFOUND : error;
}

static bool keys_fit(const struct keys *keys, const struct fora_identity *identity, uint64_t now)
{
    struct fora_key device;
    struct fora_key noise;
    const struct fora_node_info *info = fora_identity_node(identity);
    fora_secret_public(keys->device, &device);
    fora_noise_public(noise.b, keys->noise);
    return fora_identity_type(identity) == FORA_PRINCIPAL_NODE && info != NULL &&
           fora_identity_check_key(identity, &device, now) == 0 &&
           memcmp(info->noise_key.b, noise.b, sizeof noise.b) == 0;
}

static bool info_is(const struct fora_node_info *info, const struct settings *settings)
{
    const struct settings_list *addresses = &settings->addresses;
    bool same = fora_bytes_equal(info->name, fora_bytes_str(settings->name)) &&
                fora_bytes_equal(info->domain, fora_bytes_str(settings->domain)) &&
                info->addresses_count == addresses->count;
    for (size_t i = 0; same && i < addresses->count; i++) {
        same = fora_bytes_equal(info->addresses[i], fora_bytes_str(addresses->items[i]));
    }
    return same;
}

/* ---- a new entry ---- */

static int store(struct kv *kv, struct fora_bytes encoded, uint64_t now)
{
    struct policies *policies = NULL;
    struct committer *committer = NULL;
    struct commit_result result;
    struct commit_item item = {.source = COMMIT_LOCAL};
    struct commit_batch batch = {.items = &item, .count = 1, .now = now};
    int error = fora_object_decode(&item.object, encoded);
    if (error == 0) {
        error = policies_new(&policies);
    }
    if (error == 0) {
        error = committer_new(&committer, kv, policies);
    }
    if (error == 0) {
        error = commit_run(committer, &batch, &result);
    }
    committer_free(committer);
    policies_free(policies);
    return error == 0 ? item.code : error;
}

static int publish(struct kv *kv, const struct keys *keys, const struct settings *settings,
    uint64_t now, struct self *self, struct fora_identity *identity)
{
    struct fora_buf encoded;
    struct fora_bytes addresses[SETTINGS_LIST_MAX];
    const struct fora_node_info *before = fora_identity_node(identity);
    struct fora_node_info info = {.noise_key = before->noise_key,
        .addresses = addresses,
        .addresses_count = settings->addresses.count,
        .domain = fora_bytes_str(settings->domain),
        .name = fora_bytes_str(settings->name)};
    struct fora_identity_entry entry = {.node = &info};
    for (size_t i = 0; i < settings->addresses.count; i++) {
        addresses[i] = fora_bytes_str(settings->addresses.items[i]);
    }
    fora_buf_init(&encoded, FORA_OBJECT_MAX);
    int error = fora_identity_build_next(&encoded, identity, &entry, now, keys->root);
    if (error == 0) {
        error = store(kv, fora_buf_bytes(&encoded), now);
    }
    if (error == 0) {
        error = keep(self, fora_buf_bytes(&encoded));
    }
    fora_buf_fini(&encoded);
    return error;
}

static int load(struct kv *kv, const struct keys *keys, const struct settings *settings,
    uint64_t now, struct self *self, struct fora_identity *identity, struct fora_client_why *why)
{
    fora_arena_init(&self->arena, 0);
    self->log = fora_arena_zalloc(&self->arena, LOG_MAX, sizeof *self->log);
    int error = self->log == NULL ? FORA_E_NOMEM : read_log(kv, keys, self, identity);
    if (error == FORA_E_NOTFOUND || (error == 0 && !keys_fit(keys, identity, now))) {
        return fora_client_fail(why, FORA_E_CORRUPT,
            "The file keys and the store do not belong together: %s. Restore both from the same "
            "backup; or, if there is a file keys.next, \"forad rekey\" was cut short: rename it to "
            "keys.",
            error == 0 ? "the store names other keys for this node"
                       : "the store does not hold the identity of the keys' node");
    }
    if (error != 0) {
        return fora_client_fail(why, error, "The node's identity cannot be read: %s (%s).",
            fora_error_text(error), fora_error_name(error));
    }
    if (info_is(fora_identity_node(identity), settings)) {
        return 0;
    }
    if (self->log_count >= HELLO_MAX) {
        return fora_client_fail(why, FORA_E_CONFIG,
            "The node's identity log has %d entries, which is all that other nodes take: its name, "
            "domain and addresses cannot be changed any more. Set them back in forad.conf.",
            HELLO_MAX);
    }
    error = publish(kv, keys, settings, now, self, identity);
    return error == 0
               ? 0
               : fora_client_fail(why, error,
                     "The node's new name, domain or addresses cannot be published: %s (%s).",
                     fora_error_text(error), fora_error_name(error));
}

int self_load(struct kv *kv, const struct keys *keys, const struct settings *settings, uint64_t now,
    struct self *out, struct fora_client_why *why)
{
    struct fora_identity *identity = NULL;
    *out = (struct self){.log = NULL};
    if (fora_identity_new(&identity) != 0) {
        return fora_client_fail(why, FORA_E_NOMEM, "There is not enough memory.");
    }
    int error = load(kv, keys, settings, now, out, identity, why);
    fora_identity_free(identity);
    return error;
}
