#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition) check((condition), #condition, __LINE__)

static void check(bool good, const char *what, int line)
{
    if (good)
        return;
    fprintf(stderr, "fixture.c:%d: cannot make it: %s\n", line, what);
    abort();
}

void fx_init(struct fx *fx)
{
    CHECK(fora_crypto_init() == 0);
    *fx = (struct fx){.people = NULL};
    fora_arena_init(&fx->arena, 0);
}

void fx_fini(struct fx *fx)
{
    for (struct fx_who *who = fx->people; who != NULL; who = who->next) {
        fora_secret_free(who->root);
        fora_secret_free(who->next_root);
        fora_secret_free(who->device);
        fora_identity_free(who->log);
    }
    fora_arena_fini(&fx->arena);
}

struct fora_secret *fx_secret(unsigned seed, const char *name)
{
    const uint8_t master[32] = {
        (uint8_t)(seed >> 24), (uint8_t)(seed >> 16), (uint8_t)(seed >> 8), (uint8_t)seed};
    struct fora_secret *secret = NULL;

    CHECK(fora_secret_derive(&secret, master, "fora.test", fora_bytes_str(name)) == 0);
    return secret;
}

static void next_salt(struct fx *fx, struct fora_salt *salt)
{
    struct fora_hash hash;

    fx->counter++;
    fora_hash1(&hash, "fora.test.salt", fora_bytes(&fx->counter, sizeof(fx->counter)));
    memcpy(salt->b, hash.b, sizeof(salt->b));
}

const struct fora_object *fx_decode(struct fx *fx, struct fora_bytes bytes)
{
    struct fora_object *object = fora_arena_zalloc(&fx->arena, 1, sizeof(*object));
    struct fora_bytes copy = fora_arena_copy(&fx->arena, bytes);

    CHECK(object != NULL && copy.data != NULL);
    CHECK(fora_object_decode(object, copy) == 0);
    return object;
}

static struct fx_who *make_who(struct fx *fx, unsigned seed, uint32_t type, uint64_t at)
{
    struct fx_who *who = fora_arena_zalloc(&fx->arena, 1, sizeof(*who));
    struct fora_device_key key = {.label = fora_bytes_str("laptop")};
    struct fora_bytes address = fora_bytes_str("node.example:7777");
    struct fora_node_info node = {.addresses = &address,
        .addresses_count = 1,
        .domain = fora_bytes_str("node.example"),
        .name = fora_bytes_str("node")};
    struct fora_identity_create create = {.type = type, .keys = &key, .keys_count = 1};
    struct fora_key next;
    struct fora_salt salt;
    struct fora_buf bytes = {0};

    CHECK(who != NULL);
    who->root = fx_secret(seed, "root");
    who->next_root = fx_secret(seed, "next root");
    who->device = fx_secret(seed, "device");
    fora_secret_public(who->device, &key.sign);
    fora_secret_public(who->next_root, &next);
    fora_identity_commitment(&create.next_root_commitment, &next);
    node.noise_key = next; /* 32 bytes that are not zeros */
    create.node = type == FORA_PRINCIPAL_NODE ? &node : NULL;
    next_salt(fx, &salt);
    CHECK(fora_identity_build_create(&bytes, &create, &salt, at, who->root, &who->id) == 0);
    who->create = fx_decode(fx, fora_buf_bytes(&bytes));
    fora_buf_fini(&bytes);
    CHECK(fora_identity_new(&who->log) == 0);
    CHECK(fora_identity_add(who->log, who->create) == 0);
    who->next = fx->people;
    fx->people = who;
    return who;
}

struct fx_who *fx_member(struct fx *fx, unsigned seed, uint64_t at)
{
    return make_who(fx, seed, FORA_PRINCIPAL_MEMBER, at);
}

struct fx_who *fx_node(struct fx *fx, unsigned seed, uint64_t at)
{
    return make_who(fx, seed, FORA_PRINCIPAL_NODE, at);
}

