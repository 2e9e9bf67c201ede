/* Every key: the bytes of its example in schema.h, there and back, and the order of keys. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/schema.h"

#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 500 };

static const uint64_t seconds_max = ((uint64_t)1 << 40) - 1;
static const uint64_t millis_max = ((uint64_t)1 << 48) - 1;

struct parts {
    uint32_t set, audience;
    uint8_t level, order;
    uint64_t seconds, millis;
    store_seq seq, owner;
    uint8_t id[FORA_ID_SIZE], tag[8];
};

static const struct parts example = {.set = 2,
    .audience = 1,
    .level = 1,
    .order = 3,
    .seconds = 3,
    .millis = 1000,
    .seq = 7,
    .owner = 5,
    .id = {0xaa, 0xbb},
    .tag = {0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88}};

static uint64_t random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Small and great values in turn, so that ties and carries both occur. */
static struct parts random_parts(uint64_t *state)
{
    struct parts parts;
    uint64_t mask = random_next(state) % 2 == 0 ? 3 : ~(uint64_t)0;
    parts.set = (uint32_t)(random_next(state) & mask);
    parts.audience = (uint32_t)(random_next(state) & mask);
    parts.level = (uint8_t)(random_next(state) & mask);
    parts.order = (uint8_t)(random_next(state) & mask);
    parts.seconds = random_next(state) & mask & seconds_max;
    parts.millis = random_next(state) & mask & millis_max;
    parts.seq = random_next(state) & mask & millis_max;
    parts.owner = random_next(state) & mask & millis_max;
    for (size_t i = 0; i < sizeof parts.id; i++) {
        parts.id[i] = (uint8_t)(random_next(state) & mask);
    }
    for (size_t i = 0; i < sizeof parts.tag; i++) {
        parts.tag[i] = (uint8_t)(random_next(state) & mask);
    }
    return parts;
}

/* ---- the shapes: how each is made, taken apart and ordered ---- */

