/* The one table of forad's commands, in the order of the overview, and the options of all. */
#include "cmd/table.h"

static const char *const colors[] = {"auto", "always", "never", NULL};

static const struct cmd_option global_data = {.name = "data",
    .letter = 'd',
    .type = CMD_FILE,
    .value = "DIR",
    .help = "The folder of the node; else $FORAD_DATA, else /var/lib/forad."};
static const struct cmd_option global_json = {
    .name = "json", .type = CMD_FLAG, .help = "Print JSON, for programs."};
static const struct cmd_option global_color = {.name = "color",
    .type = CMD_CHOICE,
    .value = "WHEN",
    .help = "When to use colour.",
    .choices = colors};
static const struct cmd_option global_quiet = {.name = "quiet",
    .letter = 'q',
    .type = CMD_FLAG,
    .help = "Say only what was asked for, and show no progress."};
static const struct cmd_option global_version = {
    .name = "version", .type = CMD_FLAG, .help = "Print the version and end."};
static const struct cmd_option global_help = {
    .name = "help", .letter = 'h', .type = CMD_FLAG, .help = "Explain the command and end."};

const struct cmd_option *const cmd_globals[] = {
    &global_data, &global_json, &global_color, &global_quiet, &global_version, &global_help, NULL};

const char *const cmd_space_kinds[] = {"questions", "ideas", "articles", "media", "group", NULL};

const struct cmd_option opt_node = {.name = "node",
    .letter = 'n',
    .type = CMD_TEXT,
    .value = "HOST:PORT",
    .help = "Where the running node is; else where it wrote that it listens, else the first "
            "address under listen in forad.conf."};
const struct cmd_option opt_listen = {.name = "listen",
    .type = CMD_TEXT,
    .many = true,
    .value = "HOST:PORT",
    .help = "Where the node listens; port 0 takes any free one."};
const struct cmd_option opt_product = {.name = "product",
    .type = CMD_TEXT,
    .many = true,
    .value = "NAME[=LATEST]",
    .help = "A product of the space and its latest version."};

#define ROW(name) &row_##name,
static const struct cmd_command *const rows[] = {FORAD_ROWS(ROW)};
#undef ROW

const struct cmd_table *cmd_table(void)
{
    static const struct cmd_table table = {&forad_program, rows, sizeof rows / sizeof rows[0]};
    return &table;
}
