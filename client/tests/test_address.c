/* Addresses of nodes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fora/client.h"

#include <string.h>

static void well_formed_addresses(void **state)
{
    static const struct {
        const char *text;
        const char *host;
        unsigned port;
        const char *canonical;
    } rows[] = {
        {"example.org", "example.org", 7150, "example.org:7150"},
        {"example.org:99", "example.org", 99, "example.org:99"},
        {"127.0.0.1:7151", "127.0.0.1", 7151, "127.0.0.1:7151"},
        {"[::1]:7151", "::1", 7151, "[::1]:7151"},
        {"[2001:db8::1]", "2001:db8::1", 7150, "[2001:db8::1]:7150"},
        {"2001:db8::1", "2001:db8::1", 7150, "[2001:db8::1]:7150"},
        {"[fe80::1%eth0]:1", "fe80::1%eth0", 1, "[fe80::1%eth0]:1"},
        {"host_1:65535", "host_1", 65535, "host_1:65535"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fora_client_address address;
        struct fora_client_why why = {0};
        char canonical[FORA_CLIENT_ADDRESS_MAX];
        assert_int_equal(fora_client_address_parse(&address, rows[i].text, &why), 0);
        assert_string_equal(address.host, rows[i].host);
        assert_int_equal(address.port, rows[i].port);
        assert_false(address.pinned);
        fora_client_address_format(canonical, &address);
        assert_string_equal(canonical, rows[i].canonical);
    }
}

static void a_pin_names_the_node(void **state)
{
    struct fora_principal_id id;
    struct fora_client_address address;
    struct fora_client_why why = {0};
    char text[FORA_ID_TEXT_MAX + 32];
    (void)state;
    memset(id.b, 7, sizeof id.b);
    fora_id_format(text, FORA_HRP_NODE, id.b);
    strcat(text, "@[::1]:7000");
    assert_int_equal(fora_client_address_parse(&address, text, &why), 0);
    assert_true(address.pinned);
    assert_memory_equal(address.node.b, id.b, sizeof id.b);
    assert_string_equal(address.host, "::1");
    assert_int_equal(address.port, 7000);
}

static void malformed_addresses_teach(void **state)
{
    static const char *const rows[] = {"", ":7150", "host:", "host:0", "host:65536",
        "host:99999999", "host:7x", "[::1", "[::1]x", "[host]:1", "a:b:c", "-host", "ho st",
        "host\x1b[31m", "foran1xyz@host", "@host", "foram1qqq@host", "host/path"};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fora_client_address address;
        struct fora_client_why why = {0};
        assert_int_equal(fora_client_address_parse(&address, rows[i], &why), FORA_E_USAGE);
        assert_int_equal(why.code, FORA_E_USAGE);
        assert_non_null(strstr(why.text, "HOST:PORT"));
    }
}

static void a_member_is_no_node(void **state)
{
    struct fora_principal_id id;
    struct fora_client_address address;
    struct fora_client_why why = {0};
    char text[FORA_ID_TEXT_MAX + 32];
    (void)state;
    memset(id.b, 7, sizeof id.b);
    fora_id_format(text, FORA_HRP_MEMBER, id.b);
    strcat(text, "@host");
    assert_int_equal(fora_client_address_parse(&address, text, &why), FORA_E_USAGE);
}

static void a_long_host_is_refused(void **state)
{
    struct fora_client_address address;
    struct fora_client_why why = {0};
    char text[2000];
    (void)state;
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(fora_client_address_parse(&address, text, &why), FORA_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well_formed_addresses),
        cmocka_unit_test(a_pin_names_the_node),
        cmocka_unit_test(malformed_addresses_teach),
        cmocka_unit_test(a_member_is_no_node),
        cmocka_unit_test(a_long_host_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
