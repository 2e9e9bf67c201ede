/*
 * Writes spec/vectors/reconcile.json into the folder named by its argument: fingerprints of both
 * forms, and whole reconciliations in which ranges are split as by the reference. Run by hand when
 * REP-5, REP-6 or REP-24 changes.
 */
#include "fora/crypto.h"
#include "fora/negentropy.h"
#include "vector_json.h"

#include <stdio.h>

enum { ITEMS_MAX = 1000, IDS_MAX = 64 };

/* As `about` says. */
static struct fora_neg_item item_make(unsigned number)
{
    struct fora_neg_item item = {.time = 1700000000 + 40 * (uint64_t)(number / 3)};
    char text[16];

    snprintf(text, sizeof(text), "r%u", number);
    fora_sha256(item.id, fora_bytes_str(text));
    return item;
}

static void key_make(uint8_t key[FORA_NEG_KEY_SIZE], unsigned first)
{
    for (unsigned i = 0; i < FORA_NEG_KEY_SIZE; i++)
        key[i] = (uint8_t)(first + i);
}

static void fingerprint(json_t *list, unsigned count, unsigned first)
{
    json_t *made = json_object(), *ids;
    struct fora_neg_sum sum;
    uint8_t key[FORA_NEG_KEY_SIZE], published[16], brief[8];

    vec_push(list, made);
    ids = vec_list(made, "ids");
    fora_neg_sum_zero(&sum);
    for (unsigned i = 0; i < count; i++) {
        struct fora_neg_item item = item_make(i);

        vec_push(ids, vec_hex(item.id, sizeof(item.id)));
        fora_neg_sum_add_id(&sum, item.id);
    }
    key_make(key, first);
    fora_neg_fingerprint(published, &sum);
    fora_neg_short_fingerprint(brief, key, &sum);
    vec_set(made, "fingerprint", vec_hex(published, sizeof(published)));
    vec_set(made, "key", vec_hex(key, sizeof(key)));
    vec_set(made, "short", vec_hex(brief, sizeof(brief)));
}

/* ---- sessions ---- */

struct side {
    struct fora_neg_item items[ITEMS_MAX];
    size_t count;
    struct fora_neg_vector *vector;
    struct fora_neg_source source;
};

/* The items numbered below `count` but those whose number is `but` modulo `lacks`. */
static void side_make(json_t *session, const char *name, struct side *side, unsigned count,
    unsigned lacks, unsigned but)
{
    json_t *list = vec_list(session, name);

    side->count = 0;
    for (unsigned i = 0; i < count; i++) {
        if (lacks > 0 && i % lacks == but)
            vec_push(list, json_integer(i));
        else
            side->items[side->count++] = item_make(i);
    }
    EXPECT(fora_neg_vector_new(&side->vector, side->items, side->count) == 0);
    side->source = fora_neg_vector_source(side->vector);
}

struct found {
    json_t *have, *need;
};

static int found_have(void *context, const uint8_t id[32])
{
    vec_push(((struct found *)context)->have, vec_hex(id, 32));
    return 0;
}

static int found_need(void *context, const uint8_t id[32])
{
    vec_push(((struct found *)context)->need, vec_hex(id, 32));
    return 0;
}

static void join(json_t *all, json_t *some)
{
    EXPECT(json_array_extend(all, some) == 0);
}

static void talk(json_t *session, const struct side sides[2], const uint8_t *key)
{
    const struct fora_neg_limits limits = {.key = key};
    json_t *rounds = vec_list(session, "rounds"), *final = json_object();
    json_t *have = vec_list(final, "have"), *need = vec_list(final, "need");
    struct fora_buf question = {0}, answer = {0};

    vec_set(session, "final", final);
    EXPECT(fora_neg_start(&sides[0].source, &limits, &question) == 0);
    while (question.size > 0) {
        json_t *round = json_object();
        struct found found;
        struct fora_neg_report report = {&found, found_have, found_need};

        vec_push(rounds, round);
        fora_buf_clear(&answer);
        EXPECT(
            fora_neg_reply(&sides[1].source, NULL, fora_buf_bytes(&question), NULL, &answer) == 0);
        vec_set(round, "client", vec_hex(question.data, question.size));
        vec_set(round, "server", vec_hex(answer.data, answer.size));
        found.have = vec_list(round, "have");
        found.need = vec_list(round, "need");
        fora_buf_clear(&question);
        EXPECT(fora_neg_reply(
                   &sides[0].source, &limits, fora_buf_bytes(&answer), &report, &question) == 0);
        join(have, found.have);
        join(need, found.need);
    }
    fora_buf_fini(&question);
    fora_buf_fini(&answer);
}

static void session(
    json_t *sessions, const char *name, unsigned count, unsigned lacks, const uint8_t *key)
{
    static struct side sides[2];
    json_t *made = vec_case(sessions, name, key == NULL ? "REP-5" : "REP-24");

    EXPECT(count <= ITEMS_MAX);
    if (key != NULL)
        vec_set(made, "key", vec_hex(key, FORA_NEG_KEY_SIZE));
    vec_set(made, "items", json_integer(count));
    side_make(made, "client_lacks", &sides[0], count, lacks, 3);
    side_make(made, "server_lacks", &sides[1], count, lacks, 5);
    talk(made, sides, key);
    fora_neg_vector_free(sides[0].vector);
    fora_neg_vector_free(sides[1].vector);
}

int main(int argc, char **argv)
{
    json_t *file = json_object(), *list;
    uint8_t key[FORA_NEG_KEY_SIZE];

    EXPECT(argc == 2);
    vec_set(file, "about",
        json_string(
            "Reconciling as in REP-5, and with short fingerprints where a key is given "
            "(REP-24). Item number n has the time 1700000000 + 40 * floor(n / 3), and as id "
            "SHA-256 of the letter r and n in decimal. A side has all items numbered below "
            "'items' but those that it lacks, splits into 16 pieces, and sends the ids of "
            "fewer than 32 items. All bytes as hex."));
    list = vec_list(file, "fingerprints");
    for (unsigned count = 0; count < IDS_MAX; count = 2 * count + 1)
        fingerprint(list, count, 5 * count);
    list = vec_list(file, "sessions");
    key_make(key, 0xa0);
    session(list, "nothing", 0, 0, key);
    session(list, "equal", 60, 0, key);
    session(list, "ids only", 20, 10, key);
    session(list, "one difference on each side", 60, 60, key);
    session(list, "many ranges", 120, 50, key);
    session(list, "all ranges", 80, 7, key);
    session(list, "two levels", 1000, 300, key);
    session(list, "two levels, published form", 1000, 300, NULL);
    vec_write(argv[1], "reconcile.json", file);
    return 0;
}
