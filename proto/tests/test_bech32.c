#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/bech32.h"
#include "fora/id.h"

#include <ctype.h>
#include <string.h>

/* The valid and invalid texts of BIP 350, "Test vectors for Bech32m". */
static const char *const valid[] = {
    "A1LQFN3A",
    "a1lqfn3a",
    "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6",
    "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
    "11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllludsr8",
    "split1checkupstagehandshakeupstreamerranterredcaperredlc445v",
    "?1v759aa",
};
static const char *const invalid[] = {
    "\x20"
    "1xj0phk", /* a character of the prefix is out of range */
    "\x7f"
    "1g6xzxy",
    "\x80"
    "1vctc34",
    "an84characterslonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11d6pts4",
    "qyrz8wqd2c9m",                  /* no separator */
    "1qyrz8wqd2c9m",                 /* empty prefix */
    "y1b0jsk6g",                     /* invalid data characters */
    "lt1igcx5c0", "in1muywd",        /* checksum too short */
    "mm1crxm3i",                     /* invalid characters in the checksum */
    "au1s5cgom", "M1VUXWEZ",         /* checksum of the upper-case prefix */
    "16plkw9",                       /* empty prefix */
    "1p2gdwpf", "", "1", "a12uel5l", /* valid Bech32 (BIP 173), not Bech32m */
};

static void test_bip350_valid(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(valid) / sizeof(valid[0]); i++) {
        char hrp[FORA_BECH32_HRP_MAX + 1];
        uint8_t groups[FORA_BECH32_TEXT_MAX];
        char again[FORA_BECH32_TEXT_MAX + 1];
        char lower[FORA_BECH32_TEXT_MAX + 1];
        size_t count;

        print_message("%s\n", valid[i]);
        assert_int_equal(fora_bech32m_decode(hrp, groups, &count, valid[i]), 0);
        fora_bech32m_encode(again, hrp, groups, count);
        for (size_t j = 0; j <= strlen(valid[i]); j++)
            lower[j] = (char)tolower((unsigned char)valid[i][j]);
        assert_string_equal(again, lower);
    }
}

static void test_bip350_invalid(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++) {
        char hrp[FORA_BECH32_HRP_MAX + 1];
        uint8_t groups[FORA_BECH32_TEXT_MAX];
        size_t count;

        print_message("%s\n", invalid[i]);
        assert_int_equal(fora_bech32m_decode(hrp, groups, &count, invalid[i]), FORA_E_MALFORMED);
    }
}

static void fill(uint8_t id[FORA_ID_SIZE], unsigned seed)
{
    for (unsigned i = 0; i < FORA_ID_SIZE; i++) {
        seed = seed * 1103515245 + 12345;
        id[i] = (uint8_t)(seed >> 16);
    }
}

static void test_obj_9_ids_round_trip_under_their_prefix_only(void **state)
{
    (void)state;
    static const char *const prefixes[] = {
        FORA_HRP_OBJECT, FORA_HRP_MEMBER, FORA_HRP_NODE, FORA_HRP_SPACE, FORA_HRP_KEY};
    enum { PREFIXES = sizeof(prefixes) / sizeof(prefixes[0]) };

    for (unsigned n = 0; n < 500; n++) {
        uint8_t id[FORA_ID_SIZE], back[FORA_ID_SIZE];
        char text[FORA_ID_TEXT_MAX];
        const char *own = prefixes[n % PREFIXES];

        fill(id, n);
        fora_id_format(text, own, id);
        assert_int_equal(strlen(text), strlen(own) + 1 + 52 + 6);
        for (unsigned p = 0; p < PREFIXES; p++) {
            int expected = p == n % PREFIXES ? 0 : FORA_E_MALFORMED;

            assert_int_equal(fora_id_parse(back, prefixes[p], text), expected);
        }
        assert_int_equal(fora_id_parse(back, own, text), 0);
        assert_memory_equal(back, id, FORA_ID_SIZE);
    }
}

