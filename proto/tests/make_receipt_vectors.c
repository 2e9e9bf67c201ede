/*
 * Writes spec/vectors/receipts.json into the folder named by its argument: trees with proofs, and
 * threads in which dates are disputed. Run by hand when a clause of section 3a changes.
 */
#include "fixture.h"
#include "fora/receipt.h"
#include "vector_json.h"

#include <string.h>

enum { STOLEN = 5000000, SAID = 9000000, LATER = 20000000 };

/* ---- trees ---- */

static void tree(json_t *trees, size_t count)
{
    struct fora_object_id ids[16];
    struct fora_arena arena;
    struct fora_hash root;
    json_t *made = json_object(), *list, *proofs;

    vec_push(trees, made);
    for (size_t i = 0; i < count; i++)
        memset(ids[i].b, (int)(200 - 11 * i), FORA_ID_SIZE);
    EXPECT(fora_receipt_tree(&root, ids, &count) == 0);
    list = vec_list(made, "ids");
    vec_set(made, "root", vec_hex(root.b, sizeof(root.b)));
    proofs = vec_list(made, "proofs");
    fora_arena_init(&arena, 0);
    for (size_t i = 0; i < count; i++) {
        struct fora_receipt_proof proof;
        json_t *row = json_object(), *path;

        vec_push(list, vec_hex(ids[i].b, FORA_ID_SIZE));
        EXPECT(fora_receipt_prove(&proof, &arena, ids, count, &ids[i]) == 0);
        vec_push(proofs, row);
        vec_set(row, "index", json_integer(proof.index));
        path = vec_list(row, "path");
        for (size_t j = 0; j < proof.path_count; j++)
            vec_push(path, vec_hex(proof.path[j].b, FORA_HASH_SIZE));
    }
    fora_arena_fini(&arena);
}

/* ---- cases ---- */

struct scene {
    struct fx fx;
    struct fx_who *ann, *bob, *home, *host, *stranger;
    const struct fora_object *space, *thread;
    json_t *made, *logs, *policy, *objects;
    struct fora_object list[32];
    size_t count;
    const struct fora_object *statements[8];
    size_t statements_count;
};

static const struct fora_object *keep(struct scene *s, const struct fora_object *object)
{
    EXPECT(s->count < 32);
    s->list[s->count++] = *object;
    vec_push(s->objects, vec_hex(object->encoded.data, object->encoded.size));
    return object;
}

static void entry(struct scene *s, struct fx_who *who, struct fora_identity_entry content,
    const struct fora_secret *signer, uint64_t at)
{
    const struct fora_object *object = fx_next_entry(&s->fx, who, content, signer, at);

    vec_push(s->logs, vec_hex(object->encoded.data, object->encoded.size));
}

static void move_home(struct scene *s, struct fx_who *who, const struct fx_who *node, uint64_t at)
{
    struct fora_home_change change = {.home = node->id};

    entry(s, who, (struct fora_identity_entry){.home = &change}, who->root, at);
}

static void revoke(struct scene *s, struct fx_who *who, uint64_t compromised_at, uint64_t at)
{
    struct fora_key_revocation revocation = {.compromised_at = compromised_at};

    fora_secret_public(who->device, &revocation.sign);
    entry(s, who, (struct fora_identity_entry){.revoke_key = &revocation}, who->root, at);
}

