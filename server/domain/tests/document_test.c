/* Names, documents, addresses and the cache: spec 3b without a network. */
#include "domain/address.h"
#include "domain/cache.h"
#include "domain/document.h"

/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static const struct fora_principal_id one = {{1, 2, 3}}, other = {{4, 5, 6}};

static void names_DOM_1(void **state)
{
    static const char *const good[] = {"a.b", "example.com", "xn--bcher-kva.example", "1.example"};
    static const char *const bad[] = {"", "localhost", ".", "a.", ".a", "a..b", "-a.b", "a-.b",
        "A.b", "a_b.c", "127.0.0.1", "a.1", "a.b:443", "a.b/c", "a b.c", "b\xc3\xbc.de", "[::1]"};
    char label[70];
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(domain_valid(fora_bytes_str(good[i])));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(domain_valid(fora_bytes_str(bad[i])));
    }
    (void)snprintf(label, sizeof label, "%063d.a", 0);
    assert_true(domain_valid(fora_bytes_str(label)));
    (void)snprintf(label, sizeof label, "%064d.a", 0);
    assert_false(domain_valid(fora_bytes_str(label)));
}

static int read_document(const char *format, const struct fora_principal_id *node,
    struct domain_document *out, char why[160])
{
    char id[FORA_ID_TEXT_MAX], text[1024];
    const char *place = strstr(format, "%s");
    assert_non_null(place);
    fora_id_format(id, FORA_HRP_NODE, node->b);
    (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(place - format), format, id, place + 2);
    return domain_document_read(out, fora_bytes_str(text), why);
}

static void documents_DOM_2(void **state)
{
    struct domain_document document = {.node = one, .addresses_count = 1}, again;
    struct fora_buf text = {0};
    char why[160];
    (void)state;
    (void)snprintf(document.addresses[0], sizeof document.addresses[0], "example.com:7150");
    assert_int_equal(domain_document_write(&text, &document), 0);
    assert_int_equal(domain_document_read(&again, fora_buf_bytes(&text), why), 0);
    assert_memory_equal(again.node.b, one.b, sizeof one.b);
    assert_string_equal(again.addresses[0], "example.com:7150");
    assert_int_equal(
        read_document("{\"x\":[{}],\"version\":1,\"node\":\"%s\"}", &one, &again, why), 0);
    assert_int_equal(again.addresses_count, 0);
    assert_int_equal(
        read_document("{\"version\":2,\"node\":\"%s\"}", &one, &again, why), FORA_E_MALFORMED);
    assert_int_equal(
        read_document("{\"version\":1,\"nodes\":\"%s\"}", &one, &again, why), FORA_E_MALFORMED);
    assert_int_equal(
        read_document("{\"version\":1,\"version\":1,\"node\":\"%s\"}", &one, &again, why),
        FORA_E_MALFORMED);
    assert_int_equal(
        read_document("{\"version\":1,\"node\":\"%s\",\"addresses\":[\"a\",\"a\",\"a\",\"a\","
                      "\"a\",\"a\",\"a\",\"a\",\"a\"]}",
            &one, &again, why),
        FORA_E_LIMIT);
    assert_int_equal(
        read_document("{\"version\":1,\"node\":\"%s\",\"addresses\":[7]}", &one, &again, why),
        FORA_E_MALFORMED);
    assert_int_equal(read_document("[\"%s\"]", &one, &again, why), FORA_E_MALFORMED);
    assert_int_equal(read_document("<html>%s", &one, &again, why), FORA_E_MALFORMED);
    fora_buf_clear(&text);
    assert_non_null(
        memset(fora_buf_extend(&text, DOMAIN_DOCUMENT_MAX + 1), ' ', DOMAIN_DOCUMENT_MAX + 1));
    assert_int_equal(domain_document_read(&again, fora_buf_bytes(&text), why), FORA_E_TOO_LARGE);
    fora_buf_fini(&text);
}

static void handles_DOM_6(void **state)
{
    static const char *const bad[] = {"", "@", "@ann", "@@example.com", "@ann@", "@ann@localhost",
        "@Ann@example.com", "@a n@example.com", "@-nn@example.com", "@ann@a@b.c", "@a@example.com"};
    struct domain_handle handle;
    char path[DOMAIN_PATH_MAX], why[160];
    struct fora_buf text = {0};
    struct fora_principal_id found;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(domain_handle_parse(&handle, bad[i]));
    }
    assert_true(domain_handle_parse(&handle, "@ann@example.com"));
    assert_string_equal(handle.name, "ann");
    assert_string_equal(handle.domain, "example.com");
    domain_handle_path(path, &handle);
    assert_string_equal(path, "/.well-known/webfinger?resource=acct%3Aann%40example.com");
    assert_int_equal(domain_webfinger_write(&text, &handle, &one), 0);
    assert_int_equal(domain_webfinger_read(&found, &handle, fora_buf_bytes(&text), why), 0);
    assert_memory_equal(found.b, one.b, sizeof one.b);
    /* The answer about somebody else is none about her. */
    assert_true(domain_handle_parse(&handle, "@eve@example.com"));
    assert_int_equal(
        domain_webfinger_read(&found, &handle, fora_buf_bytes(&text), why), FORA_E_MALFORMED);
    fora_buf_fini(&text);
}

