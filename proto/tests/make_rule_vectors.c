/*
 * Writes spec/vectors/{identity,policies,views}.json into the folder named by its argument:
 *
 *     make_rule_vectors spec/vectors
 *
 * Every result that a case expects stands here in the code; when the library says otherwise, the
 * program ends without writing. rule_vectors_test.c reads the files back.
 */
#include "fixture.h"
#include "fora/view.h"

#include <jansson.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPECT(condition) expect((condition), #condition, __LINE__)

static void expect(bool good, const char *what, int line)
{
    if (good)
        return;
    fprintf(stderr, "make_rule_vectors.c:%d: not as expected: %s\n", line, what);
    exit(1);
}

static json_t *hex(const void *data, size_t size)
{
    char *text = malloc(2 * size + 1);
    json_t *string;

    EXPECT(text != NULL);
    fora_hex(text, data, size);
    string = json_string(text);
    free(text);
    EXPECT(string != NULL);
    return string;
}

static void set(json_t *object, const char *name, json_t *value)
{
    EXPECT(json_object_set_new(object, name, value) == 0);
}

static json_t *new_case(json_t *cases, const char *name, const char *clause)
{
    json_t *made = json_object();

    EXPECT(json_array_append_new(cases, made) == 0);
    set(made, "name", json_string(name));
    set(made, "clause", json_string(clause));
    return made;
}

static json_t *list_of(json_t *object, const char *name)
{
    json_t *list = json_array();

    set(object, name, list);
    return list;
}

static void append_step(json_t *list, const struct fora_object *object, int result)
{
    json_t *step = json_object();

    set(step, "object", hex(object->encoded.data, object->encoded.size));
    set(step, "result", json_string(fora_error_name(result)));
    EXPECT(json_array_append_new(list, step) == 0);
}

/* ---- Identity ---- */

struct identity_case {
    struct fx *fx;
    struct fora_identity *log;
    json_t *made, *entries, *checks;
};

static struct identity_case open_identity(
    struct fx *fx, json_t *cases, const char *name, const char *clause)
{
    struct identity_case c = {.fx = fx, .made = new_case(cases, name, clause)};

    EXPECT(fora_identity_new(&c.log) == 0);
    c.entries = list_of(c.made, "entries");
    c.checks = list_of(c.made, "checks");
    return c;
}

static const struct fora_object *step(
    struct identity_case *c, const struct fora_object *entry, int expected)
{
    EXPECT(fora_identity_add(c->log, entry) == expected);
    append_step(c->entries, entry, expected);
    return entry;
}

static void check_key(
    struct identity_case *c, const struct fora_secret *secret, uint64_t at, int expected)
{
    struct fora_key key;
    json_t *check = json_object();

    fora_secret_public(secret, &key);
    EXPECT(fora_identity_check_key(c->log, &key, at) == expected);
    set(check, "key", hex(key.b, sizeof(key.b)));
    set(check, "created_at", json_integer((json_int_t)at));
    set(check, "result", json_string(fora_error_name(expected)));
    EXPECT(json_array_append_new(c->checks, check) == 0);
}

static void close_identity(struct identity_case *c)
{
    json_t *state = json_object(), *keys = list_of(state, "keys");
    size_t count;
    const struct fora_identity_key *list = fora_identity_keys(c->log, &count);

    for (size_t i = 0; i < count; i++) {
        json_t *key = json_object();

        set(key, "sign", hex(list[i].sign.b, FORA_KEY_SIZE));
        set(key, "added_at", json_integer((json_int_t)list[i].added_at));
        set(key, "revoked_at", json_integer((json_int_t)list[i].revoked_at));
        set(key, "disputed", json_boolean(list[i].disputed));
        EXPECT(json_array_append_new(keys, key) == 0);
    }
    set(state, "principal", hex(fora_identity_principal(c->log)->b, FORA_ID_SIZE));
    set(state, "type", json_integer(fora_identity_type(c->log)));
    set(state, "head", hex(fora_identity_head(c->log)->b, FORA_ID_SIZE));
    set(state, "sequence", json_integer(fora_identity_sequence(c->log)));
    set(state, "root", hex(fora_identity_root(c->log)->b, FORA_KEY_SIZE));
    set(state, "home", hex(fora_identity_home(c->log)->b, FORA_ID_SIZE));
    set(state, "forked", json_boolean(fora_identity_forked(c->log)));
    set(c->made, "state", state);
    fora_identity_free(c->log);
}

static const struct fora_object *entry_at(struct fx *fx, const struct fx_who *who,
    const struct fora_object *parent, struct fora_identity_entry entry,
    const struct fora_secret *signer, uint64_t at)
{
    struct fora_content content = {.kind = FORA_KIND_IDENTITY, .u.identity = entry};
    struct fora_header header = {
        .kind = FORA_KIND_IDENTITY, .author = who->id, .parent = parent->id, .created_at = at};
    struct fora_buf bytes = {0};
    const struct fora_object *object;

    memset(content.u.identity.salt.b, 7, sizeof(content.u.identity.salt.b));
    EXPECT(fora_content_encode(&bytes, &content) == 0);
    object = fx_raw(fx, signer, header, fora_buf_bytes(&bytes));
    fora_buf_fini(&bytes);
    return object;
}

static const struct fora_object *home_entry(struct fx *fx, const struct fx_who *who,
    const struct fora_object *parent, uint32_t sequence, uint8_t home,
    const struct fora_secret *signer, uint64_t at)
{
    struct fora_home_change change = {.home = {{home}}};

    return entry_at(fx, who, parent,
        (struct fora_identity_entry){.sequence = sequence, .home = &change}, signer, at);
}

static const struct fora_object *key_entry(struct fx *fx, const struct fx_who *who,
    const struct fora_object *parent, uint32_t sequence, const struct fora_secret *key, bool revoke,
    uint64_t compromised_at, const struct fora_secret *signer, uint64_t at)
{
    struct fora_device_key device = {.label = fora_bytes_str("phone")};
    struct fora_key_revocation revocation = {.compromised_at = compromised_at};
    struct fora_identity_entry entry = {.sequence = sequence};

    fora_secret_public(key, revoke ? &revocation.sign : &device.sign);
    entry.add_key = revoke ? NULL : &device;
    entry.revoke_key = revoke ? &revocation : NULL;
    return entry_at(fx, who, parent, entry, signer, at);
}