static void receipt_in(struct scene *s, const struct fx_who *node, struct fora_object_id root,
    const struct fora_object *about, uint64_t accepted_at, bool broken)
{
    struct fora_object_id ids[6] = {about->id};
    struct fora_content content = {.kind = FORA_KIND_RECEIPT};
    struct fora_receipt_proof proof;
    struct fora_arena arena;
    size_t count = 6;

    for (size_t i = 1; i < count; i++)
        memset(ids[i].b, (int)(i * 40), FORA_ID_SIZE);
    fora_arena_init(&arena, 0);
    EXPECT(fora_receipt_tree(&content.u.receipt.objects_root, ids, &count) == 0);
    EXPECT(fora_receipt_prove(&proof, &arena, ids, count, &about->id) == 0);
    if (broken)
        proof.path[0].b[5] ^= 1;
    content.u.receipt.accepted_at = accepted_at;
    content.u.receipt.leaves = (uint32_t)count;
    content.u.receipt.proofs = &proof;
    content.u.receipt.proofs_count = 1;
    keep(s, fx_object(&s->fx, node,
                (struct fora_header){.space = fora_object_space(s->space), .root = root}, content,
                accepted_at));
    fora_arena_fini(&arena);
}

static void receipt(struct scene *s, const struct fx_who *node, const struct fora_object *about,
    uint64_t accepted_at, bool broken)
{
    receipt_in(s, node, s->thread->id, about, accepted_at, broken);
}

static void receipt_of(struct scene *s, const struct fx_who *node,
    const struct fora_object *statement, uint64_t accepted_at)
{
    receipt_in(s, node, (struct fora_object_id){{0}}, statement, accepted_at, false);
}

static const struct fora_object *state_it(struct scene *s, const struct fora_object *statement)
{
    EXPECT(s->statements_count < 8);
    s->statements[s->statements_count++] = statement;
    vec_push(s->policy, vec_hex(statement->encoded.data, statement->encoded.size));
    return statement;
}

static void open_case(struct scene *s, json_t *cases, const char *name, const char *clause)
{
    struct fx_who *all[5];

    memset(s, 0, sizeof(*s));
    fx_init(&s->fx);
    all[0] = s->ann = fx_member(&s->fx, 1, 1000);
    all[1] = s->bob = fx_member(&s->fx, 2, 1000);
    all[2] = s->home = fx_node(&s->fx, 3, 1000);
    all[3] = s->host = fx_node(&s->fx, 4, 1000);
    all[4] = s->stranger = fx_node(&s->fx, 5, 1000);
    s->made = json_object();
    vec_push(cases, s->made);
    vec_set(s->made, "name", json_string(name));
    vec_set(s->made, "clause", json_string(clause));
    s->logs = vec_list(s->made, "identities");
    s->policy = vec_list(s->made, "policy");
    s->objects = vec_list(s->made, "objects");
    for (size_t i = 0; i < 5; i++)
        vec_push(s->logs, vec_hex(all[i]->create->encoded.data, all[i]->create->encoded.size));
    s->space = fx_space(&s->fx, s->host, FORA_SPACE_QUESTIONS, "beer", 1000);
    state_it(s, s->space);
    s->thread = keep(s, fx_thread(&s->fx, s->bob, s->space, FORA_THREAD_QUESTION, "Why?", 1500));
}

static int find(void *context, const struct fora_principal_id *id, const struct fora_identity **out)
{
    struct scene *s = context;
    struct fx_who *who = fx_find(&s->fx, id);

    *out = who == NULL ? NULL : who->log;
    return 0;
}

static void close_case(struct scene *s, size_t expected)
{
    const struct fora_receipt_source source = {s, find, find};
    struct fora_policy *policy = fx_policy_of(&s->space, 1);
    json_t *fallen = vec_list(s->made, "fallen");
    size_t count;

    EXPECT(fora_receipts_apply(&source, policy, s->list, s->count, &count) == 0);
    EXPECT(count == expected);
    for (size_t i = 0; i < s->count; i++) {
        if (!s->list[i].has_content)
            vec_push(fallen, vec_hex(s->list[i].id.b, FORA_ID_SIZE));
    }
    fora_policy_free(policy);
    fx_fini(&s->fx);
}

