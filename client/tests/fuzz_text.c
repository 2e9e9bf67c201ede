/* Any bytes as foreign text: what is shown never acts on a terminal, and lines fit as promised. */
#include "text/text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be_clean(const struct fora_buf *out, bool multiline)
{
    if (out->error != 0) {
        abort();
    }
    for (size_t at = 0; at < out->size;) {
        uint32_t code;
        size_t length = text_next(fora_buf_bytes(out), at, &code);
        if (code < 0x20 ? !multiline || code != '\n' : code >= 0x7f && code < 0xa0) {
            abort();
        }
        if (length == 1 && code == 0xfffd) {
            abort(); /* not UTF-8 */
        }
        at += length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct text_style style = {.color = false, .width = 30};
    struct fora_buf out = {0};
    struct fora_buf line = {0};
    text_clean(&out, fora_bytes(data, size), true);
    must_be_clean(&out, true);
    fora_buf_clear(&out);
    text_clean(&line, fora_bytes(data, size), false);
    must_be_clean(&line, false);
    text_fit(&out, fora_buf_bytes(&line), 17, TEXT_LEFT);
    if (text_width(fora_buf_bytes(&out)) != 17) {
        abort();
    }
    fora_buf_clear(&out);
    text_markdown(&out, &style, fora_bytes(data, size), 3);
    must_be_clean(&out, true);
    if (out.size > 64 * size + 64) {
        abort(); /* a small text must not fill the screen */
    }
    fora_buf_fini(&line);
    fora_buf_fini(&out);
    return 0;
}
