/* Rows of Users.xml, Posts.xml and PostHistory.xml. */
#include "import/import_scan.h"

#include <string.h>

void scan_user(struct scan *scan, const struct sedump_row *row)
{
    int64_t id;
    struct author_key key;
    struct fora_bytes known;
    struct user_row user = {.name = scan_text(row, "DisplayName"),
        .about = scan_text(row, "AboutMe"),
        .website = scan_text(row, "WebsiteUrl")};
    if (sedump_i64(row, "Id", &id) != 0) {
        scan_skip(scan, IMPORT_SKIP_ROW_WITHOUT_ID);
        return;
    }
    author_of_id(&key, id);
    if (scan_id_may_be_there(scan, id) &&
        index_get(scan->index, INDEX_USERS, author_bytes(&key), &known)) {
        scan_skip(scan, IMPORT_SKIP_ROW_AGAIN);
        return;
    }
    (void)scan_date(scan, row, IMPORT_EPOCH_MS, &user.created); /* there is always one */
    user_row_put(&scan->value, &user);
    index_put(scan->index, INDEX_USERS, author_bytes(&key), fora_buf_bytes(&scan->value));
}

static uint64_t optional_id(const struct sedump_row *row, const char *name)
{
    int64_t id;
    return sedump_i64(row, name, &id) == 0 && id > 0 ? (uint64_t)id : 0;
}

static void note_dates(struct scan *scan, const struct post_row *post)
{
    if (scan->first == 0 || post->created < scan->first) {
        scan->first = post->created;
    }
    if (post->created >= scan->last) {
        struct fora_bytes licence = licence_of(post->licence, post->created);
        scan->last = post->created;
        memcpy(scan->licence, licence.data, licence.size);
        scan->licence[licence.size] = '\0';
    }
}

static void put_fact(struct scan *scan, uint64_t id, const struct post_fact *fact)
{
    uint8_t key[INDEX_ID_SIZE];
    uint8_t bytes[17 + 1 + AUTHOR_KEY_MAX];
    struct fora_buf value = {.data = bytes, .room = sizeof bytes, .cap = sizeof bytes};
    key_be64(key, id);
    post_fact_put(&value, fact);
    index_put(scan->index, INDEX_POSTS, fora_bytes(key, sizeof key), fora_bytes(bytes, value.size));
}

static void post_dates(struct scan *scan, const struct sedump_row *row, struct post_row *post)
{
    post->active = scan_date_of(scan, row, "LastActivityDate");
    post->edited = scan_date_of(scan, row, "LastEditDate");
    post->closed = scan_date_of(scan, row, "ClosedDate");
    post->community = scan_date_of(scan, row, "CommunityOwnedDate");
}

void scan_post(struct scan *scan, const struct sedump_row *row)
{
    uint64_t id;
    struct post_fact fact = {0}, known;
    struct post_row post = {.title = scan_text(row, "Title"),
        .tags = scan_text(row, "Tags"),
        .body = scan_text(row, "Body"),
        .licence = scan_text(row, "ContentLicense"),
        .score = scan_number(row, "Score")};
    if (!scan_id(scan, row, "Id", &id)) {
        return;
    }
    if (scan_id_may_be_there(scan, (int64_t)id) && scan_fact(scan, id, &known)) {
        scan_skip(scan, IMPORT_SKIP_ROW_AGAIN);
        return;
    }
    if (!scan_date(scan, row, 0, &post.created)) {
        return;
    }
    post_dates(scan, row, &post);
    fact.created = post.created;
    uint64_t type = optional_id(row, "PostTypeId");
    author_of(&fact.author, row, "OwnerUserId", "OwnerDisplayName");
    fact.type = type == 1 || type == 2 ? (uint8_t)type : 0;
    fact.thread = type == 1 ? id : optional_id(row, "ParentId");
    put_fact(scan, id, &fact);
    if (fact.type == 0) {
        scan_skip(scan, IMPORT_SKIP_POST_OTHER);
        return;
    }
    post.type = fact.type;
    post.author = fact.author;
    post.accepted = optional_id(row, "AcceptedAnswerId");
    note_dates(scan, &post);
    scan_need(scan, &post.author, 0);
    post_row_put(&scan->value, &post);
    scan_row(scan, &(struct row_key){fact.thread, id, ROW_POST, 0, id});
}

/* What becomes an object here: first texts (1 to 3), edits (4 to 9), closings, deletions, locks. */
static bool history_matters(uint64_t type)
{
    return type >= 1 && type <= 15;
}

static bool is_edit(uint64_t type)
{
    return type >= 4 && type <= 9;
}

void scan_history(struct scan *scan, const struct sedump_row *row)
{
    uint64_t id, post;
    struct post_fact fact;
    struct history_row history = {.guid = scan_text(row, "RevisionGUID"),
        .text = scan_text(row, "Text"),
        .comment = scan_text(row, "Comment"),
        .licence = scan_text(row, "ContentLicense")};
    if (!scan_id(scan, row, "Id", &id) || !scan_id(scan, row, "PostId", &post)) {
        return;
    }
    if (!scan_fact(scan, post, &fact)) {
        scan_skip(scan, IMPORT_SKIP_HISTORY_ORPHAN);
        return;
    }
    uint64_t type = optional_id(row, "PostHistoryTypeId");
    if (fact.type == 0 || !history_matters(type)) {
        scan_skip(
            scan, fact.type == 0 ? IMPORT_SKIP_HISTORY_OTHER_POST : IMPORT_SKIP_HISTORY_OTHER);
        return;
    }
    struct row_key key = {fact.thread, post, ROW_HISTORY, 0, id};
    if (!scan_row_new(scan, row, &fact, &key)) {
        return;
    }
    uint64_t date = key.date;
    history.type = (uint8_t)type;
    author_of(&history.author, row, "UserId", "UserDisplayName");
    if (is_edit(type)) {
        bool other = !author_equal(&history.author, &fact.author);
        scan_need(scan, &history.author, other ? date : 0);
        scan->last_edit = other && date > scan->last_edit ? date : scan->last_edit;
    }
    history_row_put(&scan->value, &history);
    scan_row(scan, &key);
}
