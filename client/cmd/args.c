/*
 * Taking a command line apart by the tables. getopt_long() is not used: it abbreviates long names,
 * which would let a new option change what an old script means, and it keeps process-wide state.
 */
#include "cmd/spec.h"

#include "text/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

size_t cmd_arguments_count(const struct cmd_command *command)
{
    size_t count = 0;
    while (count < CMD_ARGUMENTS_MAX && command->arguments[count].name != NULL) {
        count++;
    }
    return count;
}

size_t cmd_options_count(const struct cmd_command *command)
{
    size_t count = 0;
    while (count < CMD_OPTIONS_MAX && command->options[count] != NULL) {
        count++;
    }
    return count;
}

const struct cmd_command *cmd_find(const char *name)
{
    const struct cmd_table *table = cmd_table();
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->rows[i]->name, name) == 0) {
            return table->rows[i];
        }
    }
    return NULL;
}

static bool is_option(const struct cmd_option *option, const char *name, size_t size, char letter)
{
    if (letter != '\0') {
        return option->letter == letter;
    }
    return strlen(option->name) == size && memcmp(option->name, name, size) == 0;
}

static const struct cmd_option *find_option(
    const struct cmd_command *command, const char *name, size_t size, char letter)
{
    size_t own = command == NULL ? 0 : cmd_options_count(command);
    for (size_t i = 0; i < own; i++) {
        if (is_option(command->options[i], name, size, letter)) {
            return command->options[i];
        }
    }
    for (size_t i = 0; cmd_globals[i] != NULL; i++) {
        if (is_option(cmd_globals[i], name, size, letter)) {
            return cmd_globals[i];
        }
    }
    return NULL;
}

static const char *nearest_option(const struct cmd_command *command, const char *name, size_t size)
{
    const char *best = NULL;
    size_t least = 3;
    size_t own = command == NULL ? 0 : cmd_options_count(command);
    for (size_t i = 0; i < own; i++) {
        size_t d = text_distance(fora_bytes(name, size), command->options[i]->name);
        best = d < least ? command->options[i]->name : best;
        least = d < least ? d : least;
    }
    for (size_t i = 0; cmd_globals[i] != NULL; i++) {
        size_t d = text_distance(fora_bytes(name, size), cmd_globals[i]->name);
        best = d < least ? cmd_globals[i]->name : best;
        least = d < least ? d : least;
    }
    return best;
}

static const char *nearest_command(const char *name)
{
    const char *best = NULL;
    size_t least = 3;
    const struct cmd_table *table = cmd_table();
    for (size_t i = 0; i < table->count; i++) {
        size_t d = text_distance(fora_bytes_str(name), table->rows[i]->name);
        best = d < least ? table->rows[i]->name : best;
        least = d < least ? d : least;
    }
    return best;
}

static void see_help(struct fora_buf *why, const struct cmd_command *command)
{
    if (command != NULL) {
        fora_buf_printf(why, " See: %s %s --help", cmd_table()->program->name, command->name);
    } else {
        fora_buf_printf(why, " See: %s help", cmd_table()->program->name);
    }
}

static int unknown_option(const struct cmd_command *command, const char *word, const char *name,
    size_t size, struct fora_buf *why)
{
    const char *near = name == NULL ? NULL : nearest_option(command, name, size);
    if (command != NULL) {
        fora_buf_printf(why, "The command %s has no option %.80s.", command->name, word);
    } else {
        fora_buf_printf(why, "There is no option %.80s before a command.", word);
    }
    if (near != NULL) {
        fora_buf_printf(why, " Did you mean --%s?", near);
    }
    see_help(why, command);
    return FORA_E_USAGE;
}

static void list_choices(struct fora_buf *out, const char *const *choices)
{
    for (size_t i = 0; choices[i] != NULL; i++) {
        fora_buf_printf(out, "%s%s",
            i == 0                   ? ""
            : choices[i + 1] == NULL ? " or "
                                     : ", ",
            choices[i]);
    }
}

static bool is_choice(const char *const *choices, const char *text)
{
    for (size_t i = 0; choices[i] != NULL; i++) {
        if (strcmp(choices[i], text) == 0) {
            return true;
        }
    }
    return false;
}

static int parse_number(const char *text, int64_t *out)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0) {
        return FORA_E_USAGE;
    }
    *out = value;
    return 0;
}

