/* Finding a space in the store itself, without its node. */
#include "cmd/forad.h"
#include "core/caches.h"

struct search {
    struct kv_txn *txn;
    struct policies *policies;
    const char *name;
    struct fora_space_id found;
    size_t count;
};

static int look(void *context, const struct set_info *info)
{
    struct search *search = context;
    struct policy_handle *handle = NULL;
    if (info->audience != FORA_AUDIENCE_PUBLIC) {
        return 0;
    }
    bool named = state_prefix_matches(FORA_HRP_SPACE, info->space.b, search->name);
    int error = policies_get(search->policies, search->txn, info, &handle);
    if (error == 0) {
        named = named ||
                fora_bytes_equal(fora_policy_slug(policy_of(handle)), fora_bytes_str(search->name));
        policies_release(search->policies, handle);
    }
    search->count += named;
    search->found = named ? info->space : search->found;
    return error == FORA_E_NOTFOUND ? 0 : error;
}

int app_stored_space(struct app *app, const char *name, struct fora_space_id *out)
{
    struct search search = {.name = name};
    int error = policies_new(&search.policies);
    if (error == 0) {
        error = kv_begin_read(app->kv, &search.txn);
    }
    if (error == 0) {
        error = sets_each(search.txn, look, &search);
    }
    kv_abort(search.txn);
    policies_free(search.policies);
    if (error != 0) {
        return app_fail(app, app_exit_of(error), "The spaces of the store cannot be read: %s (%s).",
            fora_error_text(error), fora_error_name(error));
    }
    *out = search.found;
    if (search.count == 1) {
        return FORAD_OK;
    }
    return app_fail(app, FORAD_NOTFOUND,
        search.count == 0 ? "The store holds no space \"%.100s\". Name it by its short name or its "
                            "id (foras1...); \"forad digest\" lists them."
                          : "More than one space is meant by \"%.100s\". Write its whole id "
                            "(foras1...).",
        name);
}