static void dates(json_t *cases)
{
    struct scene s;
    const struct fora_object *honest, *forged, *later;

    open_case(&s, cases, "a backdated object has no receipt from before the theft", "RCP-4");
    honest = keep(&s, fx_answer(&s.fx, s.ann, s.thread, "Mine.", 2000000));
    forged = keep(&s, fx_answer(&s.fx, s.ann, s.thread, "Hers.", 2100000));
    later = keep(&s, fx_comment(&s.fx, s.bob, forged, "Really?", 2200000));
    (void)later;
    receipt(&s, s.host, honest, 2001000, false);
    receipt(&s, s.host, forged, STOLEN, false);
    revoke(&s, s.ann, STOLEN, SAID);
    close_case(&s, 1);

    open_case(&s, cases, "a key that is only retired is not disputed", "RCP-3");
    keep(&s, fx_answer(&s.fx, s.ann, s.thread, "Mine.", 2000000));
    revoke(&s, s.ann, 0, SAID);
    close_case(&s, 0);

    open_case(&s, cases, "a proof that does not come out proves nothing", "RCP-2");
    honest = keep(&s, fx_answer(&s.fx, s.ann, s.thread, "Mine.", 2000000));
    receipt(&s, s.host, honest, 2001000, true);
    revoke(&s, s.ann, STOLEN, SAID);
    close_case(&s, 1);
}

static void witnesses(json_t *cases)
{
    struct scene s;
    const struct fora_object *answer;

    open_case(&s, cases, "neither a stranger, a member nor a home to be is a witness", "RCP-4");
    answer = keep(&s, fx_answer(&s.fx, s.ann, s.thread, "Mine.", 2000000));
    receipt(&s, s.stranger, answer, 2001000, false);
    receipt(&s, s.bob, answer, 2001000, false);
    receipt(&s, s.home, answer, 2001000, false);
    revoke(&s, s.ann, STOLEN, SAID);
    close_case(&s, 1);

    open_case(&s, cases, "a home that was is one", "RCP-4");
    answer = keep(&s, fx_answer(&s.fx, s.ann, s.thread, "Mine.", 2000000));
    receipt(&s, s.home, answer, 2001000, false);
    move_home(&s, s.ann, s.home, 3000);
    move_home(&s, s.ann, s.stranger, 4000);
    revoke(&s, s.ann, STOLEN, SAID);
    close_case(&s, 0);

    open_case(&s, cases, "whose own key is disputed is none", "RCP-4");
    answer = keep(&s, fx_answer(&s.fx, s.ann, s.thread, "Mine.", 2000000));
    receipt(&s, s.host, answer, 2001000, false);
    revoke(&s, s.host, 8000000, SAID);
    revoke(&s, s.ann, STOLEN, SAID);
    close_case(&s, 1);
}

/* From then on she signs with a key that the log lists as custodial. */
static void keep_her_key(struct scene *s, struct fx_who *who)
{
    struct fora_device_key kept = {.label = fora_bytes_str("kept by her home"), .custodial = true};

    fora_secret_free(who->device);
    who->device = fx_secret(1, "kept");
    fora_secret_public(who->device, &kept.sign);
    entry(s, who, (struct fora_identity_entry){.add_key = &kept}, who->root, 2000);
}

static void custody(json_t *cases)
{
    static const char *const names[] = {"the home that kept the key is no witness for it",
        "of a key that her home kept a host is a witness",
        "a host that was her home may have kept the key, and is none"};

    for (unsigned i = 0; i < 3; i++) {
        struct scene s;
        const struct fora_object *answer;

        open_case(&s, cases, names[i], "RCP-4");
        keep_her_key(&s, s.ann);
        move_home(&s, s.ann, i == 2 ? s.host : s.home, 3000);
        answer = keep(&s, fx_answer(&s.fx, s.ann, s.thread, "Mine.", 2000000));
        receipt(&s, i == 0 ? s.home : s.host, answer, 2001000, false);
        revoke(&s, s.ann, STOLEN, SAID);
        close_case(&s, i == 1 ? 0 : 1);
    }
}

