/* Units, the worker's cache of authors, and signing. */
#include "import/import_make.h"

#include "core/custody.h"
#include "core/make.h"
#include "import/html_markdown.h"
#include "import/import_clean.h"

#include <stdlib.h>
#include <string.h>

struct unit_object {
    size_t at;
    size_t size;
    size_t source_at;
    size_t source_size;
};

struct import_unit *unit_new(void)
{
    return calloc(1, sizeof(struct import_unit));
}

void unit_free(struct import_unit *unit)
{
    if (unit != NULL) {
        fora_buf_fini(&unit->rows);
        fora_buf_fini(&unit->bytes);
        fora_buf_fini(&unit->sources);
        fora_buf_fini(&unit->people);
        free(unit->objects);
        free(unit->items);
        free(unit);
    }
}

static void fail(struct import_unit *unit, int error)
{
    unit->error = unit->error != 0 ? unit->error : error;
}

void unit_skip(struct import_unit *unit, enum import_skipped reason, uint64_t count)
{
    unit->counts.skipped[reason] += count;
}

void unit_note(struct import_unit *unit, size_t at, const struct source_id *source)
{
    if (unit->count == unit->room) {
        size_t room = unit->room == 0 ? 32 : unit->room * 2;
        struct unit_object *grown = realloc(unit->objects, room * sizeof *grown);
        if (grown == NULL) {
            fail(unit, FORA_E_NOMEM);
            return;
        }
        unit->objects = grown;
        unit->room = room;
    }
    size_t source_at = unit->sources.size;
    fora_buf_append_str(&unit->sources, source->text);
    unit->objects[unit->count++] = (struct unit_object){.at = at,
        .size = unit->bytes.size - at,
        .source_at = source_at,
        .source_size = unit->sources.size - source_at};
    fail(unit, unit->bytes.error != 0 ? unit->bytes.error : unit->sources.error);
}

int unit_finish(struct import_unit *unit)
{
    if (unit->error != 0) {
        return unit->error;
    }
    unit->items = calloc(unit->count + 1, sizeof *unit->items);
    if (unit->items == NULL) {
        return FORA_E_NOMEM;
    }
    for (size_t i = 0; i < unit->count && unit->error == 0; i++) {
        const struct unit_object *object = &unit->objects[i];
        struct import_item *item = &unit->items[i];
        item->source = fora_bytes(unit->sources.data + object->source_at, object->source_size);
        unit->error = fora_object_decode(
            &item->object, fora_bytes(unit->bytes.data + object->at, object->size));
        if (unit->error == 0) {
            unit->error = fora_object_verify(&item->object);
        }
    }
    return unit->error;
}

/* ---- the maker ---- */

struct maker *maker_new(const struct import_env *env)
{
    struct maker *maker = calloc(1, sizeof *maker);
    if (maker != NULL) {
        maker->env = env;
        fora_buf_init(&maker->content, FORA_CONTENT_MAX);
    }
    return maker;
}

void maker_free(struct maker *maker)
{
    if (maker == NULL) {
        return;
    }
    authors_release(maker->env->authors, maker->author);
    fora_buf_fini(&maker->content);
    for (size_t i = 0; i < sizeof maker->text / sizeof maker->text[0]; i++) {
        fora_buf_fini(&maker->text[i]);
    }
    free(maker);
}

const struct author *maker_author(struct maker *maker, const struct author_key *key)
{
    if (maker->author != NULL && author_equal(&maker->author->key, key)) {
        return maker->author;
    }
    authors_release(maker->env->authors, maker->author);
    maker->author = NULL;
    int rc = authors_hold(maker->env->authors, key, &maker->author);
    if (rc != 0) {
        fail(maker->unit, rc);
    }
    return maker->author;
}

