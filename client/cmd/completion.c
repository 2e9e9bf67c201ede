/* Completion for bash, zsh and fish, made from the tables. */
#include "cmd/spec.h"

#include <string.h>

static void words_of_options(struct fora_buf *out, const struct cmd_command *command)
{
    for (size_t i = 0; command != NULL && i < cmd_options_count(command); i++) {
        fora_buf_printf(out, " --%s", command->options[i]->name);
    }
    for (size_t i = 0; cmd_globals[i] != NULL; i++) {
        fora_buf_printf(out, " --%s", cmd_globals[i]->name);
    }
}

/* First words, each once; rows of a group stand together in the table. */
static void first_words(struct fora_buf *out)
{
    const struct cmd_table *table = cmd_table();
    const char *last = "";
    size_t last_size = 0;
    for (size_t i = 0; i < table->count; i++) {
        const char *name = table->rows[i]->name;
        size_t size = strcspn(name, " ");
        if (size != last_size || strncmp(name, last, size) != 0) {
            fora_buf_u8(out, ' ');
            fora_buf_append(out, name, size);
        }
        last = name;
        last_size = size;
    }
}

static void second_words(struct fora_buf *out, const char *group, size_t size)
{
    const struct cmd_table *table = cmd_table();
    for (size_t i = 0; i < table->count; i++) {
        const char *name = table->rows[i]->name;
        if (strncmp(name, group, size) == 0 && name[size] == ' ') {
            fora_buf_printf(out, " %s", name + size + 1);
        }
    }
}

static void choices(struct fora_buf *out, const char *const *list)
{
    for (size_t i = 0; list[i] != NULL; i++) {
        fora_buf_printf(out, "%s%s", i == 0 ? "" : " ", list[i]);
    }
}

/* The reply to "what may follow --name?", as a line of a bash case. */
static void bash_option(struct fora_buf *out, const struct cmd_option *option)
{
    if (option->type == CMD_CHOICE) {
        fora_buf_printf(out, "        --%s) words='", option->name);
        choices(out, option->choices);
        fora_buf_append_str(out, "' ;;\n");
    } else if (option->type == CMD_FILE) {
        fora_buf_printf(
            out, "        --%s) COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n", option->name);
    } else if (option->type != CMD_FLAG) {
        fora_buf_printf(out, "        --%s) return ;;\n", option->name);
    }
}

static void bash_command(struct fora_buf *out, const struct cmd_command *command)
{
    fora_buf_printf(out, "    '%s')\n        case \"$prev\" in\n", command->name);
    for (size_t i = 0; i < cmd_options_count(command); i++) {
        bash_option(out, command->options[i]);
    }
    for (size_t i = 0; cmd_globals[i] != NULL; i++) {
        bash_option(out, cmd_globals[i]);
    }
    fora_buf_append_str(out, "        *) words='");
    if (command->arguments[0].choices != NULL) {
        choices(out, command->arguments[0].choices);
    }
    words_of_options(out, command);
    fora_buf_append_str(out, "' ;;\n        esac ;;\n");
}

static void bash(struct fora_buf *out)
{
    const struct cmd_table *table = cmd_table();
    const struct cmd_program *program = table->program;
    fora_buf_printf(out,
        "# bash completion of %s, made by: %s completion bash\n"
        "_%s() {\n",
        program->name, program->generate, program->name);
    fora_buf_append_str(out, "    local cur prev words first second\n"
                             "    cur=${COMP_WORDS[COMP_CWORD]}\n"
                             "    prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                             "    first=${COMP_WORDS[1]-}\n"
                             "    second=${COMP_WORDS[2]-}\n"
                             "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                             "        words='");
    first_words(out);
    words_of_options(out, NULL);
    fora_buf_append_str(out, "'\n        COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
                             "        return\n    fi\n    case \"$first\" in\n");
    for (size_t i = 0; i < table->count; i++) {
        const char *name = table->rows[i]->name;
        size_t size = strcspn(name, " ");
        bool begins =
            name[size] == ' ' && (i == 0 || strncmp(table->rows[i - 1]->name, name, size + 1) != 0);
        if (begins) {
            fora_buf_printf(
                out, "    %.*s)\n        if [ \"$COMP_CWORD\" -eq 2 ]; then\n", (int)size, name);
            fora_buf_append_str(out, "            COMPREPLY=($(compgen -W '");
            second_words(out, name, size);
            fora_buf_append_str(out, "' -- \"$cur\"))\n            return\n        fi\n"
                                     "        first=\"$first $second\" ;;\n");
        }
    }
    fora_buf_append_str(out, "    esac\n    case \"$first\" in\n");
    for (size_t i = 0; i < table->count; i++) {
        bash_command(out, table->rows[i]);
    }
    fora_buf_append_str(out, "    *) return ;;\n    esac\n"
                             "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
                             "}\n");
    fora_buf_printf(out, "complete -F _%s %s\n", program->name, program->name);
}

/* Text inside single quotes of zsh and fish, without characters that either treats specially in
 * descriptions. */
static void quoted(struct fora_buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (strchr("'[]:\\`$\"", *text) != NULL) {
            fora_buf_u8(out, ' ');
        } else {
            fora_buf_u8(out, *text == '\n' ? ' ' : (uint8_t)*text);
        }
    }
}

