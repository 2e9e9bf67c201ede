/*
 * Any bytes as a post's body. Held: the output stays below its limit and is printable, a failure
 * leaves nothing behind, and the second conversion gives the same.
 */
#include <stdlib.h>

#include "fora/utf8.h"
#include "import/html_markdown.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct html_limits limits = html_limits_default();
    struct fora_buf first = {0}, second = {0};
    int rc;

    limits.output_max = 64u << 10;
    html_markdown_init();
    rc = html_to_markdown(fora_bytes(data, size), &first, limits);
    if (rc != html_to_markdown(fora_bytes(data, size), &second, limits) ||
        !fora_bytes_equal(fora_buf_bytes(&first), fora_buf_bytes(&second)) ||
        (rc != 0 && first.size > 0) || first.size > limits.output_max ||
        !fora_utf8_printable(fora_buf_bytes(&first), true)) {
        abort();
    }
    fora_buf_fini(&first);
    fora_buf_fini(&second);
    return 0;
}
