/*
 * What a new node stores, in one transaction: its identity log and profile, the admin's, the first
 * statement of the first space and the admin's grant in it, the admin's account, the epoch and the
 * format. The objects go through admission like any others.
 */
#include "cmd/found.h"

#include "core/accounts.h"
#include "core/commit.h"
#include "core/make.h"
#include "core/meta.h"
#include "fora/noise.h"
#include "text/text.h"

#include <stdio.h>
#include <string.h>

enum { OBJECTS_MAX = 8 };

struct founding {
    const struct found_plan *plan;
    const struct state *folder;
    struct found *out;
    struct fora_client_why *why;
    struct keys keys;
    struct state_identity admin;
    struct fora_buf objects[OBJECTS_MAX]; /* encoded */
    size_t count;
};

static int no_memory(struct founding *founding)
{
    return fora_client_fail(founding->why, FORA_E_NOMEM, "There is not enough memory.");
}

/* Says what could not be made; an error of memory says that instead. */
static int not_made(struct founding *founding, int code, const char *what)
{
    return code == FORA_E_NOMEM
               ? no_memory(founding)
               : fora_client_fail(founding->why, code, "%s cannot be made: %s (%s).", what,
                     fora_error_text(code), fora_error_name(code));
}

/* ---- objects ---- */

static struct fora_buf *next_object(struct founding *founding)
{
    struct fora_buf *out = &founding->objects[founding->count++];
    fora_buf_init(out, FORA_OBJECT_MAX);
    return out;
}

static int add_create(struct founding *founding, struct fora_identity_create *create,
    const struct fora_secret *root, const struct fora_secret *next_root,
    struct fora_principal_id *principal)
{
    struct fora_salt salt;
    struct fora_key next;
    fora_secret_public(next_root, &next);
    fora_identity_commitment(&create->next_root_commitment, &next);
    fora_salt_random(&salt);
    return fora_identity_build_create(
        next_object(founding), create, &salt, founding->plan->now, root, principal);
}

static int add_object(struct founding *founding, struct fora_header *header,
    struct fora_content *content, const struct fora_secret *secret, struct fora_object_id *id)
{
    header->kind = content->kind;
    header->created_at = founding->plan->now;
    fora_salt_random(fora_content_salt(content));
    return object_make(next_object(founding), header, content, secret, id);
}

static int add_profile(struct founding *founding, const struct fora_principal_id *who,
    const char *name, const struct fora_secret *device)
{
    struct fora_header header = {.author = *who};
    struct fora_content content = {.kind = FORA_KIND_PROFILE};
    content.u.profile.name = fora_bytes_str(name);
    return add_object(founding, &header, &content, device, NULL);
}

static int add_node(struct founding *founding)
{
    const struct settings *settings = &founding->plan->settings;
    struct fora_bytes addresses[SETTINGS_LIST_MAX];
    struct fora_node_info info = {
        .addresses = addresses, .addresses_count = settings->addresses.count};
    struct fora_device_key device = {.label = fora_bytes_str("node")};
    struct fora_identity_create create = {
        .type = FORA_PRINCIPAL_NODE, .keys = &device, .keys_count = 1, .node = &info};
    int error = keys_new(&founding->keys);
    if (error != 0) {
        return no_memory(founding);
    }
    for (size_t i = 0; i < settings->addresses.count; i++) {
        addresses[i] = fora_bytes_str(settings->addresses.items[i]);
    }
    info.name = fora_bytes_str(settings->name);
    fora_noise_public(info.noise_key.b, founding->keys.noise);
    fora_secret_public(founding->keys.device, &device.sign);
    error = add_create(
        founding, &create, founding->keys.root, founding->keys.next_root, &founding->keys.node);
    founding->out->node = founding->keys.node;
    if (error == 0) {
        error = add_profile(founding, &founding->keys.node, settings->name, founding->keys.device);
    }
    return error == 0 ? 0 : not_made(founding, error, "The node's identity");
}

static int new_admin_keys(struct state_identity *admin)
{
    int error = fora_secret_new(&admin->root);
    if (error == 0) {
        error = fora_secret_new(&admin->next_root);
    }
    if (error == 0) {
        error = fora_secret_new(&admin->device);
    }
    (void)snprintf(admin->label, sizeof admin->label, "%s", "forad init");
    return error;
}

