/*
 * Identities and profiles. Only of who wrote something that is imported: a dump holds many more.
 *
 * An identity is dated CUSTODY_IMPORTED_AT and not by the account, so that its id is a function of
 * source id and node alone: a later dump of the same site, in which an account is gone or its name
 * stands where its number stood, finds the identity again, and so does Claim without an index. The
 * date of the account is the profile's.
 */
#include "import/import_people.h"

#include "core/custody.h"
#include "import/import_clean.h"

#include <stdio.h>
#include <string.h>

enum { PEOPLE_UNIT = 64, ABOUT_MAX = 4096, LINK_MAX = 500 };

struct people {
    const struct import_env *env;
    struct author_key after; /* size 0: from the beginning */
};

/* ---- reading: author, person and user of each ---- */

static void put_sized(struct fora_buf *out, struct fora_bytes bytes)
{
    fora_buf_be32(out, (uint32_t)bytes.size);
    fora_buf_append_bytes(out, bytes);
}

static struct fora_bytes take_sized(struct fora_reader *reader)
{
    return fora_reader_take(reader, fora_reader_be32(reader));
}

static int read_people(void *context, struct import_unit *unit, bool *end)
{
    struct people *people = context;
    struct kv_txn *txn;
    struct fora_bytes key, value, user;
    uint8_t from[AUTHOR_KEY_MAX + 1] = {0};
    int rc = kv_begin_read(people->env->index->kv, &txn);
    if (rc != 0) {
        return rc;
    }
    /* The least key above the one before is that with a zero behind it. */
    memcpy(from, people->after.b, people->after.size);
    struct kv_cursor *cursor = kv_cursor_open(txn, INDEX_NEEDED);
    bool there = kv_seek(cursor, fora_bytes(from, people->after.size + 1), &key, &value);
    for (; there && unit->rows_count < PEOPLE_UNIT && key.size <= AUTHOR_KEY_MAX;
         there = kv_next(cursor, &key, &value)) {
        (void)kv_get(txn, INDEX_USERS, key, &user); /* empty: gone, or never an account */
        put_sized(&unit->rows, key);
        put_sized(&unit->rows, value);
        put_sized(&unit->rows, user);
        unit->rows_count++;
        memcpy(people->after.b, key.data, key.size);
        people->after.size = key.size;
    }
    kv_cursor_close(cursor);
    *end = unit->rows_count == 0;
    rc = kv_txn_error(txn);
    kv_abort(txn);
    return rc != 0 ? rc : unit->rows.error;
}

/* ---- making ---- */

static int make_identity(struct maker *maker, const struct source_id *label, struct person *person)
{
    const struct import_options *options = maker->env->options;
    struct import_unit *unit = maker->unit;
    size_t at = unit->bytes.size;
    int rc = custody_identity_build(&unit->bytes, options->custody, fora_bytes_str(label->text),
        &options->node, NULL, CUSTODY_IMPORTED_AT, &person->principal);
    if (rc == 0) {
        unit_note(unit, at, label);
    }
    return rc;
}

static void fill_profile(struct maker *maker, struct fora_profile *profile,
    const struct user_row *user, struct fora_bytes *link)
{
    profile->about = maker_html(maker, &maker->text[1], user->about, ABOUT_MAX, "");
    if (clean_is_https(user->website, LINK_MAX)) {
        *link = user->website;
        profile->links = link;
        profile->links_count = 1;
    } else if (user->website.size > 0) {
        unit_skip(maker->unit, IMPORT_SKIP_LINKS_DROPPED, 1);
    }
}

