/* Credentials (VC-3), as far as the core goes: of what, for whom, and what is said instead. What
 * one looks like is seen by credential_test and by the tests of the program. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "reputation/credential.h"
#include "story.h"

#include <string.h>

struct scene {
    struct story story;
    struct fx_who issuer; /* node a, as one who signs objects */
    struct guest guest;
    const struct fx_who *who; /* logged in; NULL: nobody */
};

/* Says of whom it is, and in which space; with the line feed that the real one ends with. */
static int write_credential(
    struct fora_buf *out, const struct credential *credential, const struct fora_secret *secret)
{
    assert_non_null(secret);
    assert_int_equal(credential->claim->code, 0);
    assert_true(credential->object.size > 0);
    fora_buf_printf(out, "{\"issuer\":\"%.*s\",\"space\":\"%.*s\"}\n",
        (int)credential->issuer_name.size, (const char *)credential->issuer_name.data,
        (int)credential->space_name.size, (const char *)credential->space_name.data);
    return out->error;
}

static int setup(void **state)
{
    static struct scene s;
    memset(&s, 0, sizeof s);
    story_init(&s.story, false);
    struct net_node *a = s.story.a;
    a->credential = write_credential;
    net_restart(&s.story.net, a);
    s.issuer = (struct fx_who){.root = a->root, .device = a->device, .id = a->id};
    *state = &s;
    return 0;
}

static int teardown(void **state)
{
    struct scene *s = *state;
    story_fini(&s->story);
    return 0;
}

static const struct fora_object *say(
    struct scene *s, const struct fx_who *who, struct fora_attestation attestation, uint64_t ago)
{
    struct fora_header header = {.space = s->story.space};
    const struct fora_content content = {
        .kind = FORA_KIND_ATTESTATION, .u.attestation = attestation};
    const struct fora_object *made =
        fx_object(&s->story.fx, who, header, content, s->story.net.now - ago);
    net_put(&s->story.net, s->story.a, &made, 1);
    return made;
}

static const struct fora_object *standing(struct scene *s, uint64_t answers, uint64_t ago)
{
    struct fora_fact facts[] = {{.name = fora_bytes_str("answers"), .count = answers},
        {.name = fora_bytes_str("standing"), .count = answers}};
    return say(s, &s->issuer,
        (struct fora_attestation){.type = FORA_ATTESTATION_STANDING,
            .subject = s->story.ann->id,
            .until = s->story.net.now - ago,
            .rule = fora_bytes_str(FORA_STANDING_RULE),
            .facts = facts,
            .facts_count = 2},
        ago);
}

static const struct fora_object *badge(
    struct scene *s, const struct fx_who *who, const char *label, uint64_t until, uint64_t ago)
{
    return say(s, who,
        (struct fora_attestation){.type = FORA_ATTESTATION_BADGE,
            .subject = s->story.ann->id,
            .from = 1,
            .until = until,
            .label = fora_bytes_str(label)},
        ago);
}

static void withhold(struct scene *s, const char *label)
{
    struct fora_withheld line = {.issuer = s->issuer.id,
        .space = s->story.space,
        .type = FORA_ATTESTATION_BADGE,
        .label = fora_bytes_str(label)};
    const struct fora_content content = {.kind = FORA_KIND_PROFILE,
        .u.profile = {.name = fora_bytes_str("Ann"), .withheld = &line, .withheld_count = 1}};
    const struct fora_object *made = fx_object(&s->story.fx, s->story.ann,
        (struct fora_header){.kind = FORA_KIND_PROFILE}, content, s->story.net.now);
    net_put(&s->story.net, s->story.a, &made, 1);
}

/* What is put starts the node anew. */
static void log_in(struct scene *s)
{
    const struct fx_who *who = s->who;
    struct fora_message message = {.type = FORA_MSG_AUTH};
    struct fora_msg_auth *auth = &message.u.auth;
    struct fora_bytes entry = who->create->encoded;
    auth->principal = who->id;
    fora_secret_public(who->device, &auth->key);
    auth->identity = &entry;
    auth->identity_count = 1;
    fora_sign(&auth->signature, who->device, FORA_DOMAIN_SIGN_AUTH,
        fora_bytes(fora_session_hash(s->guest.session), 64));
    (void)guest_ask(&s->guest, &message);
    guest_settle(&s->guest);
    assert_int_equal(s->guest.heard[FORA_MSG_AUTH_OK], 1);
}

