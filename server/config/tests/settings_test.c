/* The table of settings: defaults, the file that it writes, and what a file may say. */
#include "config/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

/* libconfig 1.5 forgets a quoted text that stands where none may. Called by LeakSanitizer. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:strbuf_append";
}

static int parse(struct settings *out, const char *text, struct fora_client_why *why)
{
    return settings_parse(out, "t/forad.conf", fora_bytes_str(text), why);
}

/* The core has defaults too, for those who make a node without a file. */
static void test_limits_are_those_of_the_core(void **state)
{
    struct settings settings;
    struct node_limits limits;
    (void)state;
    settings_default(&settings);
    node_limits_default(&limits);
    assert_int_equal(settings.limits.connections_max, limits.connections_max);
    assert_int_equal(settings.limits.address_connections, limits.address_connections);
    assert_int_equal(settings.limits.requests_max, limits.requests_max);
    assert_int_equal(settings.limits.client_credit, limits.client_credit);
    assert_int_equal(settings.limits.peer_credit, limits.peer_credit);
    assert_int_equal(settings.limits.inflight_max, limits.inflight_max);
    assert_int_equal(settings.limits.pending_max, limits.pending_max);
    assert_int_equal(settings.limits.member_objects_hour, limits.member_objects_hour);
    assert_int_equal(settings.limits.reconcile_interval_s, limits.reconcile_interval_s);
    assert_int_equal(settings.limits.buffers_max, limits.buffers_max);
    assert_int_equal(settings.limits.hello_timeout_ms, limits.hello_timeout_ms);
    assert_int_equal(settings.limits.idle_ms, limits.idle_ms);
    /* A limit that the table lacks would be 0: whoever adds one compares it here too. */
    assert_memory_equal(&settings.limits, &limits, sizeof limits);
    assert_int_equal(settings.map_limit, UINT64_C(1) << 40);
    assert_int_equal(settings.listen.count, 1);
    assert_string_equal(settings.listen.items[0], "0.0.0.0:7150");
}

static void check_equal(const struct settings *a, const struct settings *b)
{
    size_t count;
    const struct setting *table = settings_table(&count);
    assert_true(count > 10);
    for (size_t i = 0; i < count; i++) {
        struct fora_buf left = {0};
        struct fora_buf right = {0};
        settings_write_value(&left, &table[i], a);
        settings_write_value(&right, &table[i], b);
        assert_string_equal(fora_buf_cstr(&left), fora_buf_cstr(&right));
        fora_buf_fini(&left);
        fora_buf_fini(&right);
    }
}

static void check_round(const struct settings *settings)
{
    struct settings again;
    struct fora_client_why why;
    struct fora_buf text = {0};
    settings_write(&text, settings);
    assert_int_equal(text.error, 0);
    if (settings_parse(&again, "x", fora_buf_bytes(&text), &why) != 0) {
        fail_msg("%s", why.text);
    }
    check_equal(settings, &again);
    fora_buf_fini(&text);
}

static void test_what_is_written_is_read(void **state)
{
    struct settings settings;
    (void)state;
    settings_default(&settings);
    strcpy(settings.name, "A \"quoted\" \\ n\xc3\xa4me");
    check_round(&settings);
    strcpy(settings.listen.items[0], "[::1]:0");
    strcpy(settings.listen.items[1], "localhost:65535");
    settings.listen.count = 2;
    strcpy(settings.addresses.items[0], "support.example:7150");
    settings.addresses.count = 1;
    settings.registration = REGISTRATION_CLOSED;
    settings.peering = SETTINGS_PEERING_CLOSED;
    for (size_t i = 0; i < SETTINGS_NODES_MAX; i++) {
        settings.allow.items[settings.allow.count++].b[0] = (uint8_t)(i + 1);
    }
    settings.block.items[settings.block.count++].b[5] = 7;
    settings.limits.newcomer_bytes_day = 0;
    settings.limits.newcomer_objects_hour = 0;
    settings.workers = 3;
    settings.limits.connections_max = 77;
    settings.limits.inflight_max = (UINT64_C(1) << 20) + 1;
    settings.log_level = LOG_DEBUG;
    settings.map_limit = UINT64_C(5) << 30;
    strcpy(settings.products.items[settings.products.count++], "brewkit");
    strcpy(settings.products.items[settings.products.count++], "an \"oven\"");
    check_round(&settings);
}