static const struct fora_object *rotate_entry(struct fx *fx, const struct fx_who *who,
    const struct fora_object *parent, uint32_t sequence, const struct fora_secret *signer,
    uint64_t at)
{
    struct fora_root_rotation rotation = {{{0x42}}};

    return entry_at(fx, who, parent,
        (struct fora_identity_entry){.sequence = sequence, .rotate = &rotation}, signer, at);
}

static void plain_log(struct fx *fx, json_t *cases)
{
    struct fx_who *ann = fx_member(fx, 1, 1000);
    struct fora_secret *phone = fx_secret(1, "phone");
    struct identity_case c = open_identity(fx, cases, "a log that grows", "ID-4");
    const struct fora_object *second, *third, *fourth;

    second = home_entry(fx, ann, ann->create, 1, 5, ann->root, 2000);
    third = key_entry(fx, ann, second, 2, phone, false, 0, ann->root, 1000000);
    fourth = key_entry(fx, ann, third, 3, phone, true, 0, phone, 2000000);
    step(&c, second, FORA_E_UNKNOWN_PARENT);
    step(&c, ann->create, 0);
    step(&c, third, FORA_E_UNKNOWN_PARENT);
    step(&c, second, 0);
    step(&c, third, 0);
    step(&c, third, 0);
    step(&c, fourth, 0);
    check_key(&c, ann->device, 1, 0);
    check_key(&c, ann->root, 5000, FORA_E_KEY);
    check_key(&c, phone, 400000, 0);
    check_key(&c, phone, 399999, FORA_E_KEY);
    check_key(&c, phone, 1999999, 0);
    check_key(&c, phone, 2000000, FORA_E_KEY);
    close_identity(&c);
    fora_secret_free(phone);
}

static void refused_entries(struct fx *fx, json_t *cases)
{
    struct fx_who *ann = fx_member(fx, 1, 1000), *bob = fx_member(fx, 2, 1000);
    struct identity_case c = open_identity(fx, cases, "entries that do not follow", "ID-5");

    step(&c, ann->create, 0);
    step(&c, bob->create, FORA_E_IDENTITY);
    step(&c, home_entry(fx, ann, ann->create, 2, 5, ann->root, 2000), FORA_E_IDENTITY);
    step(&c, home_entry(fx, ann, ann->create, 1, 5, ann->root, 999), FORA_E_IDENTITY);
    step(&c, home_entry(fx, ann, ann->create, 1, 5, ann->device, 2000), FORA_E_IDENTITY);
    step(&c, home_entry(fx, bob, ann->create, 1, 5, ann->root, 2000), FORA_E_IDENTITY);
    step(&c, key_entry(fx, ann, ann->create, 1, bob->device, false, 0, ann->device, 2000),
        FORA_E_IDENTITY);
    step(&c, key_entry(fx, ann, ann->create, 1, ann->device, false, 0, ann->root, 2000),
        FORA_E_IDENTITY);
    step(&c, key_entry(fx, ann, ann->create, 1, bob->device, true, 0, ann->root, 2000),
        FORA_E_IDENTITY);
    step(&c, rotate_entry(fx, ann, ann->create, 1, ann->root, 2000), FORA_E_IDENTITY);
    step(&c, fx_strip(fx, home_entry(fx, ann, ann->create, 1, 5, ann->root, 2000)),
        FORA_E_NO_CONTENT);
    close_identity(&c);
}

static void forks(struct fx *fx, json_t *cases)
{
    struct fx_who *ann = fx_member(fx, 1, 1000);
    struct fora_secret *thief = fx_secret(3, "thief");
    struct identity_case c =
        open_identity(fx, cases, "a rotation beats what a stolen root wrote", "ID-9");
    const struct fora_object *stolen;

    step(&c, ann->create, 0);
    stolen = key_entry(fx, ann, ann->create, 1, thief, false, 0, ann->root, 1500);
    step(&c, stolen, 0);
    step(&c, home_entry(fx, ann, stolen, 2, 6, ann->root, 1600), 0);
    step(&c, rotate_entry(fx, ann, ann->create, 1, ann->next_root, 9000), 0);
    check_key(&c, thief, 2000, FORA_E_KEY);
    check_key(&c, ann->device, 2000, 0);
    close_identity(&c);

    c = open_identity(fx, cases, "among equals the earlier wins", "ID-9");
    step(&c, ann->create, 0);
    step(&c, home_entry(fx, ann, ann->create, 1, 7, ann->root, 3000), 0);
    step(&c, home_entry(fx, ann, ann->create, 1, 8, ann->root, 2000), 0);
    step(&c, home_entry(fx, ann, ann->create, 1, 9, ann->root, 2000), 0);
    close_identity(&c);
    fora_secret_free(thief);
}

static void revocations(struct fx *fx, json_t *cases)
{
    struct fx_who *ann = fx_member(fx, 1, 1000);
    struct fora_secret *phone = fx_secret(1, "phone");
    const struct fora_object *added =
        key_entry(fx, ann, ann->create, 1, phone, false, 0, ann->root, 2000);
    const struct fora_object *home = home_entry(fx, ann, added, 2, 5, ann->root, 6000);
    struct identity_case c =
        open_identity(fx, cases, "a key's own revocation counts on a losing branch", "ID-10");

    step(&c, ann->create, 0);
    step(&c, added, 0);
    step(&c, key_entry(fx, ann, added, 2, phone, true, 1, phone, 5000), 0);
    step(&c, home, 0);
    check_key(&c, phone, 4999, 0);
    check_key(&c, phone, 5000, FORA_E_KEY);
    close_identity(&c);

    c = open_identity(fx, cases, "the root's word on the date is final", "ID-10");
    step(&c, ann->create, 0);
    step(&c, added, 0);
    step(&c, key_entry(fx, ann, added, 2, phone, true, 0, phone, 2500), 0);
    step(&c, home, 0);
    step(&c, key_entry(fx, ann, home, 3, phone, true, 5500, ann->root, 7000), 0);
    check_key(&c, phone, 5499, 0);
    check_key(&c, phone, 5500, FORA_E_KEY);
    close_identity(&c);
    fora_secret_free(phone);
}

