/* The one table of commands, in the order of the overview, and the options that they share. */
#include "cmd/commands.h"

static const char *const colors[] = {"auto", "always", "never", NULL};

static const struct cmd_option global_node = {.name = "node",
    .letter = 'n',
    .type = CMD_TEXT,
    .value = "ADDRESS",
    .help =
        "The node to talk to: HOST, HOST:PORT or [IPV6]:PORT, with foran1...@ before it to say who "
        "must be met there."};
static const struct cmd_option global_home = {
    .name = "home", .type = CMD_FILE, .value = "DIR", .help = "The folder of the client's files."};
static const struct cmd_option global_json = {
    .name = "json", .type = CMD_FLAG, .help = "Print JSON, for programs."};
static const struct cmd_option global_color = {.name = "color",
    .type = CMD_CHOICE,
    .value = "WHEN",
    .help = "When to use colour.",
    .choices = colors};
static const struct cmd_option global_no_pager = {
    .name = "no-pager", .type = CMD_FLAG, .help = "Never show output through a pager."};
static const struct cmd_option global_quiet = {.name = "quiet",
    .letter = 'q',
    .type = CMD_FLAG,
    .help = "Say only what was asked for: of what was written, the id."};
static const struct cmd_option global_verbose = {.name = "verbose",
    .letter = 'v',
    .type = CMD_FLAG,
    .help = "Say more: whole ids, keys, counts."};
static const struct cmd_option global_version = {
    .name = "version", .type = CMD_FLAG, .help = "Print the version and end."};
static const struct cmd_option global_help = {
    .name = "help", .letter = 'h', .type = CMD_FLAG, .help = "Explain the command and end."};

const struct cmd_option *const cmd_globals[] = {&global_node, &global_home, &global_json,
    &global_color, &global_no_pager, &global_quiet, &global_verbose, &opt_passphrase_file,
    &global_version, &global_help, NULL};

const struct cmd_option opt_space = {.name = "space",
    .letter = 's',
    .type = CMD_TEXT,
    .value = "SPACE",
    .help = "The space: its short name, its id, or the beginning of its id. Not needed when the "
            "configuration names one, or the node has only one."};
const struct cmd_option opt_text = {.name = "text",
    .letter = 't',
    .type = CMD_TEXT,
    .value = "TEXT",
    .help = "The text, in Markdown. Without it and --file an editor is opened."};
const struct cmd_option opt_file = {.name = "file",
    .letter = 'f',
    .type = CMD_FILE,
    .value = "FILE",
    .help = "A file with the text, or - for standard input."};
const struct cmd_option opt_tag = {.name = "tag",
    .type = CMD_TEXT,
    .many = true,
    .value = "TAG",
    .help = "A tag: lower-case letters, digits and .+#_- (at most 16)."};
const struct cmd_option opt_applies_to = {.name = "applies-to",
    .type = CMD_TEXT,
    .many = true,
    .value = "PRODUCT[:FROM[..TO]]",
    .help = "The product and versions that it speaks of: \"frobnicator:5.1\", "
            "\"frobnicator:5.0..5.2\", \"frobnicator:5.1..\" or \"frobnicator\"."};
const struct cmd_option opt_mention = {.name = "mention",
    .type = CMD_TEXT,
    .many = true,
    .value = "MEMBER",
    .help = "Somebody who shall find it in her inbox: a handle at the node, name@domain or an id. "
            "\"@handle\" and \"@name@domain\" in the text do the same."};
const struct cmd_option opt_limit = {.name = "limit",
    .letter = 'l',
    .type = CMD_NUMBER,
    .value = "N",
    .help = "Rows of a page, 1 to 100.",
    .least = 1,
    .most = 100};
const struct cmd_option opt_note = {
    .name = "note", .type = CMD_TEXT, .value = "TEXT", .help = "A remark, shown beside it."};
const struct cmd_option opt_reason = {.name = "reason",
    .letter = 'r',
    .type = CMD_TEXT,
    .value = "TEXT",
    .help = "Why: signed, and shown to everybody."};
const struct cmd_option opt_password_file = {.name = "password-file",
    .type = CMD_FILE,
    .value = "FILE",
    .help = "A file whose first line is the password, or - for standard input. Without it the "
            "password is asked for."};
const struct cmd_option opt_passphrase_file = {.name = "passphrase-file",
    .type = CMD_FILE,
    .value = "FILE",
    .help = "A file whose first line opens your own keys. Without it the passphrase is asked for."};
const struct cmd_option opt_no_passphrase = {.name = "no-passphrase",
    .type = CMD_FLAG,
    .help = "Keep the new keys without a passphrase: whoever can read the file has them."};

#define ROW(name) &row_##name,
static const struct cmd_command *const rows[] = {CMD_ROWS(ROW)};
#undef ROW

const struct cmd_table *cmd_table(void)
{
    static const struct cmd_table table = {&fora_program, rows, sizeof rows / sizeof rows[0]};
    return &table;
}