static int add_signed(struct maker *maker, struct made *made, const struct fora_secret *secret,
    struct fora_object_id *id)
{
    static const char salt_domain[] = "forad.import.salt";
    struct import_unit *unit = maker->unit;
    size_t at = unit->bytes.size;
    made->header.kind = made->content.kind;
    custody_salt(fora_content_salt(&made->content), maker->env->options->custody, salt_domain,
        fora_bytes_str(made->source->text));
    fora_buf_clear(&maker->content);
    int rc = fora_content_encode(&maker->content, &made->content);
    if (rc == 0) {
        rc = fora_object_build(
            &unit->bytes, &made->header, fora_buf_bytes(&maker->content), secret, id);
    }
    if (rc == 0) {
        unit_note(unit, at, made->source);
        unit->counts.made[made->kind]++;
    }
    return rc;
}

void maker_add(struct maker *maker, struct made *made, struct fora_object_id *id)
{
    const struct import_options *options = maker->env->options;
    const struct fora_secret *secret = options->device;
    if (maker->unit->error != 0) {
        return;
    }
    made->header.author = options->node;
    if (made->author != NULL) {
        const struct author *author = maker_author(maker, made->author);
        if (author == NULL) {
            return;
        }
        made->header.author = author->principal;
        secret = author->device;
    }
    int rc = add_signed(maker, made, secret, id);
    if (rc != 0) {
        fail(maker->unit, rc);
    }
}

int maker_add_as(struct maker *maker, struct made *made, const struct fora_principal_id *author,
    const struct source_id *label)
{
    struct fora_secret *device = NULL;
    int rc = custody_device(&device, maker->env->options->custody, fora_bytes_str(label->text));
    if (rc == 0) {
        made->header.author = *author;
        rc = add_signed(maker, made, device, NULL);
    }
    fora_secret_free(device);
    return rc;
}

void source_fill(struct fora_source *out, const struct source_id *id, const struct source_url *url,
    struct fora_bytes licence, struct fora_bytes author)
{
    *out = (struct fora_source){.url = fora_bytes_str(url->text),
        .licence = licence,
        .author = author,
        .id = fora_bytes_str(id->text)};
}

/* ---- texts ---- */

static struct fora_bytes cleaned(
    struct maker *maker, struct fora_buf *buf, bool cut, const char *otherwise)
{
    unit_skip(maker->unit, IMPORT_SKIP_TRUNCATED, cut);
    if (buf->size == 0 && buf->error == 0) {
        fora_buf_append_str(buf, otherwise);
    }
    if (buf->error != 0) {
        fail(maker->unit, buf->error);
    }
    return fora_buf_bytes(buf);
}

struct fora_bytes maker_line(struct maker *maker, struct fora_buf *buf, struct fora_bytes text,
    size_t max, const char *otherwise)
{
    fora_buf_clear(buf);
    bool cut = clean_line(buf, text, max);
    return cleaned(maker, buf, cut, otherwise);
}

struct fora_bytes maker_lines(struct maker *maker, struct fora_buf *buf, struct fora_bytes text,
    size_t max, const char *otherwise)
{
    fora_buf_clear(buf);
    bool cut = clean_lines(buf, text, max);
    return cleaned(maker, buf, cut, otherwise);
}

struct fora_bytes maker_html(struct maker *maker, struct fora_buf *buf, struct fora_bytes html,
    size_t max, const char *otherwise)
{
    struct fora_buf markdown = {0};
    int rc = html_to_markdown(html, &markdown, html_limits_default());
    if (rc == FORA_E_NOMEM) {
        fail(maker->unit, rc);
    } else if (rc != 0) {
        /* Nothing that an editor of these sites wrote: the reader is told, the import goes on. */
        unit_skip(maker->unit, IMPORT_SKIP_HTML, 1);
        fora_buf_clear(&markdown);
        fora_buf_append_str(&markdown, "(The text could not be read on import.)");
    }
    struct fora_bytes text = maker_lines(maker, buf, fora_buf_bytes(&markdown), max, otherwise);
    fora_buf_fini(&markdown);
    return text;
}
