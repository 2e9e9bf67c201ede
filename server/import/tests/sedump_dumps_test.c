/*
 * Both dumps, read whole, against the counts that STATS.json states for them. The counting is done
 * the plain way: all ids in arrays, looked up one by one.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zstd.h>

#include "import/sedump.h"

struct ids {
    int64_t *at;
    size_t count;
};

struct count {
    json_t *stats; /* as computed here, in the oracle's own form */
    json_t *attrs; /* the same of "attributes" */
    struct ids posts, questions, users, parents, accepted, authors;
    int64_t first, last;
    struct fora_buf tags; /* of the first post that has some */
};

static void add_id(struct ids *ids, int64_t id)
{
    ids->at = realloc(ids->at, (ids->count + 1) * sizeof *ids->at);
    assert_non_null(ids->at);
    ids->at[ids->count++] = id;
}

static bool has_id(const struct ids *ids, int64_t id)
{
    for (size_t i = 0; i < ids->count; i++) {
        if (ids->at[i] == id) {
            return true;
        }
    }
    return false;
}

static void bump(json_t *object, const char *key, bool by)
{
    json_int_t value = json_integer_value(json_object_get(object, key));

    json_object_set_new(object, key, json_integer(value + by));
}

/* object[of][the row's attribute `name`] += 1 */
static void bump_of(json_t *object, const char *of, const struct sedump_row *row, const char *name)
{
    json_t *counts = json_object_get(object, of);
    struct fora_bytes text = fora_bytes_str("-");
    char key[64];

    if (!counts) {
        counts = json_object();
        json_object_set_new(object, of, counts);
    }
    if (sedump_text(row, name, &text) != 0) {
        text = fora_bytes_str("-");
    }
    snprintf(key, sizeof key, "%.*s", (int)text.size, (const char *)text.data);
    bump(counts, key, true);
}

static bool has(const struct sedump_row *row, const char *name)
{
    struct fora_bytes text;

    return sedump_text(row, name, &text) == 0;
}

static int64_t number(const struct sedump_row *row, const char *name)
{
    int64_t value = 0;
    int rc = sedump_i64(row, name, &value);

    assert_true(rc == 0 || rc == FORA_E_NOTFOUND);
    return value;
}

static bool contains(struct fora_bytes text, const char *part)
{
    return text.size > 0 && memmem(text.data, text.size, part, strlen(part)) != NULL;
}

static void count_body(json_t *s, struct fora_bytes body)
{
    json_int_t longest = json_integer_value(json_object_get(s, "max_body"));
    bool ascii = true;

    for (size_t i = 0; i < body.size; i++) {
        ascii = ascii && body.data[i] < 0x80;
    }
    if ((json_int_t)body.size > longest) {
        json_object_set_new(s, "max_body", json_integer((json_int_t)body.size));
    }
    bump(s, "nonascii_posts", !ascii);
    bump(s, "pre_posts", contains(body, "<pre"));
    bump(s, "img_posts", contains(body, "<img"));
}

static void count_post(struct count *c, const struct sedump_row *row)
{
    struct fora_bytes body, tags;
    int64_t type = number(row, "PostTypeId"), created = 0;

    bump_of(c->stats, "post_types", row, "PostTypeId");
    bump_of(c->stats, "licences", row, "ContentLicense");
    bump(c->stats, "threads", type == 1);
    bump(c->stats, "answers", type == 2);
    bump(c->stats, "accepted", has(row, "AcceptedAnswerId"));
    bump(c->stats, "closed", has(row, "ClosedDate"));
    bump(c->stats, "community", has(row, "CommunityOwnedDate"));
    bump(c->stats, "no_owner_id", !has(row, "OwnerUserId"));
    bump(c->stats, "owner_missing_user",
        has(row, "OwnerUserId") && !has_id(&c->users, number(row, "OwnerUserId")));
    /* Children follow their parents in both dumps. */
    bump(c->stats, "orphan_answers", type == 2 && !has_id(&c->questions, number(row, "ParentId")));
    add_id(&c->posts, number(row, "Id"));
    if (type == 1) {
        add_id(&c->questions, number(row, "Id"));
    }
    if (type == 2) {
        add_id(&c->parents, number(row, "ParentId"));
    }
    if (has(row, "AcceptedAnswerId")) {
        add_id(&c->accepted, number(row, "AcceptedAnswerId"));
    }
    if (has(row, "OwnerUserId") && !has_id(&c->authors, number(row, "OwnerUserId"))) {
        add_id(&c->authors, number(row, "OwnerUserId"));
    }
    if (c->tags.size == 0 && sedump_text(row, "Tags", &tags) == 0) {
        fora_buf_append_bytes(&c->tags, tags);
    }
    assert_int_equal(sedump_date(row, "CreationDate", &created), 0);
    c->first = c->first == 0 || created < c->first ? created : c->first;
    c->last = created > c->last ? created : c->last;
    assert_int_equal(sedump_text(row, "Body", &body), 0);
    count_body(c->stats, body);
}