static void zsh_option(struct fora_buf *out, const struct cmd_option *option)
{
    fora_buf_printf(out, " \\\n            '%s--%s[", option->many ? "*" : "", option->name);
    quoted(out, option->help);
    fora_buf_u8(out, ']');
    if (option->type == CMD_CHOICE) {
        fora_buf_printf(out, ":%s:(", option->value);
        choices(out, option->choices);
        fora_buf_u8(out, ')');
    } else if (option->type == CMD_FILE) {
        fora_buf_printf(out, ":%s:_files", option->value);
    } else if (option->type != CMD_FLAG) {
        fora_buf_printf(out, ":%s: ", option->value);
    }
    fora_buf_u8(out, '\'');
}

static void zsh(struct fora_buf *out)
{
    const struct cmd_table *table = cmd_table();
    const struct cmd_program *program = table->program;
    fora_buf_printf(out,
        "#compdef %s\n"
        "# zsh completion of %s, made by: %s completion zsh\n"
        "_%s() {\n",
        program->name, program->name, program->generate, program->name);
    fora_buf_append_str(out, "    local -a commands\n"
                             "    local first=${words[2]-} second=${words[3]-}\n"
                             "    commands=(\n");
    for (size_t i = 0; i < table->count; i++) {
        fora_buf_printf(out, "        '%s:", table->rows[i]->name);
        quoted(out, table->rows[i]->summary);
        fora_buf_append_str(out, "'\n");
    }
    fora_buf_append_str(out, "    )\n    if (( CURRENT == 2 )); then\n"
                             "        _describe command commands\n        return\n    fi\n"
                             "    case \"$first $second\" in\n");
    for (size_t i = 0; i < table->count; i++) {
        const struct cmd_command *command = table->rows[i];
        bool two = strchr(command->name, ' ') != NULL;
        fora_buf_printf(out, "    '%s'%s)\n        _arguments", command->name, two ? "" : "\\ *");
        for (size_t o = 0; o < cmd_options_count(command); o++) {
            zsh_option(out, command->options[o]);
        }
        for (size_t o = 0; cmd_globals[o] != NULL; o++) {
            zsh_option(out, cmd_globals[o]);
        }
        fora_buf_append_str(out, "\n        ;;\n");
    }
    fora_buf_printf(out, "    esac\n}\n_%s \"$@\"\n", program->name);
}

static void fish_option(struct fora_buf *out, const char *when, const struct cmd_option *option)
{
    fora_buf_printf(out, "complete -c %s%s -l %s", cmd_table()->program->name, when, option->name);
    if (option->letter != '\0') {
        fora_buf_printf(out, " -s %c", option->letter);
    }
    if (option->type == CMD_CHOICE) {
        fora_buf_append_str(out, " -xa '");
        choices(out, option->choices);
        fora_buf_u8(out, '\'');
    } else if (option->type == CMD_FILE) {
        fora_buf_append_str(out, " -rF");
    } else if (option->type != CMD_FLAG) {
        fora_buf_append_str(out, " -x");
    }
    fora_buf_append_str(out, " -d '");
    quoted(out, option->help);
    fora_buf_append_str(out, "'\n");
}

static void fish(struct fora_buf *out)
{
    const struct cmd_table *table = cmd_table();
    const char *program = table->program->name;
    fora_buf_printf(out,
        "# fish completion of %s, made by: %s completion fish\n"
        "complete -c %s -f\n",
        program, table->program->generate, program);
    for (size_t i = 0; cmd_globals[i] != NULL; i++) {
        fish_option(out, "", cmd_globals[i]);
    }
    for (size_t i = 0; i < table->count; i++) {
        const struct cmd_command *command = table->rows[i];
        size_t size = strcspn(command->name, " ");
        struct fora_buf when = {0};
        if (command->name[size] == ' ') {
            fora_buf_printf(out, "complete -c %s -n '__fish_seen_subcommand_from %.*s' -a %s -d '",
                program, (int)size, command->name, command->name + size + 1);
        } else {
            fora_buf_printf(
                out, "complete -c %s -n __fish_use_subcommand -a %s -d '", program, command->name);
        }
        quoted(out, command->summary);
        fora_buf_append_str(out, "'\n");
        fora_buf_printf(&when, " -n '__fish_seen_subcommand_from %.*s", (int)size, command->name);
        if (command->name[size] == ' ') {
            fora_buf_printf(
                &when, "; and __fish_seen_subcommand_from %s", command->name + size + 1);
        }
        fora_buf_u8(&when, '\'');
        const char *condition = fora_buf_cstr(&when);
        for (size_t o = 0; condition != NULL && o < cmd_options_count(command); o++) {
            fish_option(out, condition, command->options[o]);
        }
        fora_buf_fini(&when);
    }
    fora_buf_printf(out, "complete -c %s -n __fish_use_subcommand -a '", program);
    first_words(out);
    fora_buf_append_str(out, "'\n");
}

int cmd_completion(struct fora_buf *out, const char *shell)
{
    if (strcmp(shell, "bash") == 0) {
        bash(out);
    } else if (strcmp(shell, "zsh") == 0) {
        zsh(out);
    } else if (strcmp(shell, "fish") == 0) {
        fish(out);
    } else {
        return FORA_E_USAGE;
    }
    return out->error;
}
