/* From modules to half blocks: a module is as wide as a character, and half as high. */
#include "qr/qr.h"

size_t qr_columns(const struct qr_code *code)
{
    return code->side + 2 * (size_t)QR_QUIET;
}

size_t qr_lines(const struct qr_code *code)
{
    return (qr_columns(code) + 1) / 2;
}

/* Of the code with its quiet zone; what lies below that is light too. */
static bool is_dark(const struct qr_code *code, size_t row, size_t column)
{
    bool inside = row >= QR_QUIET && row < QR_QUIET + code->side && column >= QR_QUIET &&
                  column < QR_QUIET + code->side;
    return inside && code->dark[(row - QR_QUIET) * code->side + column - QR_QUIET];
}

void qr_draw(struct fora_buf *out, const struct qr_code *code)
{
    static const char *const halves[] = {" ", "▄", "▀", "█"};
    for (size_t line = 0; line < qr_lines(code); line++) {
        /* White, and bright white where there is one. */
        fora_buf_append_str(out, "\033[0;30;47;107m");
        for (size_t column = 0; column < qr_columns(code); column++) {
            unsigned upper = is_dark(code, 2 * line, column);
            unsigned lower = is_dark(code, 2 * line + 1, column);
            fora_buf_append_str(out, halves[2 * upper + lower]);
        }
        fora_buf_append_str(out, "\033[0m\n");
    }
}
