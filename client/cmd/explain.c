/* fora help, fora generate. */
#include "cmd/commands.h"
#include "cmd/generate.h"

#include <stdio.h>

int run_help(struct app *app)
{
    struct fora_buf name = {0};
    if (app->line.arguments_count == 0) {
        cmd_overview(&app->out, app->style.width);
        return CMD_EXIT_OK;
    }
    for (size_t i = 0; i < app->line.arguments_count; i++) {
        fora_buf_printf(&name, "%s%s", i == 0 ? "" : " ", app->line.arguments[i]);
    }
    const char *text = fora_buf_cstr(&name);
    const struct cmd_command *command = text == NULL ? NULL : cmd_find(text);
    int exit = CMD_EXIT_OK;
    if (command == NULL && text != NULL && cmd_is_group(text)) {
        cmd_group(&app->out, text, app->style.width);
    } else if (command == NULL) {
        exit = app_fail(app, CMD_EXIT_USAGE, "There is no command %.80s. See: fora help",
            text == NULL ? "" : text);
    } else {
        cmd_help(&app->out, command, app->style.width);
    }
    fora_buf_fini(&name);
    return exit;
}

int run_generate(struct app *app)
{
    char words[2][4096];
    char *argv[2] = {words[0], words[1]};
    (void)snprintf(words[0], sizeof words[0], "%s", cmd_argument(&app->line, 0));
    (void)snprintf(words[1], sizeof words[1], "%s", cmd_argument(&app->line, 1));
    return generate(2, argv);
}