static void count_row(struct count *c, const char *name, const struct sedump_row *row)
{
    if (strcmp(name, "Posts") == 0) {
        count_post(c, row);
    } else if (strcmp(name, "Users") == 0) {
        add_id(&c->users, number(row, "Id"));
    } else if (strcmp(name, "Votes") == 0) {
        bump_of(c->stats, "vote_types", row, "VoteTypeId");
        bump(c->stats, "votes_with_user", has(row, "UserId"));
        bump(c->stats, "votes_orphan", !has_id(&c->posts, number(row, "PostId")));
    } else if (strcmp(name, "Comments") == 0) {
        bump(c->stats, "comments_no_user", !has(row, "UserId"));
        bump(c->stats, "comments_orphan", !has_id(&c->posts, number(row, "PostId")));
    } else if (strcmp(name, "PostHistory") == 0) {
        bump_of(c->stats, "history_types", row, "PostHistoryTypeId");
    } else if (strcmp(name, "PostLinks") == 0) {
        bump(c->stats, "links_orphan",
            !has_id(&c->posts, number(row, "PostId")) ||
                !has_id(&c->posts, number(row, "RelatedPostId")));
    }
}

static void note_attrs(struct count *c, const char *name, const struct sedump_row *row)
{
    json_t *seen = json_object_get(c->attrs, name);

    if (!seen) {
        seen = json_object();
        json_object_set_new(c->attrs, name, seen);
    }
    for (size_t i = 0; i < row->attr_count; i++) {
        json_object_set_new(seen, row->attrs[i].name, json_true());
    }
}

static void count_file(struct count *c, const char *folder, const char *name)
{
    struct sedump *file;
    const struct sedump_row *row;
    json_t *rows = json_object_get(c->stats, "rows");
    int rc = sedump_open(&file, folder, name, NULL);

    assert_int_equal(rc, 0);
    while ((rc = sedump_next(file, &row)) == 0 && row) {
        bump(rows, name, true);
        assert_int_equal(row->number, json_integer_value(json_object_get(rows, name)));
        assert_int_equal(row->line, row->number + 2); /* the declaration and the root come first */
        note_attrs(c, name, row);
        count_row(c, name, row);
    }
    if (rc != 0) {
        fail_msg("%s", sedump_why(file));
    }
    sedump_close(file);
}

static json_t *date_text(int64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm tm;
    char text[32], whole[40];

    gmtime_r(&seconds, &tm);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(whole, sizeof whole, "%s.%03d", text, (int)(ms % 1000));
    return json_string(whole);
}

/* What can be said only when all rows are known. */
static void finish(struct count *c)
{
    json_int_t most = 0;

    bump(c->stats, "accepted_missing", false);
    for (size_t i = 0; i < c->accepted.count; i++) {
        bump(c->stats, "accepted_missing", !has_id(&c->posts, c->accepted.at[i]));
    }
    for (size_t i = 0; i < c->questions.count; i++) {
        json_int_t answers = 0;
        for (size_t k = 0; k < c->parents.count; k++) {
            answers += c->parents.at[k] == c->questions.at[i];
        }
        most = answers > most ? answers : most;
    }
    json_object_set_new(c->stats, "max_thread", json_integer(most));
    json_object_set_new(c->stats, "users_who_posted", json_integer((json_int_t)c->authors.count));
    json_object_set_new(c->stats, "tag_format", json_string(fora_buf_cstr(&c->tags)));
    json_object_set_new(c->stats, "first", date_text(c->first));
    json_object_set_new(c->stats, "last", date_text(c->last));
}

