/*
 * Rows of a dump as the scratch index keeps them: numbers read, texts as they stood (cut at what
 * could ever be used of them). Private to the importer.
 *
 * Texts of what is taken apart are borrowed from the bytes.
 */
#ifndef FORAD_IMPORT_ROWS_H
#define FORAD_IMPORT_ROWS_H

#include "import/import_index.h"

/* Texts longer than any content, after which nothing is read. */
enum { ROW_TEXT_MAX = 256 * 1024, ROW_HTML_MAX = 1024 * 1024, ROW_WORD_MAX = 2048 };

/* POSTS: what is asked about a post again and again. */
struct post_fact {
    uint8_t type;    /* 1 question, 2 answer, 0 anything else */
    uint64_t thread; /* its own id, or the question's */
    uint64_t created;
    struct author_key author;
};

struct post_row {
    uint8_t type;
    uint64_t created;
    uint64_t active; /* 0: not said, as the others */
    uint64_t edited;
    uint64_t closed;
    uint64_t community;
    uint64_t accepted; /* the id of an answer */
    int64_t score;
    struct author_key author;
    struct fora_bytes title;
    struct fora_bytes tags;
    struct fora_bytes body; /* HTML */
    struct fora_bytes licence;
};

struct history_row {
    uint8_t type;
    struct author_key author;
    struct fora_bytes guid;
    struct fora_bytes text;
    struct fora_bytes comment;
    struct fora_bytes licence;
};

struct comment_row {
    int64_t score;
    struct author_key author;
    struct fora_bytes text;
    struct fora_bytes licence;
};

struct votes_row {
    uint64_t up;
    uint64_t down;
    uint64_t accepted_at; /* last vote of the asker for it; 0: none */
    uint64_t last_at;     /* of the votes up and down */
};

struct user_row {
    uint64_t created;
    struct fora_bytes name;
    struct fora_bytes about; /* HTML */
    struct fora_bytes website;
};

/* NEEDED */
struct person {
    uint64_t first_edit; /* of a post of somebody else; 0: none */
    uint64_t last_edit;
    bool made;
    struct fora_principal_id principal; /* once made, as the name */
    struct fora_bytes name;
};

void post_fact_put(struct fora_buf *out, const struct post_fact *fact);
bool post_fact_parse(struct fora_bytes bytes, struct post_fact *out);
void post_row_put(struct fora_buf *out, const struct post_row *row);
bool post_row_parse(struct fora_bytes bytes, struct post_row *out);
void history_row_put(struct fora_buf *out, const struct history_row *row);
bool history_row_parse(struct fora_bytes bytes, struct history_row *out);
void comment_row_put(struct fora_buf *out, const struct comment_row *row);
bool comment_row_parse(struct fora_bytes bytes, struct comment_row *out);
void votes_row_put(struct fora_buf *out, const struct votes_row *row);
bool votes_row_parse(struct fora_bytes bytes, struct votes_row *out);
void user_row_put(struct fora_buf *out, const struct user_row *row);
bool user_row_parse(struct fora_bytes bytes, struct user_row *out);
void person_put(struct fora_buf *out, const struct person *person);
bool person_parse(struct fora_bytes bytes, struct person *out);

#endif
