#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fora/error.h"

#include <limits.h>
#include <string.h>

static const int codes[] = {
#define CODE(name, number, text) FORA_E_##name,
    FORA_ERRORS(CODE)
#undef CODE
};

enum { CODES = sizeof(codes) / sizeof(codes[0]), WIRE_FIRST = 20 };

static void test_err_2_numbers_are_unique_and_negative(void **state)
{
    (void)state;
    assert_true(CODES > 40);
    for (size_t i = 0; i < CODES; i++) {
        assert_true(codes[i] < 0);
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(codes[i], codes[j]);
    }
}

static void test_every_code_has_its_own_name_and_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < CODES; i++) {
        assert_string_not_equal(fora_error_name(codes[i]), "UNKNOWN");
        assert_string_not_equal(fora_error_text(codes[i]), "unknown error");
        assert_true(strlen(fora_error_text(codes[i])) > 5);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(fora_error_name(codes[i]), fora_error_name(codes[j]));
            assert_string_not_equal(fora_error_text(codes[i]), fora_error_text(codes[j]));
        }
    }
    assert_string_equal(fora_error_name(FORA_E_TOO_LARGE), "TOO_LARGE");
}

static void test_codes_without_a_row(void **state)
{
    (void)state;
    static const int strangers[] = {1, 20, -13, -1000, INT_MAX, INT_MIN};

    for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
        assert_string_equal(fora_error_text(strangers[i]), "unknown error");
        assert_string_equal(fora_error_name(strangers[i]), "UNKNOWN");
        assert_int_equal(fora_error_to_wire(strangers[i]), -FORA_E_REFUSED);
    }
    assert_string_equal(fora_error_text(0), "no error");
    assert_string_equal(fora_error_name(0), "OK");
}

static void test_err_2_wire_round_trip(void **state)
{
    (void)state;
    unsigned travelling = 0;

    for (size_t i = 0; i < CODES; i++) {
        unsigned number = fora_error_to_wire(codes[i]);

        if (-codes[i] >= WIRE_FIRST) {
            assert_int_equal(number, -codes[i]);
            assert_int_equal(fora_error_from_wire(number), codes[i]);
            travelling++;
        } else {
            assert_int_equal(number, -FORA_E_REFUSED);
            /* A peer that sends a local number gets no say over local errors. */
            assert_int_equal(fora_error_from_wire((unsigned)-codes[i]), FORA_E_REFUSED);
        }
    }
    assert_true(travelling > 30);
    assert_int_equal(fora_error_to_wire(0), 0);
    assert_int_equal(fora_error_from_wire(0), 0);
    assert_int_equal(fora_error_from_wire(19), FORA_E_REFUSED);
    assert_int_equal(fora_error_from_wire(999), FORA_E_REFUSED);
    assert_int_equal(fora_error_from_wire(UINT_MAX), FORA_E_REFUSED);
    assert_int_equal(fora_error_from_wire((unsigned)INT_MAX + 1), FORA_E_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_err_2_numbers_are_unique_and_negative),
        cmocka_unit_test(test_every_code_has_its_own_name_and_sentence),
        cmocka_unit_test(test_codes_without_a_row),
        cmocka_unit_test(test_err_2_wire_round_trip),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
