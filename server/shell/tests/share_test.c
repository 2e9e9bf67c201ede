/* The account of strangers' time, and the counting of addresses. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <string.h>

#include "fora/crypto.h"
#include "shell/share.h"

static const uint64_t ms = 1000000;

/* Whoever works whenever there is something left has a quarter of the time. */
static void test_a_quarter_of_the_time(void **state)
{
    struct share share = {.left = 0};
    uint64_t now = 1000 * ms, begin = now, worked = 0;
    (void)state;
    while (now < begin + 4000 * ms) {
        if (share_spent(&share, now)) {
            now += ms / 10;
        } else {
            share_spend(&share, now, now + ms / 2);
            now += ms / 2;
            worked += ms / 2;
        }
    }
    assert_in_range(worked, 990 * ms, 1010 * ms);
}

/* A long pause is not saved up. */
static void test_little_is_saved(void **state)
{
    struct share share = {.left = 0};
    uint64_t now = 3600 * 1000 * ms;
    unsigned turns = 0;
    (void)state;
    while (!share_spent(&share, now)) {
        share_spend(&share, now, now + ms);
        turns++;
        assert_in_range(turns, 1, 10);
    }
    assert_in_range(turns, 1, 4);
}

/* What took too long is paid for afterwards. */
static void test_debts_are_paid(void **state)
{
    struct share share = {.left = 0};
    uint64_t now = 1000 * ms;
    (void)state;
    assert_false(share_spent(&share, now));
    share_spend(&share, now, now + 100 * ms);
    assert_true(share_spent(&share, now + 200 * ms));
    assert_false(share_spent(&share, now + 500 * ms));
}

static unsigned place_of(const struct addresses *addresses, const char *text)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &in.sin_addr) == 1) {
        return addresses_place(addresses, (const struct sockaddr *)&in);
    }
    assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    return addresses_place(addresses, (const struct sockaddr *)&in6);
}

static void test_addresses(void **state)
{
    static struct addresses addresses;
    (void)state;
    assert_int_equal(fora_crypto_init(), 0);
    addresses_init(&addresses);
    assert_int_equal(place_of(&addresses, "192.0.2.1"), place_of(&addresses, "192.0.2.1"));
    assert_int_equal(
        place_of(&addresses, "2001:db8:0:1::1"), place_of(&addresses, "2001:db8:0:1:ff::2"));
    /* Of a thousand addresses hardly two share a place. */
    static bool taken[ADDRESSES];
    unsigned shared = 0;
    for (unsigned i = 0; i < 1000; i++) {
        char text[40];
        struct in_addr in = {.s_addr = htonl(0xc0000200 + 7 * i)};
        assert_non_null(inet_ntop(AF_INET, &in, text, sizeof text));
        unsigned place = place_of(&addresses, text);
        assert_in_range(place, 0, ADDRESSES - 1);
        shared += taken[place];
        taken[place] = true;
    }
    assert_in_range(shared, 0, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_quarter_of_the_time),
        cmocka_unit_test(test_little_is_saved),
        cmocka_unit_test(test_debts_are_paid),
        cmocka_unit_test(test_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