static int add_admin(struct founding *founding)
{
    struct state_identity *admin = &founding->admin;
    struct fora_device_key device = {.label = fora_bytes_str("forad init")};
    struct fora_identity_create create = {.type = FORA_PRINCIPAL_MEMBER,
        .keys = &device,
        .keys_count = 1,
        .home = founding->keys.node};
    int error = new_admin_keys(admin);
    if (error == 0) {
        fora_secret_public(admin->device, &device.sign);
        error = add_create(founding, &create, admin->root, admin->next_root, &admin->member);
    }
    if (error == 0) {
        error =
            state_identity_append(admin, fora_buf_bytes(&founding->objects[founding->count - 1]));
    }
    if (error == 0) {
        error = add_profile(founding, &admin->member, FOUND_ADMIN, admin->device);
    }
    founding->out->admin = admin->member;
    return error == 0 ? 0 : not_made(founding, error, "The admin's identity");
}

static void read_product(struct fora_product *out, const char *text)
{
    size_t size = strcspn(text, "=");
    *out = (struct fora_product){.name = fora_bytes(text, size),
        .latest = fora_bytes_str(text + size + (text[size] == '='))};
}

static int add_space(struct founding *founding)
{
    const struct found_plan *plan = founding->plan;
    struct fora_product products[FOUND_PRODUCTS_MAX];
    struct fora_object_id id;
    struct fora_header header = {.author = founding->keys.node};
    struct fora_content content = {.kind = FORA_KIND_POLICY};
    struct fora_policy_statement *policy = &content.u.policy;
    text_slug(founding->out->slug, fora_bytes_str(plan->space_name));
    policy->kind = plan->space_kind;
    policy->has_name = true;
    policy->name = fora_bytes_str(plan->space_name);
    policy->has_slug = true;
    policy->slug = fora_bytes_str(founding->out->slug);
    policy->products = products;
    policy->products_count = plan->products_count;
    for (size_t i = 0; i < plan->products_count; i++) {
        read_product(&products[i], plan->products[i]);
    }
    int error = add_object(founding, &header, &content, founding->keys.device, &id);
    if (error == FORA_E_NOMEM) {
        return no_memory(founding);
    }
    if (error != 0) {
        return fora_client_fail(founding->why, FORA_E_USAGE,
            "The first space cannot be made as --space and --product say it: %s (%s). A product is "
            "NAME or NAME=VERSION, each one short line.",
            fora_error_text(error), fora_error_name(error));
    }
    memcpy(founding->out->space.b, id.b, sizeof id.b);
    struct fora_grant grant = {.principal = founding->admin.member, .role = FORA_ROLE_ADMIN};
    struct fora_header grant_header = {
        .author = founding->keys.node, .space = founding->out->space};
    struct fora_content statement = {.kind = FORA_KIND_POLICY};
    statement.u.policy.grants = &grant;
    statement.u.policy.grants_count = 1;
    error = add_object(founding, &grant_header, &statement, founding->keys.device, NULL);
    return error == 0 ? 0 : not_made(founding, error, "The admin's role in the first space");
}

/* ---- the store ---- */

static int store_objects(struct founding *founding, struct commit_txn *txn)
{
    int error = 0;
    for (size_t i = 0; error == 0 && i < founding->count; i++) {
        struct commit_item item = {.source = COMMIT_LOCAL};
        error = fora_object_decode(&item.object, fora_buf_bytes(&founding->objects[i]));
        if (error == 0) {
            commit_add(txn, &item);
            error = item.code;
        }
    }
    return error;
}

static void store_meta(struct founding *founding, struct kv_txn *txn)
{
    uint8_t epoch[8];
    uint8_t format[4] = {0, 0, 0, STORE_FORMAT};
    struct account account = {.handle = FOUND_ADMIN,
        .name = FOUND_ADMIN,
        .principal = founding->admin.member,
        .created_at = founding->plan->now};
    fora_random(epoch, sizeof epoch);
    meta_put(txn, "format", fora_bytes(format, sizeof format));
    meta_put(txn, "epoch", fora_bytes(epoch, sizeof epoch));
    meta_admin_set(txn, &founding->admin.member, true);
    accounts_put(txn, &account);
}

