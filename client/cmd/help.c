/* Help for people on a terminal, made from the tables. */
#include "cmd/spec.h"

#include "text/text.h"

#include <string.h>

static void argument_usage(struct fora_buf *out, const struct cmd_argument *argument)
{
    fora_buf_u8(out, ' ');
    fora_buf_append_str(out, argument->optional ? "[" : "");
    if (argument->choices != NULL) {
        for (size_t i = 0; argument->choices[i] != NULL; i++) {
            fora_buf_printf(out, "%s%s", i == 0 ? "" : "|", argument->choices[i]);
        }
    } else {
        fora_buf_append_str(out, argument->name);
    }
    fora_buf_append_str(out, argument->many ? "..." : "");
    fora_buf_append_str(out, argument->optional ? "]" : "");
}

void cmd_usage(struct fora_buf *out, const struct cmd_command *command)
{
    fora_buf_printf(out, "%s %s", cmd_table()->program->name, command->name);
    for (size_t i = 0; i < cmd_arguments_count(command); i++) {
        argument_usage(out, &command->arguments[i]);
    }
    if (cmd_options_count(command) > 0) {
        fora_buf_append_str(out, " [OPTIONS]");
    }
}

/* "  -s, --space SPACE    Help", help wrapped to its column. */
static void entry(struct fora_buf *out, const char *left, const char *help, size_t width)
{
    enum { COLUMN = 28, NARROW = 60, NARROW_COLUMN = 6 };
    size_t column = width < NARROW ? NARROW_COLUMN : COLUMN;
    char rest[COLUMN + 1];
    char first[COLUMN + 1];
    memset(rest, ' ', column);
    rest[column] = '\0';
    size_t size = strlen(left);
    if (size + 4 > column) {
        fora_buf_printf(out, "  %s\n", left);
        memcpy(first, rest, column + 1);
    } else {
        memcpy(first, rest, column + 1);
        memcpy(first + 2, left, size);
    }
    text_wrap(out, fora_bytes_str(help), first, rest, width);
}

static void option_help(struct fora_buf *out, const struct cmd_option *option, size_t width)
{
    struct fora_buf left = {0};
    struct fora_buf help = {0};
    if (option->letter != '\0') {
        fora_buf_printf(&left, "-%c, ", option->letter);
    }
    fora_buf_printf(&left, "--%s", option->name);
    if (option->value != NULL) {
        fora_buf_printf(&left, " %s", option->value);
    }
    fora_buf_append_str(&help, option->help);
    if (option->choices != NULL) {
        fora_buf_append_str(&help, " One of");
        for (size_t i = 0; option->choices[i] != NULL; i++) {
            fora_buf_printf(&help, "%s %s", i == 0 ? "" : ",", option->choices[i]);
        }
        fora_buf_append_str(&help, ".");
    }
    if (option->many) {
        fora_buf_append_str(&help, " May be given more than once.");
    }
    const char *left_text = fora_buf_cstr(&left);
    const char *help_text = fora_buf_cstr(&help);
    if (left_text != NULL && help_text != NULL) {
        entry(out, left_text, help_text, width);
    }
    fora_buf_fini(&left);
    fora_buf_fini(&help);
}

/* Paragraphs, separated by empty lines in `text`. */
static void paragraphs(struct fora_buf *out, const char *text, size_t width)
{
    while (text != NULL && *text != '\0') {
        const char *end = strstr(text, "\n\n");
        size_t size = end == NULL ? strlen(text) : (size_t)(end - text);
        fora_buf_u8(out, '\n');
        text_wrap(out, fora_bytes(text, size), "", "", width);
        text = end == NULL ? NULL : end + 2;
    }
}

static void examples(struct fora_buf *out, const char *text)
{
    bool command = true;
    fora_buf_append_str(out, "\nExamples:\n");
    while (*text != '\0') {
        size_t size = strcspn(text, "\n");
        fora_buf_append_str(out, command ? "  $ " : "      ");
        fora_buf_append(out, text, size);
        fora_buf_u8(out, '\n');
        text += size + (text[size] == '\n');
        command = !command;
    }
}

void cmd_help(struct fora_buf *out, const struct cmd_command *command, size_t width)
{
    fora_buf_append_str(out, "Usage: ");
    cmd_usage(out, command);
    fora_buf_append_str(out, "\n\n");
    text_wrap(out, fora_bytes_str(command->summary), "", "", width);
    paragraphs(out, command->details, width);
    if (cmd_arguments_count(command) > 0) {
        fora_buf_append_str(out, "\nArguments:\n");
    }
    for (size_t i = 0; i < cmd_arguments_count(command); i++) {
        entry(out, command->arguments[i].name, command->arguments[i].help, width);
    }
    if (cmd_options_count(command) > 0) {
        fora_buf_append_str(out, "\nOptions:\n");
    }
    for (size_t i = 0; i < cmd_options_count(command); i++) {
        option_help(out, command->options[i], width);
    }
    fora_buf_append_str(out, "\nOptions of every command:\n");
    for (size_t i = 0; cmd_globals[i] != NULL; i++) {
        option_help(out, cmd_globals[i], width);
    }
    if (command->json != NULL) {
        fora_buf_append_str(out, "\nWith --json:\n");
        text_wrap(out, fora_bytes_str(command->json), "  ", "  ", width);
    }
    if (command->examples != NULL) {
        examples(out, command->examples);
    }
}

static void tour(struct fora_buf *out, const char *text)
{
    fora_buf_append_str(out, "\nA first tour:\n");
    while (*text != '\0') {
        size_t size = strcspn(text, "\n");
        fora_buf_printf(out, "  $ %.*s\n", (int)size, text);
        text += size + (text[size] == '\n');
    }
}

void cmd_overview(struct fora_buf *out, size_t width)
{
    const struct cmd_table *table = cmd_table();
    const struct cmd_program *program = table->program;
    const char *group = "";
    fora_buf_printf(out, "%s: %s\n\nUsage: %s COMMAND [ARGUMENTS] [OPTIONS]\n", program->name,
        program->tagline, program->name);
    for (size_t i = 0; i < table->count; i++) {
        const struct cmd_command *command = table->rows[i];
        if (strcmp(group, command->group) != 0) {
            group = command->group;
            fora_buf_printf(out, "\n%s:\n", group);
        }
        entry(out, command->name, command->summary, width);
    }
    fora_buf_append_str(out, "\nOptions of every command:\n");
    for (size_t i = 0; cmd_globals[i] != NULL; i++) {
        option_help(out, cmd_globals[i], width);
    }
    tour(out, program->tour);
    fora_buf_printf(out, "\nMore about a command: %s COMMAND --help\n", program->name);
}

void cmd_group(struct fora_buf *out, const char *word, size_t width)
{
    const struct cmd_table *table = cmd_table();
    size_t size = strlen(word);
    fora_buf_printf(
        out, "Usage: %s %s COMMAND [ARGUMENTS] [OPTIONS]\n\n", table->program->name, word);
    for (size_t i = 0; i < table->count; i++) {
        const char *name = table->rows[i]->name;
        if (strncmp(name, word, size) == 0 && name[size] == ' ') {
            entry(out, name, table->rows[i]->summary, width);
        }
    }
    fora_buf_printf(
        out, "\nMore about a command: %s %s COMMAND --help\n", table->program->name, word);
}
