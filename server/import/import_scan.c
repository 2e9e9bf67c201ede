/*
 * The files of a dump, one after the other: Users and Posts first, because the others are about
 * posts. Nothing is made before all were read to their ends.
 */
#include "import/import_scan.h"

#include <string.h>

void scan_skip(struct scan *scan, enum import_skipped reason)
{
    scan->counts->skipped[reason]++;
}

bool scan_id(struct scan *scan, const struct sedump_row *row, const char *name, uint64_t *out)
{
    int64_t id;
    if (sedump_i64(row, name, &id) != 0 || id <= 0) {
        scan_skip(scan, IMPORT_SKIP_ROW_WITHOUT_ID);
        return false;
    }
    *out = (uint64_t)id;
    return true;
}

bool scan_id_may_be_there(struct scan *scan, int64_t id)
{
    struct scan_place *file = &scan->file;
    bool ascends = !file->any || id > file->greatest;
    file->greatest = ascends ? id : file->greatest;
    file->any = true;
    return !ascends;
}

static bool date_of(const struct sedump_row *row, const char *name, uint64_t *out)
{
    int64_t date;
    if (sedump_date(row, name, &date) != 0 || date <= 0) {
        return false;
    }
    *out = (uint64_t)date;
    return true;
}

bool scan_date(struct scan *scan, const struct sedump_row *row, uint64_t least, uint64_t *out)
{
    if (date_of(row, "CreationDate", out)) {
        scan->file.before = *out;
        return true;
    }
    uint64_t after = scan->file.before > least ? scan->file.before : least;
    scan_skip(scan, after != 0 ? IMPORT_SKIP_DATE_UNREADABLE : IMPORT_SKIP_ROW_WITHOUT_DATE);
    *out = after != 0 ? after + 1 : 0; /* so that rows keep their order */
    scan->file.before = after != 0 ? *out : 0;
    return after != 0;
}

uint64_t scan_date_of(struct scan *scan, const struct sedump_row *row, const char *name)
{
    struct fora_bytes text = scan_text(row, name);
    uint64_t date = 0;
    if (text.size > 0 && !date_of(row, name, &date)) {
        scan_skip(scan, IMPORT_SKIP_DATE_UNREADABLE);
    }
    return date;
}

int64_t scan_number(const struct sedump_row *row, const char *name)
{
    int64_t number = 0;
    return sedump_i64(row, name, &number) == 0 ? number : 0;
}

struct fora_bytes scan_text(const struct sedump_row *row, const char *name)
{
    struct fora_bytes text = {NULL, 0};
    return sedump_text(row, name, &text) == 0 ? text : fora_bytes(NULL, 0);
}

void scan_need(struct scan *scan, const struct author_key *author, uint64_t edit)
{
    struct person person = {0};
    struct fora_bytes value;
    uint8_t bytes[16];
    struct fora_buf buf = {.data = bytes, .room = sizeof bytes, .cap = sizeof bytes};
    bool known = index_get(scan->index, INDEX_NEEDED, author_bytes(author), &value) &&
                 person_parse(value, &person);
    bool earlier = edit != 0 && (person.first_edit == 0 || edit < person.first_edit);
    bool later = edit > person.last_edit;
    scan->people += !known;
    if (known && !earlier && !later) {
        return;
    }
    person.first_edit = earlier ? edit : person.first_edit;
    person.last_edit = later ? edit : person.last_edit;
    person_put(&buf, &person);
    index_put(scan->index, INDEX_NEEDED, author_bytes(author), fora_bytes(bytes, buf.size));
}

bool scan_fact(struct scan *scan, uint64_t post, struct post_fact *out)
{
    uint8_t key[INDEX_ID_SIZE];
    struct fora_bytes value;
    key_be64(key, post);
    return index_get(scan->index, INDEX_POSTS, fora_bytes(key, sizeof key), &value) &&
           post_fact_parse(value, out);
}

