/* Manual pages in man(7) macros, made from the tables. */
#include "cmd/spec.h"

#include <string.h>

/* Escapes for running text: backslash, hyphen (so that options can be copied), a leading dot or
 * quote. Line feeds become spaces when `flow`. */
static void roff_bytes(struct fora_buf *out, const char *text, size_t size, bool flow)
{
    bool start = true;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (start && (c == '.' || c == '\'')) {
            fora_buf_append_str(out, "\\&");
        }
        start = c == '\n' && !flow;
        if (c == '\\') {
            fora_buf_append_str(out, "\\e");
        } else if (c == '-') {
            fora_buf_append_str(out, "\\-");
        } else if (c == '\n' && flow) {
            fora_buf_u8(out, ' ');
        } else {
            fora_buf_u8(out, (uint8_t)c);
        }
    }
}

void cmd_roff(struct fora_buf *out, const char *text)
{
    roff_bytes(out, text, strlen(text), true);
}

static void section(struct fora_buf *out, const char *title)
{
    fora_buf_printf(out, ".SH %s\n", title);
}

void cmd_man_name(struct fora_buf *out, const struct cmd_command *command)
{
    fora_buf_append_str(out, cmd_table()->program->name);
    for (const char *at = command == NULL ? "" : command->name; *at != '\0'; at++) {
        if (at == command->name) {
            fora_buf_u8(out, '-');
        }
        fora_buf_u8(out, *at == ' ' ? '-' : (uint8_t)*at);
    }
}

static void title(struct fora_buf *out, const struct cmd_command *command)
{
    const struct cmd_program *program = cmd_table()->program;
    struct fora_buf name = {0};
    cmd_man_name(&name, command);
    fora_buf_append_str(out, ".\\\" Made from the command tables by ");
    cmd_roff(out, program->generate);
    fora_buf_append_str(out, " man.\n.TH ");
    for (size_t i = 0; i < name.size; i++) {
        char c = (char)name.data[i];
        fora_buf_u8(out, (uint8_t)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c));
    }
    fora_buf_printf(out, " %d \"\" \"Fora %s\" \"%s\"\n.SH NAME\n", program->section,
        program->version, program->manual);
    const char *text = fora_buf_cstr(&name);
    cmd_roff(out, text == NULL ? program->name : text);
    fora_buf_append_str(out, " \\- ");
    fora_buf_fini(&name);
}

static void option(struct fora_buf *out, const struct cmd_option *o)
{
    fora_buf_append_str(out, ".TP\n");
    if (o->letter != '\0') {
        fora_buf_printf(out, "\\fB\\-%c\\fR, ", o->letter);
    }
    fora_buf_append_str(out, "\\fB\\-\\-");
    cmd_roff(out, o->name);
    fora_buf_append_str(out, "\\fR");
    if (o->value != NULL) {
        fora_buf_printf(out, " \\fI%s\\fR", o->value);
    }
    fora_buf_u8(out, '\n');
    cmd_roff(out, o->help);
    if (o->choices != NULL) {
        fora_buf_append_str(out, " One of");
        for (size_t i = 0; o->choices[i] != NULL; i++) {
            fora_buf_append_str(out, i == 0 ? " " : ", ");
            cmd_roff(out, o->choices[i]);
        }
        fora_buf_u8(out, '.');
    }
    fora_buf_append_str(out, o->many ? " May be given more than once.\n" : "\n");
}

static void paragraphs(struct fora_buf *out, const char *text)
{
    while (text != NULL && *text != '\0') {
        const char *end = strstr(text, "\n\n");
        size_t size = end == NULL ? strlen(text) : (size_t)(end - text);
        fora_buf_append_str(out, ".PP\n");
        roff_bytes(out, text, size, true);
        fora_buf_u8(out, '\n');
        text = end == NULL ? NULL : end + 2;
    }
}

static void examples(struct fora_buf *out, const char *text)
{
    bool command = true;
    section(out, "EXAMPLES");
    while (*text != '\0') {
        size_t size = strcspn(text, "\n");
        fora_buf_append_str(out, command ? ".TP\n\\fB" : "");
        roff_bytes(out, text, size, true);
        fora_buf_append_str(out, command ? "\\fR\n" : "\n");
        text += size + (text[size] == '\n');
        command = !command;
    }
}

