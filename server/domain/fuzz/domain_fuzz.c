/* Both documents, a handle and the cache's file from any bytes: what reads writes and reads alike.
 */
#include "domain/cache.h"
#include "domain/document.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void read_cache(struct fora_bytes text)
{
    struct domain_cache cache, again;
    struct fora_buf out = {0};
    if (domain_cache_read(&cache, text) == 0) {
        must(cache.count <= DOMAIN_CACHE_MAX);
        int code = domain_cache_write(&out, &cache);
        must(code == 0 || code == FORA_E_NOMEM);
        if (code == 0) {
            must(domain_cache_read(&again, fora_buf_bytes(&out)) == 0);
            must(again.count == cache.count);
            domain_cache_fini(&again);
        }
        domain_cache_fini(&cache);
    }
    fora_buf_fini(&out);
}

static void read_document(struct fora_bytes text)
{
    struct domain_document document, again;
    struct fora_buf out = {0};
    char why[160];
    if (domain_document_read(&document, text, why) == 0) {
        must(document.addresses_count <= DOMAIN_ADDRESSES_MAX);
        if (domain_document_write(&out, &document) == 0 && out.size <= DOMAIN_DOCUMENT_MAX) {
            must(domain_document_read(&again, fora_buf_bytes(&out), why) == 0);
            must(memcmp(&again.node, &document.node, sizeof again.node) == 0);
        }
    }
    fora_buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fora_bytes text = fora_bytes(data, size);
    struct domain_handle handle;
    struct fora_principal_id member;
    char why[160];
    char *name = malloc(size + 1);
    if (name == NULL) {
        return 0;
    }
    memcpy(name, size == 0 ? (const uint8_t *)"" : data, size);
    name[size] = '\0';
    if (domain_handle_parse(&handle, name)) {
        must(domain_valid(fora_bytes_str(handle.domain)));
    }
    free(name);
    must(domain_handle_parse(&handle, "@ann@example.com"));
    if (domain_webfinger_read(&member, &handle, text, why) == 0) {
        must(!fora_id_is_zero(member.b));
    }
    read_document(text);
    read_cache(text);
    return 0;
}
