/* Any bytes as a frame. What is taken encodes, and decodes to a frame that encodes to the same
 * bytes. */
#include "fora/message.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fora_message message, again;
    struct fora_arena arena, other;
    struct fora_buf first = {0}, second = {0};
    int code;

    fora_arena_init(&arena, FORA_MESSAGE_ARENA);
    fora_arena_init(&other, FORA_MESSAGE_ARENA);
    code = fora_message_decode(&arena, fora_bytes(data, size), &message);
    if (arena.used > FORA_MESSAGE_ARENA || code == FORA_E_INTERNAL)
        abort();
    if (code == 0 && message.type != FORA_MSG_NONE) {
        if (fora_message_encode(&first, &message) != 0 ||
            fora_message_decode(&other, fora_bytes(first.data + 4, first.size - 4), &again) != 0 ||
            fora_message_encode(&second, &again) != 0 ||
            !fora_bytes_equal(fora_buf_bytes(&first), fora_buf_bytes(&second)))
            abort();
    }
    fora_buf_fini(&first);
    fora_buf_fini(&second);
    fora_arena_fini(&arena);
    fora_arena_fini(&other);
    return 0;
}
