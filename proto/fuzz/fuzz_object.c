/* Any bytes as an object. What is taken must keep its promises: slices inside the input, one
 * encoding of the envelope, a strip that decodes to the same id. */
#include "fora/object.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool inside(struct fora_bytes part, const uint8_t *data, size_t size)
{
    return part.size == 0 || (part.data >= data && part.data + part.size <= data + size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fora_object object, stripped;
    struct fora_buf out = {0};
    struct fora_hash slot;

    if (fora_crypto_init() != 0 || fora_object_decode(&object, fora_bytes(data, size)) != 0)
        return 0;
    if (!inside(object.header_bytes, data, size) || !inside(object.content_bytes, data, size) ||
        !inside(object.header.lane, data, size))
        abort();
    if (fora_object_strip(&out, &object) != 0 ||
        fora_object_decode(&stripped, fora_buf_bytes(&out)) != 0 || stripped.has_content ||
        fora_object_order(1, &object.id, 1, &stripped.id) != 0)
        abort();
    fora_object_slot(&slot, &object.header);
    if (fora_object_verify(&object) == 0 && object.has_content &&
        object.content_bytes.size != object.header.content_size)
        abort();
    fora_buf_fini(&out);
    return 0;
}
