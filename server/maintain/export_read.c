/* Lines back to objects. A line may come from anywhere: only what its signature says counts. */
#include "maintain/base64.h"
#include "maintain/export.h"

#include "json/js.h"

#include <string.h>

static int read_object(const struct js_node *root, struct fora_buf *bytes, struct fora_object *out)
{
    struct fora_object_id id;
    struct fora_bytes text = js_get_text(js_member(root, "object"));
    if (text.size == 0) {
        return FORA_E_MALFORMED;
    }
    int rc = base64_read(bytes, text);
    if (rc == 0) {
        rc = fora_object_decode(out, fora_buf_bytes(bytes));
    }
    if (rc == 0) {
        rc = js_get_id(js_member(root, "id"), FORA_HRP_OBJECT, id.b);
    }
    if (rc == 0 && memcmp(id.b, out->id.b, sizeof id.b) != 0) {
        rc = FORA_E_MALFORMED;
    }
    return rc == 0 ? fora_object_verify(out) : rc;
}

int export_read(struct fora_bytes line, struct fora_buf *bytes, struct fora_object *out)
{
    struct js_document *document;
    char where[160];
    fora_buf_clear(bytes);
    if (line.size > EXPORT_LINE_MAX) {
        return FORA_E_TOO_LARGE;
    }
    int rc = js_parse(&document, line, where);
    if (rc == 0) {
        rc = read_object(js_root(document), bytes, out);
        js_free(document);
    }
    return rc;
}
