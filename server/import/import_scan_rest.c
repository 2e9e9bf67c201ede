/* Rows of Comments.xml, Votes.xml and PostLinks.xml. */
#include "import/import_scan.h"

#include <stdlib.h>
#include <string.h>

void scan_comment(struct scan *scan, const struct sedump_row *row)
{
    uint64_t id, post;
    struct post_fact fact;
    struct comment_row comment = {.text = scan_text(row, "Text"),
        .licence = scan_text(row, "ContentLicense"),
        .score = scan_number(row, "Score")};
    if (!scan_id(scan, row, "Id", &id) || !scan_id(scan, row, "PostId", &post)) {
        return;
    }
    if (!scan_fact(scan, post, &fact)) {
        scan_skip(scan, IMPORT_SKIP_COMMENT_ORPHAN);
        return;
    }
    if (fact.type == 0) {
        scan_skip(scan, IMPORT_SKIP_COMMENT_OTHER);
        return;
    }
    struct row_key key = {fact.thread, post, ROW_COMMENT, 0, id};
    if (!scan_row_new(scan, row, &fact, &key)) {
        return;
    }
    author_of(&comment.author, row, "UserId", "UserDisplayName");
    scan_need(scan, &comment.author, 0);
    comment_row_put(&scan->value, &comment);
    scan_row(scan, &key);
}

/* ---- votes ---- */

enum { SLOTS = 16384, VOTE_ACCEPTED = 1, VOTE_UP = 2, VOTE_DOWN = 3 };

struct slot {
    uint64_t post; /* 0: empty */
    uint64_t thread;
    struct votes_row votes;
};

/* Direct-mapped: a post that needs the place of another one sends it to the index. */
struct scan_tallies {
    struct slot slots[SLOTS];
};

int scan_tallies_begin(struct scan *scan)
{
    scan->tallies = calloc(1, sizeof *scan->tallies);
    return scan->tallies == NULL ? FORA_E_NOMEM : 0;
}

static void add_votes(struct votes_row *to, const struct votes_row *more)
{
    to->up += more->up;
    to->down += more->down;
    to->accepted_at = more->accepted_at > to->accepted_at ? more->accepted_at : to->accepted_at;
    to->last_at = more->last_at > to->last_at ? more->last_at : to->last_at;
}

static void write_slot(struct scan *scan, struct slot *slot)
{
    uint8_t key[INDEX_ROW_SIZE];
    struct votes_row before;
    struct fora_bytes value;
    if (slot->post == 0) {
        return;
    }
    row_key_put(key, &(struct row_key){slot->thread, slot->post, ROW_VOTES, 0, 0});
    if (index_get(scan->index, INDEX_ROWS, fora_bytes(key, sizeof key), &value) &&
        votes_row_parse(value, &before)) {
        add_votes(&slot->votes, &before);
    } else {
        scan->rows++;
    }
    fora_buf_clear(&scan->value);
    votes_row_put(&scan->value, &slot->votes);
    index_put(scan->index, INDEX_ROWS, fora_bytes(key, sizeof key), fora_buf_bytes(&scan->value));
    slot->post = 0;
}

void scan_tallies_end(struct scan *scan)
{
    for (size_t i = 0; scan->tallies != NULL && i < SLOTS; i++) {
        write_slot(scan, &scan->tallies->slots[i]);
    }
    free(scan->tallies);
    scan->tallies = NULL;
}

/* The post's place, or NULL when its votes do not count, which was counted. */
static struct slot *slot_of(struct scan *scan, uint64_t post, uint64_t type)
{
    struct slot *slot = &scan->tallies->slots[post % SLOTS];
    struct post_fact fact;
    bool counts = type == VOTE_UP || type == VOTE_DOWN || type == VOTE_ACCEPTED;
    if (slot->post != post || !counts) {
        if (!scan_fact(scan, post, &fact)) {
            scan_skip(scan, IMPORT_SKIP_VOTE_ORPHAN);
            return NULL;
        }
        if (fact.type == 0 || !counts) {
            scan_skip(scan, counts ? IMPORT_SKIP_VOTE_OTHER_POST : IMPORT_SKIP_VOTE_OTHER);
            return NULL;
        }
        write_slot(scan, slot);
        *slot = (struct slot){.post = post, .thread = fact.thread};
    }
    return slot;
}

void scan_vote(struct scan *scan, const struct sedump_row *row)
{
    uint64_t post;
    int64_t type = scan_number(row, "VoteTypeId");
    if (!scan_id(scan, row, "PostId", &post)) {
        return;
    }
    int64_t id = scan_number(row, "Id");
    if (id > 0 && scan_id_may_be_there(scan, id) && id == scan->file.greatest) {
        scan_skip(
            scan, IMPORT_SKIP_ROW_AGAIN); /* others are not kept: a vote is one more, no row */
        return;
    }
    struct slot *slot = slot_of(scan, post, (uint64_t)type);
    uint64_t date;
    if (slot == NULL) {
        return;
    }
    (void)scan_date(scan, row, 0, &date); /* without one it counts all the same */
    if (type == VOTE_ACCEPTED) {
        add_votes(&slot->votes, &(struct votes_row){.accepted_at = date});
    } else {
        add_votes(&slot->votes,
            &(struct votes_row){.up = type == VOTE_UP, .down = type == VOTE_DOWN, .last_at = date});
    }
}

/* ---- links ---- */

static void put_link(struct scan *scan, const struct sedump_row *row, uint64_t id,
    const struct post_fact *fact, uint64_t original)
{
    uint8_t key[INDEX_LINK_SIZE];
    struct fora_bytes known;
    uint64_t date;
    key_be64(key, fact->thread);
    key_be64(key + 8, id);
    if (scan_id_may_be_there(scan, (int64_t)id) &&
        index_get(scan->index, INDEX_LINKS, fora_bytes(key, sizeof key), &known)) {
        scan_skip(scan, IMPORT_SKIP_ROW_AGAIN);
    } else if (scan_date(scan, row, fact->created, &date)) {
        fora_buf_be64(&scan->value, original);
        fora_buf_be64(&scan->value, date);
        index_put(
            scan->index, INDEX_LINKS, fora_bytes(key, sizeof key), fora_buf_bytes(&scan->value));
    }
}

void scan_link(struct scan *scan, const struct sedump_row *row)
{
    enum { LINK_DUPLICATE = 3 };
    uint64_t id, post, related;
    int64_t type = scan_number(row, "LinkTypeId");
    struct post_fact fact, original;
    if (!scan_id(scan, row, "Id", &id) || !scan_id(scan, row, "PostId", &post) ||
        !scan_id(scan, row, "RelatedPostId", &related)) {
        return;
    }
    bool known = scan_fact(scan, post, &fact) && scan_fact(scan, related, &original);
    if (!known || fact.type == 0 || original.type == 0) {
        scan_skip(scan, IMPORT_SKIP_LINK_ORPHAN);
    } else if (type != LINK_DUPLICATE) {
        scan_skip(scan, IMPORT_SKIP_LINK_OTHER);
    } else if (fact.thread == original.thread) {
        scan_skip(scan, IMPORT_SKIP_LINK_SELF);
    } else {
        put_link(scan, row, id, &fact, original.thread);
    }
}