static int check_value(const struct cmd_command *command, const struct cmd_option *option,
    const char *text, struct fora_buf *why)
{
    int64_t number;
    if (option->type == CMD_CHOICE && !is_choice(option->choices, text)) {
        fora_buf_printf(why, "--%s takes ", option->name);
        list_choices(why, option->choices);
        fora_buf_printf(why, ", not \"%.80s\".", text);
        see_help(why, command);
        return FORA_E_USAGE;
    }
    if (option->type == CMD_NUMBER &&
        (parse_number(text, &number) != 0 || number < option->least || number > option->most)) {
        fora_buf_printf(why, "--%s takes a number from %lld to %lld, not \"%.80s\".", option->name,
            (long long)option->least, (long long)option->most, text);
        see_help(why, command);
        return FORA_E_USAGE;
    }
    return 0;
}

static int add_value(
    struct cmd_line *line, const struct cmd_option *option, const char *text, struct fora_buf *why)
{
    if (line->values_count == CMD_VALUES_MAX) {
        fora_buf_append_str(why, "There are too many options.");
        return FORA_E_USAGE;
    }
    for (size_t i = 0; i < line->values_count && !option->many; i++) {
        if (line->values[i].option == option && option->type != CMD_FLAG) {
            fora_buf_printf(why, "--%s is given twice.", option->name);
            see_help(why, line->command);
            return FORA_E_USAGE;
        }
    }
    if (text != NULL && check_value(line->command, option, text, why) != 0) {
        return FORA_E_USAGE;
    }
    line->values[line->values_count++] = (struct cmd_value){option, text};
    return 0;
}

/* argv[*at] begins with a dash; *at is left at the last word taken. */
static int take_option(
    struct cmd_line *line, int argc, char *const *argv, int *at, struct fora_buf *why)
{
    const char *word = argv[*at];
    const char *value = NULL;
    const struct cmd_option *option;
    if (word[1] == '-') {
        const char *equals = strchr(word, '=');
        size_t size = equals == NULL ? strlen(word + 2) : (size_t)(equals - word) - 2;
        option = find_option(line->command, word + 2, size, '\0');
        if (option == NULL) {
            return unknown_option(line->command, word, word + 2, size, why);
        }
        value = equals == NULL ? NULL : equals + 1;
    } else {
        option = find_option(line->command, NULL, 0, word[1]);
        if (option == NULL || (option->type == CMD_FLAG && word[2] != '\0')) {
            return unknown_option(line->command, word, NULL, 0, why);
        }
        value = word[2] == '\0' ? NULL : word + 2;
    }
    if (option->type == CMD_FLAG) {
        if (value != NULL) {
            fora_buf_printf(why, "--%s takes no value.", option->name);
            see_help(why, line->command);
            return FORA_E_USAGE;
        }
        return add_value(line, option, NULL, why);
    }
    if (value == NULL && *at + 1 == argc) {
        fora_buf_printf(why, "--%s needs a value: %s.", option->name, option->value);
        see_help(why, line->command);
        return FORA_E_USAGE;
    }
    if (value == NULL) {
        value = argv[++*at];
    }
    return add_value(line, option, value, why);
}

bool cmd_is_group(const char *word)
{
    const struct cmd_table *table = cmd_table();
    size_t size = strlen(word);
    for (size_t i = 0; i < table->count; i++) {
        const char *name = table->rows[i]->name;
        if (strncmp(name, word, size) == 0 && name[size] == ' ') {
            return true;
        }
    }
    return false;
}

static bool asks_for_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* Finds the command that argv[*at] begins; a second word is taken when it makes a longer name. */
static int take_command(
    struct cmd_line *line, int argc, char *const *argv, int *at, struct fora_buf *why)
{
    const char *word = argv[*at];
    if (cmd_is_group(word) && *at + 1 < argc) {
        struct fora_buf name = {0};
        fora_buf_printf(&name, "%.40s %.40s", word, argv[*at + 1]);
        const char *both = fora_buf_cstr(&name);
        line->command = both == NULL ? NULL : cmd_find(both);
        fora_buf_fini(&name);
        if (line->command != NULL) {
            ++*at;
            return 0;
        }
    }
    line->command = cmd_find(word);
    if (line->command != NULL) {
        return 0;
    }
    if (cmd_is_group(word) && *at + 1 < argc && asks_for_help(argv[*at + 1])) {
        line->group = word;
        return 0;
    }
    if (cmd_is_group(word)) {
        const struct cmd_table *table = cmd_table();
        fora_buf_printf(why, "The command %s needs a second word. There are:", word);
        for (size_t i = 0; i < table->count; i++) {
            if (strncmp(table->rows[i]->name, word, strlen(word)) == 0 &&
                table->rows[i]->name[strlen(word)] == ' ') {
                fora_buf_printf(why, " \"%s\"", table->rows[i]->name);
            }
        }
        fora_buf_append_str(why, ".");
        return FORA_E_USAGE;
    }
    const char *near = nearest_command(word);
    fora_buf_printf(why, "There is no command %.80s.", word);
    if (near != NULL) {
        fora_buf_printf(why, " Did you mean %s?", near);
    }
    see_help(why, NULL);
    return FORA_E_USAGE;
}

