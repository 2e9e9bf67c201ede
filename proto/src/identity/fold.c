/* The state of the winning branch, and what is read from it (ID-9 to ID-11). */
#include "log.h"

#include <string.h>

static const struct fora_principal_id no_principal;
static const struct fora_object_id no_object;
static const struct fora_key no_key;

static bool same_key(const struct fora_key *a, const struct fora_key *b)
{
    return memcmp(a->b, b->b, FORA_KEY_SIZE) == 0;
}

/* ID-9: among siblings the greater weight, then the smaller (created_at, id). */
static bool beats(const struct log_entry *a, const struct log_entry *b)
{
    if (a->weight != b->weight)
        return a->weight > b->weight;
    return fora_object_order(a->created_at, &a->id, b->created_at, &b->id) < 0;
}

/* The branch from `at` down wins no more. */
static void unmark(struct fora_identity *identity, int at)
{
    for (; at != LOG_NONE; at = identity->entries[at].heir)
        identity->entries[at].winning = false;
}

/* The entry finds its place among its siblings. True when the winning branch is another one now. */
static bool choose_heir(struct fora_identity *identity, int at)
{
    const struct log_entry *entry = &identity->entries[at];
    struct log_entry *parent = &identity->entries[entry->parent];

    if (parent->heir == at ||
        (parent->heir != LOG_NONE && !beats(entry, &identity->entries[parent->heir])))
        return false;
    if (parent->winning)
        unmark(identity, parent->heir);
    parent->heir = at;
    return parent->winning;
}

/* The newest entry, and with a rotation what lies above it: it weighs more now. True when the
 * winning branch is another one. Who writes a thousand forks is not to make each cost a walk over
 * all: one goes up only as far as no rotation was known below. */
static bool choose_heirs(struct fora_identity *identity)
{
    int at = (int)identity->count - 1;
    bool changed = at == 0;
    bool heavier = true;

    identity->entries[at].weight = identity->entries[at].rank;
    while (at != 0 && heavier) {
        int above = identity->entries[at].parent;
        bool rotation = identity->entries[at].weight == LOG_RANK_ROTATION;

        changed = choose_heir(identity, at) || changed;
        heavier = rotation && identity->entries[above].weight != LOG_RANK_ROTATION;
        if (heavier)
            identity->entries[above].weight = LOG_RANK_ROTATION;
        at = above;
    }
    return changed;
}

static void add_key(
    struct fora_identity *identity, const struct fora_device_key *device, uint64_t added_at)
{
    struct fora_identity_key *key = &identity->keys[identity->keys_count++];
    size_t size =
        device->label.size < sizeof(key->label) ? device->label.size : sizeof(key->label) - 1;

    *key = (struct fora_identity_key){.sign = device->sign,
        .seal = device->seal,
        .added_at = added_at,
        .custodial = device->custodial};
    if (size != 0)
        memcpy(key->label, device->label.data, size);
}

static struct fora_identity_key *find_key(
    const struct fora_identity *identity, const struct fora_key *sign)
{
    for (size_t i = 0; i < identity->keys_count; i++) {
        if (same_key(&identity->keys[i].sign, sign))
            return &identity->keys[i];
    }
    return NULL;
}

static void apply(struct fora_identity *identity, const struct log_entry *entry)
{
    const struct fora_identity_entry *content = &entry->content;

    if (content->create != NULL) {
        for (size_t i = 0; i < content->create->keys_count; i++)
            add_key(identity, &content->create->keys[i], entry->created_at);
        identity->home = content->create->home;
        identity->node = content->create->node;
    }
    if (content->add_key != NULL)
        add_key(identity, content->add_key, entry->created_at);
    if (content->home != NULL)
        identity->home = content->home->home;
    if (content->node != NULL)
        identity->node = content->node;
}

/*
 * A key's own revocations count on every branch, the earliest first: who says that she is not to be
 * trusted any more is believed, and a sibling by the root must not undo it by accident.
 */