/* Signed here, since the index does not know the identity yet. */
static int make_profile(struct maker *maker, const struct source_id *label,
    const struct author_key *key, const struct person *person, const struct user_row *user)
{
    struct made made = {.kind = IMPORT_MADE_PEOPLE, .source = label};
    struct fora_profile *profile = &made.content.u.profile;
    struct source_url url;
    struct fora_source source;
    struct fora_bytes link;
    int64_t id;
    bool account = author_id(key, &id);
    (void)snprintf(url.text, sizeof url.text, "https://%s", maker->env->site);
    if (account) {
        source_url(&url, maker->env->site, "users", id);
    }
    source_fill(
        &source, label, &url, licence_of(fora_bytes(NULL, 0), user->created), fora_bytes(NULL, 0));
    made.content.kind = FORA_KIND_PROFILE;
    made.header.created_at = user->created;
    profile->name = person->name;
    profile->source = &source;
    fill_profile(maker, profile, user, &link);
    return maker_add_as(maker, &made, &person->principal, label);
}

static void make_person(struct maker *maker, const struct author_key *key, struct person *person,
    const struct user_row *user)
{
    struct source_id label;
    struct import_unit *unit = maker->unit;
    char otherwise[AUTHOR_NAME_MAX + 1];
    struct fora_buf name = {
        .data = (uint8_t *)otherwise, .room = sizeof otherwise, .cap = sizeof otherwise};
    author_name(&name, key);
    fora_buf_u8(&name, '\0');
    source_of_author(&label, maker->env->site, key);
    person->name = maker_line(maker, &maker->text[0], user->name, AUTHOR_NAME_MAX, otherwise);
    int rc = make_identity(maker, &label, person);
    if (rc == 0) {
        rc = make_profile(maker, &label, key, person, user);
    }
    unit->error = unit->error != 0 ? unit->error : rc;
    person->made = true;
    put_sized(&unit->people, author_bytes(key));
    size_t at = unit->people.size;
    fora_buf_be32(&unit->people, 0);
    person_put(&unit->people, person);
    if (unit->people.error == 0) {
        uint32_t size = (uint32_t)(unit->people.size - at - 4);
        for (int i = 0; i < 4; i++) {
            unit->people.data[at + (size_t)i] = (uint8_t)(size >> (24 - 8 * i));
        }
    }
}

static void make_people(struct maker *maker)
{
    struct import_unit *unit = maker->unit;
    struct fora_reader reader;
    fora_reader_init(&reader, fora_buf_bytes(&unit->rows));
    while (reader.left > 0 && reader.error == 0 && unit->error == 0) {
        struct author_key key = {.size = 0};
        struct person person;
        struct user_row user;
        struct fora_bytes name = take_sized(&reader);
        struct fora_bytes value = take_sized(&reader);
        struct fora_bytes row = take_sized(&reader);
        if (name.size == 0 || name.size > sizeof key.b || !person_parse(value, &person)) {
            unit->error = FORA_E_CORRUPT;
            return;
        }
        memcpy(key.b, name.data, name.size);
        key.size = name.size;
        if (row.size == 0 || !user_row_parse(row, &user)) {
            user = (struct user_row){.created = CUSTODY_IMPORTED_AT};
        }
        make_person(maker, &key, &person, &user);
    }
    unit->error = unit->error != 0 ? unit->error : unit->people.error;
}

/* ---- remembering who they are ---- */

static int take_people(void *context, struct import_unit *unit)
{
    struct people *people = context;
    struct fora_reader reader;
    fora_reader_init(&reader, fora_buf_bytes(&unit->people));
    while (reader.left > 0 && reader.error == 0) {
        struct fora_bytes key = take_sized(&reader);
        struct fora_bytes value = take_sized(&reader);
        index_put(people->env->index, INDEX_NEEDED, key, value);
    }
    fora_buf_fini(&unit->people);
    /* At once, for the workers read beside it. */
    return index_flush(people->env->index);
}

int people_run(const struct import_env *env, struct outlet *outlet, uint64_t total)
{
    struct people people = {.env = env};
    const struct import_pipe pipe = {.env = env,
        .outlet = outlet,
        .read = read_people,
        .make = make_people,
        .take = take_people,
        .context = &people,
        .doing = "Importing people",
        .rows = total};
    return pipe_run(&pipe);
}