/* Byte-order mark and CRLF are not visible through the reader, so look at the bytes themselves. */
static void count_bytes(struct count *c, const char *folder)
{
    char path[1100];
    uint8_t packed[4096], text[8192];
    ZSTD_DStream *stream = ZSTD_createDStream();
    ZSTD_inBuffer in = {packed, 0, 0};
    ZSTD_outBuffer out = {text, sizeof text, 0};
    FILE *file;

    snprintf(path, sizeof path, "%s/Posts.xml.zst", folder);
    file = fopen(path, "rb");
    assert_non_null(file);
    while (out.pos < out.size && (in.size = fread(packed, 1, sizeof packed, file)) > 0) {
        in.pos = 0;
        while (in.pos < in.size && out.pos < out.size) {
            assert_false(ZSTD_isError(ZSTD_decompressStream(stream, &out, &in)));
        }
    }
    fclose(file);
    ZSTD_freeDStream(stream);
    assert_int_equal(out.pos, sizeof text);
    json_object_set_new(c->stats, "bom", json_boolean(memcmp(text, "\xef\xbb\xbf", 3) == 0));
    json_object_set_new(
        c->stats, "crlf", json_boolean(memmem(text, sizeof text, "\r\n", 2) != NULL));
}

/* Every key of the oracle must have been counted here, and equal. */
static void compare(json_t *oracle, json_t *counted)
{
    const char *key;
    json_t *value;

    json_object_foreach(oracle, key, value)
    {
        json_t *mine = json_object_get(counted, key);
        if (!json_equal(value, mine)) {
            fail_msg("%s: STATS.json says %s, the files hold %s", key,
                json_dumps(value, JSON_ENCODE_ANY), mine ? json_dumps(mine, JSON_ENCODE_ANY) : "");
        }
    }
    assert_true(json_object_size(oracle) >= 25);
}

static void compare_attrs(const struct count *c, json_t *oracle)
{
    const char *name;
    json_t *list;

    json_object_foreach(oracle, name, list)
    {
        json_t *seen = json_object_get(c->attrs, name);
        assert_int_equal(json_array_size(list), json_object_size(seen));
        for (size_t i = 0; i < json_array_size(list); i++) {
            assert_non_null(json_object_get(seen, json_string_value(json_array_get(list, i))));
        }
    }
}

static void check_dump(const char *dump)
{
    /* Users before posts before what refers to them, for the lookups. */
    static const char *const order[] = {
        "Users", "Posts", "Votes", "Comments", "Badges", "PostHistory", "Tags", "PostLinks"};
    const char *data = getenv("FORA_DATA");
    struct count c = {0};
    char folder[1024], path[1100];
    json_t *oracle, *stats;

    snprintf(folder, sizeof folder, "%s/%s", data ? data : ".", dump);
    snprintf(path, sizeof path, "%s/STATS.json", folder);
    oracle = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    if (!oracle) {
        skip();
    }
    c.stats = json_pack("{s:{}}", "rows");
    c.attrs = json_object();
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        count_file(&c, folder, order[i]);
    }
    stats = json_object_get(oracle, "stats");
    count_bytes(&c, folder);
    finish(&c);
    compare(stats, c.stats);
    compare_attrs(&c, json_object_get(oracle, "attributes"));
    json_decref(oracle);
    json_decref(c.stats);
    json_decref(c.attrs);
    free(c.posts.at);
    free(c.questions.at);
    free(c.users.at);
    free(c.parents.at);
    free(c.accepted.at);
    free(c.authors.at);
    fora_buf_fini(&c.tags);
}

static void beer_has_what_its_oracle_says(void **state)
{
    (void)state;
    check_dump("stackexchange-beer");
}

static void conlang_has_what_its_oracle_says(void **state)
{
    (void)state;
    check_dump("stackexchange-small");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(beer_has_what_its_oracle_says),
        cmocka_unit_test(conlang_has_what_its_oracle_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