static void revoke_by_self(struct fora_identity *identity)
{
    for (size_t i = 1; i < identity->count; i++) {
        const struct log_entry *entry = &identity->entries[i];
        struct fora_identity_key *key;

        if (entry->rank != LOG_RANK_SELF)
            continue;
        key = find_key(identity, &entry->content.revoke_key->sign);
        if (key != NULL && (key->revoked_at == 0 || entry->created_at < key->revoked_at))
            key->revoked_at = entry->created_at;
    }
}

/* The root's last word on a key replaces all earlier ones, so that a date can be corrected. */
static void revoke_by_root(struct fora_identity *identity, const struct log_entry *entry)
{
    const struct fora_key_revocation *revocation = entry->content.revoke_key;
    struct fora_identity_key *key;

    if (revocation == NULL || entry->rank != LOG_RANK_ROOT)
        return;
    key = find_key(identity, &revocation->sign);
    if (key == NULL)
        return;
    key->revoked_at = entry->created_at;
    key->disputed = revocation->compromised_at != 0;
    if (revocation->compromised_at != 0 && revocation->compromised_at < entry->created_at)
        key->revoked_at = revocation->compromised_at;
}

void log_fold(struct fora_identity *identity)
{
    const struct log_entry *newest = &identity->entries[identity->count - 1];
    size_t length = 0;

    /* A key's own revocation counts wherever it hangs. */
    if (!choose_heirs(identity) && newest->rank != LOG_RANK_SELF) {
        identity->forked = true;
        return;
    }
    identity->keys_count = 0;
    for (int i = 0; i != LOG_NONE; i = identity->entries[i].heir) {
        apply(identity, &identity->entries[i]);
        identity->entries[i].winning = true;
        identity->head = i;
        length++;
    }
    revoke_by_self(identity);
    for (int i = 0; i != LOG_NONE; i = identity->entries[i].heir)
        revoke_by_root(identity, &identity->entries[i]);
    identity->forked = length != identity->count;
}

const struct fora_principal_id *fora_identity_principal(const struct fora_identity *identity)
{
    /* A principal's id is the object id of its create entry (ID-2): the same bytes, another type.
     */
    return identity->count == 0 ? &no_principal
                                : (const struct fora_principal_id *)&identity->entries[0].id;
}

uint32_t fora_identity_type(const struct fora_identity *identity)
{
    return identity->count == 0 ? FORA_PRINCIPAL_UNSPECIFIED
                                : identity->entries[0].content.create->type;
}

const struct fora_object_id *fora_identity_head(const struct fora_identity *identity)
{
    return identity->count == 0 ? &no_object : &identity->entries[identity->head].id;
}

uint32_t fora_identity_sequence(const struct fora_identity *identity)
{
    return identity->count == 0 ? 0 : identity->entries[identity->head].content.sequence;
}

const struct fora_key *fora_identity_root(const struct fora_identity *identity)
{
    return identity->count == 0 ? &no_key : &identity->entries[identity->head].root;
}

const struct fora_principal_id *fora_identity_home(const struct fora_identity *identity)
{
    return &identity->home;
}

const struct fora_node_info *fora_identity_node(const struct fora_identity *identity)
{
    return identity->node;
}

bool fora_identity_forked(const struct fora_identity *identity)
{
    return identity->forked;
}

const struct fora_identity_key *fora_identity_keys(
    const struct fora_identity *identity, size_t *count)
{
    *count = identity->keys_count;
    return identity->keys;
}

int fora_identity_check_key(
    const struct fora_identity *identity, const struct fora_key *key, uint64_t created_at)
{
    const struct fora_identity_key *found = find_key(identity, key);
    bool first;

    if (found == NULL)
        return FORA_E_KEY;
    if (found->revoked_at != 0 && created_at >= found->revoked_at)
        return FORA_E_KEY;
    /* Keys of the create entry come first: they may sign history that is older than the log. */
    first = (size_t)(found - identity->keys) < identity->entries[0].content.create->keys_count;
    if (first || created_at >= found->added_at)
        return 0;
    return found->added_at - created_at <= FORA_FUTURE_MAX_MS ? 0 : FORA_E_KEY;
}
