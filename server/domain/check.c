/* One asking. */
#include "domain/check.h"

#include <string.h>

static const char *const file_name = "domains";

int domain_load(const struct state *data, struct domain_cache *out, struct fora_client_why *why)
{
    struct fora_buf text;
    fora_buf_init(&text, DOMAIN_CACHE_FILE_MAX);
    *out = (struct domain_cache){.count = 0};
    int code = state_read(data, file_name, false, &text, why);
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
    code = code == 0 ? state_write(data, file_name, fora_buf_bytes(&text), why)
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

/* What an asking came to. */
struct answer {
    int code;
    struct fora_principal_id found;
    char clause[160];
};

static int ask_for(const struct domain_rules *rules, const char *name, struct answer *out,
    struct fora_client_why *why)
{
    struct domain_handle handle;
    bool is_handle = name[0] == '@' && domain_handle_parse(&handle, name);
    *out = (struct answer){.code = 0};
    if (!is_handle && !domain_valid(fora_bytes_str(name))) {
        return fora_client_fail(why, FORA_E_MALFORMED,
            "\"%.100s\" is neither a domain (example.com) nor a handle (@name@example.com).", name);
    }
    if (rules->stop == NULL || !atomic_load(rules->stop)) {
        out->code = ask(rules, name, is_handle ? &handle : NULL, &out->found, out->clause);
    }
    if (out->code == FORA_E_NOMEM) {
        return fora_client_fail(why, out->code, "There is not enough memory.");
    }
    if (rules->stop != NULL && atomic_load(rules->stop)) {
        return fora_client_fail(why, FORA_E_CLOSED, "It was stopped before an answer came.");
    }
    return 0;
}

static int remember(const struct state *data, struct domain_cache *cache, const char *name,
    uint64_t now, const struct answer *answer, struct fora_client_why *why)
{
    int code = domain_cache_put(cache, name, now, answer->code, &answer->found, answer->clause);
    return code == 0 ? save(data, cache, why)
                     : fora_client_fail(why, code, "There is not enough memory.");
}

int domain_check(const struct state *data, const struct domain_rules *rules,
    struct domain_cache *cache, const char *name, uint64_t now, struct fora_client_why *why)
{
    struct answer answer;
    int code = ask_for(rules, name, &answer, why);
    return code == 0 ? remember(data, cache, name, now, &answer, why) : code;
}

static int find_in(const struct domain_cache *cache, const char *name, struct domain_entry *out)
{
    const struct domain_entry *entry = domain_cache_find(cache, name);
    if (entry == NULL) {
        return FORA_E_NOTFOUND;
    }
    *out = *entry;
    return 0;
}

int domain_recall(pthread_mutex_t *file, const struct state *data, const char *name,
    struct domain_entry *out, struct fora_client_why *why)
{
    struct domain_cache cache;
    pthread_mutex_lock(file);
    int code = domain_load(data, &cache, why);
    pthread_mutex_unlock(file);
    if (code == 0) {
        code = find_in(&cache, name, out);
        domain_cache_fini(&cache);
    }
    return code;
}

int domain_check_shared(pthread_mutex_t *file, const struct state *data,
    const struct domain_rules *rules, const char *name, uint64_t now, struct domain_entry *out,
    struct fora_client_why *why)
{
    struct domain_cache cache;
    struct answer answer;
    int code = ask_for(rules, name, &answer, why);
    if (code != 0) {
        return code;
    }
    pthread_mutex_lock(file);
    code = domain_load(data, &cache, why);
    if (code == 0) {
        code = remember(data, &cache, name, now, &answer, why);
        code = code == 0 ? find_in(&cache, name, out) : code;
        domain_cache_fini(&cache);
    }
    pthread_mutex_unlock(file);
    return code;
}

bool domain_proven(const struct domain_cache *cache, const char *domain,
    const struct fora_principal_id *node, uint64_t now)
{
    const struct domain_entry *entry = domain_cache_find(cache, domain);
    return domain_entry_holds(entry, now) && memcmp(entry->found.b, node->b, sizeof node->b) == 0;
}