static void exits(struct fora_buf *out)
{
    const struct cmd_program *program = cmd_table()->program;
    section(out, "EXIT STATUS");
    for (size_t i = 0; i < program->exits_count; i++) {
        fora_buf_printf(out, ".TP\n%d\n", program->exits[i].number);
        cmd_roff(out, program->exits[i].meaning);
        fora_buf_append_str(out, ".\n");
    }
}

static void reference(struct fora_buf *out)
{
    const struct cmd_program *program = cmd_table()->program;
    fora_buf_printf(out, ".BR %s (%d)\n", program->name, program->section);
}

static void man_command(struct fora_buf *out, const struct cmd_command *command)
{
    struct fora_buf usage = {0};
    cmd_roff(out, command->summary);
    fora_buf_u8(out, '\n');
    section(out, "SYNOPSIS");
    cmd_usage(&usage, command);
    const char *text = fora_buf_cstr(&usage);
    cmd_roff(out, text == NULL ? "" : text);
    fora_buf_u8(out, '\n');
    fora_buf_fini(&usage);
    section(out, "DESCRIPTION");
    cmd_roff(out, command->summary);
    fora_buf_append_str(out, ".\n");
    paragraphs(out, command->details);
    if (cmd_arguments_count(command) > 0) {
        section(out, "ARGUMENTS");
    }
    for (size_t i = 0; i < cmd_arguments_count(command); i++) {
        fora_buf_printf(out, ".TP\n\\fI%s\\fR\n", command->arguments[i].name);
        cmd_roff(out, command->arguments[i].help);
        fora_buf_u8(out, '\n');
    }
    section(out, "OPTIONS");
    for (size_t i = 0; i < cmd_options_count(command); i++) {
        option(out, command->options[i]);
    }
    fora_buf_append_str(out, ".PP\nThe options of every command are in\n");
    reference(out);
    if (command->json != NULL) {
        section(out, "JSON");
        cmd_roff(out, command->json);
        fora_buf_u8(out, '\n');
    }
    exits(out);
    if (command->examples != NULL) {
        examples(out, command->examples);
    }
    section(out, "SEE ALSO");
    reference(out);
}

static void commands(struct fora_buf *out)
{
    const struct cmd_table *table = cmd_table();
    const char *group = "";
    section(out, "COMMANDS");
    for (size_t i = 0; i < table->count; i++) {
        const struct cmd_command *command = table->rows[i];
        if (strcmp(group, command->group) != 0) {
            group = command->group;
            fora_buf_printf(out, ".SS %s\n", group);
        }
        fora_buf_append_str(out, ".TP\n\\fB");
        cmd_roff(out, command->name);
        fora_buf_append_str(out, "\\fR\n");
        cmd_roff(out, command->summary);
        fora_buf_append_str(out, ".\n");
    }
}

static void man_program(struct fora_buf *out)
{
    const struct cmd_program *program = cmd_table()->program;
    fora_buf_printf(out, "%s\n", program->summary);
    section(out, "SYNOPSIS");
    fora_buf_printf(out, "%s COMMAND [ARGUMENTS] [OPTIONS]\n", program->name);
    section(out, "DESCRIPTION");
    paragraphs(out, program->description);
    commands(out);
    section(out, "OPTIONS");
    for (size_t i = 0; cmd_globals[i] != NULL; i++) {
        option(out, cmd_globals[i]);
    }
    section(out, "JSON");
    paragraphs(out, program->json);
    exits(out);
    section(out, "ENVIRONMENT");
    for (size_t i = 0; i < program->environment_count; i++) {
        fora_buf_printf(out, ".TP\n\\fB%s\\fR\n", program->environment[i].name);
        cmd_roff(out, program->environment[i].meaning);
        fora_buf_u8(out, '\n');
    }
    section(out, "FILES");
    paragraphs(out, program->files);
    section(out, "SEE ALSO");
    fora_buf_printf(out, "A page for each command, such as\n.BR %s\\-%s (%d).\n", program->name,
        cmd_table()->rows[1]->name, program->section);
    if (program->see_also != NULL) {
        fora_buf_append_str(out, program->see_also);
    }
}

void cmd_man(struct fora_buf *out, const struct cmd_command *command)
{
    title(out, command);
    if (command == NULL) {
        man_program(out);
    } else {
        man_command(out, command);
    }
}