static const struct fora_object *recover_entry(struct fx *fx, const struct fx_who *who,
    const struct fora_object *parent, uint32_t sequence, struct fora_hash next,
    const struct fora_secret *signer, uint64_t at)
{
    struct fora_recovery recovery = {.next_root_commitment = next};

    return entry_at(fx, who, parent,
        (struct fora_identity_entry){.sequence = sequence, .recover = &recovery}, signer, at);
}

static struct fora_hash commitment_to(const struct fora_secret *secret)
{
    struct fora_key key;
    struct fora_hash out;

    fora_secret_public(secret, &key);
    fora_identity_commitment(&out, &key);
    return out;
}

static void rotations(struct fx *fx, json_t *cases)
{
    struct fx_who *ann = fx_member(fx, 1, 1000);
    struct fora_secret *third = fx_secret(1, "third"), *thief = fx_secret(3, "thief");
    const struct fora_object *recovered =
        recover_entry(fx, ann, ann->create, 1, commitment_to(third), ann->next_root, 2000);
    const struct fora_object *last =
        recover_entry(fx, ann, recovered, 2, commitment_to(thief), third, 4000);
    struct identity_case c =
        open_identity(fx, cases, "a rotation needs the key that was committed to", "ID-7");

    step(&c, ann->create, 0);
    step(&c, rotate_entry(fx, ann, ann->create, 1, thief, 2000), FORA_E_IDENTITY);
    step(&c, rotate_entry(fx, ann, ann->create, 1, ann->device, 2000), FORA_E_IDENTITY);
    step(&c, rotate_entry(fx, ann, ann->create, 1, third, 2000), FORA_E_IDENTITY);
    step(&c, recover_entry(fx, ann, ann->create, 1, (struct fora_hash){{0}}, ann->next_root, 2000),
        FORA_E_IDENTITY);
    step(&c, recovered, 0);
    step(&c, rotate_entry(fx, ann, recovered, 2, ann->next_root, 3000), FORA_E_IDENTITY);
    step(&c, home_entry(fx, ann, recovered, 2, 5, ann->root, 3000), FORA_E_IDENTITY);
    step(&c, last, 0);
    step(&c, home_entry(fx, ann, last, 3, 6, third, 5000), 0);
    close_identity(&c);
    fora_secret_free(thief);
    fora_secret_free(third);
}

/* The thief's entries before the rotation came, and after it: the state is the same. */
static void forks_both_ways(struct fx *fx, json_t *cases)
{
    static const char *const names[] = {"a fork: the thief's entries come first",
        "a fork: the rotation comes first", "a fork: a rotation beats a longer branch"};
    struct fx_who *ann = fx_member(fx, 1, 1000);
    struct fora_secret *thief = fx_secret(3, "thief");
    const struct fora_object *add =
        key_entry(fx, ann, ann->create, 1, thief, false, 0, ann->root, 1500);
    const struct fora_object *revoke =
        key_entry(fx, ann, add, 2, ann->device, true, 0, ann->root, 1600);
    const struct fora_object *away = home_entry(fx, ann, revoke, 3, 6, ann->root, 1700);
    const struct fora_object *rotation =
        rotate_entry(fx, ann, ann->create, 1, ann->next_root, 9000);

    for (unsigned i = 0; i < 3; i++) {
        struct identity_case c = open_identity(fx, cases, names[i], "ID-9");

        step(&c, ann->create, 0);
        if (i == 1)
            step(&c, rotation, 0);
        step(&c, add, 0);
        step(&c, revoke, 0);
        if (i == 2)
            step(&c, away, 0);
        if (i != 1)
            step(&c, rotation, 0);
        check_key(&c, thief, 2000, FORA_E_KEY);
        check_key(&c, ann->device, 2000, 0);
        close_identity(&c);
    }
    fora_secret_free(thief);
}

static void replayed(struct fx *fx, json_t *cases)
{
    struct fx_who *ann = fx_member(fx, 1, 1000), *bob = fx_member(fx, 2, 1000);
    const struct fora_object *first = home_entry(fx, ann, ann->create, 1, 5, ann->root, 2000);
    const struct fora_object *second = home_entry(fx, ann, first, 2, 6, ann->root, 3000);
    struct identity_case c =
        open_identity(fx, cases, "what is replayed, and what belongs to somebody else", "ID-4");

    step(&c, ann->create, 0);
    step(&c, first, 0);
    step(&c, second, 0);
    step(&c, first, 0);
    step(&c, ann->create, 0);
    /* The move to 5 said once more by who may not: the same content under another parent. */
    step(&c, home_entry(fx, ann, second, 3, 5, ann->device, 4000), FORA_E_IDENTITY);
    step(&c, home_entry(fx, bob, bob->create, 1, 7, bob->root, 4000), FORA_E_IDENTITY);
    step(&c, home_entry(fx, ann, bob->create, 1, 7, bob->root, 4000), FORA_E_UNKNOWN_PARENT);
    step(&c, home_entry(fx, ann, second, 3, 7, bob->root, 4000), FORA_E_IDENTITY);
    close_identity(&c);
}

