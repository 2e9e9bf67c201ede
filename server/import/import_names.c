/* Names of authors, objects and licences. */
#include "import/import_names.h"

#include "import/import_clean.h"

#include <stdio.h>
#include <string.h>

struct fora_bytes author_bytes(const struct author_key *key)
{
    return fora_bytes(key->b, key->size);
}

bool author_equal(const struct author_key *a, const struct author_key *b)
{
    return a->size == b->size && memcmp(a->b, b->b, a->size) == 0;
}

void author_of_id(struct author_key *out, int64_t id)
{
    uint64_t ordered = (uint64_t)id ^ (UINT64_C(1) << 63); /* so that -1 sorts before 1 */
    out->b[0] = 'u';
    for (int i = 0; i < 8; i++) {
        out->b[1 + i] = (uint8_t)(ordered >> (56 - 8 * i));
    }
    out->size = 9;
}

void author_of(struct author_key *out, const struct sedump_row *row, const char *id_attribute,
    const char *name_attribute)
{
    int64_t id;
    struct fora_bytes name;
    struct fora_buf clean = {.data = out->b + 1, .room = AUTHOR_NAME_MAX, .cap = AUTHOR_NAME_MAX};
    if (sedump_i64(row, id_attribute, &id) == 0) {
        author_of_id(out, id);
        return;
    }
    out->b[0] = 'a';
    out->size = 1;
    if (sedump_text(row, name_attribute, &name) != 0) {
        return;
    }
    uint8_t text[2 * AUTHOR_NAME_MAX + 8];
    struct fora_buf line = {.data = text, .room = sizeof text, .cap = sizeof text};
    (void)clean_line(&line, name, AUTHOR_NAME_MAX);
    if (line.error == 0 && line.size > 0) {
        fora_buf_append(&clean, line.data, line.size);
        out->b[0] = 'n';
        out->size = 1 + clean.size;
    }
}

bool author_id(const struct author_key *key, int64_t *id)
{
    uint64_t ordered = 0;
    if (key->size != 9 || key->b[0] != 'u') {
        return false;
    }
    for (int i = 0; i < 8; i++) {
        ordered = ordered << 8 | key->b[1 + i];
    }
    *id = (int64_t)(ordered ^ (UINT64_C(1) << 63));
    return true;
}

void author_name(struct fora_buf *out, const struct author_key *key)
{
    int64_t id;
    if (key->size > 1 && key->b[0] == 'n') {
        fora_buf_append(out, key->b + 1, key->size - 1);
    } else if (author_id(key, &id)) {
        fora_buf_printf(out, "user%lld", (long long)id);
    } else {
        fora_buf_append_str(out, "anonymous");
    }
}

void source_of_author(struct source_id *out, const char *site, const struct author_key *key)
{
    int64_t id;
    if (author_id(key, &id)) {
        source_of(out, site, "user", id, NULL);
    } else if (key->b[0] == 'n') {
        (void)snprintf(out->text, sizeof out->text, "stackexchange:%s:name:%.*s", site,
            (int)(key->size - 1), (const char *)key->b + 1);
    } else {
        (void)snprintf(out->text, sizeof out->text, "stackexchange:%s:anonymous", site);
    }
}

void source_of(
    struct source_id *out, const char *site, const char *what, int64_t id, const char *part)
{
    (void)snprintf(out->text, sizeof out->text, "stackexchange:%s:%s:%lld%s%s", site, what,
        (long long)id, part != NULL ? ":" : "", part != NULL ? part : "");
}

void source_url(struct source_url *out, const char *site, const char *path, int64_t id)
{
    (void)snprintf(out->text, sizeof out->text, "https://%s/%s/%lld", site, path, (long long)id);
}

struct fora_bytes licence_of(struct fora_bytes said, uint64_t date)
{
    static const uint64_t from_3 = UINT64_C(1302220800000); /* 2011-04-08 */
    static const uint64_t from_4 = UINT64_C(1525219200000); /* 2018-05-02 */
    bool sound = said.size > 0 && said.size <= 100;
    for (size_t i = 0; sound && i < said.size; i++) {
        sound = said.data[i] >= ' ' && said.data[i] < 0x7f;
    }
    if (sound) {
        return said;
    }
    return fora_bytes_str(date < from_3   ? "CC BY-SA 2.5"
                          : date < from_4 ? "CC BY-SA 3.0"
                                          : "CC BY-SA 4.0");
}

const char *close_reason(struct fora_bytes comment)
{
    static const struct {
        const char *number;
        const char *text;
    } reasons[] = {{"1", "exact duplicate"}, {"2", "off-topic"}, {"3", "subjective"},
        {"4", "not a real question"}, {"7", "too localized"}, {"10", "general reference"},
        {"20", "noise or pointless"}, {"101", "duplicate"}, {"102", "off-topic"},
        {"103", "unclear what is asked"}, {"104", "too broad"}, {"105", "primarily opinion-based"}};
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (fora_bytes_equal(comment, fora_bytes_str(reasons[i].number))) {
            return reasons[i].text;
        }
    }
    return "closed";
}