static int by_number(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int by_id(const struct parts *a, const struct parts *b)
{
    return memcmp(a->id, b->id, sizeof a->id);
}

static void object_make(struct store_key *key, const struct parts *parts)
{
    key_object(key, parts->seq);
}

static bool object_parse(struct fora_bytes key, struct parts *out)
{
    return key_object_parse(key, &out->seq);
}

static int object_order(const struct parts *a, const struct parts *b)
{
    return by_number(a->seq, b->seq);
}

static void row_make(struct store_key *key, const struct parts *parts)
{
    key_row(key, parts->seq);
}

static void set_name_make(struct store_key *key, const struct parts *parts)
{
    struct fora_space_id space;
    memcpy(space.b, parts->id, sizeof space.b);
    key_set_name(key, &space, parts->audience);
}

static bool set_name_parse(struct fora_bytes key, struct parts *out)
{
    struct fora_space_id space;
    bool fine = key_set_name_parse(key, &space, &out->audience);
    memcpy(out->id, space.b, sizeof space.b);
    return fine;
}

static int set_name_order(const struct parts *a, const struct parts *b)
{
    return by_id(a, b) != 0 ? by_id(a, b) : by_number(a->audience, b->audience);
}

static void set_info_make(struct store_key *key, const struct parts *parts)
{
    key_set_info(key, parts->set);
}

static bool set_info_parse(struct fora_bytes key, struct parts *out)
{
    return key_set_info_parse(key, &out->set);
}

static int set_order(const struct parts *a, const struct parts *b)
{
    return by_number(a->set, b->set);
}

static void item_make(struct store_key *key, const struct parts *parts)
{
    key_item(key, parts->set, parts->seconds, parts->id);
}

static bool item_parse(struct fora_bytes key, struct parts *out)
{
    return key_item_parse(key, &out->set, &out->seconds, out->id);
}

static int item_order(const struct parts *a, const struct parts *b)
{
    if (a->set != b->set) {
        return by_number(a->set, b->set);
    }
    return a->seconds != b->seconds ? by_number(a->seconds, b->seconds) : by_id(a, b);
}

static void sum_make(struct store_key *key, const struct parts *parts)
{
    key_sum(key, parts->set, parts->level, parts->seconds, parts->id);
}

static bool sum_parse(struct fora_bytes key, struct parts *out)
{
    return key_sum_parse(key, &out->set, &out->level, &out->seconds, out->id);
}

static int sum_order(const struct parts *a, const struct parts *b)
{
    if (a->set != b->set || a->level == b->level) {
        return item_order(a, b);
    }
    return by_number(a->level, b->level);
}

static void setlog_make(struct store_key *key, const struct parts *parts)
{
    key_setlog(key, parts->set, parts->seq);
}

static bool setlog_parse(struct fora_bytes key, struct parts *out)
{
    return key_setlog_parse(key, &out->set, &out->seq);
}

static int set_seq_order(const struct parts *a, const struct parts *b)
{
    return a->set != b->set ? by_number(a->set, b->set) : by_number(a->seq, b->seq);
}

static void child_make(struct store_key *key, const struct parts *parts)
{
    key_child(key, parts->owner, parts->seq);
}

static bool child_parse(struct fora_bytes key, struct parts *out)
{
    return key_child_parse(key, &out->owner, &out->seq);
}

static int child_order(const struct parts *a, const struct parts *b)
{
    return a->owner != b->owner ? by_number(a->owner, b->owner) : by_number(a->seq, b->seq);
}

static void author_make(struct store_key *key, const struct parts *parts)
{
    key_author(key, parts->set, parts->seq);
}

static bool author_parse(struct fora_bytes key, struct parts *out)
{
    return key_author_parse(key, &out->set, &out->seq);
}

static void author_sets_make(struct store_key *key, const struct parts *parts)
{
    key_author_sets(key, parts->seq, parts->set);
}

static bool author_sets_parse(struct fora_bytes key, struct parts *out)
{
    return key_author_sets_parse(key, &out->seq, &out->set);
}

static int seq_set_order(const struct parts *a, const struct parts *b)
{
    return a->seq != b->seq ? by_number(a->seq, b->seq) : by_number(a->set, b->set);
}

static void order_make(struct store_key *key, const struct parts *parts)
{
    key_order(key, parts->set, parts->order, parts->tag, parts->millis, parts->seq);
}

static bool order_parse(struct fora_bytes key, struct parts *out)
{
    return key_order_parse(key, &out->set, &out->order, out->tag, &out->millis, &out->seq);
}

/* The latest first. */
static int order_order(const struct parts *a, const struct parts *b)
{
    int tag = memcmp(a->tag, b->tag, sizeof a->tag);
    if (a->set != b->set || a->order != b->order) {
        return a->set != b->set ? by_number(a->set, b->set) : by_number(a->order, b->order);
    }
    if (tag != 0 || a->millis != b->millis) {
        return tag != 0 ? tag : by_number(b->millis, a->millis);
    }
    return by_number(a->seq, b->seq);
}

static void flag_make(struct store_key *key, const struct parts *parts)
{
    key_flag(key, parts->set, parts->seq);
}

static bool flag_parse(struct fora_bytes key, struct parts *out)
{
    return key_flag_parse(key, &out->set, &out->seq);
}

static void vote_make(struct store_key *key, const struct parts *parts)
{
    struct fora_principal_id voter;
    memcpy(voter.b, parts->id, sizeof voter.b);
    key_vote(key, parts->seq, &voter);
}

static bool vote_parse(struct fora_bytes key, struct parts *out)
{
    struct fora_principal_id voter;
    bool fine = key_vote_parse(key, &out->seq, &voter);
    memcpy(out->id, voter.b, sizeof voter.b);
    return fine;
}

static int vote_order(const struct parts *a, const struct parts *b)
{
    return a->seq != b->seq ? by_number(a->seq, b->seq) : by_id(a, b);
}

static void mention_make(struct store_key *key, const struct parts *parts)
{
    struct fora_principal_id principal;
    memcpy(principal.b, parts->id, sizeof principal.b);
    key_mention(key, &principal, parts->seq);
}

static bool mention_parse(struct fora_bytes key, struct parts *out)
{
    return key_mention_parse(key, out->id, &out->seq);
}

static int mention_order(const struct parts *a, const struct parts *b)
{
    int order = memcmp(a->id, b->id, ID_PREFIX_SIZE);
    return order != 0 ? order : by_number(a->seq, b->seq);
}

#define ID_REST "000000000000000000000000000000000000000000000000000000000000"

static const struct shape {
    const char *name;
    const char *bytes; /* of the example, in hex */
    void (*make)(struct store_key *key, const struct parts *parts);
    bool (*parse)(struct fora_bytes key, struct parts *out);
    int (*order)(const struct parts *a, const struct parts *b);
} shapes[] = {
    {"object", "000000000007", object_make, object_parse, object_order},
    {"row", "000000000007", row_make, object_parse, object_order},
    {"set name", "6baabb" ID_REST "00000001", set_name_make, set_name_parse, set_name_order},
    {"set info", "6e00000002", set_info_make, set_info_parse, set_order},
    {"item", "000000020000000003aabb" ID_REST, item_make, item_parse, item_order},
    {"sum", "00000002010000000003aabb" ID_REST, sum_make, sum_parse, sum_order},
    {"setlog", "00000002000000000007", setlog_make, setlog_parse, set_seq_order},
    {"child", "000000000005000000000007", child_make, child_parse, child_order},
    {"author", "7300000002000000000007", author_make, author_parse, set_seq_order},
    {"author's sets", "7000000000000700000002", author_sets_make, author_sets_parse, seq_set_order},
    {"order", "00000002031122334455667788fffffffffc17000000000007", order_make, order_parse,
        order_order},
    {"flag", "00000002000000000007", flag_make, flag_parse, set_seq_order},
    {"mention", "6daabb0000000000000000000000000000000000000007", mention_make, mention_parse,
        mention_order},
    {"vote", "000000000007aabb" ID_REST, vote_make, vote_parse, vote_order},
};

enum { SHAPES = sizeof shapes / sizeof shapes[0] };

static void every_key_has_the_bytes_of_its_example(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHAPES; i++) {
        struct store_key key;
        char text[2 * sizeof key.b + 1];
        shapes[i].make(&key, &example);
        fora_hex(text, key.b, key.size);
        if (strcmp(text, shapes[i].bytes) != 0) {
            print_error("%s\n", shapes[i].name);
        }
        assert_string_equal(text, shapes[i].bytes);
    }
}