struct fx_who *fx_find(const struct fx *fx, const struct fora_principal_id *id)
{
    for (struct fx_who *who = fx->people; who != NULL; who = who->next) {
        if (memcmp(who->id.b, id->b, FORA_ID_SIZE) == 0)
            return who;
    }
    return NULL;
}

const struct fora_object *fx_raw(struct fx *fx, const struct fora_secret *secret,
    struct fora_header header, struct fora_bytes bytes)
{
    struct fora_buf encoded = {0};
    const struct fora_object *object;

    CHECK(fora_object_build(&encoded, &header, bytes, secret, NULL) == 0);
    object = fx_decode(fx, fora_buf_bytes(&encoded));
    fora_buf_fini(&encoded);
    return object;
}

const struct fora_object *fx_object(struct fx *fx, const struct fx_who *who,
    struct fora_header header, struct fora_content content, uint64_t at)
{
    struct fora_salt *salt = fora_content_salt(&content);
    struct fora_buf bytes = {0};
    const struct fora_object *object;

    CHECK(salt != NULL);
    next_salt(fx, salt);
    CHECK(fora_content_encode(&bytes, &content) == 0);
    header.kind = content.kind;
    header.author = who->id;
    header.created_at = at;
    object = fx_raw(fx, who->device, header, fora_buf_bytes(&bytes));
    fora_buf_fini(&bytes);
    return object;
}

const struct fora_object *fx_strip(struct fx *fx, const struct fora_object *object)
{
    struct fora_buf bytes = {0};
    const struct fora_object *stripped;

    CHECK(fora_object_strip(&bytes, object) == 0);
    stripped = fx_decode(fx, fora_buf_bytes(&bytes));
    fora_buf_fini(&bytes);
    return stripped;
}

const struct fora_object *fx_space(
    struct fx *fx, const struct fx_who *owner, uint32_t kind, const char *name, uint64_t at)
{
    struct fora_content content = {.kind = FORA_KIND_POLICY,
        .u.policy = {.kind = kind, .has_name = true, .name = fora_bytes_str(name)}};

    return fx_object(fx, owner, (struct fora_header){0}, content, at);
}

const struct fora_object *fx_policy(struct fx *fx, const struct fx_who *who,
    const struct fora_object *space, struct fora_policy_statement statement, uint64_t at)
{
    struct fora_content content = {.kind = FORA_KIND_POLICY, .u.policy = statement};

    return fx_object(fx, who, (struct fora_header){.space = fora_object_space(space)}, content, at);
}

const struct fora_object *fx_grant(struct fx *fx, const struct fx_who *who,
    const struct fora_object *space, const struct fx_who *to, uint32_t role, uint64_t since,
    uint64_t until, uint64_t at)
{
    struct fora_grant grant = {.principal = to->id, .role = role, .since = since, .until = until};

    return fx_policy(
        fx, who, space, (struct fora_policy_statement){.grants = &grant, .grants_count = 1}, at);
}

const struct fora_object *fx_earned(struct fx *fx, const struct fx_who *who,
    const struct fora_object *space, const struct fx_who *to, uint32_t role, uint64_t at)
{
    struct fora_grant grant = {.principal = to->id, .role = role, .earned = 100};

    return fx_policy(
        fx, who, space, (struct fora_policy_statement){.grants = &grant, .grants_count = 1}, at);
}

const struct fora_object *fx_revoke(struct fx *fx, const struct fx_who *who,
    const struct fora_object *space, const struct fx_who *to, uint32_t role, uint64_t at)
{
    struct fora_grant grant = {.principal = to->id, .role = role, .revoke = true};

    return fx_policy(
        fx, who, space, (struct fora_policy_statement){.grants = &grant, .grants_count = 1}, at);
}

const struct fora_object *fx_host(struct fx *fx, const struct fx_who *who,
    const struct fora_object *space, const struct fx_who *node, uint64_t at)
{
    struct fora_host host = {.node = node->id};

    return fx_policy(
        fx, who, space, (struct fora_policy_statement){.hosts = &host, .hosts_count = 1}, at);
}