static void test_what_a_file_may_say(void **state)
{
    struct settings settings;
    struct fora_client_why why;
    (void)state;
    assert_int_equal(parse(&settings,
                         "/* a\nnote */ name = \"E # no comment // either\"; // 99999999999\n"
                         "listen = (\"a:1\", \"[::]:2\"); addresses = \"b:3\";\n"
                         "limits : { connections = 5; pending = 1048576; inflight = 2000000L; };\n"
                         "log = { level = \"debug\"; }; store = { map_limit = 68719476736L; };",
                         &why),
        0);
    assert_string_equal(settings.name, "E # no comment // either");
    assert_int_equal(settings.listen.count, 2);
    assert_string_equal(settings.listen.items[1], "[::]:2");
    assert_string_equal(settings.addresses.items[0], "b:3");
    assert_int_equal(settings.limits.connections_max, 5);
    assert_int_equal(settings.limits.pending_max, 1 << 20);
    assert_int_equal(settings.limits.inflight_max, 2000000);
    assert_int_equal(settings.log_level, LOG_DEBUG);
    assert_int_equal(settings.map_limit, UINT64_C(64) << 30);
    assert_int_equal(settings.peering, SETTINGS_PEERING_OPEN);
}

static void check_refused(const char *text, const char *says)
{
    struct settings settings;
    struct fora_client_why why = {0};
    int error = parse(&settings, text, &why);
    if (error != FORA_E_CONFIG || strstr(why.text, says) == NULL ||
        strstr(why.text, "t/forad.conf") == NULL) {
        fail_msg("%s: %d \"%s\" does not say \"%s\"", text, error, why.text, says);
    }
}

static void test_the_nearest_setting_is_named(void **state)
{
    (void)state;
    check_refused("name = \"E\";\nlistn = 1;",
        "line 2: \"listn\" is not a setting. The nearest is \"listen\"");
    check_refused("limits = { request = 5; };",
        "\"limits.request\" is not a setting. The nearest is "
        "\"limits.requests\"");
    check_refused("map_limit = 5;", "\"store.map_limit\"");
    check_refused("limits = { limits = { }; };", "is not a setting");
}

static void test_lists_of_nodes(void **state)
{
    struct settings settings;
    struct fora_client_why why;
    struct fora_principal_id node = {{1, 2, 3}};
    char id[FORA_ID_TEXT_MAX], text[400];
    (void)state;
    fora_id_format(id, FORA_HRP_NODE, node.b);
    (void)snprintf(text, sizeof text, "name = \"E\"; peers = { allow = [\"%s\"]; };", id);
    assert_int_equal(parse(&settings, text, &why), 0);
    assert_int_equal(settings.allow.count, 1);
    assert_memory_equal(&settings.allow.items[0], &node, sizeof node);
    (void)snprintf(text, sizeof text,
        "name = \"E\"; peers = { allow = [\"%s\"]; block = (\"%s\"); };", id, id);
    check_refused(text, "stands in peers.allow and in peers.block");
    id[20] = id[20] == 'q' ? 'p' : 'q';
    (void)snprintf(text, sizeof text, "name = \"E\"; peers = { block = [\"%s\"]; };", id);
    check_refused(text, "is not the id of a node (foran1...)");
    check_refused("name = \"E\"; peers = { block = \"x\"; };", "must be a list: [\"foran1...\"");
    check_refused("name = \"E\"; peers = { blok = []; };", "The nearest is \"peers.block\"");
    check_refused("name = \"E\"; limits = { newcomer_objects = 0; };", "must be 1 to 1000000");
}

