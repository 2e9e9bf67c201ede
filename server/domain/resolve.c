/*
 * One question of a member:
 *
 *   the cache holds the handle -> found
 *   else, if it may be asked for again and the pace allows -> WebFinger -> found, or ABSENT
 *   found: her log -> her home -> its domain is this one?
 *     the cache proves it -> confirmed
 *     else, if it may be asked for again and the pace allows -> the document -> confirmed, or not
 *
 * No transaction is open and no lock is held while a stranger's server is asked.
 */
#include "domain/resolve.h"

#include "core/caches.h"
#include "domain/nodes.h"

#include <stdio.h>
#include <string.h>

/* 0, or FORA_E_QUOTA. */
static int take_turn(struct domain_resolver *resolver, uint64_t now)
{
    const struct bucket_rate rate = {DOMAIN_ASKS_MINUTE, 60 * 1000};
    pthread_mutex_lock(&resolver->mutex);
    bool may = bucket_any(&resolver->asked, &rate, now);
    if (may) {
        bucket_take(&resolver->asked, &rate, 1, now);
    }
    pthread_mutex_unlock(&resolver->mutex);
    return may ? 0 : FORA_E_QUOTA;
}

/* What is known of a name, asked for when nothing that holds is and it is due. */
static int look_up(
    struct domain_resolver *resolver, const char *name, uint64_t now, struct domain_entry *out)
{
    const struct domain_keeper_config *config = &resolver->config;
    struct fora_client_why why;
    int rc = domain_recall(config->file, config->data, name, out, &why);
    bool known = rc == 0;
    if (rc != 0 && rc != FORA_E_NOTFOUND) {
        return rc;
    }
    if (known && (domain_entry_holds(out, now) || domain_entry_due(out) > now)) {
        return 0;
    }
    rc = take_turn(resolver, now);
    if (rc == 0) {
        rc = domain_check_shared(config->file, config->data, &config->rules, name, now, out, &why);
    }
    return rc;
}

/* DOM-7, of the logs that are stored: the domain that her home's log names. */
static int home_of(struct domain_resolver *resolver, const struct fora_principal_id *member,
    struct domain_node *home)
{
    struct fora_identity *log = NULL;
    struct kv_txn *txn;
    int rc = kv_begin_read(resolver->config.kv, &txn);
    if (rc != 0) {
        return rc;
    }
    rc = identity_load(txn, member, &log);
    if (rc == 0) {
        rc = domain_of_node(home, txn, fora_identity_home(log));
    }
    fora_identity_free(log);
    kv_abort(txn);
    return rc;
}

static int confirm(struct domain_resolver *resolver, const struct domain_handle *handle,
    uint64_t now, struct fora_msg_resolved *out)
{
    struct domain_node home;
    struct domain_entry document;
    int rc = home_of(resolver, &out->principal, &home);
    if (rc != 0 || strcmp(home.domain, handle->domain) != 0) {
        return rc == FORA_E_NOMEM ? rc : 0; /* nothing here confirms it */
    }
    rc = look_up(resolver, home.domain, now, &document);
    if (rc == 0 && domain_entry_holds(&document, now)) {
        out->node = document.found;
        out->confirmed = memcmp(document.found.b, home.node.b, sizeof home.node.b) == 0;
    }
    /* Without a turn for the document it is the domain's word, and that is told. */
    return rc == FORA_E_NOMEM || rc == FORA_E_CLOSED ? rc : 0;
}

static int resolve(
    void *context, const struct fora_msg_resolve *ask, uint64_t now, struct fora_msg_resolved *out)
{
    struct domain_resolver *resolver = context;
    struct domain_handle handle;
    struct domain_entry found;
    char name[DOMAIN_NAME_MAX + 1];
    *out = (struct fora_msg_resolved){.confirmed = false};
    if (ask->name.size > DOMAIN_HANDLE_MAX || ask->domain.size > DOMAIN_MAX) {
        return FORA_E_MALFORMED;
    }
    (void)snprintf(name, sizeof name, "@%.*s@%.*s", (int)ask->name.size,
        (const char *)ask->name.data, (int)ask->domain.size, (const char *)ask->domain.data);
    if (!domain_handle_parse(&handle, name)) {
        return FORA_E_MALFORMED;
    }
    int rc = look_up(resolver, name, now, &found);
    if (rc == FORA_E_IO) {
        return FORA_E_OVERLOAD; /* what cannot be remembered must not be asked for */
    }
    if (rc != 0 || !domain_entry_holds(&found, now)) {
        return rc != 0 ? rc : FORA_E_ABSENT;
    }
    out->principal = found.found;
    out->found_at = found.found_at;
    return confirm(resolver, &handle, now, out);
}

static void stop(void *context)
{
    struct domain_resolver *resolver = context;
    atomic_store(&resolver->stop, true);
}

void domain_resolver_init(struct domain_resolver *out, const struct domain_keeper_config *config)
{
    *out = (struct domain_resolver){
        .config = *config, .resolver = {.context = out, .resolve = resolve, .stop = stop}};
    out->config.rules.stop = &out->stop;
    atomic_init(&out->stop, false);
    pthread_mutex_init(&out->mutex, NULL);
}

void domain_resolver_fini(struct domain_resolver *resolver)
{
    pthread_mutex_destroy(&resolver->mutex);
}
