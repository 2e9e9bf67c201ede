/*
 * The command line as tables: names, arguments, options, help, examples, exit codes, handlers.
 * Parsing, `fora help`, the manual pages and the shell completions are all made from them, so that
 * none can say what the others do not.
 *
 * What makes them (args.c, help.c, man.c, completion.c, generate.c: the target fora_cli) belongs to
 * no program. Each program brings cmd_table(), cmd_globals and its own struct app.
 */
#ifndef FORA_CMD_SPEC_H
#define FORA_CMD_SPEC_H

#include "fora/bytes.h"

#include <stddef.h>

struct app;

/* X(NAME, number, meaning): what the process ends with. Stable. */
#define CMD_EXITS(X)                                                                               \
    X(OK, 0, "done")                                                                               \
    X(REFUSED, 1,                                                                                  \
        "the node refused it, and the code's name is printed; or it would have had no effect")     \
    X(USAGE, 2, "the command line or the configuration is wrong")                                  \
    X(CONNECT, 3, "no connection, a timeout, or not the node that was expected")                   \
    X(CREDENTIALS, 4, "not logged in, or a wrong password or passphrase")                          \
    X(NOTFOUND, 5, "the thread, object, space or member was not found")                            \
    X(LOCAL, 6, "a file or the terminal failed, or memory ran out")

enum cmd_exit {
#define CMD_EXIT_ENUM(name, number, meaning) CMD_EXIT_##name = number,
    CMD_EXITS(CMD_EXIT_ENUM)
#undef CMD_EXIT_ENUM
};

enum cmd_option_type { CMD_FLAG, CMD_TEXT, CMD_NUMBER, CMD_CHOICE, CMD_FILE };

struct cmd_option {
    const char *name; /* without the dashes */
    char letter;      /* short form, or 0 */
    enum cmd_option_type type;
    bool many;
    const char *value;          /* what stands for the value in help; NULL for a flag */
    const char *help;           /* one sentence */
    const char *const *choices; /* NULL-terminated, of CMD_CHOICE */
    int64_t least;              /* of CMD_NUMBER */
    int64_t most;
};

struct cmd_argument {
    const char *name; /* "THREAD" */
    const char *help;
    bool optional;
    bool many; /* the last one only: one or more, or none when optional */
    const char *const *choices;
};

enum { CMD_ARGUMENTS_MAX = 4, CMD_OPTIONS_MAX = 12, CMD_VALUES_MAX = 128 };

struct cmd_command {
    const char *name;  /* one word, or two: "space create" */
    const char *group; /* heading in the overview */
    const char *summary;
    int (*run)(struct app *app); /* returns an enum cmd_exit, after saying why on stderr */
    struct cmd_argument arguments[CMD_ARGUMENTS_MAX];
    const struct cmd_option *options[CMD_OPTIONS_MAX];
    const char *details;  /* paragraphs separated by an empty line; may be NULL */
    const char *json;     /* what --json gives; NULL: no output */
    const char *examples; /* lines, pairwise: a command, what it does */
};

/* What a program says of itself in help and manual. Texts are paragraphs separated by an empty
 * line. */
struct cmd_exit_row {
    int number;
    const char *meaning;
};
struct cmd_variable {
    const char *name;
    const char *meaning;
};
struct cmd_program {
    const char *name;    /* "fora" */
    const char *version; /* "0.1.0" */
    const char *tagline; /* after the name at the head of the overview */
    const char *summary; /* after the name in the manual */
    int section;         /* of the manual */
    const char *manual;  /* its title: "User Commands" */
    const char *description;
    const char *json; /* what holds for --json of every command */
    const struct cmd_exit_row *exits;
    size_t exits_count;
    const struct cmd_variable *environment;
    size_t environment_count;
    const char *files;
    const char *see_also; /* lines of roff; may be NULL */
    const char *tour;     /* "A first tour" of the overview: lines, each a command */
    const char *generate; /* the command that makes pages and completions: "fora generate" */
};

/* A table and its parts. */
struct cmd_table {
    const struct cmd_program *program;
    const struct cmd_command *const *rows;
    size_t count;
};
const struct cmd_table *cmd_table(void);
extern const struct cmd_option *const cmd_globals[]; /* NULL-terminated; valid with every command */

size_t cmd_arguments_count(const struct cmd_command *command);
size_t cmd_options_count(const struct cmd_command *command);
/* The command of that name ("space create"), or NULL. */
const struct cmd_command *cmd_find(const char *name);

/* A command line taken apart. Strings are those of argv. */
struct cmd_value {
    const struct cmd_option *option;
    const char *text; /* NULL for a flag */
};
struct cmd_line {
    const struct cmd_command *command; /* NULL: none was named */
    const char *group; /* the first word of several commands, when help is asked for; or NULL */
    struct cmd_value values[CMD_VALUES_MAX];
    size_t values_count;
    const char *arguments[CMD_VALUES_MAX];
    size_t arguments_count;
};
/*
 * 0, or FORA_E_USAGE with a sentence in `why`. Options may stand anywhere; "--" ends them; names
 * are never abbreviated, so that a new option cannot change what a script means. With --help or
 * --version missing arguments are no error.
 */
int cmd_parse(
    struct cmd_line *out, int argc, char *const *argv, struct fora_buf *why) FORA_MUST_USE;

bool cmd_flag(const struct cmd_line *line, const char *option);
/* The last value given, or NULL. */
const char *cmd_text(const struct cmd_line *line, const char *option);
/* All values of an option that may be given more than once: at most `max`; returns how many. */
size_t cmd_texts(const struct cmd_line *line, const char *option, const char **out, size_t max);
int64_t cmd_number(const struct cmd_line *line, const char *option, int64_t otherwise);
const char *cmd_argument(const struct cmd_line *line, size_t index); /* NULL: not given */

/* Made from the tables. */
void cmd_usage(struct fora_buf *out, const struct cmd_command *command); /* one line */
void cmd_help(struct fora_buf *out, const struct cmd_command *command, size_t width);
void cmd_overview(struct fora_buf *out, size_t width);
/* The commands that begin with that word: "space". */
void cmd_group(struct fora_buf *out, const char *word, size_t width);
bool cmd_is_group(const char *word);
void cmd_man(struct fora_buf *out, const struct cmd_command *command); /* NULL: fora(1) itself */
/* Text with what roff would take for its own escaped, as one flowing paragraph. */
void cmd_roff(struct fora_buf *out, const char *text);
/* "fora" or "fora-space-create": the page's name without ".1". */
void cmd_man_name(struct fora_buf *out, const struct cmd_command *command);
/* "bash", "zsh" or "fish"; FORA_E_USAGE for another. */
int cmd_completion(struct fora_buf *out, const char *shell) FORA_MUST_USE;

#endif