/* 0, with what came in `text`; or the code of the Error. */
static int ask(struct scene *s, const struct fora_object_id *id, char text[100])
{
    struct fora_message message = {.type = FORA_MSG_GET_CREDENTIAL};
    struct fora_arena arena;
    story_guest(&s->story, &s->guest, 0);
    if (s->who != NULL) {
        log_in(s);
    }
    message.u.get_credential.id = *id;
    assert_int_not_equal(guest_ask(&s->guest, &message), 0);
    guest_settle(&s->guest);
    int error = s->guest.error;
    if (error != 0) {
        assert_int_equal(s->guest.heard[FORA_MSG_CREDENTIAL], 0);
        guest_fini(&s->guest);
        return error;
    }
    assert_int_equal(s->guest.heard[FORA_MSG_CREDENTIAL], 1);
    fora_arena_init(&arena, 0);
    guest_last(&s->guest, &arena, &message);
    struct fora_bytes json = message.u.credential.json;
    assert_true(json.size < 100);
    memcpy(text, json.data, json.size);
    text[json.size] = '\0';
    fora_arena_fini(&arena);
    guest_fini(&s->guest);
    return 0;
}

static int code(struct scene *s, const struct fora_object *object)
{
    char text[100];
    return ask(s, &object->id, text);
}

static void VC_3_what_the_node_stated_and_holds_is_given_to_anybody(void **state)
{
    struct scene *s = *state;
    char text[100];
    const struct fora_object *old = standing(s, 1, 900), *last = standing(s, 2, 800);
    const struct fora_object *award = badge(s, &s->issuer, "MVP", 0, 700);
    assert_int_equal(ask(s, &last->id, text), 0);
    assert_string_equal(text, "{\"issuer\":\"a:1\",\"space\":\"beer\"}");
    assert_int_equal(code(s, award), 0);
    assert_int_equal(code(s, old), FORA_E_SUPERSEDED);
}

static void VC_3_nothing_else_is_signed(void **state)
{
    struct scene *s = *state;
    struct fora_object_id nothing = {{7}};
    char text[100];
    assert_int_equal(ask(s, &nothing, text), FORA_E_ABSENT);
    assert_int_equal(code(s, s->story.thread), FORA_E_ABSENT);
    /* Ann of herself, and the node of a kind that has no form. */
    assert_int_equal(code(s, badge(s, s->story.ann, "Queen", 0, 600)), FORA_E_MISMATCH);
    const struct fora_attestation may = {.type = FORA_ATTESTATION_DELEGATION,
        .subject = s->story.ann->id,
        .from = 1,
        .may = 1U << FORA_ATTESTATION_BADGE};
    assert_int_equal(code(s, say(s, &s->issuer, may, 500)), FORA_E_MISMATCH);
}

/* A node that has another key by now still knows its own word. */
static void VC_1_a_key_that_speaks_for_the_issuer_signs(void **state)
{
    struct scene *s = *state;
    struct fx *fx = &s->story.fx;
    struct fx_who old = s->issuer;
    old.create = fx_decode(fx, fora_buf_bytes(&s->story.a->identity));
    old.device = fx_secret(77, "another");
    const struct fora_object *entry = fx_add_key(
        fx, &old, old.create, 1, old.device, old.root, old.create->header.created_at + 1);
    net_put(&s->story.net, s->story.a, &entry, 1);
    assert_int_equal(code(s, badge(s, &old, "MVP", 0, 700)), 0);
    fora_secret_free(old.device);
}