/* What is read back makes the same key, and a key cut or grown by a byte is no key. */
static void every_key_is_taken_apart(void **state)
{
    uint64_t seed = 1;
    (void)state;
    for (size_t i = 0; i < SHAPES * ROUNDS; i++) {
        const struct shape *shape = &shapes[i / ROUNDS];
        struct parts parts = random_parts(&seed), back;
        struct store_key key, again;
        memset(&back, 0, sizeof back);
        shape->make(&key, &parts);
        assert_true(shape->parse(store_key_bytes(&key), &back));
        shape->make(&again, &back);
        assert_true(fora_bytes_equal(store_key_bytes(&key), store_key_bytes(&again)));
        assert_int_equal(shape->order(&parts, &back), 0);
        assert_false(shape->parse(fora_bytes(key.b, key.size - 1), &back));
        key.b[key.size] = 0;
        assert_false(shape->parse(fora_bytes(key.b, key.size + 1), &back));
    }
}

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

static void every_key_sorts_as_its_parts_do(void **state)
{
    uint64_t seed = 2;
    (void)state;
    for (size_t i = 0; i < SHAPES * ROUNDS; i++) {
        const struct shape *shape = &shapes[i / ROUNDS];
        struct parts a = random_parts(&seed), b = random_parts(&seed);
        struct store_key x, y;
        shape->make(&x, &a);
        shape->make(&y, &b);
        int keys = fora_bytes_compare(store_key_bytes(&x), store_key_bytes(&y));
        assert_int_equal(sign(keys), sign(shape->order(&a, &b)));
    }
}

static void keys_of_another_kind_are_refused(void **state)
{
    struct store_key key;
    struct parts out;
    (void)state;
    author_make(&key, &example);
    assert_false(author_sets_parse(store_key_bytes(&key), &out));
    author_sets_make(&key, &example);
    assert_false(author_parse(store_key_bytes(&key), &out));
    set_info_make(&key, &example);
    assert_false(set_name_parse(store_key_bytes(&key), &out));
}

static void what_is_too_great_for_a_key_is_cut(void **state)
{
    struct store_key key, great;
    uint8_t tag[8] = {0};
    (void)state;
    key_item(&key, 1, UINT64_MAX, example.id);
    key_item(&great, 1, seconds_max, example.id);
    assert_true(fora_bytes_equal(store_key_bytes(&key), store_key_bytes(&great)));
    key_order(&key, 1, 0, tag, UINT64_MAX, 1);
    key_order(&great, 1, 0, tag, millis_max, 1);
    assert_true(fora_bytes_equal(store_key_bytes(&key), store_key_bytes(&great)));
}

static void names_and_id_prefixes(void **state)
{
    struct store_key key;
    struct fora_bytes name;
    struct fora_hash slot;
    char prefix, longest[200];
    (void)state;
    key_name(&key, 'r', fora_bytes_str("ows"));
    assert_memory_equal(key.b, "rows", 4);
    assert_true(key_name_parse(store_key_bytes(&key), &prefix, &name));
    assert_int_equal(prefix, 'r');
    assert_true(fora_bytes_equal(name, fora_bytes_str("ows")));
    assert_false(key_name_parse(fora_bytes(NULL, 0), &prefix, &name));
    memset(longest, 'x', sizeof longest);
    key_name(&key, 'r', fora_bytes(longest, sizeof longest));
    assert_int_equal(key.size, sizeof key.b);
    key_id(&key, example.id);
    assert_int_equal(key.size, ID_PREFIX_SIZE);
    assert_memory_equal(key.b, example.id, ID_PREFIX_SIZE);
    memcpy(slot.b, example.id, sizeof slot.b);
    key_slot(&key, &slot);
    assert_int_equal(key.size, ID_PREFIX_SIZE);
    assert_memory_equal(key.b, example.id, ID_PREFIX_SIZE);
}

static void tables_have_names(void **state)
{
    (void)state;
    assert_true(STORE_TABLE_COUNT > 0);
    for (size_t i = 0; i < STORE_TABLE_COUNT; i++) {
        assert_non_null(store_table_names[i]);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(store_table_names[i], store_table_names[j]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_has_the_bytes_of_its_example),
        cmocka_unit_test(every_key_is_taken_apart),
        cmocka_unit_test(every_key_sorts_as_its_parts_do),
        cmocka_unit_test(keys_of_another_kind_are_refused),
        cmocka_unit_test(what_is_too_great_for_a_key_is_cut),
        cmocka_unit_test(names_and_id_prefixes),
        cmocka_unit_test(tables_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
