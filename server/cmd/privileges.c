/* forad reputation privileges: what a standing earns in the spaces that are held here (POL-11). */
#include "cmd/forad.h"
#include "cmd/work.h"
#include "core/caches.h"
#include "reputation/standing.h"
#include "store/sets.h"

#include <inttypes.h>
#include <string.h>

struct listing {
    struct app *app;
    struct kv_txn *txn;
    struct policies *policies;
    const char *only; /* a short name or an id; NULL: all */
    struct js_writer w;
    size_t shown;
};

struct holders {
    uint64_t now;
    uint64_t counts[FORA_ROLE_CURATOR + 1];
};

static int count_holder(void *context, const struct fora_principal_id *principal, uint32_t role,
    uint64_t since, uint64_t until)
{
    struct holders *holders = context;
    (void)principal;
    if (role <= FORA_ROLE_CURATOR && since <= holders->now &&
        (until == 0 || holders->now < until)) {
        holders->counts[role]++;
    }
    return 0;
}

static void space_text(struct listing *l, const struct fora_policy *policy)
{
    struct fora_buf *out = &l->app->out;
    struct holders holders = {.now = l->app->now};
    size_t count;
    const struct fora_privilege *table = fora_policy_privileges(policy, &count);
    (void)fora_policy_each_grant(policy, count_holder, &holders);
    fora_buf_append_str(out, l->shown > 0 ? "\n" : "");
    text_clean(out, fora_policy_name(policy), false);
    fora_buf_append_str(out, standing_grants(policy, &l->app->keys.node, l->app->now)
                                 ? ", granted by this node\n"
                                 : ", granted by whoever owns or administers it\n");
    for (size_t i = 0; i < count; i++) {
        uint64_t held = holders.counts[table[i].role];
        fora_buf_printf(out, "  from %-8u %-10s may %s; ", (unsigned)table[i].standing,
            fora_role_name(table[i].role), fora_role_may(table[i].role));
        text_count(out, held, "member has it", "members have it");
        fora_buf_u8(out, '\n');
    }
    if (count == 0) {
        fora_buf_append_str(out, "  Nothing is earned there. An admin changes that: fora space set "
                                 "SPACE --privilege tagger=50\n");
    }
}

static void space_json(
    struct listing *l, const struct set_info *set, const struct fora_policy *policy)
{
    struct js_writer *w = &l->w;
    struct holders holders = {.now = l->app->now};
    size_t count;
    const struct fora_privilege *table = fora_policy_privileges(policy, &count);
    (void)fora_policy_each_grant(policy, count_holder, &holders);
    js_object(w, NULL);
    js_id(w, "space", FORA_HRP_SPACE, set->space.b);
    js_text(w, "slug", fora_policy_slug(policy));
    js_bool(w, "granted_here", standing_grants(policy, &l->app->keys.node, l->app->now));
    js_array(w, "privileges");
    for (size_t i = 0; i < count; i++) {
        js_object(w, NULL);
        js_string(w, "role", fora_role_name(table[i].role));
        js_count(w, "standing", table[i].standing);
        js_string(w, "may", fora_role_may(table[i].role));
        js_count(w, "members", holders.counts[table[i].role]);
        js_end(w);
    }
    js_end(w);
    js_end(w);
}

static bool is_wanted(
    const struct listing *l, const struct set_info *set, const struct fora_policy *policy)
{
    char id[FORA_ID_TEXT_MAX];
    fora_id_format(id, FORA_HRP_SPACE, set->space.b);
    return l->only == NULL || strcmp(l->only, id) == 0 ||
           fora_bytes_equal(fora_policy_slug(policy), fora_bytes_str(l->only));
}

static int show_set(void *context, const struct set_info *set)
{
    struct listing *l = context;
    struct policy_handle *handle = NULL;
    if (set->audience != FORA_AUDIENCE_PUBLIC || set->space_seq == 0) {
        return 0;
    }
    int rc = policies_get(l->policies, l->txn, set, &handle);
    if (rc == 0 && is_wanted(l, set, policy_of(handle))) {
        if (l->app->json) {
            space_json(l, set, policy_of(handle));
        } else {
            space_text(l, policy_of(handle));
        }
        l->shown++;
    }
    policies_release(l->policies, handle);
    return rc == FORA_E_NOTFOUND ? 0 : rc;
}

static int list_sets(struct listing *l)
{
    int error = policies_new(&l->policies);
    error = error == 0 ? kv_begin_read(l->app->kv, &l->txn) : error;
    if (error == 0) {
        error = sets_each(l->txn, show_set, l);
        kv_abort(l->txn);
    }
    policies_free(l->policies);
    return error;
}

int run_reputation_privileges(struct app *app)
{
    struct listing l = {.app = app, .only = cmd_argument(&app->line, 0)};
    int exit = app_store_of(app, APP_STORE_READ);
    exit = exit == FORAD_OK ? app_keys(app) : exit;
    if (exit != FORAD_OK) {
        return exit;
    }
    js_init_array(&l.w);
    int error = list_sets(&l);
    if (error != 0) {
        exit = app_fail(app, app_exit_of(error), "The store cannot be read: %s (%s).",
            fora_error_text(error), fora_error_name(error));
    } else if (l.shown == 0 && l.only != NULL) {
        exit = app_fail(app, FORAD_NOTFOUND,
            "No space is held here with the short name or id \"%.100s\".", l.only);
    } else if (app->json) {
        return app_json(app, &l.w);
    } else if (l.shown == 0) {
        fora_buf_append_str(&app->out, "The node holds no space yet.\n");
    }
    js_fini(&l.w);
    return exit;
}
