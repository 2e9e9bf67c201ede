/* The tree of entries: what may be added, and where (ID-3 to ID-8). */
#include "log.h"

#include <stdlib.h>
#include <string.h>

int fora_identity_new(struct fora_identity **out)
{
    struct fora_identity *identity = calloc(1, sizeof(*identity));

    if (identity == NULL)
        return FORA_E_NOMEM;
    fora_arena_init(&identity->arena, 0);
    identity->head = LOG_NONE;
    *out = identity;
    return 0;
}

void fora_identity_free(struct fora_identity *identity)
{
    if (identity == NULL)
        return;
    fora_arena_fini(&identity->arena);
    free(identity->entries);
    free(identity->keys);
    free(identity);
}

static bool same_key(const struct fora_key *a, const struct fora_key *b)
{
    return memcmp(a->b, b->b, FORA_KEY_SIZE) == 0;
}

static int find_entry(const struct fora_identity *identity, const struct fora_object_id *id)
{
    /* From the end: a log is mostly read and written at its head. */
    for (size_t i = identity->count; i > 0; i--) {
        if (memcmp(identity->entries[i - 1].id.b, id->b, FORA_ID_SIZE) == 0)
            return (int)(i - 1);
    }
    return LOG_NONE;
}

/* Does the entry name this key as one that speaks? */
static bool names_key(const struct fora_identity_entry *content, const struct fora_key *key)
{
    if (content->add_key != NULL)
        return same_key(&content->add_key->sign, key);
    if (content->create == NULL)
        return false;
    for (size_t i = 0; i < content->create->keys_count; i++) {
        if (same_key(&content->create->keys[i].sign, key))
            return true;
    }
    return false;
}

/* What the path from the create entry down to `at` says of a key. */
static void path_of_key(const struct fora_identity *identity, int at, const struct fora_key *key,
    bool *added, bool *revoked)
{
    *added = false;
    *revoked = false;
    for (; at != LOG_NONE; at = identity->entries[at].parent) {
        const struct fora_identity_entry *content = &identity->entries[at].content;

        if (names_key(content, key))
            *added = true;
        if (content->revoke_key != NULL && same_key(&content->revoke_key->sign, key))
            *revoked = true;
    }
}

static int check_create(const struct fora_object *entry, const struct fora_identity_entry *content)
{
    const struct fora_identity_create *create = content->create;

    if (create == NULL)
        return FORA_E_UNKNOWN_PARENT;
    if (content->sequence != 0 || !fora_id_is_zero(entry->header.author.b) ||
        !fora_id_is_zero(entry->header.parent.b))
        return FORA_E_IDENTITY;
    if (create->type == FORA_PRINCIPAL_NODE && !fora_id_is_zero(create->home.b))
        return FORA_E_IDENTITY;
    if (create->type == FORA_PRINCIPAL_MEMBER && create->node != NULL)
        return FORA_E_IDENTITY;
    if (create->type != FORA_PRINCIPAL_NODE && create->type != FORA_PRINCIPAL_MEMBER)
        return FORA_E_IDENTITY;
    for (size_t i = 0; i < create->keys_count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (same_key(&create->keys[i].sign, &create->keys[j].sign))
                return FORA_E_IDENTITY;
        }
    }
    return 0;
}

static const struct fora_hash *rotation_of(const struct fora_identity_entry *content)
{
    if (content->rotate != NULL)
        return &content->rotate->next_root_commitment;
    if (content->recover != NULL)
        return &content->recover->next_root_commitment;
    return NULL;
}

/* Rotation and recovery: the new root signs, and its hash is what the old one promised (ID-7). */
static int check_rotation(const struct log_entry *parent, const struct fora_object *entry,
    const struct fora_identity_entry *content)
{
    struct fora_hash commitment;

    if (fora_id_is_zero(rotation_of(content)->b))
        return FORA_E_IDENTITY;
    fora_identity_commitment(&commitment, &entry->header.key);
    return memcmp(commitment.b, parent->commitment.b, FORA_HASH_SIZE) == 0 ? 0 : FORA_E_IDENTITY;
}

static int check_operation(const struct fora_identity *identity, int parent,
    const struct fora_object *entry, const struct fora_identity_entry *content, enum log_rank *rank)
{
    const struct fora_key *signer = &entry->header.key;
    bool by_root = same_key(signer, &identity->entries[parent].root);
    uint32_t type = identity->entries[0].content.create->type;
    bool added, revoked;

    *rank = LOG_RANK_ROOT;
    if (rotation_of(content) != NULL) {
        *rank = LOG_RANK_ROTATION;
        return check_rotation(&identity->entries[parent], entry, content);
    }
    if (content->revoke_key != NULL) {
        path_of_key(identity, parent, &content->revoke_key->sign, &added, &revoked);
        if (added && by_root)
            return 0;
        *rank = LOG_RANK_SELF;
        return added && !revoked && same_key(signer, &content->revoke_key->sign) ? 0
                                                                                 : FORA_E_IDENTITY;
    }
    if (content->create != NULL || !by_root)
        return FORA_E_IDENTITY;
    if (content->add_key != NULL) {
        path_of_key(identity, parent, &content->add_key->sign, &added, &revoked);
        return added ? FORA_E_IDENTITY : 0;
    }
    if (content->home != NULL)
        return type == FORA_PRINCIPAL_MEMBER ? 0 : FORA_E_IDENTITY;
    return content->node != NULL && type == FORA_PRINCIPAL_NODE ? 0 : FORA_E_IDENTITY;
}