static void test_obj_9_upper_case_is_read_and_mixed_is_not(void **state)
{
    (void)state;
    uint8_t id[FORA_ID_SIZE], back[FORA_ID_SIZE];
    char text[FORA_ID_TEXT_MAX];
    size_t size;

    fill(id, 7);
    fora_id_format(text, FORA_HRP_MEMBER, id);
    size = strlen(text);
    for (size_t i = 0; i < size; i++)
        text[i] = (char)toupper((unsigned char)text[i]);
    assert_int_equal(fora_id_parse(back, FORA_HRP_MEMBER, text), 0);
    assert_memory_equal(back, id, FORA_ID_SIZE);
    text[0] = 'f';
    assert_int_equal(fora_id_parse(back, FORA_HRP_MEMBER, text), FORA_E_MALFORMED);
}

static void test_obj_9_any_one_changed_character_is_noticed(void **state)
{
    (void)state;
    uint8_t id[FORA_ID_SIZE], back[FORA_ID_SIZE];
    char text[FORA_ID_TEXT_MAX];
    unsigned changes = 0;

    fill(id, 99);
    fora_id_format(text, FORA_HRP_SPACE, id);
    for (size_t i = 0; text[i] != 0; i++) {
        char kept = text[i];

        for (int c = 1; c < 128; c++) {
            if (c == kept)
                continue;
            text[i] = (char)c;
            assert_int_equal(fora_id_parse(back, FORA_HRP_SPACE, text), FORA_E_MALFORMED);
            changes++;
        }
        text[i] = kept;
    }
    assert_true(changes > 8000);
    assert_int_equal(fora_id_parse(back, FORA_HRP_SPACE, text), 0);
}

static void test_obj_9_wrong_length_and_padding(void **state)
{
    (void)state;
    uint8_t groups[60] = {0};
    uint8_t id[FORA_ID_SIZE];
    char text[FORA_BECH32_TEXT_MAX + 1];

    for (size_t count = 0; count < 60; count++) {
        fora_bech32m_encode(text, "fora", groups, count);
        assert_int_equal(fora_id_parse(id, "fora", text), count == 52 ? 0 : FORA_E_MALFORMED);
    }
    /* One bit of each of the last group's five: only the first belongs to the id. */
    for (unsigned bit = 0; bit < 5; bit++) {
        groups[51] = (uint8_t)(1u << bit);
        fora_bech32m_encode(text, "fora", groups, 52);
        assert_int_equal(fora_id_parse(id, "fora", text), bit == 4 ? 0 : FORA_E_MALFORMED);
    }
    assert_int_equal(id[31], 1);
}

static void test_overlong_text_is_refused(void **state)
{
    (void)state;
    char text[5000];
    uint8_t id[FORA_ID_SIZE];

    memset(text, 'q', sizeof(text));
    memcpy(text, "fora1", 5);
    text[sizeof(text) - 1] = 0;
    assert_int_equal(fora_id_parse(id, "fora", text), FORA_E_MALFORMED);
}

static void test_is_zero(void **state)
{
    (void)state;
    uint8_t id[FORA_ID_SIZE] = {0};

    assert_true(fora_id_is_zero(id));
    for (size_t i = 0; i < FORA_ID_SIZE; i++) {
        id[i] = 0x80;
        assert_false(fora_id_is_zero(id));
        id[i] = 0;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bip350_valid),
        cmocka_unit_test(test_bip350_invalid),
        cmocka_unit_test(test_obj_9_ids_round_trip_under_their_prefix_only),
        cmocka_unit_test(test_obj_9_upper_case_is_read_and_mixed_is_not),
        cmocka_unit_test(test_obj_9_any_one_changed_character_is_noticed),
        cmocka_unit_test(test_obj_9_wrong_length_and_padding),
        cmocka_unit_test(test_overlong_text_is_refused),
        cmocka_unit_test(test_is_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
