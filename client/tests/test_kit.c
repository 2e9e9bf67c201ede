/* The paper kit: every slip of the pen is found, and where. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "state/kit.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static void make(struct kit *kit, char lines[KIT_LINES][KIT_LINE_MAX])
{
    for (size_t i = 0; i < FORA_ID_SIZE; i++) {
        kit->member.b[i] = (uint8_t)(i * 7 + 1);
        kit->next_root[i] = (uint8_t)(255 - i * 3);
    }
    kit_write(lines, kit);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    struct kit kit, found;
    char lines[KIT_LINES][KIT_LINE_MAX];
    uint8_t bytes[KIT_LINES][KIT_LINE_BYTES];
    make(&kit, lines);
    for (unsigned i = 0; i < KIT_LINES; i++) {
        print_message("%s\n", lines[i]);
        assert_int_equal(kit_read_line(lines[i], bytes[i]), i + 1);
    }
    assert_true(kit_read((const uint8_t(*)[KIT_LINE_BYTES])bytes, &found));
    assert_memory_equal(&kit, &found, sizeof kit);
}

static void handwriting_is_forgiven(void **state)
{
    (void)state;
    struct kit kit;
    char lines[KIT_LINES][KIT_LINE_MAX];
    char typed[2 * KIT_LINE_MAX];
    uint8_t bytes[KIT_LINE_BYTES], again[KIT_LINE_BYTES];
    make(&kit, lines);
    for (unsigned i = 0; i < KIT_LINES; i++) {
        size_t at = 0;
        assert_int_equal(kit_read_line(lines[i], bytes), i + 1);
        for (const char *c = lines[i]; *c != '\0'; c++) {
            char small = (char)tolower((unsigned char)*c);
            typed[at++] = small == '0' ? 'o' : small == '1' ? 'l' : small == '-' ? ' ' : small;
            typed[at++] = ' ';
        }
        typed[at] = '\0';
        assert_int_equal(kit_read_line(typed, again), i + 1);
        assert_memory_equal(bytes, again, sizeof bytes);
    }
}

static void slips_are_found_in_their_line(void **state)
{
    (void)state;
    static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    struct kit kit;
    char lines[KIT_LINES][KIT_LINE_MAX];
    char typed[KIT_LINE_MAX];
    uint8_t bytes[KIT_LINE_BYTES];
    size_t tried = 0, missed = 0;
    make(&kit, lines);
    for (unsigned i = 0; i < KIT_LINES; i++) {
        for (size_t at = 0; lines[i][at] != '\0'; at++) {
            for (const char *c = alphabet; *c != '\0' && lines[i][at] != ' '; c++) {
                memcpy(typed, lines[i], sizeof typed);
                if (typed[at] == *c || typed[at] == '-') {
                    continue;
                }
                typed[at] = *c;
                tried++;
                missed += kit_read_line(typed, bytes) != 0;
            }
        }
        /* A character too few, one too many, two that changed places. */
        memcpy(typed, lines[i], sizeof typed);
        typed[strlen(typed) - 1] = '\0';
        assert_int_equal(kit_read_line(typed, bytes), 0);
        memcpy(typed, lines[i], sizeof typed);
        memcpy(typed + strlen(lines[i]), "A", 2);
        assert_int_equal(kit_read_line(typed, bytes), 0);
    }
    print_message("%zu slips, %zu not found by their line\n", tried, missed);
    assert_true(tried > 4000);
    assert_true(missed < tried / 200); /* ten bits of check: one in 1,024 */
}

static void lines_of_two_kits_do_not_mix(void **state)
{
    (void)state;
    struct kit kit, other, found;
    char lines[KIT_LINES][KIT_LINE_MAX];
    char others[KIT_LINES][KIT_LINE_MAX];
    uint8_t bytes[KIT_LINES][KIT_LINE_BYTES];
    make(&kit, lines);
    other = kit;
    other.next_root[3] ^= 1;
    kit_write(others, &other);
    for (unsigned mixed = 0; mixed < KIT_LINES; mixed++) {
        for (unsigned i = 0; i < KIT_LINES; i++) {
            assert_int_equal(kit_read_line(i == mixed ? others[i] : lines[i], bytes[i]), i + 1);
        }
        bool same = strcmp(lines[mixed], others[mixed]) == 0;
        assert_int_equal(kit_read((const uint8_t(*)[KIT_LINE_BYTES])bytes, &found), same);
    }
    assert_int_equal(kit_read_line("", bytes[0]), 0);
    assert_int_equal(kit_read_line("8  0000-0000-0000-0000  00", bytes[0]), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(handwriting_is_forgiven),
        cmocka_unit_test(slips_are_found_in_their_line),
        cmocka_unit_test(lines_of_two_kits_do_not_mix),
    };
    return fora_crypto_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
