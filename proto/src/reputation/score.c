/* The arithmetic of fora-standing-1 (STD-4, STD-6 to STD-13): integers only, so that every machine
 * and language comes to the same number. */
#include "fora/reputation.h"

#include <string.h>

#define SUM_MAX UINT64_C(4294967295) /* sums stop at 2^32 - 1: no product below overflows */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t isqrt(uint64_t n)
{
    uint64_t root = 0;

    for (uint64_t bit = UINT64_C(1) << 31; bit != 0; bit >>= 1) {
        uint64_t next = root | bit;

        if (next * next <= n)
            root = next;
    }
    return root;
}

/* As it is up to 100, and from there on as the root, up to a bound. */
static uint64_t bent(uint64_t points, uint64_t bound)
{
    points = least(points, SUM_MAX);
    return points <= 100 ? points : least(bound, 100 + isqrt(100 * (points - 100)));
}

uint32_t fora_standing_pair(uint64_t given, uint64_t returned)
{
    uint64_t p = least(given, SUM_MAX), mutual = least(p, returned);
    uint64_t q = p - mutual + mutual / 4;

    return (uint32_t)(q <= 30 ? q : least(FORA_STANDING_GIVER_MAX, 30 + (q - 30) / 4));
}

uint64_t fora_standing_earned(const struct fora_standing *standing)
{
    return least(SUM_MAX, least(standing->from_rooted, SUM_MAX) + bent(standing->from_others, 500));
}

static uint64_t score(
    uint64_t answers, uint64_t articles, uint64_t word, uint64_t helpful, uint64_t earned)
{
    uint64_t volume = least(50, least(answers, SUM_MAX) + 3 * least(articles, SUM_MAX));

    return least(
        SUM_MAX, volume + least(earned, SUM_MAX) + 20 * least(word, SUM_MAX) + bent(helpful, 300));
}

static uint64_t helpful(const struct fora_standing *standing)
{
    return standing->rating > 0 ? least((uint64_t)standing->rating, SUM_MAX) : 0;
}

static uint64_t word(const struct fora_standing *standing)
{
    return least(standing->counts[FORA_CREDIT_IDEA], SUM_MAX) +
           least(standing->counts[FORA_CREDIT_CONFIRMED], SUM_MAX);
}

uint64_t fora_standing_score(const struct fora_standing *standing)
{
    return score(standing->counts[FORA_CREDIT_ANSWER], standing->counts[FORA_CREDIT_ARTICLE],
        word(standing), helpful(standing), fora_standing_earned(standing));
}

unsigned fora_standing_level(uint64_t points)
{
    static const uint64_t from[FORA_STANDING_LEVELS] = {10, 100, 300, 1000, 3000};
    unsigned level = 0;

    while (level < FORA_STANDING_LEVELS && points >= from[level])
        level++;
    return level;
}

size_t fora_standing_facts(
    const struct fora_standing *standing, struct fora_fact out[FORA_STANDING_FACTS])
{
    const uint64_t *counts = standing->counts;
    const struct {
        const char *name;
        uint64_t count;
    } all[FORA_STANDING_FACTS] = {
        {"answers", counts[FORA_CREDIT_ANSWER]},
        {"articles", counts[FORA_CREDIT_ARTICLE]},
        {"ideas", counts[FORA_CREDIT_IDEA]},
        {"accepted", counts[FORA_CREDIT_ACCEPTED]},
        {"confirmed", counts[FORA_CREDIT_CONFIRMED]},
        {"verified", counts[FORA_CREDIT_VERIFIED]},
        {"cited", counts[FORA_CREDIT_CITED]},
        {"helpful", helpful(standing)},
        {"givers", standing->givers},
        {"rooted", standing->rooted},
        {"earned", fora_standing_earned(standing)},
        {"standing", fora_standing_score(standing)},
    };
    size_t used = 0;

    for (size_t i = 0; i < FORA_STANDING_FACTS; i++) {
        if (all[i].count != 0)
            out[used++] = (struct fora_fact){
                .name = fora_bytes_str(all[i].name), .count = least(all[i].count, SUM_MAX)};
    }
    return used;
}

uint64_t fora_fact_get(const struct fora_fact *facts, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (fora_bytes_equal(facts[i].name, fora_bytes_str(name)))
            return facts[i].count;
    }
    return 0;
}

static uint64_t fact(const struct fora_attestation *attestation, const char *name)
{
    return fora_fact_get(attestation->facts, attestation->facts_count, name);
}

static bool knows_rule(const struct fora_attestation *attestation)
{
    return fora_bytes_equal(attestation->rule, fora_bytes_str(FORA_STANDING_RULE));
}

int fora_standing_check(const struct fora_attestation *attestation)
{
    uint64_t rooted = fact(attestation, "rooted"), earned = fact(attestation, "earned");
    uint64_t organisation =
        least(fact(attestation, "ideas"), SUM_MAX) + least(fact(attestation, "confirmed"), SUM_MAX);

    if (!knows_rule(attestation))
        return 0;
    if (rooted > fact(attestation, "givers") ||
        earned > FORA_STANDING_GIVER_MAX * least(rooted, SUM_MAX) + 500)
        return FORA_E_EVIDENCE;
    return fact(attestation, "standing") == score(fact(attestation, "answers"),
                                                fact(attestation, "articles"), organisation,
                                                fact(attestation, "helpful"), earned)
               ? 0
               : FORA_E_EVIDENCE;
}

enum fora_proof fora_standing_compare(const struct fora_attestation *claim,
    const struct fora_standing *counted, const struct fora_evidence *evidence,
    struct fora_bytes *failed)
{
    struct fora_fact facts[FORA_STANDING_FACTS];
    size_t count = fora_standing_facts(counted, facts);
    struct fora_hash root;

    *failed = fora_bytes(NULL, 0);
    if (!knows_rule(claim))
        return FORA_PROOF_CLAIMED;
    for (size_t i = 0; i < claim->facts_count; i++) {
        uint64_t found = 0;

        for (size_t j = 0; j < count; j++) {
            if (fora_bytes_equal(facts[j].name, claim->facts[i].name))
                found = facts[j].count;
        }
        if (claim->facts[i].count > found) {
            *failed = claim->facts[i].name;
            return FORA_PROOF_CLAIMED;
        }
    }
    fora_evidence_root(evidence, &root);
    return memcmp(root.b, claim->evidence_root.b, sizeof(root.b)) == 0 ? FORA_PROOF_PROVEN
                                                                       : FORA_PROOF_SUPPORTED;
}
