/* GetPrincipal when there is more about somebody than an answer holds (SES-33). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "requests_rig.h"

#include <stdio.h>
#include <string.h>

enum { CROWD = 1100 };

struct scene {
    struct rig rig;
    const struct fora_object *space, *badge, *revocation, *carried;
};

static const struct fora_object *say(struct scene *s, const struct fx_who *who,
    struct fora_header header, struct fora_content content, uint64_t ago)
{
    const struct fora_object *made = fx_object(&s->rig.fx, who, header, content, s->rig.now - ago);
    assert_int_equal(rig_store(&s->rig, made), 0);
    return made;
}

static const struct fora_object *badge(struct scene *s, const struct fx_who *who,
    const struct fora_space_id *space, const char *label, uint64_t ago)
{
    const struct fora_content content = {.kind = FORA_KIND_ATTESTATION,
        .u.attestation = {.type = FORA_ATTESTATION_BADGE,
            .subject = s->rig.vera->id,
            .from = 1,
            .label = fora_bytes_str(label)}};
    return say(s, who, (struct fora_header){.space = *space}, content, ago);
}

static int setup(void **state)
{
    static struct scene s;
    memset(&s, 0, sizeof s);
    rig_start(&s.rig, store_rig_mem());
    s.space = rig_space(&s.rig);
    *state = &s;
    return 0;
}

static int teardown(void **state)
{
    struct scene *s = *state;
    rig_stop(&s->rig);
    return 0;
}

/* The place of an object in the answer, from 1 on; 0: it is not there. */
static size_t place(const struct scene *s, const struct fora_object *object)
{
    const struct fora_msg_principal_objects *answer = &s->rig.answer.u.principal_objects;
    for (size_t i = 0; i < answer->objects_count; i++) {
        if (fora_bytes_equal(answer->objects[i], object->encoded)) {
            return i + 1;
        }
    }
    return 0;
}

static void ask(struct scene *s, bool carried)
{
    struct asker guest = rig_guest(&s->rig);
    struct fora_message message = {.type = FORA_MSG_GET_PRINCIPAL};
    message.u.get_principal.principal = s->rig.vera->id;
    message.u.get_principal.attested = true;
    message.u.get_principal.carried = carried;
    assert_int_equal(rig_ask(&s->rig, &guest, &message), 0);
    assert_int_equal(s->rig.answer.type, FORA_MSG_PRINCIPAL_OBJECTS);
    assert_int_equal(place(s, s->rig.vera->create), 1);
}

/* She was given a badge, carries it, and it was taken back. */
static void carry_what_was_revoked(struct scene *s)
{
    const struct fora_space_id space = fora_object_space(s->space);
    s->badge = badge(s, s->rig.node, &space, "MVP", 3000);
    s->revocation =
        say(s, s->rig.node, (struct fora_header){.space = space, .parent = s->badge->id},
            (struct fora_content){.kind = FORA_KIND_REVOCATION}, 2000);
    struct fora_bytes list[] = {s->badge->encoded};
    const struct fora_content content = {
        .kind = FORA_KIND_CARRIED, .u.carried = {.objects = list, .objects_count = 1}};
    s->carried = say(s, s->rig.vera, (struct fora_header){0}, content, 1000);
}

/* What she says herself, of no space, belongs to her, and is as much as she likes. */
static void ses33_what_she_says_crowds_out_nothing_that_is_attested_about_her(void **state)
{
    struct scene *s = *state;
    const struct fora_space_id none = {{0}};
    char label[32];
    for (unsigned i = 0; i < CROWD; i++) {
        (void)snprintf(label, sizeof label, "junk %u", i);
        (void)badge(s, s->rig.vera, &none, label, 4000);
    }
    carry_what_was_revoked(s);
    ask(s, false);
    assert_true(place(s, s->badge) > 0 && place(s, s->revocation) > 0);
    assert_int_equal(place(s, s->carried), 0);
    ask(s, true);
    assert_true(place(s, s->badge) > 0 && place(s, s->carried) > 0);
    /* It is not shown without what takes it back. */
    assert_in_range(place(s, s->revocation), 2, place(s, s->carried) - 1);
    assert_int_equal(s->rig.answer.u.principal_objects.objects_count, 1024);
}

/* Her log leaves room for one: that is none for what she carries, nor for what was taken back. */
static void att16_what_she_carries_is_not_given_without_what_takes_it_back(void **state)
{
    enum { ENTRIES = 1022 };
    struct scene *s = *state;
    const struct fora_object *last = s->rig.vera->create;
    for (uint64_t i = 1; i <= ENTRIES; i++) {
        last = fx_move(&s->rig.fx, s->rig.vera, last, i, s->rig.node, s->rig.vera->root,
            s->rig.now - 100000 + i);
        assert_int_equal(rig_store(&s->rig, last), 0);
    }
    carry_what_was_revoked(s);
    ask(s, true);
    assert_int_equal(s->rig.answer.u.principal_objects.objects_count, ENTRIES + 1);
    assert_true(place(s, s->badge) == 0 && place(s, s->carried) == 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(ses33_what_she_says_crowds_out_nothing_that_is_attested_about_her),
        T(att16_what_she_carries_is_not_given_without_what_takes_it_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