const struct fora_object *fx_entry(struct fx *fx, const struct fx_who *who,
    const struct fora_object *parent, struct fora_identity_entry entry,
    const struct fora_secret *signer, uint64_t at)
{
    struct fora_content content = {.kind = FORA_KIND_IDENTITY, .u.identity = entry};
    struct fora_header header = {
        .kind = FORA_KIND_IDENTITY, .author = who->id, .parent = parent->id, .created_at = at};
    struct fora_buf bytes = {0};
    const struct fora_object *object;

    memset(content.u.identity.salt.b, 7, sizeof(content.u.identity.salt.b));
    CHECK(fora_content_encode(&bytes, &content) == 0);
    object = fx_raw(fx, signer, header, fora_buf_bytes(&bytes));
    fora_buf_fini(&bytes);
    return object;
}

const struct fora_object *fx_add_key(struct fx *fx, const struct fx_who *who,
    const struct fora_object *parent, uint32_t sequence, const struct fora_secret *key,
    const struct fora_secret *signer, uint64_t at)
{
    struct fora_device_key device = {.label = fora_bytes_str("phone")};

    fora_secret_public(key, &device.sign);
    return fx_entry(fx, who, parent,
        (struct fora_identity_entry){.sequence = sequence, .add_key = &device}, signer, at);
}

const struct fora_object *fx_revoke_key(struct fx *fx, const struct fx_who *who,
    const struct fora_object *parent, uint32_t sequence, const struct fora_secret *key,
    uint64_t compromised_at, const struct fora_secret *signer, uint64_t at)
{
    struct fora_key_revocation revocation = {.compromised_at = compromised_at};

    fora_secret_public(key, &revocation.sign);
    return fx_entry(fx, who, parent,
        (struct fora_identity_entry){.sequence = sequence, .revoke_key = &revocation}, signer, at);
}

const struct fora_object *fx_rotate(struct fx *fx, const struct fx_who *who,
    const struct fora_object *parent, uint32_t sequence, const struct fora_secret *next,
    const struct fora_secret *signer, uint64_t at)
{
    struct fora_root_rotation rotation;
    struct fora_key key;

    fora_secret_public(next, &key);
    fora_identity_commitment(&rotation.next_root_commitment, &key);
    return fx_entry(fx, who, parent,
        (struct fora_identity_entry){.sequence = sequence, .rotate = &rotation}, signer, at);
}

const struct fora_object *fx_move(struct fx *fx, const struct fx_who *who,
    const struct fora_object *parent, uint32_t sequence, const struct fx_who *home,
    const struct fora_secret *signer, uint64_t at)
{
    struct fora_home_change change = {.home = home->id};

    return fx_entry(fx, who, parent,
        (struct fora_identity_entry){.sequence = sequence, .home = &change}, signer, at);
}

const struct fora_object *fx_next_entry(struct fx *fx, struct fx_who *who,
    struct fora_identity_entry entry, const struct fora_secret *signer, uint64_t at)
{
    struct fora_buf bytes = {0};
    const struct fora_object *object;

    memset(entry.salt.b, 7, sizeof(entry.salt.b));
    CHECK(fora_identity_build_next(&bytes, who->log, &entry, at, signer) == 0);
    object = fx_decode(fx, fora_buf_bytes(&bytes));
    fora_buf_fini(&bytes);
    CHECK(fora_identity_add(who->log, object) == 0);
    return object;
}

const struct fora_object *fx_profile(
    struct fx *fx, const struct fx_who *who, const char *name, uint64_t at)
{
    struct fora_content content = {
        .kind = FORA_KIND_PROFILE, .u.profile = {.name = fora_bytes_str(name)}};

    return fx_object(fx, who, (struct fora_header){0}, content, at);
}

const struct fora_object *fx_thread(struct fx *fx, const struct fx_who *who,
    const struct fora_object *space, uint32_t type, const char *title, uint64_t at)
{
    struct fora_content content = {.kind = FORA_KIND_THREAD,
        .u.thread = {.type = type, .title = fora_bytes_str(title), .text = fora_bytes_str(title)}};

    return fx_object(fx, who, (struct fora_header){.space = fora_object_space(space)}, content, at);
}