static void VC_3_what_does_not_hold_says_its_verdict(void **state)
{
    struct scene *s = *state;
    const struct fora_object *ended = badge(s, &s->issuer, "MVP", s->story.net.now - 1, 600);
    const struct fora_object *back = badge(s, &s->issuer, "Guru", 0, 500);
    const struct fora_content content = {.kind = FORA_KIND_REVOCATION};
    assert_int_equal(code(s, back), 0);
    const struct fora_object *revocation = fx_object(&s->story.fx, &s->issuer,
        (struct fora_header){.space = s->story.space, .parent = back->id}, content,
        s->story.net.now - 400);
    net_put(&s->story.net, s->story.a, &revocation, 1);
    assert_int_equal(code(s, ended), FORA_E_EXPIRED);
    assert_int_equal(code(s, back), FORA_E_REVOKED);
    /* To award it again renews it. */
    const struct fora_object *renewed = badge(s, &s->issuer, "MVP", 0, 300);
    assert_int_equal(code(s, renewed), 0);
    assert_int_equal(code(s, ended), FORA_E_EXPIRED);
    (void)badge(s, &s->issuer, "MVP", 0, 200);
    assert_int_equal(code(s, renewed), FORA_E_SUPERSEDED);
}

static void VC_3_what_she_withholds_is_given_to_her_alone(void **state)
{
    struct scene *s = *state;
    struct fx_who *eve = fx_member(&s->story.fx, 9, s->story.net.now - 1000);
    const struct fora_object *shown = badge(s, &s->issuer, "MVP", 0, 700);
    const struct fora_object *hidden = badge(s, &s->issuer, "Beginner", 0, 600);
    withhold(s, "Beginner");
    assert_int_equal(code(s, shown), 0);
    assert_int_equal(code(s, hidden), FORA_E_AUTH);
    s->who = eve;
    assert_int_equal(code(s, hidden), FORA_E_FORBIDDEN);
    s->who = s->story.ann;
    assert_int_equal(code(s, hidden), 0);
}

static void VC_3_a_node_may_make_none(void **state)
{
    struct scene *s = *state;
    const struct fora_object *award = badge(s, &s->issuer, "MVP", 0, 700);
    s->story.a->credential = NULL;
    net_restart(&s->story.net, s->story.a);
    assert_int_equal(code(s, award), FORA_E_UNSUPPORTED);
}

/* What strangers state about her in any number costs nothing here, and crowds out nothing. */
static void VC_3_the_verdict_rests_on_few(void **state)
{
    struct scene *s = *state;
    enum { JUNK = 1100 };
    static const struct fora_object *junk[JUNK];
    struct fora_header header = {.space = s->story.space};
    struct fx_who *eve = fx_member(&s->story.fx, 9, s->story.net.now - 1000);
    net_put(&s->story.net, s->story.a, &eve->create, 1);
    const struct fora_object *ended = badge(s, &s->issuer, "MVP", 0, 700);
    for (size_t i = 0; i < JUNK; i++) {
        const struct fora_content content = {.kind = FORA_KIND_ATTESTATION,
            .u.attestation = {.type = FORA_ATTESTATION_BADGE,
                .subject = s->story.ann->id,
                .from = 1 + i,
                .label = fora_bytes_str("nominee: MVP")}};
        junk[i] = fx_object(&s->story.fx, eve, header, content, s->story.net.now - 600);
    }
    net_put(&s->story.net, s->story.a, junk, JUNK);
    const struct fora_object *award = badge(s, &s->issuer, "MVP", 0, 500);
    assert_int_equal(code(s, ended), FORA_E_SUPERSEDED);
    assert_int_equal(code(s, award), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            VC_3_what_the_node_stated_and_holds_is_given_to_anybody, setup, teardown),
        cmocka_unit_test_setup_teardown(VC_3_nothing_else_is_signed, setup, teardown),
        cmocka_unit_test_setup_teardown(
            VC_1_a_key_that_speaks_for_the_issuer_signs, setup, teardown),
        cmocka_unit_test_setup_teardown(VC_3_what_does_not_hold_says_its_verdict, setup, teardown),
        cmocka_unit_test_setup_teardown(
            VC_3_what_she_withholds_is_given_to_her_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(VC_3_a_node_may_make_none, setup, teardown),
        cmocka_unit_test_setup_teardown(VC_3_the_verdict_rests_on_few, setup, teardown),
    };
    return fora_crypto_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
