/* Cases of spec/vectors/policies.json. */
#include "make_rule_vectors.h"

#include "vector_json.h"

struct policy_case {
    struct fora_policy *policy;
    json_t *made, *statements, *roles, *rights;
};

static struct policy_case open_policy(json_t *cases, const char *name, const char *clause)
{
    struct policy_case c = {.made = vec_case(cases, name, clause)};

    EXPECT(fora_policy_new(&c.policy) == 0);
    c.statements = vec_list(c.made, "statements");
    c.roles = vec_list(c.made, "roles");
    c.rights = vec_list(c.made, "may_post");
    return c;
}

static void state_policy(struct policy_case *c, const struct fora_object *statement, int expected)
{
    EXPECT(fora_policy_add(c->policy, statement) == expected);
    vec_step(c->statements, statement, expected);
}

static void check_role(
    struct policy_case *c, const struct fx_who *who, uint32_t role, uint64_t at, bool expected)
{
    json_t *row = json_object();

    EXPECT(fora_policy_role_at(c->policy, &who->id, role, at) == expected);
    vec_set(row, "principal", vec_hex(who->id.b, FORA_ID_SIZE));
    vec_set(row, "role", json_integer(role));
    vec_set(row, "at", json_integer((json_int_t)at));
    vec_set(row, "held", json_boolean(expected));
    vec_push(c->roles, row);
}

static void check_right(struct policy_case *c, const struct fx_who *who, uint32_t kind,
    uint32_t type, uint64_t at, int expected)
{
    json_t *row = json_object();

    EXPECT(fora_policy_may_post(c->policy, &who->id, kind, type, at) == expected);
    vec_set(row, "author", vec_hex(who->id.b, FORA_ID_SIZE));
    vec_set(row, "kind", json_integer(kind));
    vec_set(row, "thread_type", json_integer(type));
    vec_set(row, "at", json_integer((json_int_t)at));
    vec_set(row, "result", json_string(fora_error_name(expected)));
    vec_push(c->rights, row);
}

static void close_policy(struct policy_case *c)
{
    json_t *state = json_object(), *hosts = vec_list(state, "hosts");
    struct fora_principal_id owner = fora_policy_owner(c->policy);
    struct fora_space_id space = fora_policy_space(c->policy);
    struct fora_bytes name = fora_policy_name(c->policy);
    size_t count;
    const struct fora_host *list = fora_policy_hosts(c->policy, &count);

    for (size_t i = 0; i < count; i++)
        vec_push(hosts, vec_hex(list[i].node.b, FORA_ID_SIZE));
    vec_set(state, "space", vec_hex(space.b, FORA_ID_SIZE));
    vec_set(state, "owner", vec_hex(owner.b, FORA_ID_SIZE));
    vec_set(state, "kind", json_integer(fora_policy_kind(c->policy)));
    vec_set(state, "name", json_stringn((const char *)name.data, name.size));
    vec_set(state, "posting", json_integer(fora_policy_posting(c->policy)));
    vec_set(c->made, "state", state);
    fora_policy_free(c->policy);
}

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
    json_t *list = vec_list(c->made, "privileges");
    size_t count;
    const struct fora_privilege *found = fora_policy_privileges(c->policy, &count);

    for (size_t i = 0; i < count; i++) {
        json_t *row = json_object();

        vec_set(row, "role", json_integer(found[i].role));
        vec_set(row, "standing", json_integer(found[i].standing));
        vec_push(list, row);
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
    check_role(&c, p->bob, FORA_ROLE_EDITOR, 2999, true);
    check_role(&c, p->bob, FORA_ROLE_EDITOR, 3000, false); /* an admin may, of what was earned */
    check_role(&c, p->admin, FORA_ROLE_FLAGGER, 2000, true);
    check_role(&c, p->owner, FORA_ROLE_CURATOR, 1, true);
    check_right(&c, p->ann, FORA_KIND_MODERATION, 0, 2000, 0);
    check_right(&c, p->bob, FORA_KIND_MODERATION, 0, 2000, FORA_E_FORBIDDEN);
    check_privileges(&c);
    close_policy(&c);
}

json_t *make_policies(struct fx *fx)
{
    json_t *file = json_object(), *cases;
    struct cast p = {.fx = fx};
    uint64_t counter;

    p.owner = fx_member(fx, 11, 1);
    p.admin = fx_member(fx, 12, 1);
    p.ann = fx_member(fx, 13, 1);
    p.bob = fx_member(fx, 14, 1);
    p.node = fx_node(fx, 15, 1);
    vec_set(file, "about",
        json_string("Policies: statements in the order in which they are added, what adding each "
                    "says, the state after all, roles held at times, and rights."));
    cases = vec_list(file, "cases");
    p.space = fx_space(fx, p.owner, FORA_SPACE_QUESTIONS, "beer", 1000);
    slots_and_ranks(&p, cases);
    intervals(&p, cases);
    rights(&p, cases);
    counter = fx->counter; /* what is made after these stays as it was without them */
    privileges(&p, cases);
    fx->counter = counter;
    return file;
}