void scan_row(struct scan *scan, const struct row_key *key)
{
    uint8_t bytes[INDEX_ROW_SIZE];
    row_key_put(bytes, key);
    index_put(
        scan->index, INDEX_ROWS, fora_bytes(bytes, sizeof bytes), fora_buf_bytes(&scan->value));
    scan->rows++;
}

bool scan_row_new(struct scan *scan, const struct sedump_row *row, const struct post_fact *fact,
    struct row_key *key)
{
    if (scan_id_may_be_there(scan, (int64_t)key->id) && index_has_row(scan->index, key)) {
        scan_skip(scan, IMPORT_SKIP_ROW_AGAIN);
        return false;
    }
    return scan_date(scan, row, fact->created, &key->date);
}

void scan_badge(struct scan *scan, const struct sedump_row *row)
{
    (void)row;
    scan_skip(scan, IMPORT_SKIP_BADGES);
}

struct scan_file {
    const char *name;
    const char *doing;
    scan_row_fn *take;
    bool required;
};

static const struct scan_file files[] = {{"Users", "Reading Users.xml", scan_user, true},
    {"Posts", "Reading Posts.xml", scan_post, true},
    {"PostHistory", "Reading PostHistory.xml", scan_history, false},
    {"Comments", "Reading Comments.xml", scan_comment, false},
    {"Votes", "Reading Votes.xml", scan_vote, false},
    {"PostLinks", "Reading PostLinks.xml", scan_link, false},
    {"Badges", "Reading Badges.xml", scan_badge, false}};

static void tell(const struct scan *scan, const struct scan_file *file, struct sedump *dump)
{
    uint64_t done, total;
    if (scan->options->progress != NULL) {
        sedump_progress(dump, &done, &total);
        scan->options->progress(scan->options->progress_context, file->doing, done, total);
    }
}

static int read_rows(
    struct scan *scan, const struct scan_file *file, struct sedump *dump, struct fora_buf *why)
{
    const struct sedump_row *row;
    int rc;
    while ((rc = sedump_next(dump, &row)) == 0 && row != NULL) {
        fora_buf_clear(&scan->value);
        file->take(scan, row);
        if (scan->value.error != 0 || index_error(scan->index) != 0) {
            return scan->value.error != 0 ? scan->value.error : index_error(scan->index);
        }
        if (row->number % 512 == 1) {
            tell(scan, file, dump);
        }
    }
    if (rc != 0) {
        fora_buf_append_str(why, sedump_why(dump));
    }
    tell(scan, file, dump);
    return rc;
}

static int read_file(struct scan *scan, const struct scan_file *file, struct fora_buf *why)
{
    struct sedump *dump;
    struct fora_buf absent = {0};
    scan->file = (struct scan_place){.any = false};
    int rc = sedump_open(&dump, scan->options->folder, file->name, &absent);
    if (rc == FORA_E_NOTFOUND && !file->required) {
        rc = 0;
    } else if (rc != 0) {
        fora_buf_append_bytes(why, fora_buf_bytes(&absent));
    } else {
        rc = read_rows(scan, file, dump, why);
        sedump_close(dump);
    }
    fora_buf_fini(&absent);
    return rc;
}

int scan_dump(struct scan *scan, struct fora_buf *why)
{
    int rc = scan_tallies_begin(scan);
    for (size_t i = 0; rc == 0 && i < sizeof files / sizeof files[0]; i++) {
        rc = read_file(scan, &files[i], why);
    }
    if (rc == 0) {
        fora_buf_clear(&scan->value);
    }
    scan_tallies_end(scan);
    fora_buf_fini(&scan->value);
    int flushed = index_flush(scan->index);
    rc = rc != 0 ? rc : flushed;
    if (rc != 0 && why->size == 0) {
        fora_buf_printf(
            why, "the dump cannot be sorted in %s: %s", scan->index->path, fora_error_text(rc));
    }
    return rc;
}
