/* What members carry (ATT-15), and what comes of it where something else is held: a list of
 * spec/vectors/reputation.json. */
#include "make_reputation_vectors.h"

#include "fixture.h"
#include "fora/reputation.h"
#include "vector_json.h"

#include <string.h>

enum { LIST_MAX = 32, NOW = 9000 };

/* A vendor's node that hosts a space; Ann, who carries; Bob. */
struct scene {
    struct fx fx;
    struct fx_who *node, *ann, *bob;
    const struct fora_object *space;
    json_t *cases;
    const struct fora_object *held[LIST_MAX];
    size_t held_count;
    struct fora_bytes carried[LIST_MAX];
    size_t carried_count;
};

static void hold(struct scene *s, const struct fora_object *object)
{
    EXPECT(s->held_count < LIST_MAX);
    s->held[s->held_count++] = object;
}

static void carry(struct scene *s, const struct fora_object *object)
{
    EXPECT(s->carried_count < LIST_MAX);
    s->carried[s->carried_count++] = object->encoded;
}

/* Her log is held; who stated it and where is carried. */
static void begin(struct scene *s)
{
    s->held_count = s->carried_count = 0;
    hold(s, s->ann->create);
    carry(s, s->node->create);
    carry(s, s->space);
}

static const struct fora_object *state(
    struct scene *s, const struct fx_who *issuer, struct fora_attestation attestation, uint64_t at)
{
    const struct fora_header header = {.space = fora_object_space(s->space)};
    const struct fora_content content = {
        .kind = FORA_KIND_ATTESTATION, .u.attestation = attestation};

    return fx_object(&s->fx, issuer, header, content, at);
}

static const struct fora_object *standing(
    struct scene *s, const struct fx_who *subject, uint64_t until)
{
    struct fora_fact facts[] = {{.name = fora_bytes_str("answers"), .count = until / 1000},
        {.name = fora_bytes_str("standing"), .count = until / 1000}};

    return state(s, s->node,
        (struct fora_attestation){.type = FORA_ATTESTATION_STANDING,
            .subject = subject->id,
            .until = until,
            .rule = fora_bytes_str(FORA_STANDING_RULE),
            .facts = facts,
            .facts_count = 2},
        until);
}

static const struct fora_object *revocation(struct scene *s, const struct fora_object *what)
{
    const struct fora_header header = {.space = fora_object_space(s->space), .parent = what->id};

    return fx_object(
        &s->fx, s->node, header, (struct fora_content){.kind = FORA_KIND_REVOCATION}, 8000);
}

static const struct fora_object *sealed(struct scene *s)
{
    const struct fora_content content = {.kind = FORA_KIND_CARRIED,
        .u.carried = {.objects = s->carried, .objects_count = s->carried_count}};

    return fx_object(&s->fx, s->ann, (struct fora_header){0}, content, 8500);
}

struct made {
    struct scene *s;
    json_t *claims, *refused;
};

static int put_claim(void *context, const struct fora_claim *claim)
{
    struct made *made = context;
    json_t *row = json_object();

    vec_set(row, "id", vec_hex(claim->id->b, sizeof(claim->id->b)));
    vec_set(row, "result", json_string(fora_error_name(claim->code)));
    vec_push(made->claims, row);
    return 0;
}

static void put_refused(void *context, size_t index, int code)
{
    struct made *made = context;
    json_t *row = json_object();

    vec_set(row, "index", json_integer((json_int_t)index));
    vec_set(row, "result", json_string(fora_error_name(code)));
    vec_push(made->refused, row);
}

/* `expected`: what the last of her claims by date has for a verdict, or FORA_E_NOTFOUND for none at
 * all; `refused`: of how many objects. */
static void end(struct scene *s, const char *name, const char *clause, int expected, size_t refused)
{
    const struct fora_object *object = sealed(s);
    json_t *made = json_object(), *held;
    struct made out = {.s = s};
    struct fora_claims *claims;
    struct fora_content content;
    struct fora_bundle bundle;
    const char *last;

    vec_push(s->cases, made);
    vec_set(made, "name", json_string(name));
    vec_set(made, "clause", json_string(clause));
    vec_set(made, "carried", vec_hex(object->encoded.data, object->encoded.size));
    held = vec_list(made, "held");
    vec_set(made, "at", json_integer(NOW));
    out.claims = vec_list(made, "claims");
    out.refused = vec_list(made, "refused");
    EXPECT(fora_claims_new(&claims) == 0);
    for (size_t i = 0; i < s->held_count; i++) {
        vec_push(held, vec_hex(s->held[i]->encoded.data, s->held[i]->encoded.size));
        EXPECT(fora_claims_add(claims, s->held[i]) == 0);
    }
    EXPECT(
        fora_content_decode(&s->fx.arena, FORA_KIND_CARRIED, object->content_bytes, &content) == 0);
    bundle = fora_bundle_of_carried(&object->header, &content.u.carried);
    EXPECT(fora_bundle_open(&bundle, claims, put_refused, &out) == 0);
    EXPECT(fora_claims_each(claims, &s->ann->id, NOW, put_claim, &out) == 0);
    fora_claims_free(claims);
    EXPECT(json_array_size(out.refused) == refused);
    EXPECT((json_array_size(out.claims) == 0) == (expected == FORA_E_NOTFOUND));
    last = json_string_value(
        json_object_get(json_array_get(out.claims, json_array_size(out.claims) - 1), "result"));
    EXPECT(last == NULL || strcmp(last, fora_error_name(expected)) == 0);
}