static int check_arguments(const struct cmd_line *line, struct fora_buf *why)
{
    const struct cmd_command *command = line->command;
    size_t known = cmd_arguments_count(command);
    for (size_t i = line->arguments_count; i < known; i++) {
        if (!command->arguments[i].optional) {
            fora_buf_printf(why, "The command %s needs %s: %s", command->name,
                command->arguments[i].name, command->arguments[i].help);
            see_help(why, command);
            return FORA_E_USAGE;
        }
    }
    if (line->arguments_count > known && (known == 0 || !command->arguments[known - 1].many)) {
        fora_buf_printf(
            why, "The command %s does not take \"%.80s\".", command->name, line->arguments[known]);
        if (find_option(command, "space", strlen("space"), '\0') != NULL) {
            fora_buf_printf(why, " A space is named by --space %.80s.", line->arguments[known]);
        }
        see_help(why, command);
        return FORA_E_USAGE;
    }
    for (size_t i = 0; i < line->arguments_count && i < known; i++) {
        const struct cmd_argument *argument = &command->arguments[i];
        if (argument->choices != NULL && !is_choice(argument->choices, line->arguments[i])) {
            fora_buf_printf(why, "%s is ", argument->name);
            list_choices(why, argument->choices);
            fora_buf_printf(why, ", not \"%.80s\".", line->arguments[i]);
            see_help(why, command);
            return FORA_E_USAGE;
        }
    }
    return 0;
}

int cmd_parse(struct cmd_line *out, int argc, char *const *argv, struct fora_buf *why)
{
    bool options = true;
    *out = (struct cmd_line){0};
    for (int at = 1; at < argc; at++) {
        const char *word = argv[at];
        int error = 0;
        if (options && strcmp(word, "--") == 0) {
            options = false;
        } else if (options && word[0] == '-' && word[1] != '\0') {
            error = take_option(out, argc, argv, &at, why);
        } else if (out->command == NULL) {
            error = take_command(out, argc, argv, &at, why);
        } else if (out->arguments_count == CMD_VALUES_MAX) {
            fora_buf_append_str(why, "There are too many arguments.");
            error = FORA_E_USAGE;
        } else {
            out->arguments[out->arguments_count++] = word;
        }
        if (error != 0) {
            return error;
        }
    }
    if (out->command == NULL || cmd_flag(out, "help") || cmd_flag(out, "version")) {
        return 0;
    }
    return check_arguments(out, why);
}

size_t cmd_texts(const struct cmd_line *line, const char *option, const char **out, size_t max)
{
    size_t count = 0;
    for (size_t i = 0; i < line->values_count && count < max; i++) {
        if (strcmp(line->values[i].option->name, option) == 0) {
            out[count++] = line->values[i].text;
        }
    }
    return count;
}

const char *cmd_text(const struct cmd_line *line, const char *option)
{
    const char *last = NULL;
    for (size_t i = 0; i < line->values_count; i++) {
        if (strcmp(line->values[i].option->name, option) == 0) {
            last = line->values[i].text;
        }
    }
    return last;
}

bool cmd_flag(const struct cmd_line *line, const char *option)
{
    for (size_t i = 0; i < line->values_count; i++) {
        if (strcmp(line->values[i].option->name, option) == 0) {
            return true;
        }
    }
    return false;
}

int64_t cmd_number(const struct cmd_line *line, const char *option, int64_t otherwise)
{
    const char *text = cmd_text(line, option);
    int64_t value;
    return text != NULL && parse_number(text, &value) == 0 ? value : otherwise;
}

const char *cmd_argument(const struct cmd_line *line, size_t index)
{
    return index < line->arguments_count ? line->arguments[index] : NULL;
}
