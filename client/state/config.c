/* The configuration: the only file that includes libconfig. */
#include "state/state.h"

#include <libconfig.h>
#include <stdio.h>
#include <string.h>

const char *const state_config_default =
    "# Configuration of fora, the client. Everything is optional; what stands here in comments is\n"
    "# the default. Options on the command line win over this file.\n"
    "\n"
    "# The node to talk to: \"HOST:PORT\", or \"foran1...@HOST:PORT\" to pin its identity.\n"
    "# $FORA_NODE wins over this. Default: the node where you registered last.\n"
    "# node = \"localhost:7150\";\n"
    "\n"
    "# The space that commands mean when --space is not given: its slug or its id.\n"
    "# space = \"help\";\n"
    "\n"
    "# Colour: \"auto\" (on a terminal, unless NO_COLOR is set), \"always\" or \"never\".\n"
    "# color = \"auto\";\n"
    "\n"
    "# What shows long output on a terminal. Default: $PAGER, else \"less\".\n"
    "# pager = \"less -FRX\";\n"
    "\n"
    "# What writes texts. Default: $VISUAL, else $EDITOR, else \"vi\".\n"
    "# editor = \"nano\";\n"
    "\n"
    "# Rows of a list, 1 to 100.\n"
    "# limit = 25;\n"
    "\n"
    "# Seconds to wait for an answer of the node.\n"
    "# timeout = 30;\n";

struct setting {
    const char *name;
    int type; /* CONFIG_TYPE_STRING or CONFIG_TYPE_INT */
    size_t offset;
    size_t size; /* of the string's place */
    int64_t least;
    int64_t most;
};

#define TEXT(field)                                                                                \
    {                                                                                              \
#field, CONFIG_TYPE_STRING, offsetof(struct state_config, field),                          \
            sizeof(((struct state_config *)0)->field), 0, 0                                        \
    }
#define NUMBER(field, least, most)                                                                 \
    {                                                                                              \
#field, CONFIG_TYPE_INT, offsetof(struct state_config, field), 0, least, most              \
    }
static const struct setting settings[] = {TEXT(node), TEXT(space), TEXT(color), TEXT(pager),
    TEXT(editor), NUMBER(limit, 1, 100), NUMBER(timeout, 1, 3600)};

static const struct setting *find(const char *name)
{
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        if (name != NULL && strcmp(settings[i].name, name) == 0) {
            return &settings[i];
        }
    }
    return NULL;
}

static int wrong(const struct state *state, const config_setting_t *at, const char *what,
    struct fora_client_why *why)
{
    return fora_client_fail(why, FORA_E_CONFIG, "%.300s/config, line %d: \"%.60s\" %s.",
        state->home, (int)config_setting_source_line(at), config_setting_name(at), what);
}

static int apply(const struct state *state, const config_setting_t *at, struct state_config *out,
    struct fora_client_why *why)
{
    const struct setting *setting = find(config_setting_name(at));
    char *base = (char *)out;
    if (setting == NULL) {
        return wrong(state, at,
            "is not a setting (there are node, space, color, pager, editor, limit "
            "and timeout)",
            why);
    }
    if (config_setting_type(at) != setting->type) {
        return wrong(state, at,
            setting->type == CONFIG_TYPE_STRING ? "must be a text in quotes" : "must be a number",
            why);
    }
    if (setting->type == CONFIG_TYPE_INT) {
        int64_t value = config_setting_get_int(at);
        if (value < setting->least || value > setting->most) {
            return wrong(state, at, "is out of range", why);
        }
        memcpy(base + setting->offset, &value, sizeof value);
        return 0;
    }
    const char *text = config_setting_get_string(at);
    if (strlen(text) >= setting->size) {
        return wrong(state, at, "is too long", why);
    }
    memcpy(base + setting->offset, text, strlen(text) + 1);
    return 0;
}

static int parse(const struct state *state, const char *text, struct state_config *out,
    struct fora_client_why *why)
{
    config_t config;
    config_init(&config);
    int error = 0;
    if (config_read_string(&config, text) != CONFIG_TRUE) {
        error = fora_client_fail(why, FORA_E_CONFIG, "%.300s/config, line %d: %s.", state->home,
            config_error_line(&config), config_error_text(&config));
    } else {
        const config_setting_t *root = config_root_setting(&config);
        for (int i = 0; error == 0 && i < config_setting_length(root); i++) {
            error = apply(state, config_setting_get_elem(root, (unsigned)i), out, why);
        }
    }
    config_destroy(&config);
    if (error == 0 && out->color[0] != '\0' && strcmp(out->color, "auto") != 0 &&
        strcmp(out->color, "always") != 0 && strcmp(out->color, "never") != 0) {
        return fora_client_fail(why, FORA_E_CONFIG,
            "%.300s/config: color must be \"auto\", \"always\" or \"never\".", state->home);
    }
    return error;
}

int state_config_load(
    const struct state *state, struct state_config *out, struct fora_client_why *why)
{
    struct fora_buf text;
    *out = (struct state_config){0};
    fora_buf_init(&text, 64 * 1024);
    int error = state_read(state, "config", false, &text, why);
    if (error == 0) {
        const char *source = fora_buf_cstr(&text);
        if (source == NULL) {
            error = fora_client_fail(why, FORA_E_NOMEM, "There is not enough memory.");
        } else if (strlen(source) != text.size) {
            error = fora_client_fail(why, FORA_E_CONFIG,
                "%.300s/config is not a text: it holds zero bytes.", state->home);
        } else if (strstr(source, "@include") != NULL) {
            /* libconfig would read any file that is named there. */
            error = fora_client_fail(
                why, FORA_E_CONFIG, "%.300s/config: @include is not supported.", state->home);
        } else {
            error = parse(state, source, out, why);
        }
    }
    fora_buf_fini(&text);
    return error == FORA_E_NOTFOUND ? 0 : error;
}
