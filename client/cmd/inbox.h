/* What waits for a member: mentions of her, and what moved where she follows. */
#ifndef FORA_CMD_INBOX_H
#define FORA_CMD_INBOX_H

#include "cmd/beside.h"
#include "cmd/people.h"

enum { INBOX_MAX = 1024, INBOX_SPACES_MAX = 32 };

struct inbox_item {
    bool is_mention;
    bool is_new;                     /* since the last look */
    struct fora_object_id id;        /* the post that mentions her, or the thread */
    struct fora_object_id root;      /* the thread */
    struct fora_space_id space;      /* zeros: not known */
    struct fora_principal_id author; /* of the post or the thread */
    struct fora_principal_id from;   /* the node that told ours, which does not hold it; or zeros */
    uint64_t at;                     /* ms: written, or moved last */
    uint64_t created_at;
    struct fora_bytes title; /* foreign; in the arena, as is the text */
    struct fora_bytes text;
    uint32_t answers, comments;
    size_t beside; /* index of besides, or INBOX_SPACES_MAX */
};

struct inbox {
    struct fora_arena arena;
    struct people people;
    struct inbox_item items[INBOX_MAX];
    size_t count;
    size_t unverified;                        /* mentions that were left out */
    struct beside *besides[INBOX_SPACES_MAX]; /* owned: what stands beside names, by space */
    size_t besides_count;
};

/* Gather. Return an exit code, having said what failed. */
int inbox_mentions(struct app *app, struct inbox *inbox, size_t limit);
int inbox_followed(struct app *app, struct inbox *inbox, size_t limit);
/* What is there against what was there when she looked last: marks what is new, leaves out what is
 * beyond `limit` or, if `unread`, not new, and remembers the rest as seen. The newest is first.
 * What she wrote herself is not new to her. */
int inbox_compare(struct app *app, struct inbox *inbox, size_t limit, bool unread);

#endif
