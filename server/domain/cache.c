/* A list that is searched from end to end: it is short, and asked a few times a minute. */
#include "domain/cache.h"

#include "json/js.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DOUBLINGS_MAX = 5 };

void domain_cache_fini(struct domain_cache *cache)
{
    free(cache->entries);
    *cache = (struct domain_cache){.count = 0};
}

static struct domain_entry *find(const struct domain_cache *cache, const char *name)
{
    for (size_t i = 0; i < cache->count; i++) {
        if (strcmp(cache->entries[i].name, name) == 0) {
            return &cache->entries[i];
        }
    }
    return NULL;
}

const struct domain_entry *domain_cache_find(const struct domain_cache *cache, const char *name)
{
    return find(cache, name);
}

/* Members have as many handles asked for as they like; the domains of nodes do not go for them. */
static bool goes_before(const struct domain_entry *a, const struct domain_entry *b)
{
    bool a_handle = a->name[0] == '@', b_handle = b->name[0] == '@';
    return a_handle != b_handle ? a_handle : a->checked_at < b->checked_at;
}

static struct domain_entry *oldest(struct domain_cache *cache)
{
    struct domain_entry *found = &cache->entries[0];
    for (size_t i = 1; i < cache->count; i++) {
        found = goes_before(&cache->entries[i], found) ? &cache->entries[i] : found;
    }
    return found;
}

static struct domain_entry *make(struct domain_cache *cache, const char *name)
{
    struct domain_entry *entry;
    if (cache->count == DOMAIN_CACHE_MAX) {
        entry = oldest(cache);
    } else {
        if (cache->count == cache->room) {
            size_t room = cache->room == 0 ? 16 : cache->room * 2;
            struct domain_entry *grown = realloc(cache->entries, room * sizeof *grown);
            if (grown == NULL) {
                return NULL;
            }
            cache->entries = grown;
            cache->room = room;
        }
        entry = &cache->entries[cache->count++];
    }
    *entry = (struct domain_entry){.failures = 0};
    (void)snprintf(entry->name, sizeof entry->name, "%s", name);
    return entry;
}

/* What says that the domain names nobody, unlike what says that it could not be asked. */
static bool is_final(int code)
{
    return code == FORA_E_NOTFOUND || code == FORA_E_CONFLICT;
}

int domain_cache_put(struct domain_cache *cache, const char *name, uint64_t now, int code,
    const struct fora_principal_id *found, const char *why)
{
    struct domain_entry *entry = find(cache, name);
    entry = entry == NULL ? make(cache, name) : entry;
    if (entry == NULL) {
        return FORA_E_NOMEM;
    }
    entry->checked_at = now;
    if (code == 0) {
        entry->found = *found;
        entry->found_at = now;
        entry->failures = 0;
        entry->why[0] = '\0';
        return 0;
    }
    if (is_final(code)) {
        entry->found = (struct fora_principal_id){{0}};
    }
    entry->failures += entry->failures < UINT32_MAX;
    (void)snprintf(entry->why, sizeof entry->why, "%s", why);
    return 0;
}

bool domain_entry_holds(const struct domain_entry *entry, uint64_t now)
{
    return entry != NULL && !fora_id_is_zero(entry->found.b) && entry->found_at <= now &&
           now - entry->found_at < DOMAIN_HOLDS_MS;
}

uint64_t domain_entry_due(const struct domain_entry *entry)
{
    uint32_t doublings = entry->failures == 0 ? DOUBLINGS_MAX : entry->failures - 1;
    uint64_t wait = DOMAIN_HOUR_MS << (doublings > DOUBLINGS_MAX ? DOUBLINGS_MAX : doublings);
    return entry->checked_at + (wait > DOMAIN_AGAIN_MS ? DOMAIN_AGAIN_MS : wait);
}

/* ---- the file ---- */

static const char *prefix_of(const char *name)
{
    return name[0] == '@' ? FORA_HRP_MEMBER : FORA_HRP_NODE;
}

static uint64_t read_count(const struct js_node *entry, const char *key)
{
    int64_t value = js_get_number(js_member(entry, key));
    return value > 0 ? (uint64_t)value : 0;
}

static bool read_text(char *out, size_t room, const struct js_node *entry, const char *key)
{
    const char *text = js_get_string(js_member(entry, key));
    size_t size = text == NULL ? room : strlen(text);
    if (size >= room) {
        return false;
    }
    memcpy(out, text, size + 1);
    return true;
}

static bool name_is(const char *name)
{
    struct domain_handle ignored;
    return name[0] == '@' ? domain_handle_parse(&ignored, name)
                          : domain_valid(fora_bytes_str(name));
}

static int read_entry(struct domain_cache *out, const struct js_node *node)
{
    struct domain_entry read = {.failures = 0};
    const struct js_node *found = js_member(node, "found");
    if (!read_text(read.name, sizeof read.name, node, "name") || !name_is(read.name) ||
        !read_text(read.why, sizeof read.why, node, "why") ||
        (js_get_string(found) != NULL &&
            js_get_id(found, prefix_of(read.name), read.found.b) != 0)) {
        return FORA_E_CORRUPT;
    }
    uint64_t failures = read_count(node, "failures");
    read.found_at = read_count(node, "found_at");
    read.checked_at = read_count(node, "checked_at");
    read.failures = failures > UINT32_MAX ? UINT32_MAX : (uint32_t)failures;
    struct domain_entry *entry = find(out, read.name) == NULL ? make(out, read.name) : NULL;
    if (entry == NULL) {
        return find(out, read.name) == NULL ? FORA_E_NOMEM : FORA_E_CORRUPT;
    }
    *entry = read;
    return 0;
}

int domain_cache_read(struct domain_cache *out, struct fora_bytes text)
{
    char where[160];
    struct js_document *document;
    *out = (struct domain_cache){.count = 0};
    if (js_parse(&document, text, where) != 0) {
        return FORA_E_CORRUPT;
    }
    const struct js_node *list = js_member(js_root(document), "domains");
    size_t count = js_items(list);
    int code = count > DOMAIN_CACHE_MAX ? FORA_E_CORRUPT : 0;
    for (size_t i = 0; code == 0 && i < count; i++) {
        code = read_entry(out, js_item(list, i));
    }
    js_free(document);
    if (code != 0) {
        domain_cache_fini(out);
    }
    return code;
}

int domain_cache_write(struct fora_buf *out, const struct domain_cache *cache)
{
    struct js_writer w;
    js_init_object(&w);
    js_array(&w, "domains");
    for (size_t i = 0; i < cache->count; i++) {
        const struct domain_entry *entry = &cache->entries[i];
        js_object(&w, NULL);
        js_string(&w, "name", entry->name);
        js_id(&w, "found", prefix_of(entry->name), entry->found.b);
        js_count(&w, "found_at", entry->found_at);
        js_count(&w, "checked_at", entry->checked_at);
        js_count(&w, "failures", entry->failures);
        js_string(&w, "why", entry->why);
        js_end(&w);
    }
    js_end(&w);
    int code = js_write(out, &w, JS_PRETTY, true);
    js_fini(&w);
    return code;
}
