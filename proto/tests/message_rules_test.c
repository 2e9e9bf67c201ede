/* The table of rules against the list of messages, and against the table in the specification. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fora/message_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ONE(member, name, number) +1
enum { MESSAGES = 0 FORA_MESSAGES(ONE) };
#undef ONE

static void ses_30_every_message_has_a_rule(void **state)
{
    unsigned count = 0;

    (void)state;
    for (uint32_t type = 0; type < 300; type++) {
        const struct fora_message_rule *rule = fora_message_rule(type);
        bool known = strcmp(fora_message_name(type), "?") != 0;

        assert_int_equal(rule != NULL, known);
        if (rule == NULL)
            continue;
        count++;
        assert_int_equal(rule->type, type);
        assert_true(rule->senders != 0);
        if (rule->answer != 0)
            assert_int_equal(fora_message_rule(rule->answer)->use, FORA_USE_ANSWER);
    }
    assert_int_equal(count, MESSAGES);
}

/* Whoever may ask must be answerable by whom it asked: a client by a node, a peer by a peer. */
static void ses_30_answers_may_be_sent(void **state)
{
    unsigned checked = 0;

    (void)state;
    for (uint32_t type = 0; type < 300; type++) {
        const struct fora_message_rule *rule = fora_message_rule(type);
        const struct fora_message_rule *answer;

        if (rule == NULL || rule->answer == 0)
            continue;
        answer = fora_message_rule(rule->answer);
        if ((rule->senders & FORA_SENDER_CLIENT) != 0)
            assert_true((answer->senders & FORA_SENDER_NODE) != 0);
        if ((rule->senders & FORA_SENDER_PEER) != 0)
            assert_true((answer->senders & FORA_SENDER_PEER) != 0);
        checked++;
    }
    assert_true(checked >= 20);
}

static void ses_15_senders(void **state)
{
    (void)state;
    assert_int_equal(fora_message_sender(false, true), FORA_SENDER_CLIENT);
    assert_int_equal(fora_message_sender(true, true), FORA_SENDER_PEER);
    assert_int_equal(fora_message_sender(true, false), FORA_SENDER_NODE);
    assert_int_equal(fora_message_sender(false, false), 0);
}

/* The row that the specification must have, up to its last two columns. */
static void row_of(char *out, size_t size, const struct fora_message_rule *rule)
{
    static const char *const uses[] = {"control", "request", "answer"};
    static const char *const auths[] = {"none", "member", "admin"};

    snprintf(out, size, "| %u | %s | %s | %s%s%s | %s | %s |", (unsigned)rule->type,
        fora_message_name(rule->type), uses[rule->use],
        (rule->senders & FORA_SENDER_CLIENT) != 0 ? "C" : "",
        (rule->senders & FORA_SENDER_PEER) != 0 ? "P" : "",
        (rule->senders & FORA_SENDER_NODE) != 0 ? "N" : "",
        rule->use == FORA_USE_REQUEST ? auths[rule->auth] : "-",
        rule->answer != 0 ? fora_message_name(rule->answer)
        : rule->many      ? "many"
                          : "-");
}

static char *read_spec(void)
{
    const char *folder = getenv("FORA_SPEC");
    char path[4096];
    char *text;
    size_t size;
    FILE *file;

    if (folder == NULL)
        skip();
    assert_true(snprintf(path, sizeof(path), "%s/08-session.md", folder) < (int)sizeof(path));
    file = fopen(path, "rb");
    assert_non_null(file);
    text = calloc(1, 1 << 20);
    assert_non_null(text);
    size = fread(text, 1, (1 << 20) - 1, file);
    fclose(file);
    assert_true(size > 1000);
    return text;
}

static void ses_30_table_of_the_specification(void **state)
{
    char *text = read_spec();
    unsigned rows = 0;
    unsigned in_spec = 0;

    (void)state;
    for (uint32_t type = 0; type < 300; type++) {
        char row[256];

        if (fora_message_rule(type) == NULL)
            continue;
        row_of(row, sizeof(row), fora_message_rule(type));
        if (strstr(text, row) == NULL)
            print_error("not in the specification: %s\n", row);
        else
            rows++;
    }
    assert_int_equal(rows, MESSAGES);
    /* And no row that the code does not have. */
    for (const char *at = text; (at = strstr(at, "\n| ")) != NULL; at += 3)
        in_spec += strtoul(at + 3, NULL, 10) > 0 && strstr(at, "|") != NULL && at[3] >= '0' &&
                   at[3] <= '9';
    assert_int_equal(in_spec, MESSAGES);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ses_15_senders),
        cmocka_unit_test(ses_30_every_message_has_a_rule),
        cmocka_unit_test(ses_30_answers_may_be_sent),
        cmocka_unit_test(ses_30_table_of_the_specification),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
