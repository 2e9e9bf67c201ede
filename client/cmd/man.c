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

static void roff(struct fora_buf *out, const char *text)
{
    roff_bytes(out, text, strlen(text), true);
}

static void section(struct fora_buf *out, const char *title)
{
    fora_buf_printf(out, ".SH %s\n", title);
}

void cmd_man_name(struct fora_buf *out, const struct cmd_command *command)
{
    fora_buf_append_str(out, "fora");
    for (const char *at = command == NULL ? "" : command->name; *at != '\0'; at++) {
        if (at == command->name) {
            fora_buf_u8(out, '-');
        }
        fora_buf_u8(out, *at == ' ' ? '-' : (uint8_t)*at);
    }
}

static void title(struct fora_buf *out, const struct cmd_command *command)
{
    struct fora_buf name = {0};
    cmd_man_name(&name, command);
    fora_buf_append_str(
        out, ".\\\" Made from the command tables by fora \\-\\-generate man.\n.TH ");
    for (size_t i = 0; i < name.size; i++) {
        char c = (char)name.data[i];
        fora_buf_u8(out, (uint8_t)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c));
    }
    fora_buf_append_str(out, " 1 \"\" \"Fora\" \"User Commands\"\n.SH NAME\n");
    const char *text = fora_buf_cstr(&name);
    roff(out, text == NULL ? "fora" : text);
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
    roff(out, o->name);
    fora_buf_append_str(out, "\\fR");
    if (o->value != NULL) {
        fora_buf_printf(out, " \\fI%s\\fR", o->value);
    }
    fora_buf_u8(out, '\n');
    roff(out, o->help);
    if (o->choices != NULL) {
        fora_buf_append_str(out, " One of");
        for (size_t i = 0; o->choices[i] != NULL; i++) {
            fora_buf_append_str(out, i == 0 ? " " : ", ");
            roff(out, o->choices[i]);
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
    section(out, "EXIT STATUS");
#define EXIT_ROW(name, number, meaning)                                                            \
    fora_buf_append_str(out, ".TP\n" #number "\n");                                                \
    roff(out, meaning);                                                                            \
    fora_buf_append_str(out, ".\n");
    CMD_EXITS(EXIT_ROW)
#undef EXIT_ROW
}

static void man_command(struct fora_buf *out, const struct cmd_command *command)
{
    struct fora_buf usage = {0};
    roff(out, command->summary);
    fora_buf_u8(out, '\n');
    section(out, "SYNOPSIS");
    cmd_usage(&usage, command);
    const char *text = fora_buf_cstr(&usage);
    roff(out, text == NULL ? "" : text);
    fora_buf_u8(out, '\n');
    fora_buf_fini(&usage);
    section(out, "DESCRIPTION");
    roff(out, command->summary);
    fora_buf_append_str(out, ".\n");
    paragraphs(out, command->details);
    if (cmd_arguments_count(command) > 0) {
        section(out, "ARGUMENTS");
    }
    for (size_t i = 0; i < cmd_arguments_count(command); i++) {
        fora_buf_printf(out, ".TP\n\\fI%s\\fR\n", command->arguments[i].name);
        roff(out, command->arguments[i].help);
        fora_buf_u8(out, '\n');
    }
    section(out, "OPTIONS");
    for (size_t i = 0; i < cmd_options_count(command); i++) {
        option(out, command->options[i]);
    }
    fora_buf_append_str(out, ".PP\nThe options of every command are in\n.BR fora (1).\n");
    if (command->json != NULL) {
        section(out, "JSON");
        roff(out, command->json);
        fora_buf_u8(out, '\n');
    }
    exits(out);
    if (command->examples != NULL) {
        examples(out, command->examples);
    }
    section(out, "SEE ALSO");
    fora_buf_append_str(out, ".BR fora (1)\n");
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
        roff(out, command->name);
        fora_buf_append_str(out, "\\fR\n");
        roff(out, command->summary);
        fora_buf_append_str(out, ".\n");
    }
}

static const char *const description =
    "fora talks to a node of the Fora federation: it reads threads, writes questions, answers, "
    "ideas "
    "and articles, votes, resolves and moderates. Everything that is shown was verified by this "
    "program itself: signatures, keys and the rules of the space.\n\n"
    "A member is either custodial (the node keeps the signing key; the password logs in) or keeps "
    "the keys herself (fora register --self-custody).\n\n"
    "Threads, answers and comments are named by their id (fora1...), or by at least six characters "
    "of the beginning of an id in the list or thread that was shown last. Spaces are named by id, "
    "by six characters of it, or by their short name. Members are named by id (foram1...), or by "
    "their handle at the node.\n\n"
    "A node is named as HOST, HOST:PORT or [IPV6]:PORT; foran1...@HOST:PORT says as well who must "
    "be "
    "met there. Else the identity met first at an address is remembered, and a change is refused.";

static const char *const json_notes =
    "With --json the output is one JSON document (of watch: one a line) for programs. Members are "
    "added in later versions, never renamed or removed. Ids are bech32m texts with their prefix, "
    "times are RFC 3339 in UTC, absent values are null, texts are exact: not cleaned of control "
    "characters, which JSON escapes. Commands that write give: id (what was written), state "
    "(\"stored\", or \"duplicate\" when it was stored before), node, and kind.";

static const char *const files_notes =
    "In $FORA_HOME, else $XDG_CONFIG_HOME/fora, else ~/.config/fora, readable by you only: config "
    "(settings, explained in the file), known_nodes (whom this client met where), accounts "
    "(log-ins "
    "with the keys of their sessions), identity (your own keys), recent and follows.";

static const struct {
    const char *name;
    const char *meaning;
} environment[] = {
    {"FORA_HOME", "The folder of the client's files."},
    {"FORA_NODE", "The node to talk to, unless --node says another."},
    {"FORA_PASSPHRASE_FILE", "A file whose first line opens the keys of identity."},
    {"VISUAL, EDITOR", "What writes texts."},
    {"PAGER", "What shows long output on a terminal; else less with LESS=FRX."},
    {"NO_COLOR", "When set, no colour."},
};

static void man_fora(struct fora_buf *out)
{
    fora_buf_append_str(out, "the client of federated product support\n");
    section(out, "SYNOPSIS");
    fora_buf_append_str(out, "fora COMMAND [ARGUMENTS] [OPTIONS]\n");
    section(out, "DESCRIPTION");
    paragraphs(out, description);
    commands(out);
    section(out, "OPTIONS");
    for (size_t i = 0; cmd_globals[i] != NULL; i++) {
        option(out, cmd_globals[i]);
    }
    section(out, "JSON");
    paragraphs(out, json_notes);
    exits(out);
    section(out, "ENVIRONMENT");
    for (size_t i = 0; i < sizeof environment / sizeof environment[0]; i++) {
        fora_buf_printf(out, ".TP\n\\fB%s\\fR\n", environment[i].name);
        roff(out, environment[i].meaning);
        fora_buf_u8(out, '\n');
    }
    section(out, "FILES");
    paragraphs(out, files_notes);
    section(out, "SEE ALSO");
    fora_buf_append_str(out, "A page for each command, such as\n.BR fora\\-threads (1).\n");
}

void cmd_man(struct fora_buf *out, const struct cmd_command *command)
{
    title(out, command);
    if (command == NULL) {
        man_fora(out);
    } else {
        man_command(out, command);
    }
}