/* A key that was revoked, added late, or stolen: at which times it speaks. */
static void times_of_keys(struct fx *fx, json_t *cases)
{
    struct fx_who *ann = fx_member(fx, 1, 1000);
    struct fora_secret *phone = fx_secret(1, "phone");
    const struct fora_object *added =
        key_entry(fx, ann, ann->create, 1, phone, false, 0, ann->root, 5000000);
    const struct fora_object *stolen =
        key_entry(fx, ann, added, 2, phone, true, 6000000, ann->root, 7000000);
    struct identity_case c =
        open_identity(fx, cases, "a stolen key: revoked since when it was stolen", "ID-10");

    step(&c, ann->create, 0);
    step(&c, added, 0);
    step(&c, stolen, 0);
    step(&c, key_entry(fx, ann, stolen, 3, phone, false, 0, ann->root, 8000000), FORA_E_IDENTITY);
    step(&c, key_entry(fx, ann, stolen, 3, phone, true, 0, phone, 8000000), FORA_E_IDENTITY);
    check_key(&c, phone, 4399999, FORA_E_KEY);
    check_key(&c, phone, 4400000, 0);
    check_key(&c, phone, 5999999, 0);
    check_key(&c, phone, 6000000, FORA_E_KEY);
    check_key(&c, phone, 9000000, FORA_E_KEY);
    check_key(&c, ann->device, 9000000, 0);
    close_identity(&c);

    c = open_identity(fx, cases, "a dispute that the root takes back", "ID-10");
    step(&c, ann->create, 0);
    step(&c, added, 0);
    step(&c, stolen, 0);
    step(&c, key_entry(fx, ann, stolen, 3, phone, true, 0, ann->root, 8000000), 0);
    check_key(&c, phone, 7999999, 0);
    check_key(&c, phone, 8000000, FORA_E_KEY);
    close_identity(&c);
    fora_secret_free(phone);
}

static json_t *make_identity(struct fx *fx)
{
    json_t *file = json_object(), *cases;
    struct fx more;

    set(file, "about",
        json_string("Identity logs: entries in the order in which they are added, what adding each "
                    "says, the state after all, and whether keys speak at times."));
    cases = list_of(file, "cases");
    plain_log(fx, cases);
    refused_entries(fx, cases);
    forks(fx, cases);
    revocations(fx, cases);
    /* Of a fixture of their own: what comes after in this program stays as it was. */
    fx_init(&more);
    rotations(&more, cases);
    forks_both_ways(&more, cases);
    replayed(&more, cases);
    times_of_keys(&more, cases);
    fx_fini(&more);
    return file;
}

/* ---- Policies ---- */

struct policy_case {
    struct fora_policy *policy;
    json_t *made, *statements, *roles, *rights;
};

static struct policy_case open_policy(json_t *cases, const char *name, const char *clause)
{
    struct policy_case c = {.made = new_case(cases, name, clause)};

    EXPECT(fora_policy_new(&c.policy) == 0);
    c.statements = list_of(c.made, "statements");
    c.roles = list_of(c.made, "roles");
    c.rights = list_of(c.made, "may_post");
    return c;
}

static void state_policy(struct policy_case *c, const struct fora_object *statement, int expected)
{
    EXPECT(fora_policy_add(c->policy, statement) == expected);
    append_step(c->statements, statement, expected);
}

static void check_role(
    struct policy_case *c, const struct fx_who *who, uint32_t role, uint64_t at, bool expected)
{
    json_t *row = json_object();

    EXPECT(fora_policy_role_at(c->policy, &who->id, role, at) == expected);
    set(row, "principal", hex(who->id.b, FORA_ID_SIZE));
    set(row, "role", json_integer(role));
    set(row, "at", json_integer((json_int_t)at));
    set(row, "held", json_boolean(expected));
    EXPECT(json_array_append_new(c->roles, row) == 0);
}

static void check_right(struct policy_case *c, const struct fx_who *who, uint32_t kind,
    uint32_t type, uint64_t at, int expected)
{
    json_t *row = json_object();

    EXPECT(fora_policy_may_post(c->policy, &who->id, kind, type, at) == expected);
    set(row, "author", hex(who->id.b, FORA_ID_SIZE));
    set(row, "kind", json_integer(kind));
    set(row, "thread_type", json_integer(type));
    set(row, "at", json_integer((json_int_t)at));
    set(row, "result", json_string(fora_error_name(expected)));
    EXPECT(json_array_append_new(c->rights, row) == 0);
}

static void close_policy(struct policy_case *c)
{
    json_t *state = json_object(), *hosts = list_of(state, "hosts");
    struct fora_principal_id owner = fora_policy_owner(c->policy);
    struct fora_space_id space = fora_policy_space(c->policy);
    struct fora_bytes name = fora_policy_name(c->policy);
    size_t count;
    const struct fora_host *list = fora_policy_hosts(c->policy, &count);

    for (size_t i = 0; i < count; i++)
        EXPECT(json_array_append_new(hosts, hex(list[i].node.b, FORA_ID_SIZE)) == 0);
    set(state, "space", hex(space.b, FORA_ID_SIZE));
    set(state, "owner", hex(owner.b, FORA_ID_SIZE));
    set(state, "kind", json_integer(fora_policy_kind(c->policy)));
    set(state, "name", json_stringn((const char *)name.data, name.size));
    set(state, "posting", json_integer(fora_policy_posting(c->policy)));
    set(c->made, "state", state);
    fora_policy_free(c->policy);
}

struct cast {
    struct fx *fx;
    struct fx_who *owner, *admin, *ann, *bob, *node;
    const struct fora_object *space;
};

