/* The table of the header (spec/02-objects.md). The Object around it has rules of its own: see
 * fora_object_decode. */
#include "wire/tables.h"

#include "fora/object.h"

static const struct wire_field fora_header_fields[] = {
    WIRE_U32(1, fora_header, version, WIRE_REQUIRED),
    WIRE_U32(2, fora_header, kind, WIRE_REQUIRED),
    WIRE_ID(3, fora_header, author, 0),
    WIRE_ID(4, fora_header, key, WIRE_REQUIRED),
    WIRE_U64(5, fora_header, created_at, WIRE_REQUIRED),
    WIRE_ID(6, fora_header, space, 0),
    WIRE_ID(7, fora_header, root, 0),
    WIRE_ID(8, fora_header, parent, 0),
    WIRE_U32(9, fora_header, audience, 0),
    WIRE_ID(10, fora_header, content_hash, WIRE_REQUIRED),
    WIRE_U32(11, fora_header, content_size, WIRE_REQUIRED),
    WIRE_BYTES(12, fora_header, lane, FORA_LANE_MAX, 0),
};
const struct wire_table fora_header_table = WIRE_TABLE("Header", fora_header);
