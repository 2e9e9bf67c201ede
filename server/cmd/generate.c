/* forad generate: the manual pages of the commands and of forad.conf, and completions. */
#include "cmd/generate.h"

#include "cmd/forad.h"

#include <stdio.h>
#include <string.h>

static void man_setting(
    struct fora_buf *out, const struct setting *setting, const struct settings *initial)
{
    struct fora_buf value = {0};
    settings_write_value(&value, setting, initial);
    const char *text = fora_buf_cstr(&value);
    fora_buf_append_str(out, ".TP\n\\fB");
    cmd_roff(out, setting->name);
    fora_buf_append_str(out, "\\fR\n");
    cmd_roff(out, setting->help);
    for (size_t i = 0; setting->choices != NULL && setting->choices[i] != NULL; i++) {
        fora_buf_printf(out, "%s \"%s\"%s", i == 0 ? " One of" : "", setting->choices[i],
            setting->choices[i + 1] == NULL ? "." : ",");
    }
    if (setting->most != 0) {
        fora_buf_printf(out, " From %llu to %llu.", (unsigned long long)setting->least,
            (unsigned long long)setting->most);
    }
    fora_buf_append_str(out, " Default: ");
    cmd_roff(out, text == NULL ? "" : text);
    fora_buf_append_str(out, "\n");
    fora_buf_fini(&value);
}

static void man_conf(struct fora_buf *out)
{
    struct settings initial;
    size_t count;
    const struct setting *table = settings_table(&count);
    settings_default(&initial);
    fora_buf_printf(out,
        ".\\\" Made from the table of settings by %s man.\n"
        ".TH FORAD.CONF 5 \"\" \"Fora %s\" \"File Formats\"\n"
        ".SH NAME\nforad.conf \\- settings of a node\n"
        ".SH DESCRIPTION\n",
        forad_program.generate, forad_program.version);
    cmd_roff(out, "The file forad.conf of the data folder, read when forad starts. A setting is "
                  "written as name = value; and those with a dot in their name stand in a group: "
                  "limits = { connections = 100; }; for limits.connections. Texts stand in quotes, "
                  "lists of texts in brackets; what follows # is a comment. A size is a number of "
                  "bytes, or a text with a unit: \"64M\". A setting that is not listed here is an "
                  "error. Every setting but name may be left out.");
    fora_buf_append_str(out, "\n.SH SETTINGS\n");
    for (size_t i = 0; i < count; i++) {
        man_setting(out, &table[i], &initial);
    }
    fora_buf_append_str(out, ".SH SEE ALSO\n.BR forad (8)\n");
}

static int write_conf_page(struct app *app, const char *dir)
{
    struct state folder;
    struct fora_buf text = {0};
    int exit = FORAD_OK;
    man_conf(&text);
    if (text.error != 0) {
        exit = app_fail_memory(app);
    } else if (state_locate(&folder, dir, &app->why) != 0 ||
               state_write(&folder, "forad.conf.5", fora_buf_bytes(&text), &app->why) != 0) {
        exit = app_fail_why(app);
    }
    fora_buf_fini(&text);
    return exit;
}

int run_generate(struct app *app)
{
    const char *what = cmd_argument(&app->line, 0);
    const char *where = cmd_argument(&app->line, 1);
    char words[2][4096];
    char *argv[2] = {words[0], words[1]};
    (void)snprintf(words[0], sizeof words[0], "%s", what);
    (void)snprintf(words[1], sizeof words[1], "%s", where);
    int exit = generate(2, argv);
    if (exit == FORAD_OK && strcmp(what, "man") == 0) {
        exit = write_conf_page(app, where);
    }
    return exit;
}