static void append_link(struct fora_buf *text, const char *id)
{
    fora_buf_printf(text,
        "{\"rel\":\"self\",\"type\":\"application/vnd.fora.principal\",\"href\":\"fora:%s\"}", id);
}

static void links_DOM_6(void **state)
{
    static const char *const subject = "{\"subject\":\"acct:ann@example.com\",\"links\":[";
    struct domain_handle handle;
    struct fora_principal_id found;
    struct fora_buf text = {0};
    char a[FORA_ID_TEXT_MAX], b[FORA_ID_TEXT_MAX], why[160];
    (void)state;
    assert_true(domain_handle_parse(&handle, "@ann@example.com"));
    fora_id_format(a, FORA_HRP_MEMBER, one.b);
    fora_id_format(b, FORA_HRP_MEMBER, other.b);
    fora_buf_printf(
        &text, "%s{\"rel\":\"self\",\"type\":\"application/activity+json\"}]}", subject);
    assert_int_equal(
        domain_webfinger_read(&found, &handle, fora_buf_bytes(&text), why), FORA_E_NOTFOUND);
    for (int two = 0; two < 2; two++) {
        fora_buf_clear(&text);
        fora_buf_append_str(&text, subject);
        fora_buf_append_str(&text, "{\"rel\":\"avatar\"},");
        append_link(&text, a);
        fora_buf_append_str(&text, ",");
        append_link(&text, two ? b : a);
        fora_buf_append_str(&text, "]}");
        assert_int_equal(domain_webfinger_read(&found, &handle, fora_buf_bytes(&text), why),
            two ? FORA_E_CONFLICT : 0);
        assert_int_equal(fora_id_is_zero(found.b), two);
    }
    fora_buf_fini(&text);
}

