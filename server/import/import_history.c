/* Folding the history of a post. */
#include "import/import_history.h"

#include <stdlib.h>
#include <string.h>

enum { HISTORY_FIRST = 1, HISTORY_EDIT = 4, HISTORY_ROLLBACK = 7, HISTORY_AFTER = 10 };

static bool is_text_row(const struct unit_row *row, struct history_row *out)
{
    return row->key.class == ROW_HISTORY && history_row_parse(row->value, out) &&
           out->type >= HISTORY_FIRST && out->type < HISTORY_AFTER;
}

static enum history_field field_of(uint8_t type)
{
    return (enum history_field)((type - HISTORY_FIRST) % FIELD_COUNT);
}

/* Is the row part of the revision? Without a GUID what one person did at one moment is one. */
static bool belongs(const struct history_revision *revision, const struct row_key *key,
    const struct history_row *row)
{
    if (row->guid.size > 0 && fora_bytes_equal(row->guid, revision->guid)) {
        return true;
    }
    return key->date == revision->date && author_equal(&row->author, &revision->author);
}

static struct history_revision *revision_of(
    struct history *history, const struct row_key *key, const struct history_row *row)
{
    if (history->count > 0 && belongs(&history->revisions[history->count - 1], key, row)) {
        return &history->revisions[history->count - 1];
    }
    struct history_revision *revision = &history->revisions[history->count++];
    *revision = (struct history_revision){.date = key->date,
        .id = key->id,
        .author = row->author,
        .guid = row->guid,
        .comment = row->comment,
        .licence = row->licence};
    return revision;
}

static void take_first(struct history *history, enum history_field field, struct history_row *row)
{
    if (history->has_first[field] || history->has_last[field]) {
        return; /* of another post that was merged into this one */
    }
    history->has_first[field] = true;
    history->first[field] = row->text;
    history->has_last[field] = true;
    history->last[field] = row->text;
    if (field == FIELD_TEXT) {
        history->licence = row->licence;
    }
}

int history_fold(struct history *out, const struct unit_row *rows, size_t count)
{
    memset(out, 0, sizeof *out);
    out->revisions = calloc(count + 1, sizeof *out->revisions);
    if (out->revisions == NULL) {
        return FORA_E_NOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        struct history_row row;
        if (!is_text_row(&rows[i], &row)) {
            continue;
        }
        enum history_field field = field_of(row.type);
        out->last_at = rows[i].key.date > out->last_at ? rows[i].key.date : out->last_at;
        if (row.type < HISTORY_EDIT) {
            take_first(out, field, &row);
            continue;
        }
        struct history_revision *revision = revision_of(out, &rows[i].key, &row);
        revision->has[field] = true;
        revision->field[field] = row.text;
        out->has_last[field] = true;
        out->last[field] = row.text;
    }
    return 0;
}

void history_fini(struct history *history)
{
    free(history->revisions);
    memset(history, 0, sizeof *history);
}

/* ---- comparing ---- */

static bool counts(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0x80;
}

static bool tag_is(struct fora_bytes html, size_t at, const char *name)
{
    size_t size = strlen(name);
    return html.size - at > size && memcmp(html.data + at, name, size) == 0 &&
           !counts(html.data[at + size]);
}

/* After the '>' of the tag that begins at `at`, or the end. */
static size_t after_tag(struct fora_bytes html, size_t at)
{
    const uint8_t *end = memchr(html.data + at, '>', html.size - at);
    return end == NULL ? html.size : (size_t)(end - html.data) + 1;
}

/* After the entity at `at`: what it stands for is not looked at. */
static size_t after_entity(struct fora_bytes html, size_t at)
{
    enum { ENTITY_MAX = 32 };
    size_t most = html.size - at < ENTITY_MAX ? html.size - at : ENTITY_MAX;
    const uint8_t *end = memchr(html.data + at, ';', most);
    return end == NULL ? at + 1 : (size_t)(end - html.data) + 1;
}

bool history_shows(struct fora_bytes markdown, struct fora_bytes html)
{
    size_t in = 0;
    bool link = false;
    for (size_t at = 0; at < html.size;) {
        uint8_t c = html.data[at];
        if (c == '<') {
            link = tag_is(html, at, "<a") || (link && !tag_is(html, at, "</a"));
            at = after_tag(html, at);
            continue;
        }
        if (c == '&') {
            at = after_entity(html, at);
            continue;
        }
        at++;
        if (link || !counts(c)) {
            continue;
        }
        const uint8_t *found =
            in < markdown.size ? memchr(markdown.data + in, c, markdown.size - in) : NULL;
        if (found == NULL) {
            return false;
        }
        in = (size_t)(found - markdown.data) + 1;
    }
    return true;
}
