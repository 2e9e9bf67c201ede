/* What a receipt costs whom it is asked of (RCP-8): not what the node accepted in that second. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "requests_rig.h"

#include "fora/receipt.h"

#include <stdio.h>
#include <string.h>

enum { SECONDS = 2, IN_A_SECOND = 700, TREE_MOST = 64, ASKED = 64 };

static void rcp8_a_tree_is_no_larger_when_much_came_at_once(void **state)
{
    static struct rig rig;
    static struct fora_object_id ids[SECONDS * IN_A_SECOND];
    struct fora_message ask = {.request = 7, .type = FORA_MSG_GET_RECEIPTS};
    struct fora_object_id asked[ASKED];
    struct fora_arena arena;
    size_t proven = 0;
    (void)state;
    rig_start(&rig, store_rig_mem());
    struct asker guest = rig_guest(&rig);
    const struct fora_object *thread = rig_question(&rig, rig_space(&rig));
    for (size_t i = 0; i < SECONDS * IN_A_SECOND; i++) {
        rig.now += i == IN_A_SECOND ? 5000 : 0;
        const struct fora_object *post = fx_comment(&rig.fx, rig.vera, thread, "Me too.", rig.now);
        assert_int_equal(rig_store(&rig, post), 0);
        ids[i] = post->id;
    }
    for (size_t i = 0; i < ASKED; i++) {
        asked[i] = ids[i * (SECONDS * IN_A_SECOND) / ASKED];
    }
    ask.u.get_receipts = (struct fora_msg_get_receipts){.ids = asked, .ids_count = ASKED};
    assert_int_equal(rig_ask(&rig, &guest, &ask), 0);
    const struct fora_msg_objects *got = &rig.answer.u.objects;
    assert_int_equal(got->missing_count, 0);
    fora_arena_init(&arena, 0);
    for (size_t i = 0; i < got->objects_count; i++) {
        struct fora_object receipt;
        struct fora_content content;
        assert_int_equal(fora_object_decode(&receipt, got->objects[i]), 0);
        assert_int_equal(
            fora_content_decode(&arena, FORA_KIND_RECEIPT, receipt.content_bytes, &content), 0);
        assert_in_range(content.u.receipt.leaves, 1, TREE_MOST);
        for (size_t j = 0; j < ASKED; j++) {
            proven += fora_receipt_proves(&content.u.receipt, &asked[j]);
        }
    }
    assert_int_equal(proven, ASKED);
    fora_arena_fini(&arena);
    rig_stop(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rcp8_a_tree_is_no_larger_when_much_came_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