/* Of a policy: the statements that fall, and who is staff afterwards. */
static void close_policy(struct scene *s, size_t expected)
{
    const struct fora_receipt_source source = {s, find, find};
    struct fora_policy *policy = fx_policy_of(s->statements, s->statements_count);
    json_t *staff = vec_list(s->made, "staff");
    struct fx_who *all[] = {s->ann, s->bob, s->home, s->host, s->stranger};
    size_t count;

    EXPECT(fora_receipts_apply_policy(&source, policy, s->list, s->count, &count) == 0);
    EXPECT(count == expected);
    vec_set(s->made, "fallen", json_integer((json_int_t)count));
    vec_set(s->made, "at", json_integer(LATER));
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (fora_policy_role_at(policy, &all[i]->id, FORA_ROLE_STAFF, LATER))
            vec_push(staff, vec_hex(all[i]->id.b, FORA_ID_SIZE));
    }
    fora_policy_free(policy);
    fx_fini(&s->fx);
}

static const struct fora_object *grant(
    struct scene *s, const struct fx_who *by, const struct fx_who *to, uint32_t role, uint64_t at)
{
    return state_it(s, fx_grant(&s->fx, by, s->space, to, role, 0, 0, at));
}

static void policies(json_t *cases)
{
    struct scene s;
    const struct fora_object *honest, *forged, *named;

    open_case(&s, cases, "a backdated statement has no receipt from before the theft", "RCP-9");
    grant(&s, s.host, s.ann, FORA_ROLE_ADMIN, 1500);
    honest = grant(&s, s.ann, s.bob, FORA_ROLE_STAFF, 2000000);
    forged = grant(&s, s.ann, s.stranger, FORA_ROLE_STAFF, 2100000);
    receipt_of(&s, s.host, honest, 2001000);
    receipt_of(&s, s.host, forged, STOLEN);
    revoke(&s, s.ann, STOLEN, SAID);
    close_policy(&s, 1);

    open_case(&s, cases, "a host that the thief names is no witness", "RCP-9");
    grant(&s, s.host, s.ann, FORA_ROLE_ADMIN, 1500);
    named = state_it(&s, fx_host(&s.fx, s.ann, s.space, s.stranger, 2000000));
    forged = grant(&s, s.ann, s.bob, FORA_ROLE_STAFF, 2100000);
    receipt_of(&s, s.stranger, named, 2001000);
    receipt_of(&s, s.stranger, forged, 2101000);
    revoke(&s, s.ann, STOLEN, SAID);
    close_policy(&s, 2);

    open_case(&s, cases, "a receipt of a thread dates no statement", "RCP-9");
    grant(&s, s.host, s.ann, FORA_ROLE_ADMIN, 1500);
    honest = grant(&s, s.ann, s.bob, FORA_ROLE_STAFF, 2000000);
    receipt(&s, s.host, honest, 2001000, false);
    revoke(&s, s.ann, STOLEN, SAID);
    close_policy(&s, 1);

    open_case(&s, cases, "the first statement does not fall", "RCP-9");
    honest = grant(&s, s.host, s.ann, FORA_ROLE_STAFF, 2000000);
    receipt_of(&s, s.host, honest, 2001000);
    revoke(&s, s.host, STOLEN, SAID);
    close_policy(&s, 1);
}

int main(int argc, char **argv)
{
    json_t *file = json_object(), *trees, *cases;

    EXPECT(argc == 2 && fora_crypto_init() == 0);
    vec_set(file, "about",
        json_string(
            "Receipts: trees of ids with the proof of each; and threads with the logs and "
            "the policy that they are read with, and the objects that do not stand; and "
            "policies with receipts about their statements, how many of these do not stand, "
            "and who is staff at a time."));
    trees = vec_list(file, "trees");
    for (size_t n = 1; n <= 7; n++)
        tree(trees, n);
    cases = vec_list(file, "cases");
    dates(cases);
    witnesses(cases);
    custody(cases);
    policies(vec_list(file, "policies"));
    vec_write(argv[1], "receipts.json", file);
    return 0;
}
