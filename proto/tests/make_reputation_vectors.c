/*
 * Writes spec/vectors/reputation.json into the folder named by its argument:
 *
 *     make_reputation_vectors spec/vectors
 *
 * Every verdict that a case expects stands here in the code; when the library says otherwise, the
 * program ends without writing. reputation_vectors_test.c reads the file back.
 */
#include "make_reputation_vectors.h"

#include "fora/reputation.h"
#include "vector_json.h"

static void pair_row(json_t *rows, uint64_t given, uint64_t returned)
{
    json_t *row = json_object();

    vec_set(row, "given", json_integer((json_int_t)given));
    vec_set(row, "returned", json_integer((json_int_t)returned));
    vec_set(row, "worth", json_integer(fora_standing_pair(given, returned)));
    vec_push(rows, row);
}

static void score_row(json_t *rows, struct fora_standing sums)
{
    json_t *row = json_object();

    vec_set(row, "answers", json_integer((json_int_t)sums.counts[FORA_CREDIT_ANSWER]));
    vec_set(row, "articles", json_integer((json_int_t)sums.counts[FORA_CREDIT_ARTICLE]));
    vec_set(row, "ideas", json_integer((json_int_t)sums.counts[FORA_CREDIT_IDEA]));
    vec_set(row, "confirmed", json_integer((json_int_t)sums.counts[FORA_CREDIT_CONFIRMED]));
    vec_set(row, "rating", json_integer((json_int_t)sums.rating));
    vec_set(row, "from_rooted", json_integer((json_int_t)sums.from_rooted));
    vec_set(row, "from_others", json_integer((json_int_t)sums.from_others));
    vec_set(row, "earned", json_integer((json_int_t)fora_standing_earned(&sums)));
    vec_set(row, "standing", json_integer((json_int_t)fora_standing_score(&sums)));
    vec_set(row, "level", json_integer(fora_standing_level(fora_standing_score(&sums))));
    vec_push(rows, row);
}

static void arithmetic(json_t *file)
{
    static const uint64_t points[] = {0, 1, 15, 30, 31, 34, 45, 150, 151, 4000000000, 5000000000};
    json_t *pairs = vec_list(file, "pairs"), *scores = vec_list(file, "scores");

    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        for (size_t j = 0; j < sizeof(points) / sizeof(points[0]); j++)
            pair_row(pairs, points[i], points[j]);
    }
    EXPECT(fora_standing_pair(30, 0) == 30 && fora_standing_pair(150, 0) == 60);
    EXPECT(fora_standing_pair(30, 30) == 7 && fora_standing_pair(30, 10) == 22);
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        score_row(scores, (struct fora_standing){.from_others = points[i]});
        score_row(scores, (struct fora_standing){.from_rooted = points[i]});
        score_row(scores, (struct fora_standing){.rating = (int64_t)points[i]});
        score_row(scores, (struct fora_standing){.rating = -(int64_t)points[i]});
        score_row(scores, (struct fora_standing){.counts = {[FORA_CREDIT_ANSWER] = points[i],
                                                     [FORA_CREDIT_ARTICLE] = points[i] / 3,
                                                     [FORA_CREDIT_IDEA] = points[i],
                                                     [FORA_CREDIT_CONFIRMED] = points[i] / 2}});
    }
    const struct fora_standing farm = {.counts = {[FORA_CREDIT_ANSWER] = 1000000},
        .rating = 1000000000,
        .from_others = 4000000000};
    EXPECT(fora_standing_score(&farm) == FORA_STANDING_BOUND);
    score_row(scores, farm);
    /* Where the root comes out even. */
    const struct fora_standing even = {.rating = 200, .from_others = 200};
    EXPECT(fora_standing_earned(&even) == 200 && fora_standing_score(&even) == 400);
    score_row(scores, even);
}

static void evidence(json_t *file)
{
    json_t *rows = vec_list(file, "evidence");

    for (size_t count = 0; count <= 9; count++) {
        struct fora_evidence tree = {0};
        struct fora_hash root;
        json_t *row = json_object(), *ids = vec_list(row, "ids");

        for (size_t i = 0; i < count; i++) {
            struct fora_object_id id = {{(uint8_t)(i + 1), (uint8_t)count}};

            EXPECT(fora_evidence_add(&tree, &id) == 0);
            vec_push(ids, vec_hex(id.b, sizeof(id.b)));
        }
        fora_evidence_root(&tree, &root);
        vec_set(row, "root", vec_hex(root.b, sizeof(root.b)));
        vec_push(rows, row);
    }
}

int main(int argc, char **argv)
{
    json_t *file = json_object();

    EXPECT(argc == 2 && fora_crypto_init() == 0);
    vec_set(file, "about",
        json_string("spec/12-reputation.md: objects and the verdicts on them (ATT-4), what is "
                    "carried (ATT-16), "
                    "the arithmetic of fora-standing-1, evidence roots (STD-5)"));
    make_verdicts(vec_list(file, "cases"));
    make_carried(vec_list(file, "carried"));
    arithmetic(file);
    evidence(file);
    vec_write(argv[1], "reputation.json", file);
    return 0;
}
