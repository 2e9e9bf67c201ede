/* The first byte is a kind, the rest a content. What is taken encodes, within the limits, to
 * something that is taken again and encodes to the same bytes. */
#include "fora/content.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fora_arena arena;
    struct fora_content content, again;
    struct fora_buf first = {0}, second = {0};
    int code;

    if (size == 0)
        return 0;
    fora_arena_init(&arena, FORA_CONTENT_ARENA);
    code = fora_content_decode(&arena, data[0], fora_bytes(data + 1, size - 1), &content);
    if (arena.used > FORA_CONTENT_ARENA || code == FORA_E_NOMEM || code == FORA_E_INTERNAL)
        abort();
    if (code == 0 && fora_content_salt(&content) != NULL) {
        if (fora_content_encode(&first, &content) != 0)
            abort();
        fora_arena_fini(&arena);
        if (fora_content_decode(&arena, data[0], fora_buf_bytes(&first), &again) != 0 ||
            fora_content_encode(&second, &again) != 0 ||
            !fora_bytes_equal(fora_buf_bytes(&first), fora_buf_bytes(&second)))
            abort();
    }
    fora_buf_fini(&first);
    fora_buf_fini(&second);
    fora_arena_fini(&arena);
    return 0;
}
