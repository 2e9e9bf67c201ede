/*
 * The shape of what is stored: every table, every key, one encode and one decode function each
 * (docs/storage.md draws it). All integers are big-endian, so that keys sort as numbers do.
 *
 * Objects are stored in order of arrival under a number, the sequence. What finds them is small: an
 * id maps to a sequence, and most other indexes hold sequences only.
 */
#ifndef FORAD_STORE_SCHEMA_H
#define FORAD_STORE_SCHEMA_H

#include "fora/object.h"

enum { STORE_FORMAT = 5 };

/* X(NAME, "name in the database"). The order is part of the format. */
#define STORE_TABLES(X)                                                                            \
    X(META, "meta")         /* name -> value: format, epoch, counters */                           \
    X(OBJECTS, "objects")   /* sequence of the first -> a chunk of records */                      \
    X(IDS, "ids")           /* first 16 bytes of an object id -> sequence */                       \
    X(RECENT, "recent")     /* ids that came last and are not in that table yet (ids.h) */         \
    X(SETS, "sets")         /* space, audience -> number; number -> set_info */                    \
    X(ITEMS, "items")       /* set, seconds, id -> nothing: what reconciliation walks */           \
    X(SUMS, "sums")         /* set, level, lower bound -> count and sum of ids */                  \
    X(SETLOG, "setlog")     /* set, position -> run of sequences: what followers read */           \
    X(CHILDREN, "children") /* sequence of thread, space or principal, sequence -> nothing */      \
    X(AUTHORS, "authors")   /* set, sequence of the principal -> objects; and the reverse */       \
    X(SLOTS, "slots")       /* slot of a replaceable object -> sequence */                         \
    X(ROWS, "rows")         /* sequence of a thread -> its row in lists */                         \
    X(ORDERS, "orders")     /* set, order, tag, falling time, sequence -> nothing */               \
    X(FLAGS, "flags")       /* set, sequence of an open flag -> nothing */                         \
    X(ANSWERED, "answered") /* set, sequence of a flag -> that of the decision about it */         \
    X(CURSORS, "cursors")   /* reader -> how far it has come */                                    \
    X(REFUSED, "refused")   /* first 16 bytes of an id -> code and time */                         \
    X(ERASED, "erased")     /* first 16 bytes of an id -> sequence of what erased it */            \
    X(ACCOUNTS, "accounts") /* handle -> account; principal -> handle */                           \
    X(LOGINS, "logins")     /* session key -> principal and expiry */                              \
    X(VOTES, "votes")       /* sequence of the target, voter -> 1 or -1 */                         \
    X(LINKS, "links")       /* address, space -> subscription */                                   \
    X(PEERS, "peers")       /* principal of a node -> what is known and decided of it */           \
    X(STANDING, "standing") /* what members did, counted, and what is attested of them */          \
    X(MENTIONS, "mentions") /* principal, sequence of what mentions her -> nothing */              \
    X(NOTICES, "notices")   /* principal, number -> a mention that another node told of */

enum store_table {
#define STORE_TABLE_ENUM(name, text) T_##name,
    STORE_TABLES(STORE_TABLE_ENUM)
#undef STORE_TABLE_ENUM
        STORE_TABLE_COUNT
};

extern const char *const store_table_names[STORE_TABLE_COUNT];

/* A key in a fixed buffer. */
struct store_key {
    uint8_t b[96];
    size_t size;
};
struct fora_bytes store_key_bytes(const struct store_key *key);

typedef uint64_t store_seq; /* from 1; 0: none. 48 bits are stored */

enum { SEQ_SIZE = 6, ID_PREFIX_SIZE = 16, TIME_SIZE = 5 };

void seq_put(uint8_t out[SEQ_SIZE], store_seq seq);
store_seq seq_get(const uint8_t in[SEQ_SIZE]);

/*
 * One function makes a key, one takes it apart; the latter is false, and leaves its results alone
 * or in part, when the bytes are no key of that shape. The examples are bytes in hex for set 2,
 * sequence 7, owner 5, seconds 3 and ids that begin with aabb; "id" is the rest of one.
 */