static void slots_and_ranks(struct cast *p, json_t *cases)
{
    struct fora_policy_statement wine = {.has_name = true, .name = fora_bytes_str("wine")};
    struct fora_policy_statement ale = {.has_name = true, .name = fora_bytes_str("ale")};
    struct fora_policy_statement hand = {.has_owner = true, .owner = p->ann->id};
    struct policy_case c = open_policy(cases, "owner before admin, later before earlier", "POL-5");

    state_policy(&c, fx_policy(p->fx, p->admin, p->space, wine, 3000), 0);
    state_policy(&c, p->space, 0);
    state_policy(
        &c, fx_grant(p->fx, p->owner, p->space, p->admin, FORA_ROLE_ADMIN, 0, 2500, 2000), 0);
    state_policy(&c, fx_host(p->fx, p->admin, p->space, p->node, 2100), 0);
    state_policy(&c, fx_policy(p->fx, p->bob, p->space, wine, 9000), 0);
    state_policy(&c, fx_grant(p->fx, p->admin, p->space, p->bob, FORA_ROLE_ADMIN, 0, 0, 2200), 0);
    state_policy(&c, fx_grant(p->fx, p->admin, p->space, p->bob, FORA_ROLE_STAFF, 0, 0, 2200), 0);
    state_policy(&c, fx_grant(p->fx, p->admin, p->space, p->ann, FORA_ROLE_STAFF, 0, 0, 2500), 0);
    state_policy(&c, fx_strip(p->fx, p->space), 0); /* known by its id already */
    state_policy(&c, fx_space(p->fx, p->bob, FORA_SPACE_IDEAS, "other", 1), FORA_E_MISMATCH);
    state_policy(&c, fx_profile(p->fx, p->bob, "Bob", 1), FORA_E_MISMATCH);
    check_role(&c, p->admin, FORA_ROLE_ADMIN, 2499, true);
    check_role(&c, p->admin, FORA_ROLE_ADMIN, 2500, false);
    check_role(&c, p->bob, FORA_ROLE_ADMIN, 2300, false);
    check_role(&c, p->bob, FORA_ROLE_STAFF, 2300, true);
    check_role(&c, p->ann, FORA_ROLE_STAFF, 2600, false);
    close_policy(&c);

    c = open_policy(cases, "a space that is handed on", "POL-4");
    state_policy(&c, p->space, 0);
    state_policy(&c, fx_policy(p->fx, p->bob, p->space, hand, 1500), 0);
    state_policy(&c, fx_policy(p->fx, p->owner, p->space, hand, 2000), 0);
    state_policy(&c, fx_policy(p->fx, p->owner, p->space, wine, 2500), 0);
    state_policy(&c, fx_policy(p->fx, p->ann, p->space, ale, 2000), 0);
    check_role(&c, p->owner, FORA_ROLE_ADMIN, 1, true);
    check_role(&c, p->owner, FORA_ROLE_ADMIN, 2000, false);
    check_role(&c, p->ann, FORA_ROLE_ADMIN, 1999, false);
    check_role(&c, p->ann, FORA_ROLE_ADMIN, 2000, true);
    close_policy(&c);
}

static void intervals(struct cast *p, json_t *cases)
{
    struct policy_case c = open_policy(cases, "grants are intervals", "POL-6");

    state_policy(&c, p->space, 0);
    state_policy(&c, fx_grant(p->fx, p->owner, p->space, p->admin, FORA_ROLE_ADMIN, 1, 0, 1100), 0);
    state_policy(
        &c, fx_grant(p->fx, p->admin, p->space, p->ann, FORA_ROLE_STAFF, 100, 500, 2000), 0);
    state_policy(
        &c, fx_grant(p->fx, p->admin, p->space, p->ann, FORA_ROLE_STAFF, 300, 350, 1900), 0);
    state_policy(&c, fx_grant(p->fx, p->admin, p->space, p->ann, FORA_ROLE_STAFF, 600, 0, 2500), 0);
    state_policy(&c, fx_revoke(p->fx, p->owner, p->space, p->ann, FORA_ROLE_STAFF, 2600), 0);
    state_policy(&c, fx_grant(p->fx, p->admin, p->space, p->ann, FORA_ROLE_STAFF, 0, 0, 2700), 0);
    check_role(&c, p->ann, FORA_ROLE_STAFF, 99, false);
    check_role(&c, p->ann, FORA_ROLE_STAFF, 100, true);
    check_role(&c, p->ann, FORA_ROLE_STAFF, 349, true);
    check_role(&c, p->ann, FORA_ROLE_STAFF, 350, false);
    check_role(&c, p->ann, FORA_ROLE_STAFF, 600, true);
    check_role(&c, p->ann, FORA_ROLE_STAFF, 2599, true);
    check_role(&c, p->ann, FORA_ROLE_STAFF, 2600, false);
    check_role(&c, p->ann, FORA_ROLE_STAFF, 2700, false);
    close_policy(&c);
}

static void rights(struct cast *p, json_t *cases)
{
    struct fora_policy_statement members = {.has_posting = true, .posting = FORA_POSTING_MEMBERS};
    struct policy_case c = open_policy(cases, "who may post what", "POL-9");

    state_policy(&c, p->space, 0);
    state_policy(&c, fx_policy(p->fx, p->owner, p->space, members, 3000), 0);
    state_policy(
        &c, fx_grant(p->fx, p->owner, p->space, p->ann, FORA_ROLE_MODERATOR, 0, 0, 2000), 0);
    state_policy(&c, fx_grant(p->fx, p->owner, p->space, p->bob, FORA_ROLE_BANNED, 0, 0, 2000), 0);
    state_policy(
        &c, fx_grant(p->fx, p->owner, p->space, p->owner, FORA_ROLE_BANNED, 0, 0, 2000), 0);
    check_role(&c, p->ann, FORA_ROLE_EDITOR, 2000, true);
    check_role(&c, p->ann, FORA_ROLE_STAFF, 2000, false);
    check_role(&c, p->owner, FORA_ROLE_BANNED, 2000, false);
    check_right(&c, p->admin, FORA_KIND_POST, 0, 2999, 0);
    check_right(&c, p->admin, FORA_KIND_POST, 0, 3000, FORA_E_FORBIDDEN);
    check_right(&c, p->ann, FORA_KIND_POST, 0, 3000, 0);
    check_right(&c, p->ann, FORA_KIND_MODERATION, 0, 2000, 0);
    check_right(&c, p->ann, FORA_KIND_STATUS, 0, 2000, FORA_E_FORBIDDEN);
    check_right(&c, p->ann, FORA_KIND_THREAD, FORA_THREAD_ANNOUNCEMENT, 2000, FORA_E_FORBIDDEN);
    check_right(&c, p->owner, FORA_KIND_THREAD, FORA_THREAD_ANNOUNCEMENT, 2000, 0);
    check_right(&c, p->bob, FORA_KIND_POST, 0, 1999, 0);
    check_right(&c, p->bob, FORA_KIND_POST, 0, 2000, FORA_E_FORBIDDEN);
    check_right(&c, p->bob, FORA_KIND_RETRACTION, 0, 2000, 0);
    check_right(&c, p->bob, FORA_KIND_APPEAL, 0, 2000, 0);
    check_right(&c, p->node, FORA_KIND_TALLY, 0, 2000, FORA_E_FORBIDDEN);
    close_policy(&c);
}

