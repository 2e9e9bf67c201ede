/* Any bytes as an object. What is taken must keep its promises: slices inside the input, one
 * encoding of the envelope, a strip that decodes to the same id; and the header alone is judged as
 * the whole is. */
#include "fora/object.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool inside(struct fora_bytes part, const uint8_t *data, size_t size)
{
    return part.size == 0 || (part.data >= data && part.data + part.size <= data + size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fora_object object, stripped;
    struct fora_header header;
    struct fora_buf out = {0};
    struct fora_hash slot, other_slot;
    int code;

    if (fora_crypto_init() != 0)
        return 0;
    code = fora_object_decode(&object, fora_bytes(data, size));
    if (fora_object_decode_header(&header, fora_bytes(data, size)) != code)
        abort();
    if (code != 0)
        return 0;
    if (!inside(object.header_bytes, data, size) || !inside(object.content_bytes, data, size) ||
        !inside(object.header.lane, data, size))
        abort();
    if (fora_object_strip(&out, &object) != 0 ||
        fora_object_decode(&stripped, fora_buf_bytes(&out)) != 0 || stripped.has_content ||
        fora_object_order(1, &object.id, 1, &stripped.id) != 0)
        abort();
    fora_object_slot(&slot, &object.header);
    fora_object_slot(&other_slot, &header);
    if (memcmp(slot.b, other_slot.b, sizeof(slot.b)) != 0 || header.kind != object.header.kind ||
        memcmp(header.root.b, object.header.root.b, sizeof(header.root.b)) != 0)
        abort();
    if (fora_object_verify(&object) == 0 && object.has_content &&
        object.content_bytes.size != object.header.content_size)
        abort();
    fora_buf_fini(&out);
    return 0;
}
