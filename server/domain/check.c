/* One asking. */
#include "domain/check.h"

#include <string.h>

static const char *const file = "domains";

int domain_load(const struct state *data, struct domain_cache *out, struct fora_client_why *why)
{
    struct fora_buf text;
    fora_buf_init(&text, DOMAIN_CACHE_FILE_MAX);
    *out = (struct domain_cache){.count = 0};
    int code = state_read(data, file, false, &text, why);
    if (code == 0) {
        code = domain_cache_read(out, fora_buf_bytes(&text));
    }
    fora_buf_fini(&text);
    return code == FORA_E_NOTFOUND || code == FORA_E_CORRUPT || code == FORA_E_TOO_LARGE ? 0 : code;
}

static int save(
    const struct state *data, const struct domain_cache *cache, struct fora_client_why *why)
{
    struct fora_buf text;
    fora_buf_init(&text, DOMAIN_CACHE_FILE_MAX);
    int code = domain_cache_write(&text, cache);
    code = code == 0 ? state_write(data, file, fora_buf_bytes(&text), why)
                     : fora_client_fail(why, code, "There is not enough memory.");
    fora_buf_fini(&text);
    return code;
}

/* What the domain's server says; `why` when the code is not 0. */
static int ask(const struct domain_rules *rules, const char *name,
    const struct domain_handle *handle, struct fora_principal_id *found, char why[160])
{
    char path[DOMAIN_PATH_MAX] = DOMAIN_DOCUMENT_PATH;
    struct domain_document document;
    struct fora_buf body;
    fora_buf_init(&body, DOMAIN_DOCUMENT_MAX + 1);
    if (handle != NULL) {
        domain_handle_path(path, handle);
    }
    int code = domain_fetch(rules, handle == NULL ? name : handle->domain, path, &body, why);
    if (code == 0 && handle != NULL) {
        code = domain_webfinger_read(found, handle, fora_buf_bytes(&body), why);
    } else if (code == 0) {
        code = domain_document_read(&document, fora_buf_bytes(&body), why);
        *found = document.node;
    }
    fora_buf_fini(&body);
    return code;
}

int domain_check(const struct state *data, const struct domain_rules *rules,
    struct domain_cache *cache, const char *name, uint64_t now, struct fora_client_why *why)
{
    struct domain_handle handle;
    struct fora_principal_id found = {{0}};
    char clause[160] = "";
    bool is_handle = name[0] == '@' && domain_handle_parse(&handle, name);
    if (!is_handle && !domain_valid(fora_bytes_str(name))) {
        return fora_client_fail(why, FORA_E_MALFORMED,
            "\"%.100s\" is neither a domain (example.com) nor a handle (@name@example.com).", name);
    }
    int code = ask(rules, name, is_handle ? &handle : NULL, &found, clause);
    if (code == FORA_E_NOMEM) {
        return fora_client_fail(why, code, "There is not enough memory.");
    }
    if (rules->stop != NULL && atomic_load(rules->stop)) {
        return fora_client_fail(why, FORA_E_CLOSED, "It was stopped before an answer came.");
    }
    code = domain_cache_put(cache, name, now, code, &found, clause);
    return code == 0 ? save(data, cache, why)
                     : fora_client_fail(why, code, "There is not enough memory.");
}

bool domain_proven(const struct domain_cache *cache, const char *domain,
    const struct fora_principal_id *node, uint64_t now)
{
    const struct domain_entry *entry = domain_cache_find(cache, domain);
    return domain_entry_holds(entry, now) && memcmp(entry->found.b, node->b, sizeof node->b) == 0;
}
