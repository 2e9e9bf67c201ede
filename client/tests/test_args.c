/* The command line, and what is made from its tables. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "cmd/spec.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 12 };

struct parsed {
    struct cmd_line line;
    struct fora_buf why;
    char words[512];
    char *argv[WORDS_MAX + 1];
    int error;
};

/* Words are separated by '|', so that they may hold spaces. */
static void parse(struct parsed *p, const char *text)
{
    int argc = 0;
    char *rest = p->words;
    memset(p, 0, sizeof *p);
    strcpy(p->words, "fora|");
    strcat(p->words, text);
    while (argc < WORDS_MAX && rest != NULL) {
        p->argv[argc++] = strsep(&rest, "|");
    }
    if (text[0] == '\0') {
        argc = 1;
    }
    p->error = cmd_parse(&p->line, argc, p->argv, &p->why);
}

static void good_lines(void **state)
{
    static const struct {
        const char *line;
        const char *command;
        size_t arguments;
        size_t values;
    } rows[] = {
        {"spaces", "spaces", 0, 0},
        {"threads|--order|new|--limit=5", "threads", 0, 2},
        {"threads|-o|new|-l5", "threads", 0, 2},
        {"--node|h:1|threads|--json", "threads", 0, 2},
        {"show|fora1abc", "show", 1, 0},
        {"ask", "ask", 0, 0},
        {"ask|A title|--tag|a|--tag|b", "ask", 1, 2},
        {"ask|--|--title that looks like an option", "ask", 1, 0},
        {"answer|abcdef|--file|-", "answer", 1, 1},
        {"vote|up|abcdef", "vote", 2, 0},
        {"space|create|My space|--kind|ideas", "space create", 1, 1},
        {"space|grant|help|ann|staff", "space grant", 3, 0},
        {"cite|a|b|c|d", "cite", 4, 0},
        {"status", "status", 0, 0},
        {"status|abcdef|fixed", "status", 2, 0},
        {"help|space|create", "help", 2, 0},
        {"show|--help", "show", 0, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct parsed p;
        parse(&p, rows[i].line);
        if (p.error != 0) {
            fail_msg("%s: %s", rows[i].line, fora_buf_cstr(&p.why));
        }
        assert_string_equal(p.line.command->name, rows[i].command);
        assert_int_equal(p.line.arguments_count, rows[i].arguments);
        assert_int_equal(p.line.values_count, rows[i].values);
        fora_buf_fini(&p.why);
    }
}

static void bad_lines_teach(void **state)
{
    static const struct {
        const char *line;
        const char *says;
    } rows[] = {
        {"thread", "Did you mean threads?"},
        {"frobnicate", "There is no command frobnicate"},
        {"threads|--ordr|new", "Did you mean --order?"},
        {"threads|--ord|new", "has no option --ord"},
        {"threads|--order|sideways", "active, new or unanswered"},
        {"threads|--limit|0", "from 1 to 100"},
        {"threads|--limit|many", "from 1 to 100"},
        {"threads|--limit|99999999999999999999", "from 1 to 100"},
        {"threads|--limit", "needs a value"},
        {"threads|--json=yes", "takes no value"},
        {"threads|--limit|1|--limit|2", "given twice"},
        {"threads|extra", "does not take \"extra\". A space is named by --space extra."},
        {"threads|-x", "has no option -x"},
        {"show", "needs THREAD"},
        {"vote|sideways|abc", "up, down or none"},
        {"space", "needs a second word"},
        {"space|frob", "needs a second word"},
        {"space|grant|help|ann|king", "admin, moderator"},
        {"--order|new", "before a command"},
        {"identity", "\"identity new\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct parsed p;
        parse(&p, rows[i].line);
        assert_int_equal(p.error, FORA_E_USAGE);
        const char *why = fora_buf_cstr(&p.why);
        if (why == NULL || strstr(why, rows[i].says) == NULL) {
            fail_msg("%s: \"%s\" does not say \"%s\"", rows[i].line, why, rows[i].says);
        }
        fora_buf_fini(&p.why);
    }
}

static void values_are_found(void **state)
{
    struct parsed p;
    const char *tags[4];
    (void)state;
    parse(&p, "ask|Title|--tag|one|--tag=two|--text|x|--quiet");
    assert_int_equal(p.error, 0);
    assert_int_equal(cmd_texts(&p.line, "tag", tags, 4), 2);
    assert_string_equal(tags[0], "one");
    assert_string_equal(tags[1], "two");
    assert_int_equal(cmd_texts(&p.line, "tag", tags, 1), 1);
    assert_string_equal(cmd_text(&p.line, "text"), "x");
    assert_null(cmd_text(&p.line, "file"));
    assert_true(cmd_flag(&p.line, "quiet"));
    assert_false(cmd_flag(&p.line, "json"));
    assert_string_equal(cmd_argument(&p.line, 0), "Title");
    assert_null(cmd_argument(&p.line, 1));
    assert_int_equal(cmd_number(&p.line, "limit", 25), 25);
    fora_buf_fini(&p.why);
}

static void nothing_is_no_error(void **state)
{
    struct parsed p;
    (void)state;
    parse(&p, "");
    assert_int_equal(p.error, 0);
    assert_null(p.line.command);
}

static void too_many_words_are_refused(void **state)
{
    enum { MANY = 400 };
    char *argv[MANY];
    char program[] = "fora", cite[] = "cite", word[] = "x";
    struct cmd_line line;
    struct fora_buf why = {0};
    (void)state;
    argv[0] = program;
    argv[1] = cite;
    for (size_t i = 2; i < MANY; i++) {
        argv[i] = word;
    }
    assert_int_equal(cmd_parse(&line, MANY, argv, &why), FORA_E_USAGE);
    fora_buf_fini(&why);
}

static void every_command_is_whole(void **state)
{
    const struct cmd_table *table = cmd_table();
    (void)state;
    assert_true(table->count > 40);
    for (size_t i = 0; i < table->count; i++) {
        const struct cmd_command *command = table->rows[i];
        assert_non_null(command->name);
        assert_non_null(command->group);
        assert_non_null(command->run);
        assert_true(strlen(command->summary) > 8 && strlen(command->summary) < 80);
        assert_ptr_equal(cmd_find(command->name), command);
        for (size_t a = 0; a < cmd_arguments_count(command); a++) {
            assert_non_null(command->arguments[a].help);
        }
        for (size_t o = 0; o < cmd_options_count(command); o++) {
            const struct cmd_option *option = command->options[o];
            assert_non_null(option->help);
            assert_true((option->type == CMD_FLAG) == (option->value == NULL));
            assert_true((option->type == CMD_CHOICE) == (option->choices != NULL));
            for (size_t g = 0; cmd_globals[g] != NULL; g++) {
                assert_string_not_equal(option->name, cmd_globals[g]->name);
                assert_true(option->letter == 0 || option->letter != cmd_globals[g]->letter);
            }
        }
        for (size_t other = 0; other < i; other++) {
            assert_string_not_equal(table->rows[other]->name, command->name);
        }
    }
}

static void every_command_has_help(void **state)
{
    const struct cmd_table *table = cmd_table();
    (void)state;
    for (size_t i = 0; i < table->count; i++) {
        struct fora_buf out = {0};
        cmd_help(&out, table->rows[i], 80);
        const char *text = fora_buf_cstr(&out);
        assert_non_null(text);
        assert_non_null(strstr(text, "Usage: fora "));
        assert_non_null(strstr(text, table->rows[i]->name));
        assert_non_null(strstr(text, "--help"));
        for (size_t o = 0; o < cmd_options_count(table->rows[i]); o++) {
            assert_non_null(strstr(text, table->rows[i]->options[o]->name));
        }
        fora_buf_fini(&out);
    }
}

static void the_overview_names_every_command(void **state)
{
    const struct cmd_table *table = cmd_table();
    struct fora_buf out = {0};
    (void)state;
    cmd_overview(&out, 80);
    const char *text = fora_buf_cstr(&out);
    assert_non_null(text);
    for (size_t i = 0; i < table->count; i++) {
        assert_non_null(strstr(text, table->rows[i]->name));
    }
    fora_buf_fini(&out);
}

static void examples_are_right(void **state)
{
    const struct cmd_table *table = cmd_table();
    size_t looked = 0;
    (void)state;
    for (size_t i = 0; i < table->count; i++) {
        const char *text = table->rows[i]->examples;
        size_t lines = 0;
        for (const char *at = text; at != NULL && *at != '\0'; lines++) {
            size_t size = strcspn(at, "\n");
            if (lines % 2 == 0) {
                assert_true(memmem(at, size, "fora ", 5) != NULL);
                looked++;
            }
            at += size + (at[size] == '\n');
        }
        assert_int_equal(lines % 2, 0);
    }
    assert_true(looked > 10);
}

static void completion_for_three_shells(void **state)
{
    static const char *const shells[] = {"bash", "zsh", "fish"};
    struct fora_buf out = {0};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(cmd_completion(&out, shells[i]), 0);
        assert_non_null(strstr(fora_buf_cstr(&out), "unanswered"));
        fora_buf_fini(&out);
    }
    assert_int_equal(cmd_completion(&out, "tcsh"), FORA_E_USAGE);
    fora_buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_lines),
        cmocka_unit_test(bad_lines_teach),
        cmocka_unit_test(values_are_found),
        cmocka_unit_test(nothing_is_no_error),
        cmocka_unit_test(too_many_words_are_refused),
        cmocka_unit_test(every_command_is_whole),
        cmocka_unit_test(every_command_has_help),
        cmocka_unit_test(the_overview_names_every_command),
        cmocka_unit_test(examples_are_right),
        cmocka_unit_test(completion_for_three_shells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