static void what_is_held_counts(struct scene *s)
{
    const struct fora_object *older = standing(s, s->ann, 5000), *later = standing(s, s->ann, 6000);

    begin(s);
    carry(s, older);
    end(s, "where neither space nor issuer is known: it holds", "ATT-15", 0, 0);
    hold(s, s->node->create);
    hold(s, s->space);
    hold(s, older);
    end(s, "the same is held and carried: it is there once", "ATT-16", 0, 0);
    hold(s, later);
    end(s, "a later one is held, and takes its place", "ATT-16", 0, 0);

    begin(s);
    carry(s, older);
    hold(s, revocation(s, older));
    end(s, "revoked, and she left the revocation out", "ATT-16", FORA_E_REVOKED, 0);

    begin(s);
    carry(s, state(s, s->bob,
                 (struct fora_attestation){.type = FORA_ATTESTATION_BADGE,
                     .subject = s->ann->id,
                     .label = fora_bytes_str("MVP")},
                 3000));
    carry(s, s->bob->create);
    carry(s, fx_grant(&s->fx, s->node, s->space, s->bob, FORA_ROLE_ADMIN, 1, 0, 2000));
    end(s, "by an admin of the space", "ATT-16", 0, 0);
    hold(s, fx_revoke(&s->fx, s->node, s->space, s->bob, FORA_ROLE_ADMIN, 2500));
    end(s, "by one who was no admin any more, and she left that out", "ATT-16", FORA_E_SCOPE, 0);
}

static void hostile(struct scene *s)
{
    const struct fora_object *mine = standing(s, s->ann, 5000);
    const struct fora_object *inner;
    uint8_t forged[2048];

    begin(s);
    carry(s, standing(s, s->bob, 5000));
    end(s, "somebody else's", "ATT-16", FORA_E_NOTFOUND, 1);

    begin(s);
    EXPECT(mine->encoded.size <= sizeof(forged));
    memcpy(forged, mine->encoded.data, mine->encoded.size);
    forged[mine->header_bytes.data + mine->header_bytes.size - mine->encoded.data + 10] ^= 1;
    s->carried[s->carried_count++] = fora_bytes(forged, mine->encoded.size);
    end(s, "a forged signature", "ATT-16", FORA_E_NOTFOUND, 1);
    s->carried[s->carried_count - 1] = fora_bytes(forged, 40);
    end(s, "an object that is cut off", "ATT-16", FORA_E_NOTFOUND, 1);

    begin(s);
    carry(s, mine);
    inner = sealed(s);
    begin(s);
    carry(s, inner);
    end(s, "carried in what is carried: it is not opened", "ATT-16", FORA_E_NOTFOUND, 0);

    begin(s);
    s->carried_count = 0;
    carry(s, mine);
    end(s, "without what it rests on", "ATT-16", FORA_E_UNKNOWN_AUTHOR, 0);
    s->carried_count = 0;
    end(s, "nothing any more", "ATT-15", FORA_E_NOTFOUND, 0);
}

/* Bob may award one MVP in the space, and awards two: the node's own before hers. */
static void under_a_limit(struct scene *s)
{
    const struct fora_object *given = state(s, s->node,
        (struct fora_attestation){.type = FORA_ATTESTATION_DELEGATION,
            .subject = s->bob->id,
            .may = 1U << FORA_ATTESTATION_BADGE,
            .limit = 1},
        2000);
    struct fora_attestation award = {.type = FORA_ATTESTATION_BADGE,
        .subject = s->node->id,
        .label = fora_bytes_str("MVP"),
        .delegation = given->id};
    const struct fora_object *first = state(s, s->bob, award, 3000);

    award.subject = s->ann->id;
    begin(s);
    carry(s, s->bob->create);
    carry(s, given);
    carry(s, state(s, s->bob, award, 4000));
    end(s, "the second under a limit of one, where nobody knows of the first", "ATT-16", 0, 0);
    hold(s, first);
    end(s, "the first is held, and she left it out", "ATT-16", FORA_E_LIMIT, 0);
}

void make_carried(json_t *cases)
{
    struct scene s = {.cases = cases};

    fx_init(&s.fx);
    s.node = fx_node(&s.fx, 1, 1000);
    s.ann = fx_member(&s.fx, 2, 1000);
    s.bob = fx_member(&s.fx, 3, 1000);
    s.space = fx_space(&s.fx, s.node, FORA_SPACE_QUESTIONS, "brewing", 1000);
    what_is_held_counts(&s);
    hostile(&s);
    under_a_limit(&s);
    fx_fini(&s.fx);
}