/* The checks of a later entry that need no key: where it hangs in the tree. */
static int check_place(const struct fora_identity *identity, const struct fora_object *entry,
    const struct fora_identity_entry *content, int *parent)
{
    const struct log_entry *above;

    if (memcmp(entry->header.author.b, identity->entries[0].id.b, FORA_ID_SIZE) != 0)
        return FORA_E_IDENTITY;
    *parent = find_entry(identity, &entry->header.parent);
    if (*parent == LOG_NONE)
        return FORA_E_UNKNOWN_PARENT;
    above = &identity->entries[*parent];
    if (content->sequence != above->content.sequence + 1)
        return FORA_E_IDENTITY;
    return entry->header.created_at >= above->created_at ? 0 : FORA_E_IDENTITY;
}

/* Decodes and checks; leaves in *made all of the entry but its content's home in the log. */
static int check_entry(const struct fora_identity *identity, const struct fora_object *entry,
    struct fora_arena *arena, struct log_entry *made)
{
    struct fora_content content;
    int error;

    if (entry->header.kind != FORA_KIND_IDENTITY)
        return FORA_E_IDENTITY;
    if (!entry->has_content)
        return FORA_E_NO_CONTENT;
    error = fora_content_decode(arena, FORA_KIND_IDENTITY, entry->content_bytes, &content);
    if (error != 0)
        return error;
    *made = (struct log_entry){.id = entry->id,
        .signer = entry->header.key,
        .created_at = entry->header.created_at,
        .rank = LOG_RANK_ROOT,
        .parent = LOG_NONE,
        .heir = LOG_NONE,
        .root = entry->header.key,
        .content = content.u.identity};
    if (identity == NULL || identity->count == 0) {
        error = check_create(entry, &made->content);
        if (error == 0)
            made->commitment = made->content.create->next_root_commitment;
        return error;
    }
    error = check_place(identity, entry, &made->content, &made->parent);
    if (error == 0)
        error = check_operation(identity, made->parent, entry, &made->content, &made->rank);
    if (error == 0 && made->rank == LOG_RANK_ROTATION) {
        made->commitment = *rotation_of(&made->content);
    } else if (error == 0) {
        made->root = identity->entries[made->parent].root;
        made->commitment = identity->entries[made->parent].commitment;
    }
    return error;
}

int fora_identity_check(const struct fora_identity *identity, const struct fora_object *entry)
{
    struct fora_arena arena;
    struct log_entry made;
    int error;

    if (identity != NULL && find_entry(identity, &entry->id) != LOG_NONE)
        return 0;
    if (identity != NULL && identity->count == FORA_IDENTITY_ENTRIES_MAX)
        return FORA_E_LIMIT;
    fora_arena_init(&arena, FORA_CONTENT_ARENA);
    error = check_entry(identity, entry, &arena, &made);
    fora_arena_fini(&arena);
    return error;
}

static size_t keys_named(const struct fora_identity_entry *content)
{
    return content->create != NULL ? content->create->keys_count : content->add_key != NULL;
}

/* Room for one more entry and the keys that it names, so that storing it cannot fail. */
static int reserve(struct fora_identity *identity, size_t keys)
{
    size_t need = identity->keys_seen + keys;

    if (identity->count == identity->room) {
        size_t room = identity->room == 0 ? 4 : 2 * identity->room;
        struct log_entry *grown = realloc(identity->entries, room * sizeof(*grown));

        if (grown == NULL)
            return FORA_E_NOMEM;
        identity->entries = grown;
        identity->room = room;
    }
    if (need > identity->keys_room) {
        size_t room = need < 8 ? 8 : 2 * need;
        struct fora_identity_key *grown = realloc(identity->keys, room * sizeof(*grown));

        if (grown == NULL)
            return FORA_E_NOMEM;
        identity->keys = grown;
        identity->keys_room = room;
    }
    return 0;
}

/* Decodes the content again, now into the log's own memory: a refused entry leaves nothing there.
 */
static int keep_content(
    struct fora_identity *identity, struct fora_bytes bytes, struct fora_identity_entry *out)
{
    struct fora_bytes copy = fora_arena_copy(&identity->arena, bytes);
    struct fora_content content;
    int error;

    if (copy.data == NULL)
        return FORA_E_NOMEM;
    error = fora_content_decode(&identity->arena, FORA_KIND_IDENTITY, copy, &content);
    if (error == 0)
        *out = content.u.identity;
    return error;
}

int fora_identity_add(struct fora_identity *identity, const struct fora_object *entry)
{
    struct fora_arena arena;
    struct log_entry made;
    size_t keys = 0;
    int error;

    if (find_entry(identity, &entry->id) != LOG_NONE)
        return 0;
    if (identity->count == FORA_IDENTITY_ENTRIES_MAX)
        return FORA_E_LIMIT;
    fora_arena_init(&arena, FORA_CONTENT_ARENA);
    error = check_entry(identity, entry, &arena, &made);
    if (error == 0)
        keys = keys_named(&made.content);
    fora_arena_fini(&arena);
    if (error == 0)
        error = reserve(identity, keys);
    if (error == 0)
        error = keep_content(identity, entry->content_bytes, &made.content);
    if (error != 0)
        return error;
    identity->entries[identity->count++] = made;
    identity->keys_seen += keys;
    log_fold(identity);
    return 0;
}