static void test_numbers_that_would_be_taken_for_others(void **state)
{
    (void)state;
    check_refused("name = \"E\";\n\nworkers = 4294967297;", "line 3: \"4294967297\" is too large");
    check_refused("workers = 1234567890123456789012345678901234567890;", "is too large");
    check_refused("limits = { pending = 9999999999999999999L; };", "must");
    check_refused("workers = 1.5;", "must be a number");
    check_refused("reputation = { products = \"brewkit\"; };", "must be a list");
    check_refused("reputation = { products = [\"brewkit \"]; };", "not the name of a product");
    check_refused("reputation = { products = (\"brewkit\", 5); };", "not the name of a product");
}

static void test_what_has_no_end(void **state)
{
    (void)state;
    check_refused("name = \"E\";\nlisten = \"a\n\n", "line 2: what begins here with a quote");
    check_refused("\n/* name = \"E\";", "line 2: what begins here with /*");
    check_refused("name = \"E\\", "line 1: what begins here with a quote");
}

static void test_sizes(void **state)
{
    static const struct {
        const char *text;
        uint64_t value;
    } good[] = {{"0", 0}, {"17", 17}, {"1K", 1024}, {"3M", 3 << 20}, {"2G", UINT64_C(2) << 30},
        {"16T", UINT64_C(16) << 40}, {"999999999999999", UINT64_C(999999999999999)}};
    static const char *const bad[] = {
        "", "K", "1k", "1KB", "-1", "1 K", "1.5G", "0x10", "9999999999999999", "99999999T", " 1"};
    uint64_t value;
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(settings_parse_size(good[i].text, &value), 0);
        assert_int_equal(value, good[i].value);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (settings_parse_size(bad[i], &value) != FORA_E_MALFORMED) {
            fail_msg("\"%s\" was taken for a size", bad[i]);
        }
    }
}

static void test_addresses(void **state)
{
    static const char *const good[] = {"0.0.0.0:0", "localhost:1", "[::1]:65535", "a-b.c:7150"};
    static const char *const bad[] = {"", ":", "h", "h:", "h:65536", "h:+1", "[::1]", "::1:1",
        "[h]:1", "h h:1", "foran1@h:1", "h:1 ", "[::1:1"};
    struct fora_client_why why;
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(settings_check_listen(good[i], &why), 0);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (settings_check_listen(bad[i], &why) != FORA_E_CONFIG) {
            fail_msg("\"%s\" was taken for an address", bad[i]);
        }
    }
    assert_int_equal(settings_check_address("h:0", &why), FORA_E_CONFIG);
    assert_int_equal(settings_check_address("h:1", &why), 0);
}

/* Whatever the bytes are: a sentence or settings, never a crash. */
static void test_any_bytes(void **state)
{
    static const char seed[] =
        "name = \"E\"; limits = { pending = \"8M\"; }; # x\nlisten = [\"a:1\"];";
    uint32_t random = 1;
    size_t taken = 0;
    (void)state;
    for (int round = 0; round < 20000; round++) {
        char text[sizeof seed];
        struct settings settings;
        struct fora_client_why why;
        memcpy(text, seed, sizeof seed);
        for (int i = 0; i < 1 + round % 3; i++) {
            random = random * 1664525 + 1013904223;
            text[(random >> 8) % (sizeof seed - 1)] = (char)(random >> 24);
        }
        int error = settings_parse(&settings, "x", fora_bytes(text, sizeof seed - 1), &why);
        taken += error == 0;
        assert_true(error == 0 || (error == FORA_E_CONFIG && why.text[0] != '\0'));
    }
    assert_true(taken > 100 && taken < 19000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits_are_those_of_the_core),
        cmocka_unit_test(test_what_is_written_is_read),
        cmocka_unit_test(test_what_a_file_may_say),
        cmocka_unit_test(test_the_nearest_setting_is_named),
        cmocka_unit_test(test_lists_of_nodes),
        cmocka_unit_test(test_numbers_that_would_be_taken_for_others),
        cmocka_unit_test(test_what_has_no_end),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