/* The table of POL-11 as it stands after all: role and standing, ascending by standing. */
static void check_privileges(struct policy_case *c)
{
    json_t *list = list_of(c->made, "privileges");
    size_t count;
    const struct fora_privilege *found = fora_policy_privileges(c->policy, &count);

    for (size_t i = 0; i < count; i++) {
        json_t *row = json_object();

        set(row, "role", json_integer(found[i].role));
        set(row, "standing", json_integer(found[i].standing));
        EXPECT(json_array_append_new(list, row) == 0);
    }
}

static void privileges(struct cast *p, json_t *cases)
{
    struct fora_privilege table[] = {{FORA_ROLE_EDITOR, 300}, {FORA_ROLE_TAGGER, 50},
        {FORA_ROLE_STAFF, 1}, {FORA_ROLE_CURATOR, 300}, {FORA_ROLE_EXPERT, 1000}};
    struct fora_privilege other[] = {{FORA_ROLE_EXPERT, 0}, {FORA_ROLE_TAGGER, 60}};
    struct fora_policy_statement first = {.privileges = table, .privileges_count = 5};
    struct fora_policy_statement second = {.privileges = other, .privileges_count = 2};
    struct policy_case c = open_policy(cases, "privileges, and roles that were earned", "POL-11");

    state_policy(&c, p->space, 0);
    state_policy(&c, fx_grant(p->fx, p->owner, p->space, p->admin, FORA_ROLE_ADMIN, 0, 0, 1500), 0);
    state_policy(&c, fx_policy(p->fx, p->owner, p->space, first, 2000), 0);
    state_policy(&c, fx_policy(p->fx, p->admin, p->space, second, 3000), 0); /* outranked */
    state_policy(&c, fx_policy(p->fx, p->bob, p->space, second, 4000), 0);   /* no rank */
    state_policy(&c, fx_earned(p->fx, p->owner, p->space, p->ann, FORA_ROLE_CURATOR, 2000), 0);
    state_policy(&c, fx_earned(p->fx, p->owner, p->space, p->bob, FORA_ROLE_EDITOR, 2000), 0);
    state_policy(&c, fx_revoke(p->fx, p->admin, p->space, p->bob, FORA_ROLE_EDITOR, 3000), 0);
    check_role(&c, p->ann, FORA_ROLE_CURATOR, 1999, false);
    check_role(&c, p->ann, FORA_ROLE_CURATOR, 2000, true);
    check_role(&c, p->ann, FORA_ROLE_TAGGER, 2000, false);
    check_role(&c, p->bob, FORA_ROLE_TAGGER, 2000, true);
    check_role(&c, p->bob, FORA_ROLE_EDITOR, 3000, true);
    check_role(&c, p->admin, FORA_ROLE_FLAGGER, 2000, true);
    check_role(&c, p->owner, FORA_ROLE_CURATOR, 1, true);
    check_right(&c, p->ann, FORA_KIND_MODERATION, 0, 2000, 0);
    check_right(&c, p->bob, FORA_KIND_MODERATION, 0, 2000, FORA_E_FORBIDDEN);
    check_privileges(&c);
    close_policy(&c);
}

static json_t *make_policies(struct fx *fx)
{
    json_t *file = json_object(), *cases;
    struct cast p = {.fx = fx};
    uint64_t counter;

    p.owner = fx_member(fx, 11, 1);
    p.admin = fx_member(fx, 12, 1);
    p.ann = fx_member(fx, 13, 1);
    p.bob = fx_member(fx, 14, 1);
    p.node = fx_node(fx, 15, 1);
    set(file, "about",
        json_string("Policies: statements in the order in which they are added, what adding each "
                    "says, the state after all, roles held at times, and rights."));
    cases = list_of(file, "cases");
    p.space = fx_space(fx, p.owner, FORA_SPACE_QUESTIONS, "beer", 1000);
    slots_and_ranks(&p, cases);
    intervals(&p, cases);
    rights(&p, cases);
    counter = fx->counter; /* what is made after these stays as it was without them */
    privileges(&p, cases);
    fx->counter = counter;
    return file;
}

/* ---- Views ---- */

struct view_case {
    struct cast *cast;
    struct fora_policy *policy;
    json_t *made, *statements, *objects;
    struct fora_object list[32];
    size_t count;
};

static void view_policy(struct view_case *c, const struct fora_object *statement)
{
    EXPECT(fora_policy_add(c->policy, statement) == 0);
    EXPECT(json_array_append_new(
               c->statements, hex(statement->encoded.data, statement->encoded.size)) == 0);
}

static const struct fora_object *view_object(struct view_case *c, const struct fora_object *object)
{
    EXPECT(c->count < 32);
    c->list[c->count++] = *object;
    EXPECT(json_array_append_new(c->objects, hex(object->encoded.data, object->encoded.size)) == 0);
    return object;
}

/* owner: a node; admin: MODERATOR; ann asks; bob answers. */
static void open_view(
    struct view_case *c, struct cast *cast, json_t *cases, const char *name, const char *clause)
{
    struct fora_product product = {
        .name = fora_bytes_str("Lager"), .latest = fora_bytes_str("5.10")};

    *c = (struct view_case){.cast = cast, .made = new_case(cases, name, clause)};
    EXPECT(fora_policy_new(&c->policy) == 0);
    c->statements = list_of(c->made, "policy");
    c->objects = list_of(c->made, "objects");
    view_policy(c, cast->space);
    view_policy(c,
        fx_grant(cast->fx, cast->owner, cast->space, cast->admin, FORA_ROLE_MODERATOR, 1, 0, 1000));
    view_policy(
        c, fx_policy(cast->fx, cast->owner, cast->space,
               (struct fora_policy_statement){.products = &product, .products_count = 1}, 1000));
}