/* objects: 000000000007 */
void key_object(struct store_key *key, store_seq seq);
bool key_object_parse(struct fora_bytes key, store_seq *seq);
/* ids, refused, erased: the first 16 bytes of the id, aabb.. */
void key_id(struct store_key *key, const uint8_t id[FORA_ID_SIZE]);
/* sets: 'k' space audience, 6b aabb.. 00000001 */
void key_set_name(struct store_key *key, const struct fora_space_id *space, uint32_t audience);
bool key_set_name_parse(struct fora_bytes key, struct fora_space_id *space, uint32_t *audience);
/* sets: 'n' set, 6e 00000002 */
void key_set_info(struct store_key *key, uint32_t set);
bool key_set_info_parse(struct fora_bytes key, uint32_t *set);
/* items: set(4) seconds(5) id(32), 00000002 0000000003 aabb.. Seconds beyond 40 bits are cut to the
 * greatest. */
void key_item(
    struct store_key *key, uint32_t set, uint64_t seconds, const uint8_t id[FORA_ID_SIZE]);
bool key_item_parse(
    struct fora_bytes key, uint32_t *set, uint64_t *seconds, uint8_t id[FORA_ID_SIZE]);
/* sums: set(4) level(1) seconds(5) id(32): the lower bound of a node, 00000002 01 0000000003 aabb..
 */
void key_sum(struct store_key *key, uint32_t set, uint8_t level, uint64_t seconds,
    const uint8_t id[FORA_ID_SIZE]);
bool key_sum_parse(struct fora_bytes key, uint32_t *set, uint8_t *level, uint64_t *seconds,
    uint8_t id[FORA_ID_SIZE]);
/* setlog: set(4) position(6): the position of the run's first entry, 00000002 000000000007 */
void key_setlog(struct store_key *key, uint32_t set, uint64_t position);
bool key_setlog_parse(struct fora_bytes key, uint32_t *set, uint64_t *position);
/* children: owner(6) child(6), 000000000005 000000000007 */
void key_child(struct store_key *key, store_seq owner, store_seq child);
bool key_child_parse(struct fora_bytes key, store_seq *owner, store_seq *child);
/* authors: 's' set(4) principal(6), 73 00000002 000000000007 */
void key_author(struct store_key *key, uint32_t set, store_seq principal);
bool key_author_parse(struct fora_bytes key, uint32_t *set, store_seq *principal);
/* authors: 'p' principal(6) set(4), 70 000000000007 00000002 */
void key_author_sets(struct store_key *key, store_seq principal, uint32_t set);
bool key_author_sets_parse(struct fora_bytes key, store_seq *principal, uint32_t *set);
/* slots: first 16 bytes of the slot hash, aabb.. */
void key_slot(struct store_key *key, const struct fora_hash *slot);
/* rows: sequence of the thread, 000000000007, which key_object_parse reads */
void key_row(struct store_key *key, store_seq root);
/* orders: set(4) order(1) tag(8, zeros for the orders without one) ~time ms(6) sequence(6),
 * 00000002 03 1122334455667788 fffffffffc17 000000000007 for 1000 ms. Times beyond 48 bits are cut
 * to the greatest. */
void key_order(struct store_key *key, uint32_t set, uint8_t order, const uint8_t tag[8],
    uint64_t time, store_seq root);
bool key_order_parse(struct fora_bytes key, uint32_t *set, uint8_t *order, uint8_t tag[8],
    uint64_t *time, store_seq *root);
/* flags: set(4) sequence(6), 00000002 000000000007 */
void key_flag(struct store_key *key, uint32_t set, store_seq seq);
bool key_flag_parse(struct fora_bytes key, uint32_t *set, store_seq *seq);
/* mentions: 'm' first 16 bytes of a principal(16) sequence(6), 6d aabb.. 000000000007 */
void key_mention(struct store_key *key, const struct fora_principal_id *principal, store_seq seq);
bool key_mention_parse(struct fora_bytes key, uint8_t principal[ID_PREFIX_SIZE], store_seq *seq);
/* votes: sequence of the target(6) voter(32), 000000000007 aabb.. */
void key_vote(struct store_key *key, store_seq target, const struct fora_principal_id *voter);
bool key_vote_parse(struct fora_bytes key, store_seq *target, struct fora_principal_id *voter);
/* meta, cursors, accounts and the like: a prefix letter and bytes, cut at the key's size, 72 6f7773
 * for 'r' and "ows" */
void key_name(struct store_key *key, char prefix, struct fora_bytes name);
/* The name is borrowed from the key. */
bool key_name_parse(struct fora_bytes key, char *prefix, struct fora_bytes *name);

static inline uint32_t key_be32(const uint8_t *in)
{
    return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

#endif