static void addresses_DOM_4(void **state)
{
    static const char *const open4[] = {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255",
        "100.128.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "223.255.255.255"};
    static const char *const closed4[] = {"0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1",
        "127.255.255.255", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.2.1",
        "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.7", "224.0.0.1",
        "240.0.0.1", "255.255.255.255"};
    static const char *const open6[] = {"2606:4700::1111", "2001:4860:4860::8888", "::ffff:1.1.1.1",
        "64:ff9b::1.1.1.1", "2002:101:101::1"};
    static const char *const closed6[] = {"::", "::1", "::127.0.0.1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:a00:1::1", "2001::1",
        "2001:db8::1", "fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1", "100::1",
        "3fff:fff::1", "4000::1"};
    uint8_t b[16];
    (void)state;
    for (size_t i = 0; i < sizeof open4 / sizeof open4[0]; i++) {
        assert_int_equal(inet_pton(AF_INET, open4[i], b), 1);
        assert_true(address_public_v4(b));
    }
    for (size_t i = 0; i < sizeof closed4 / sizeof closed4[0]; i++) {
        assert_int_equal(inet_pton(AF_INET, closed4[i], b), 1);
        assert_false(address_public_v4(b));
    }
    for (size_t i = 0; i < sizeof open6 / sizeof open6[0]; i++) {
        assert_int_equal(inet_pton(AF_INET6, open6[i], b), 1);
        assert_true(address_public_v6(b));
    }
    for (size_t i = 0; i < sizeof closed6 / sizeof closed6[0]; i++) {
        assert_int_equal(inet_pton(AF_INET6, closed6[i], b), 1);
        assert_false(address_public_v6(b));
    }
}

static void age_DOM_5(void **state)
{
    struct domain_cache cache = {.count = 0};
    const uint64_t t = UINT64_C(1700000000000), h = DOMAIN_HOUR_MS;
    (void)state;
    assert_false(domain_entry_holds(domain_cache_find(&cache, "a.b"), t));
    assert_int_equal(domain_cache_put(&cache, "a.b", t, 0, &one, ""), 0);
    const struct domain_entry *entry = domain_cache_find(&cache, "a.b");
    assert_true(domain_entry_holds(entry, t + 7 * 24 * h - 1));
    assert_false(domain_entry_holds(entry, t + 7 * 24 * h));
    assert_false(domain_entry_holds(entry, t - 1)); /* a clock that was set back */
    assert_int_equal(domain_entry_due(entry), t + 24 * h);
    /* What could not be asked stands, and is asked for at growing distances. */
    static const uint64_t hours[] = {1, 2, 4, 8, 16, 24, 24};
    for (size_t i = 0; i < sizeof hours / sizeof hours[0]; i++) {
        assert_int_equal(domain_cache_put(&cache, "a.b", t + i, FORA_E_TIMEOUT, NULL, "late"), 0);
        assert_int_equal(domain_entry_due(entry), t + i + hours[i] * h);
        assert_true(domain_entry_holds(entry, t + 24 * h));
    }
    assert_string_equal(entry->why, "late");
    assert_int_equal(domain_cache_put(&cache, "a.b", t + 9, FORA_E_NOTFOUND, NULL, "gone"), 0);
    assert_false(domain_entry_holds(entry, t + 9));
    assert_int_equal(domain_cache_put(&cache, "a.b", t + 10, 0, &other, ""), 0);
    assert_memory_equal(entry->found.b, other.b, sizeof other.b);
    assert_int_equal(cache.count, 1);
    domain_cache_fini(&cache);
}

static void the_oldest_goes_when_there_is_no_room(void **state)
{
    struct domain_cache cache = {.count = 0};
    char name[64];
    (void)state;
    for (unsigned i = 0; i < DOMAIN_CACHE_MAX + 2; i++) {
        (void)snprintf(name, sizeof name, "n%u.example", i);
        assert_int_equal(domain_cache_put(&cache, name, 1000 + i, 0, &one, ""), 0);
    }
    assert_int_equal(cache.count, DOMAIN_CACHE_MAX);
    assert_null(domain_cache_find(&cache, "n1.example"));
    assert_non_null(domain_cache_find(&cache, "n2.example"));
    /* Members' handles take the place of one domain, and then of each other. */
    for (unsigned i = 0; i < 5; i++) {
        (void)snprintf(name, sizeof name, "@ann@h%u.example", i);
        assert_int_equal(domain_cache_put(&cache, name, 9000 + i, 0, &one, ""), 0);
    }
    assert_null(domain_cache_find(&cache, "n2.example"));
    assert_non_null(domain_cache_find(&cache, "n3.example"));
    assert_null(domain_cache_find(&cache, "@ann@h3.example"));
    assert_non_null(domain_cache_find(&cache, "@ann@h4.example"));
    domain_cache_fini(&cache);
}

static void the_file_is_read_back(void **state)
{
    struct domain_cache cache = {.count = 0}, again;
    struct fora_buf text = {0};
    (void)state;
    for (unsigned i = 0; i < DOMAIN_CACHE_MAX + 3; i++) { /* the first three make room */
        char name[64];
        (void)snprintf(name, sizeof name, i % 2 == 0 ? "n%u.example" : "@ann@n%u.example", i);
        assert_int_equal(domain_cache_put(&cache, name, 1000 + i, 0, &one, ""), 0);
    }
    assert_int_equal(cache.count, DOMAIN_CACHE_MAX);
    /* Handles go before domains. */
    assert_null(domain_cache_find(&cache, "@ann@n5.example"));
    assert_non_null(domain_cache_find(&cache, "@ann@n7.example"));
    assert_non_null(domain_cache_find(&cache, "n0.example"));
    assert_int_equal(domain_cache_put(&cache, "n4.example", 5000, FORA_E_TIMEOUT, NULL, "x"), 0);
    assert_int_equal(domain_cache_write(&text, &cache), 0);
    assert_true(text.size < DOMAIN_CACHE_FILE_MAX);
    assert_int_equal(domain_cache_read(&again, fora_buf_bytes(&text)), 0);
    assert_int_equal(again.count, cache.count);
    for (size_t i = 0; i < cache.count; i++) {
        const struct domain_entry *a = &cache.entries[i], *b = &again.entries[i];
        assert_string_equal(a->name, b->name);
        assert_memory_equal(a->found.b, b->found.b, sizeof a->found.b);
        assert_int_equal(a->found_at, b->found_at);
        assert_int_equal(a->checked_at, b->checked_at);
        assert_int_equal(a->failures, b->failures);
        assert_string_equal(a->why, b->why);
    }
    domain_cache_fini(&again);
    static const char *const damaged[] = {"", "{", "{\"domains\":[{}]}",
        "{\"domains\":[{\"name\":\"nodots\",\"why\":\"\"}]}",
        "{\"domains\":[{\"name\":\"a.b\",\"why\":\"\"},{\"name\":\"a.b\",\"why\":\"\"}]}",
        "{\"domains\":[{\"name\":\"a.b\",\"why\":\"\",\"found\":\"foran1x\"}]}"};
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        assert_int_equal(domain_cache_read(&again, fora_bytes_str(damaged[i])), FORA_E_CORRUPT);
        assert_int_equal(again.count, 0);
    }
    domain_cache_fini(&cache);
    fora_buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_DOM_1),
        cmocka_unit_test(documents_DOM_2),
        cmocka_unit_test(handles_DOM_6),
        cmocka_unit_test(links_DOM_6),
        cmocka_unit_test(addresses_DOM_4),
        cmocka_unit_test(age_DOM_5),
        cmocka_unit_test(the_oldest_goes_when_there_is_no_room),
        cmocka_unit_test(the_file_is_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
