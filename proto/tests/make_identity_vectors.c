/* Cases of spec/vectors/identity.json. */
#include "make_rule_vectors.h"

#include "vector_json.h"

struct identity_case {
    struct fx *fx;
    struct fora_identity *log;
    json_t *made, *entries, *checks;
};

static struct identity_case open_identity(
    struct fx *fx, json_t *cases, const char *name, const char *clause)
{
    struct identity_case c = {.fx = fx, .made = vec_case(cases, name, clause)};

    EXPECT(fora_identity_new(&c.log) == 0);
    c.entries = vec_list(c.made, "entries");
    c.checks = vec_list(c.made, "checks");
    return c;
}

static const struct fora_object *step(
    struct identity_case *c, const struct fora_object *entry, int expected)
{
    EXPECT(fora_identity_add(c->log, entry) == expected);
    vec_step(c->entries, entry, expected);
    return entry;
}

static void check_key(
    struct identity_case *c, const struct fora_secret *secret, uint64_t at, int expected)
{
    struct fora_key key;
    json_t *check = json_object();

    fora_secret_public(secret, &key);
    EXPECT(fora_identity_check_key(c->log, &key, at) == expected);
    vec_set(check, "key", vec_hex(key.b, sizeof(key.b)));
    vec_set(check, "created_at", json_integer((json_int_t)at));
    vec_set(check, "result", json_string(fora_error_name(expected)));
    vec_push(c->checks, check);
}

static void close_identity(struct identity_case *c)
{
    json_t *state = json_object(), *keys = vec_list(state, "keys");
    size_t count;
    const struct fora_identity_key *list = fora_identity_keys(c->log, &count);

    for (size_t i = 0; i < count; i++) {
        json_t *key = json_object();

        vec_set(key, "sign", vec_hex(list[i].sign.b, FORA_KEY_SIZE));
        vec_set(key, "added_at", json_integer((json_int_t)list[i].added_at));
        vec_set(key, "revoked_at", json_integer((json_int_t)list[i].revoked_at));
        vec_set(key, "disputed", json_boolean(list[i].disputed));
        vec_push(keys, key);
    }
    vec_set(state, "principal", vec_hex(fora_identity_principal(c->log)->b, FORA_ID_SIZE));
    vec_set(state, "type", json_integer(fora_identity_type(c->log)));
    vec_set(state, "head", vec_hex(fora_identity_head(c->log)->b, FORA_ID_SIZE));
    vec_set(state, "sequence", json_integer(fora_identity_sequence(c->log)));
    vec_set(state, "root", vec_hex(fora_identity_root(c->log)->b, FORA_KEY_SIZE));
    vec_set(state, "home", vec_hex(fora_identity_home(c->log)->b, FORA_ID_SIZE));
    vec_set(state, "forked", json_boolean(fora_identity_forked(c->log)));
    vec_set(c->made, "state", state);
    fora_identity_free(c->log);
}

static const struct fora_object *home_entry(struct fx *fx, const struct fx_who *who,
    const struct fora_object *parent, uint32_t sequence, uint8_t home,
    const struct fora_secret *signer, uint64_t at)
{
    struct fora_home_change change = {.home = {{home}}};

    return fx_entry(fx, who, parent,
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
    return fx_entry(fx, who, parent, entry, signer, at);
}

static const struct fora_object *rotate_entry(struct fx *fx, const struct fx_who *who,
    const struct fora_object *parent, uint32_t sequence, const struct fora_secret *signer,
    uint64_t at)
{
    struct fora_root_rotation rotation = {{{0x42}}};

    return fx_entry(fx, who, parent,
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

    return fx_entry(fx, who, parent,
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

/* The thief of an old root goes back to before the entries that led to the rotation. */
static void forks_further_up(struct fx *fx, json_t *cases)
{
    static const char *const names[] = {"a fork further up: the thief's entry comes first",
        "a fork further up: the rotation comes first"};
    struct fx_who *ann = fx_member(fx, 1, 1000);
    struct fora_secret *thief = fx_secret(3, "thief"), *phone = fx_secret(4, "phone");
    const struct fora_object *hers =
        key_entry(fx, ann, ann->create, 1, phone, false, 0, ann->root, 5000);
    const struct fora_object *rotation = rotate_entry(fx, ann, hers, 2, ann->next_root, 9000);
    const struct fora_object *add =
        key_entry(fx, ann, ann->create, 1, thief, false, 0, ann->root, 1001);

    for (unsigned i = 0; i < 2; i++) {
        struct identity_case c = open_identity(fx, cases, names[i], "ID-9");

        step(&c, ann->create, 0);
        if (i == 0)
            step(&c, add, 0);
        step(&c, hers, 0);
        step(&c, rotation, 0);
        if (i == 1)
            step(&c, add, 0);
        check_key(&c, thief, 9500, FORA_E_KEY);
        check_key(&c, phone, 9500, 0);
        close_identity(&c);
    }
    fora_secret_free(phone);
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

/* A key says twice that it is not to be trusted, on two branches. */
static void own_words(struct fx *fx, json_t *cases)
{
    struct fora_secret *phone = fx_secret(1, "phone");

    for (unsigned order = 0; order < 2; order++) {
        struct fx_who *ann = fx_member(fx, 1, 1000);
        struct identity_case c =
            open_identity(fx, cases, "the earlier of a key's own revocations counts", "ID-10");
        const struct fora_object *added =
            key_entry(fx, ann, ann->create, 1, phone, false, 0, ann->root, 2000);
        const struct fora_object *home = home_entry(fx, ann, added, 2, 7, ann->root, 3000);
        const struct fora_object *own[] = {
            key_entry(fx, ann, added, 2, phone, true, 0, phone, 5000),
            key_entry(fx, ann, home, 3, phone, true, 0, phone, 4000)};

        step(&c, ann->create, 0);
        step(&c, added, 0);
        step(&c, home, 0);
        step(&c, own[order], 0);
        step(&c, own[1 - order], 0);
        check_key(&c, phone, 3999, 0);
        check_key(&c, phone, 4000, FORA_E_KEY);
        close_identity(&c);
    }
    fora_secret_free(phone);
}

json_t *make_identity(struct fx *fx)
{
    json_t *file = json_object(), *cases;
    struct fx more;

    vec_set(file, "about",
        json_string("Identity logs: entries in the order in which they are added, what adding each "
                    "says, the state after all, and whether keys speak at times."));
    cases = vec_list(file, "cases");
    plain_log(fx, cases);
    refused_entries(fx, cases);
    forks(fx, cases);
    revocations(fx, cases);
    /* Of a fixture of their own: what comes after in this program stays as it was. */
    fx_init(&more);
    rotations(&more, cases);
    forks_both_ways(&more, cases);
    forks_further_up(&more, cases);
    replayed(&more, cases);
    times_of_keys(&more, cases);
    own_words(&more, cases);
    fx_fini(&more);
    return file;
}