static void close_view(struct view_case *c, int expected)
{
    struct fora_arena arena;
    struct fora_view_thread view;
    struct fora_buf encoding = {0};
    struct fora_hash digest;

    fora_arena_init(&arena, 0);
    EXPECT(fora_view_thread_fold(&arena, c->policy, c->list, c->count, &view) == expected);
    set(c->made, "result", json_string(fora_error_name(expected)));
    if (expected == 0) {
        EXPECT(fora_view_thread_encode(&encoding, &view) == 0);
        fora_view_digest(&digest, fora_buf_bytes(&encoding));
        set(c->made, "encoding", hex(encoding.data, encoding.size));
        set(c->made, "digest", hex(digest.b, sizeof(digest.b)));
        set(c->made, "marks", json_integer(view.marks));
        set(c->made, "answers", json_integer(view.answers));
        set(c->made, "comments", json_integer(view.comments));
    }
    fora_buf_fini(&encoding);
    fora_arena_fini(&arena);
    fora_policy_free(c->policy);
}

static const struct fora_object *open_thread(struct view_case *c)
{
    struct cast *p = c->cast;
    struct fora_bytes tag = fora_bytes_str("yeast");
    struct fora_source source = {.url = fora_bytes_str("https://example.org/q/1"),
        .licence = fora_bytes_str("CC BY-SA 4.0")};
    struct fora_content content = {.kind = FORA_KIND_THREAD,
        .u.thread = {.type = FORA_THREAD_QUESTION,
            .title = fora_bytes_str("Why is my lager cloudy?"),
            .text = fora_bytes_str("It was clear *yesterday*."),
            .tags = &tag,
            .tags_count = 1,
            .source = &source}};

    return view_object(
        c, fx_object(p->fx, p->ann, (struct fora_header){.space = fora_object_space(p->space)},
               content, 2000));
}

static void view_with_everything(struct cast *p, json_t *cases)
{
    struct view_case c;
    struct fora_applies_to range = {
        .product = fora_bytes_str("Lager"), .to = fora_bytes_str("5.9")};
    struct fora_content confirmed = {.kind = FORA_KIND_RESOLUTION,
        .u.resolution = {
            .type = FORA_RESOLUTION_STAFF_CONFIRMED, .applies_to = &range, .applies_to_count = 1}};
    struct fora_content status = {.kind = FORA_KIND_STATUS,
        .u.status = {.status = fora_bytes_str("fixed"), .version = fora_bytes_str("5.10")}};
    struct fora_object_id cited[2] = {{{9}}, {{3}}};
    struct fora_content cite = {
        .kind = FORA_KIND_CITE, .u.cite = {.objects = cited, .objects_count = 2}};
    const struct fora_object *thread, *first, *second, *comment;

    open_view(&c, p, cases, "one of each", "VIEW-11");
    thread = open_thread(&c);
    first = view_object(&c, fx_answer(p->fx, p->bob, thread, "Chill haze.", 2100));
    second = view_object(&c, fx_answer(p->fx, p->admin, thread, "Filter it.", 2200));
    comment = view_object(&c, fx_comment(p->fx, p->ann, second, "How?", 2300));
    view_object(&c, fx_comment(p->fx, p->admin, comment, "With a filter.", 2250));
    view_object(&c, fx_comment(p->fx, p->bob, thread, "Which lager?", 2400));
    view_object(&c, fx_tally(p->fx, p->owner, first, 1, 3, 2500));
    view_object(&c, fx_tally(p->fx, p->owner, second, 4, 0, 2500));
    view_object(&c, fx_resolve(p->fx, p->ann, first, FORA_RESOLUTION_ASKER_ACCEPTED, 2600));
    view_object(&c, fx_about(p->fx, p->owner, first, confirmed, 2700));
    view_object(&c, fx_revise(p->fx, p->bob, first, "Chill haze, it goes away.", 2800));
    view_object(&c, fx_about(p->fx, p->owner, thread, status, 2900));
    view_object(&c, fx_about(p->fx, p->ann, thread, cite, 2900));
    view_object(&c, fx_moderate(p->fx, p->admin, thread, FORA_MODERATION_PIN, 3000));
    view_object(&c, fx_moderate(p->fx, p->admin, comment, FORA_MODERATION_HIDE, 3000));
    close_view(&c, 0);
}

static void view_without_rights(struct cast *p, json_t *cases)
{
    struct view_case c;
    const struct fora_object *thread, *answer;

    open_view(&c, p, cases, "what has no right has no effect", "VIEW-3");
    view_policy(&c, fx_grant(p->fx, p->owner, p->space, p->node, FORA_ROLE_BANNED, 3000, 0, 1000));
    thread = open_thread(&c);
    answer = view_object(&c, fx_answer(p->fx, p->bob, thread, "So.", 2100));
    view_object(&c, fx_answer(p->fx, p->node, thread, "before the ban", 2999));
    view_object(&c, fx_answer(p->fx, p->node, thread, "after it", 3000));
    view_object(&c, fx_resolve(p->fx, p->bob, answer, FORA_RESOLUTION_ASKER_ACCEPTED, 3000));
    view_object(&c, fx_resolve(p->fx, p->ann, answer, FORA_RESOLUTION_STAFF_CONFIRMED, 3000));
    view_object(&c, fx_tally(p->fx, p->node, answer, 100, 0, 2500));
    view_object(&c, fx_revise(p->fx, p->ann, answer, "not mine", 3000));
    view_object(&c, fx_moderate(p->fx, p->bob, thread, FORA_MODERATION_LOCK, 3000));
    view_object(&c, fx_retract(p->fx, p->ann, answer, 3000));
    close_view(&c, 0);
}

