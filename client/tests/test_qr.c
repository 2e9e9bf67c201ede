/* QR codes as drawn: read back from the half blocks, and held against what was to be drawn. What a
 * camera makes of it is seen by forad_identity_test, with another's reader. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "qr/qr.h"

static const char code_text[] = "forak1gvpg89amyh4rm6mkum9ns68evwvu0prvuun856sglxh5nyupmjeqxu4fxt";

static bool dark_at(const struct qr_code *code, size_t row, size_t column)
{
    return code->dark[row * code->side + column];
}

static struct qr_code make(const char *text)
{
    struct qr_code code;
    int error = qr_make(&code, text);
    if (error == FORA_E_UNSUPPORTED) {
        skip();
    }
    assert_int_equal(error, 0);
    return code;
}

/* The three squares by which readers find it, and the line of changes between two of them. */
static void it_has_the_marks_of_one(void **state)
{
    struct qr_code code = make(code_text);
    (void)state;
    assert_int_equal((code.side - 17) % 4, 0);
    const size_t far = code.side - 7;
    const size_t corners[3][2] = {{0, 0}, {0, far}, {far, 0}};
    for (size_t i = 0; i < 3; i++) {
        for (size_t row = 0; row < 7; row++) {
            for (size_t column = 0; column < 7; column++) {
                bool edge = row == 0 || row == 6 || column == 0 || column == 6;
                bool middle = row >= 2 && row <= 4 && column >= 2 && column <= 4;
                assert_int_equal(
                    dark_at(&code, corners[i][0] + row, corners[i][1] + column), edge || middle);
            }
        }
    }
    for (size_t i = 8; i < far - 1; i++) {
        assert_int_equal(dark_at(&code, 6, i), i % 2 == 0);
    }
}

/* Takes one line of a drawing apart into two rows of modules; where the line ends. */
static const char *read_line(const char *at, bool *upper, bool *lower, size_t columns)
{
    static const char begin[] = "\033[0;30;47;107m", end[] = "\033[0m\n";
    static const char *const halves[] = {" ", "▄", "▀", "█"};
    assert_memory_equal(at, begin, strlen(begin));
    at += strlen(begin);
    for (size_t column = 0; column < columns; column++) {
        size_t half = 0;
        while (half < 4 && strncmp(at, halves[half], strlen(halves[half])) != 0) {
            half++;
        }
        assert_true(half < 4);
        at += strlen(halves[half]);
        upper[column] = half >= 2;
        lower[column] = half % 2 == 1;
    }
    assert_memory_equal(at, end, strlen(end));
    return at + strlen(end);
}

static void what_is_drawn_is_the_code_in_its_quiet_zone(void **state)
{
    struct qr_code code = make(code_text);
    struct fora_buf out = {0};
    bool rows[2][QR_SIDE_MAX + 2 * QR_QUIET];
    size_t looked = 0, wide = qr_columns(&code);
    (void)state;
    assert_int_equal(wide, code.side + 2 * QR_QUIET);
    qr_draw(&out, &code);
    const char *at = fora_buf_cstr(&out);
    assert_non_null(at);
    for (size_t line = 0; line < qr_lines(&code); line++) {
        at = read_line(at, rows[0], rows[1], wide);
        for (size_t row = 2 * line; row < 2 * line + 2; row++) {
            for (size_t column = 0; column < wide; column++) {
                bool inside = row >= QR_QUIET && row < QR_QUIET + code.side && column >= QR_QUIET &&
                              column < QR_QUIET + code.side;
                bool wanted = inside && dark_at(&code, row - QR_QUIET, column - QR_QUIET);
                assert_int_equal(rows[row % 2][column], wanted);
                looked++;
            }
        }
    }
    assert_int_equal(*at, '\0');
    assert_int_equal(looked, 2 * qr_lines(&code) * wide);
    fora_buf_fini(&out);
}

static void a_text_that_is_too_long_is_not_drawn(void **state)
{
    struct qr_code code = make(code_text);
    char text[4000];
    (void)state;
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(qr_make(&code, text), FORA_E_TOO_LARGE); /* no code holds that */
    text[400] = '\0';
    assert_int_equal(qr_make(&code, text), FORA_E_TOO_LARGE); /* none that fits a terminal */
    text[271] = '\0';
    assert_int_equal(qr_make(&code, text), 0);
    assert_int_equal(code.side, QR_SIDE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_has_the_marks_of_one),
        cmocka_unit_test(what_is_drawn_is_the_code_in_its_quiet_zone),
        cmocka_unit_test(a_text_that_is_too_long_is_not_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
