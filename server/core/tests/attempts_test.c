/* What is remembered of who got in where (SES-39), without minutes of Argon2id. */
#include "core/attempts.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static const struct attempt_rates rates = {
    .source = {3, FORA_HOUR_MS}, .account = {5, FORA_HOUR_MS}, .accounts = {8, FORA_HOUR_MS}};

enum { NOW = 1000 };

/* Hashes that share no place. */
static const uint64_t ann = UINT64_C(0x0000001100000022), eve = UINT64_C(0x0000003300000044);

static uint64_t source_of(uint64_t number)
{
    return (number + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

static uint64_t take(struct attempts *attempts, uint64_t source, uint64_t account)
{
    struct attempt attempt = {.source = source, .account = account};
    return attempts_take(attempts, &rates, &attempt, NOW);
}

static void enter(struct attempts *attempts, uint64_t source, uint64_t account)
{
    struct attempt attempt = {.source = source, .account = account};
    assert_int_equal(attempts_take(attempts, &rates, &attempt, NOW), 0);
    attempts_passed(attempts, &rates, &attempt, NOW);
}

/* Wrong passwords from elsewhere until the account is closed. */
static void close_account(struct attempts *attempts, uint64_t account)
{
    for (uint64_t i = 0; i < rates.account.amount; i++) {
        assert_int_equal(take(attempts, source_of(90000 + i), account), 0);
    }
    assert_int_not_equal(take(attempts, source_of(99999), account), 0);
}

static void ses39_who_enters_her_own_account_from_everywhere_pushes_nobody_out(void **state)
{
    struct attempts *attempts;
    (void)state;
    assert_int_equal(attempts_new(&attempts), 0);
    enter(attempts, source_of(0), ann);
    for (uint64_t i = 1; i <= 20000; i++) {
        enter(attempts, source_of(i), eve);
    }
    close_account(attempts, ann);
    assert_int_equal(take(attempts, source_of(0), ann), 0);
    attempts_free(attempts);
}

static void ses39_the_last_four_addresses_of_an_account_are_remembered(void **state)
{
    struct attempts *attempts;
    (void)state;
    assert_int_equal(attempts_new(&attempts), 0);
    for (uint64_t i = 0; i < 5; i++) {
        enter(attempts, source_of(i), ann);
    }
    enter(attempts, source_of(1), ann); /* again, so it is the last one */
    enter(attempts, source_of(5), ann);
    close_account(attempts, ann);
    assert_int_not_equal(take(attempts, source_of(0), ann), 0);
    assert_int_equal(take(attempts, source_of(1), ann), 0);
    assert_int_not_equal(take(attempts, source_of(2), ann), 0);
    for (uint64_t i = 3; i <= 5; i++) {
        assert_int_equal(take(attempts, source_of(i), ann), 0);
    }
    attempts_free(attempts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ses39_who_enters_her_own_account_from_everywhere_pushes_nobody_out),
        cmocka_unit_test(ses39_the_last_four_addresses_of_an_account_are_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