static void view_of_what_is_gone(struct cast *p, json_t *cases)
{
    for (int stripped = 0; stripped < 2; stripped++) {
        struct view_case c;
        const struct fora_object *thread, *answer, *comment;
        uint64_t counter = p->fx->counter;

        open_view(&c, p, cases,
            stripped ? "the same after the contents were erased" : "retracted and erased",
            "VIEW-5");
        thread = open_thread(&c);
        answer = fx_answer(p->fx, p->bob, thread, "wrong", 2100);
        comment = fx_comment(p->fx, p->bob, thread, "abuse", 2200);
        view_object(&c, stripped ? fx_strip(p->fx, answer) : answer);
        view_object(&c, stripped ? fx_strip(p->fx, comment) : comment);
        view_object(&c, fx_retract(p->fx, p->bob, answer, 3000));
        view_object(&c, fx_moderate(p->fx, p->admin, comment, FORA_MODERATION_ERASE, 3000));
        view_object(&c, fx_moderate(p->fx, p->admin, comment, FORA_MODERATION_UNHIDE, 4000));
        close_view(&c, 0);
        /* The second time the same objects are made. */
        if (!stripped)
            p->fx->counter = counter;
    }
}

static void view_without_a_root(struct cast *p, json_t *cases)
{
    struct view_case c;
    const struct fora_object *thread =
        fx_thread(p->fx, p->ann, p->space, FORA_THREAD_QUESTION, "Where?", 2000);

    open_view(&c, p, cases, "the thread itself is missing", "VIEW-2");
    view_object(&c, fx_answer(p->fx, p->bob, thread, "Here.", 2100));
    close_view(&c, FORA_E_NOTFOUND);
}

static void make_versions(json_t *file)
{
    static const struct {
        const char *a, *b;
        int order;
    } rows[] = {{"5.9", "5.10", -1}, {"5.10", "5.10.0", 0}, {"v5.10", "5.10", 0},
        {"5.10-rc1", "5.10", -1}, {"5.10~beta", "5.10-rc1", -1}, {"5.10b", "5.10", 1},
        {"5.10b", "5.10.1", -1}, {"5.010", "5.10", 0}, {"", "0.0", 0}, {"", "1", -1},
        {"99999999999999999999", "100000000000000000000", -1}, {"1-rc2", "1-rc10", -1}};
    json_t *list = list_of(file, "versions");

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *row = json_object();

        EXPECT(fora_version_compare(fora_bytes_str(rows[i].a), fora_bytes_str(rows[i].b)) ==
               rows[i].order);
        set(row, "a", json_string(rows[i].a));
        set(row, "b", json_string(rows[i].b));
        set(row, "order", json_integer(rows[i].order));
        EXPECT(json_array_append_new(list, row) == 0);
    }
}

static void view_of_privileges(struct cast *p, json_t *cases)
{
    struct view_case c;
    struct fora_bytes tag = fora_bytes_str("haze");
    struct fora_tag_list tags = {.tags = &tag, .tags_count = 1};
    struct fora_content retag = {.kind = FORA_KIND_REVISION, .u.revision = {.tags = &tags}};
    struct fora_content retitle = retag;
    struct fora_content duplicate = {.kind = FORA_KIND_DUPLICATE, .u.duplicate.original = {{9}}};
    const struct fora_object *thread, *answer;

    retitle.u.revision.has_title = true;
    retitle.u.revision.title = fora_bytes_str("Mine");
    open_view(&c, p, cases, "a tagger and a curator, by what they earned", "VIEW-7");
    view_policy(&c, fx_earned(p->fx, p->owner, p->space, p->bob, FORA_ROLE_TAGGER, 3000));
    view_policy(&c, fx_earned(p->fx, p->owner, p->space, p->node, FORA_ROLE_CURATOR, 3000));
    thread = open_thread(&c);
    answer = view_object(&c, fx_answer(p->fx, p->bob, thread, "So.", 2100));
    view_object(&c, fx_about(p->fx, p->bob, thread, retag, 3100));
    view_object(&c, fx_about(p->fx, p->bob, thread, retitle, 3200));
    view_object(&c, fx_about(p->fx, p->node, thread, retag, 3300));
    view_object(&c, fx_about(p->fx, p->node, thread, duplicate, 2999));
    view_object(&c, fx_about(p->fx, p->node, thread, duplicate, 3000));
    view_object(&c, fx_moderate(p->fx, p->node, thread, FORA_MODERATION_CLOSE, 3000));
    view_object(&c, fx_moderate(p->fx, p->node, thread, FORA_MODERATION_LOCK, 3000));
    view_object(&c, fx_moderate(p->fx, p->node, answer, FORA_MODERATION_HIDE, 3000));
    view_object(&c, fx_moderate(p->fx, p->bob, thread, FORA_MODERATION_MOVE, 3000));
    close_view(&c, 0);
}

static json_t *make_views(struct fx *fx)
{
    json_t *file = json_object(), *cases;
    struct cast p = {.fx = fx};

    p.owner = fx_node(fx, 21, 1);
    p.admin = fx_member(fx, 22, 1);
    p.ann = fx_member(fx, 23, 1);
    p.bob = fx_member(fx, 24, 1);
    p.node = fx_node(fx, 25, 1);
    set(file, "about",
        json_string("Views: a policy's statements and a thread's objects, both in any order, the "
                    "result, the canonical encoding and its digest. And versions in order."));
    p.space = fx_space(fx, p.owner, FORA_SPACE_QUESTIONS, "beer", 1000);
    cases = list_of(file, "cases");
    view_with_everything(&p, cases);
    view_without_rights(&p, cases);
    view_of_what_is_gone(&p, cases);
    view_without_a_root(&p, cases);
    view_of_privileges(&p, cases);
    make_versions(file);
    return file;
}

static void write_file(const char *folder, const char *name, json_t *file)
{
    char path[1024];

    EXPECT(snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path));
    EXPECT(json_dump_file(file, path, JSON_INDENT(1)) == 0);
    json_decref(file);
}

int main(int argc, char **argv)
{
    struct fx fx;

    if (argc != 2) {
        fprintf(stderr, "usage: make_rule_vectors FOLDER\n");
        return 2;
    }
    fx_init(&fx);
    write_file(argv[1], "identity.json", make_identity(&fx));
    write_file(argv[1], "policies.json", make_policies(&fx));
    write_file(argv[1], "views.json", make_views(&fx));
    fx_fini(&fx);
    return 0;
}