static int fill_store(struct founding *founding, struct kv *kv)
{
    struct policies *policies = NULL;
    struct committer *committer = NULL;
    struct commit_txn txn;
    struct commit_result result;
    int error = policies_new(&policies);
    if (error == 0) {
        error = committer_new(&committer, kv, policies);
    }
    if (error == 0) {
        error = commit_begin(committer, &txn, founding->plan->now, &result);
    }
    if (error == 0) {
        error = store_objects(founding, &txn);
        store_meta(founding, txn.ledger.txn);
        if (error == 0) {
            error = commit_end(&txn);
        } else {
            commit_cancel(&txn);
        }
    }
    committer_free(committer);
    policies_free(policies);
    return error;
}

static int make_store(struct founding *founding)
{
    struct kv *kv = NULL;
    struct fora_buf why = {0};
    char path[STATE_PATH_MAX + 8];
    (void)snprintf(path, sizeof path, "%s/store", founding->folder->home);
    const struct kv_lmdb_options options = {
        .path = path, .create = true, .map_limit = founding->plan->settings.map_limit};
    int error = kv_lmdb_open(&kv, &options, store_table_names, STORE_TABLE_COUNT, &why);
    if (error == 0) {
        error = fill_store(founding, kv);
        kv_close(kv);
    }
    if (error != 0) {
        const char *text = why.size == 0 ? NULL : fora_buf_cstr(&why);
        (void)fora_client_fail(founding->why, error, "The store cannot be made: %s.",
            text == NULL ? fora_error_text(error) : text);
    }
    fora_buf_fini(&why);
    return error;
}

/* ---- the files ---- */

static int write_conf(struct founding *founding)
{
    struct fora_buf text = {0};
    settings_write(&text, &founding->plan->settings);
    int error = text.error != 0 ? no_memory(founding)
                                : state_write(founding->folder, "forad.conf", fora_buf_bytes(&text),
                                      founding->why);
    fora_buf_fini(&text);
    return error;
}

/* A home folder of the client, so that `fora --home DATA/admin` is the admin. */
static int write_admin(struct founding *founding)
{
    struct state home;
    struct state_account account = {
        .node = founding->keys.node, .member = founding->admin.member, .self_custody = true};
    struct fora_client_address where;
    struct fora_client_why ignored;
    int error = folder_make(founding->folder, "admin", &home, founding->why);
    if (error == 0) {
        error = state_write(&home, "config", fora_bytes_str(state_config_default), founding->why);
    }
    if (error == 0) {
        error = state_identity_save(&home, fora_bytes(NULL, 0), &founding->admin, founding->why);
    }
    (void)snprintf(account.handle, sizeof account.handle, "%s", FOUND_ADMIN);
    const struct settings_list *listen = &founding->plan->settings.listen;
    if (fora_client_address_parse(&where, listen->items[0], &ignored) != 0 ||
        strcmp(where.host, "0.0.0.0") == 0 || strcmp(where.host, "::") == 0) {
        (void)snprintf(where.host, sizeof where.host, "%s", "localhost");
    }
    fora_client_address_format(account.address, &where);
    return error == 0 ? state_account_save(&home, &account, founding->why) : error;
}

int found_node(const struct state *folder, const struct found_plan *plan, struct found *out,
    struct fora_client_why *why)
{
    struct founding founding = {.plan = plan, .folder = folder, .out = out, .why = why};
    int error = add_node(&founding);
    if (error == 0) {
        error = add_admin(&founding);
    }
    if (error == 0) {
        error = add_space(&founding);
    }
    if (error == 0) {
        error = write_conf(&founding);
    }
    if (error == 0) {
        error = keys_save(folder, &founding.keys, why);
    }
    if (error == 0) {
        error = write_admin(&founding);
    }
    if (error == 0) {
        error = make_store(&founding);
    }
    for (size_t i = 0; i < founding.count; i++) {
        fora_buf_fini(&founding.objects[i]);
    }
    state_identity_fini(&founding.admin);
    keys_fini(&founding.keys);
    return error;
}