const struct fora_object *fx_about(struct fx *fx, const struct fx_who *who,
    const struct fora_object *target, struct fora_content content, uint64_t at)
{
    struct fora_header header = {.space = target->header.space,
        .root = target->header.root,
        .parent = target->id,
        .audience = target->header.audience};

    if (fora_id_is_zero(header.root.b))
        header.root = target->id;
    return fx_object(fx, who, header, content, at);
}

const struct fora_object *fx_answer(struct fx *fx, const struct fx_who *who,
    const struct fora_object *thread, const char *text, uint64_t at)
{
    struct fora_content content = {
        .kind = FORA_KIND_POST, .u.post = {.type = FORA_POST_ANSWER, .text = fora_bytes_str(text)}};

    return fx_about(fx, who, thread, content, at);
}

const struct fora_object *fx_comment(struct fx *fx, const struct fx_who *who,
    const struct fora_object *parent, const char *text, uint64_t at)
{
    struct fora_content content = {.kind = FORA_KIND_POST,
        .u.post = {.type = FORA_POST_COMMENT, .text = fora_bytes_str(text)}};

    return fx_about(fx, who, parent, content, at);
}

const struct fora_object *fx_revise(struct fx *fx, const struct fx_who *who,
    const struct fora_object *target, const char *text, uint64_t at)
{
    struct fora_content content = {
        .kind = FORA_KIND_REVISION, .u.revision = {.has_text = true, .text = fora_bytes_str(text)}};

    return fx_about(fx, who, target, content, at);
}

const struct fora_object *fx_tally(struct fx *fx, const struct fx_who *node,
    const struct fora_object *target, uint64_t up, uint64_t down, uint64_t at)
{
    struct fora_content content = {.kind = FORA_KIND_TALLY, .u.tally = {.up = up, .down = down}};

    return fx_about(fx, node, target, content, at);
}

const struct fora_object *fx_resolve(struct fx *fx, const struct fx_who *who,
    const struct fora_object *target, uint32_t type, uint64_t at)
{
    struct fora_applies_to range = {.product = fora_bytes_str("Lager")};
    struct fora_content content = {.kind = FORA_KIND_RESOLUTION, .u.resolution = {.type = type}};

    /* What the kinds ask for (KIND-*): a better answer, a range. */
    if (type == FORA_RESOLUTION_SUPERSEDED_BY)
        content.u.resolution.superseded_by = target->id;
    if (type == FORA_RESOLUTION_REGRESSED_IN) {
        content.u.resolution.applies_to = &range;
        content.u.resolution.applies_to_count = 1;
    }
    return fx_about(fx, who, target, content, at);
}

const struct fora_object *fx_moderate(struct fx *fx, const struct fx_who *who,
    const struct fora_object *target, uint32_t action, uint64_t at)
{
    struct fora_content content = {.kind = FORA_KIND_MODERATION,
        .u.moderation = {.action = action, .reason = fora_bytes_str("house rules")}};

    if (action == FORA_MODERATION_MOVE)
        content.u.moderation.to_thread = target->id;
    return fx_about(fx, who, target, content, at);
}

const struct fora_object *fx_retract(
    struct fx *fx, const struct fx_who *who, const struct fora_object *target, uint64_t at)
{
    struct fora_content content = {.kind = FORA_KIND_RETRACTION};

    return fx_about(fx, who, target, content, at);
}

struct fora_policy *fx_policy_of(const struct fora_object *const *statements, size_t count)
{
    struct fora_policy *policy = NULL;

    CHECK(fora_policy_new(&policy) == 0);
    for (size_t i = 0; i < count; i++)
        CHECK(fora_policy_add(policy, statements[i]) == 0);
    return policy;
}

uint32_t fx_random(uint64_t *state, uint32_t below)
{
    /* splitmix64 */
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ (z >> 31)) % below);
}

void fx_shuffle(uint64_t *state, const struct fora_object **objects, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = fx_random(state, (uint32_t)i);
        const struct fora_object *held = objects[i - 1];

        objects[i - 1] = objects[j];
        objects[j] = held;
    }
}
