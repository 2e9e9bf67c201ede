/*
 * Reading forad.conf. The only file of server/ that includes libconfig.
 *
 * Three things are seen to before libconfig reads the text: it would open whatever file an @include
 * names, it takes a number beyond 32 bits for another one without a word, and it forgets to free a
 * quoted text that has no end.
 */
#include "config/settings.h"

#include "domain/document.h"
#include "fora/utf8.h"
#include "text/text.h"

#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parse {
    const char *file;
    struct settings *out;
    struct fora_client_why *why;
};

static int wrong(const struct parse *parse, unsigned line, const char *name, const char *what)
{
    return fora_client_fail(parse->why, FORA_E_CONFIG, "%.300s, line %u: \"%.60s\" %.300s",
        parse->file, line, name, what);
}

/* ---- addresses ---- */

static int check_host_port(
    const char *address, bool any_port, const char *ports, struct fora_client_why *why)
{
    char copy[SETTINGS_TEXT_MAX + 8];
    struct fora_client_address ignored;
    const char *colon = strrchr(address, ':');
    const char *port = colon == NULL ? "" : colon + 1;
    size_t digits = strspn(port, "0123456789");
    bool any = any_port && strcmp(port, "0") == 0;
    if (colon == NULL || digits == 0 || port[digits] != '\0' ||
        strlen(address) >= SETTINGS_TEXT_MAX ||
        (address[0] != '[' && strchr(address, ':') != colon)) {
        return fora_client_fail(why, FORA_E_CONFIG,
            "The address \"%.200s\" is not of the form HOST:PORT or [IPV6]:PORT.", address);
    }
    if (strchr(address, '@') != NULL) {
        return fora_client_fail(
            why, FORA_E_CONFIG, "The address \"%.200s\" names an identity: leave it out.", address);
    }
    (void)snprintf(copy, sizeof copy, "%.*s:%s", (int)(colon - address), address, any ? "1" : port);
    if (fora_client_address_parse(&ignored, copy, why) != 0) {
        return fora_client_fail(why, FORA_E_CONFIG,
            "The address \"%.200s\" is not valid: give a host name or IP address and a port from "
            "%s to 65535.",
            address, ports);
    }
    return 0;
}

int settings_check_listen(const char *address, struct fora_client_why *why)
{
    return check_host_port(address, true, "0", why);
}

int settings_check_address(const char *address, struct fora_client_why *why)
{
    return check_host_port(address, false, "1", why);
}

/* ---- one setting ---- */

static const struct setting *find(const char *name)
{
    size_t count;
    const struct setting *table = settings_table(&count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(table[i].name, name) == 0) {
            return &table[i];
        }
    }
    return NULL;
}

static bool is_group(const char *name)
{
    size_t count;
    size_t size = strlen(name);
    const struct setting *table = settings_table(&count);
    for (size_t i = 0; i < count; i++) {
        if (strncmp(table[i].name, name, size) == 0 && table[i].name[size] == '.') {
            return true;
        }
    }
    return false;
}

/* The last part of a name weighs as much as the whole: "conections" is near "limits.connections".
 */
static int unknown(const struct parse *parse, unsigned line, const char *name)
{
    char what[200];
    size_t count;
    const struct setting *table = settings_table(&count);
    const struct setting *best = &table[0];
    size_t least = TEXT_DISTANCE_FAR;
    for (size_t i = 0; i < count; i++) {
        const char *dot = strchr(table[i].name, '.');
        size_t whole = text_distance(fora_bytes_str(name), table[i].name);
        size_t part = dot == NULL ? whole : text_distance(fora_bytes_str(name), dot + 1);
        size_t d = part < whole ? part : whole;
        best = d < least ? &table[i] : best;
        least = d < least ? d : least;
    }
    (void)snprintf(what, sizeof what,
        "is not a setting. The nearest is \"%s\"; forad.conf(5) lists all.", best->name);
    return wrong(parse, line, name, what);
}

static int read_text(const struct parse *parse, const config_setting_t *at,
    const struct setting *setting, char *place)
{
    const char *text = config_setting_get_string(at);
    unsigned line = config_setting_source_line(at);
    if (text == NULL) {
        return wrong(parse, line, setting->name, "must be a text in quotes.");
    }
    size_t size = strlen(text);
    if (size < setting->least || size > SETTINGS_NAME_MAX || strpbrk(text, "\n\r\t") != NULL) {
        return wrong(parse, line, setting->name,
            setting->least > 0 ? "must be one line of 1 to 100 bytes."
                               : "must be one line of at most 100 bytes.");
    }
    if (strcmp(setting->name, "domain") == 0 && size > 0 && !domain_valid(fora_bytes_str(text))) {
        return wrong(
            parse, line, setting->name, "must be a domain in lower case, such as \"example.com\".");
    }
    memcpy(place, text, size + 1);
    return 0;
}

static int read_list(const struct parse *parse, const config_setting_t *at,
    const struct setting *setting, struct settings_list *place)
{
    unsigned line = config_setting_source_line(at);
    struct settings_list list = {.count = 0};
    int type = config_setting_type(at);
    bool one = type == CONFIG_TYPE_STRING;
    int count = one ? 1 : config_setting_length(at);
    if (!one && type != CONFIG_TYPE_ARRAY && type != CONFIG_TYPE_LIST) {
        return wrong(parse, line, setting->name, "must be a list: [\"HOST:PORT\", ...].");
    }
    if (count > SETTINGS_LIST_MAX) {
        return wrong(parse, line, setting->name, "has more than 8 items.");
    }
    bool listens = strcmp(setting->name, "listen") == 0;
    for (int i = 0; i < count; i++) {
        struct fora_client_why why;
        const char *text =
            one ? config_setting_get_string(at) : config_setting_get_string_elem(at, i);
        if (text == NULL) {
            return wrong(
                parse, line, setting->name, "holds something that is not a text in quotes.");
        }
        if ((listens ? settings_check_listen(text, &why) : settings_check_address(text, &why)) !=
            0) {
            char what[300];
            (void)snprintf(what, sizeof what, "is wrong: %.280s", why.text);
            return wrong(parse, line, setting->name, what);
        }
        (void)snprintf(list.items[list.count++], SETTINGS_TEXT_MAX, "%s", text);
    }
    if (listens && list.count == 0) {
        return wrong(parse, line, setting->name, "is empty: the node could not be reached.");
    }
    *place = list;
    return 0;
}

static int read_nodes(const struct parse *parse, const config_setting_t *at,
    const struct setting *setting, struct settings_nodes *place)
{
    char what[300];
    unsigned line = config_setting_source_line(at);
    int type = config_setting_type(at);
    int count = config_setting_length(at);
    struct settings_nodes nodes = {.count = 0};
    if (type != CONFIG_TYPE_ARRAY && type != CONFIG_TYPE_LIST) {
        return wrong(parse, line, setting->name, "must be a list: [\"foran1...\", ...].");
    }
    if (count > SETTINGS_NODES_MAX) {
        return wrong(parse, line, setting->name,
            "has more than 64 items. Decide about further ones with \"forad peers\".");
    }
    for (int i = 0; i < count; i++) {
        const char *text = config_setting_get_string_elem(at, i);
        if (text == NULL || fora_id_parse(nodes.items[nodes.count].b, FORA_HRP_NODE, text) != 0) {
            (void)snprintf(what, sizeof what,
                "holds %s%.100s%s, which is not the id of a node (foran1...). \"forad peers\" "
                "shows "
                "the ids of those that were here.",
                text == NULL ? "something" : "\"", text == NULL ? "" : text,
                text == NULL ? "" : "\"");
            return wrong(parse, line, setting->name, what);
        }
        nodes.count++;
    }
    *place = nodes;
    return 0;
}

/* "foran1...=800" */
static bool read_weight(const char *text, struct local_weight *out)
{
    char id[FORA_ID_TEXT_MAX];
    const char *sign = text == NULL ? NULL : strchr(text, '=');
    size_t digits = sign == NULL ? 0 : strspn(sign + 1, "0123456789");
    if (digits == 0 || digits > 4 || sign[1 + digits] != '\0' ||
        (size_t)(sign - text) >= sizeof id) {
        return false;
    }
    memcpy(id, text, (size_t)(sign - text));
    id[sign - text] = '\0';
    out->weight = (uint32_t)strtoul(sign + 1, NULL, 10);
    return out->weight <= 1000 && fora_id_parse(out->node.b, FORA_HRP_NODE, id) == 0;
}

static int read_weights(const struct parse *parse, const config_setting_t *at,
    const struct setting *setting, struct settings_weights *place)
{
    char what[300];
    unsigned line = config_setting_source_line(at);
    int type = config_setting_type(at);
    int count = config_setting_length(at);
    struct settings_weights weights = {.count = 0};
    if (type != CONFIG_TYPE_ARRAY && type != CONFIG_TYPE_LIST) {
        return wrong(parse, line, setting->name, "must be a list: [\"foran1...=800\", ...].");
    }
    if (count > LOCAL_NAMED_MAX) {
        return wrong(parse, line, setting->name, "has more than 64 items.");
    }
    for (int i = 0; i < count; i++) {
        const char *text = config_setting_get_string_elem(at, i);
        if (!read_weight(text, &weights.items[weights.count])) {
            (void)snprintf(what, sizeof what,
                "holds %s%.100s%s, which is not the id of a node and a weight up to 1000 "
                "(foran1...=800).",
                text == NULL ? "something" : "\"", text == NULL ? "" : text,
                text == NULL ? "" : "\"");
            return wrong(parse, line, setting->name, what);
        }
        weights.count++;
    }
    *place = weights;
    return 0;
}

/* Names as policies have them (KIND-2): one line, no space at an end. */
static bool is_product(const char *text)
{
    size_t size = text == NULL ? 0 : strlen(text);
    return size > 0 && size <= SETTINGS_NAME_MAX && text[0] != ' ' && text[size - 1] != ' ' &&
           fora_utf8_printable(fora_bytes_str(text), false);
}

static int read_products(const struct parse *parse, const config_setting_t *at,
    const struct setting *setting, struct settings_products *place)
{
    unsigned line = config_setting_source_line(at);
    int type = config_setting_type(at);
    int count = config_setting_length(at);
    struct settings_products products = {.count = 0};
    if (type != CONFIG_TYPE_ARRAY && type != CONFIG_TYPE_LIST) {
        return wrong(parse, line, setting->name, "must be a list: [\"brewkit\", ...].");
    }
    if (count > SETTINGS_PRODUCTS_MAX) {
        return wrong(parse, line, setting->name, "has more than 16 items.");
    }
    for (int i = 0; i < count; i++) {
        const char *text = config_setting_get_string_elem(at, i);
        if (!is_product(text)) {
            return wrong(parse, line, setting->name,
                "holds something that is not the name of a product: one line of 1 to 100 bytes in "
                "quotes, without a space at either end.");
        }
        (void)snprintf(products.items[products.count++], SETTINGS_NAME_MAX + 1, "%s", text);
    }
    *place = products;
    return 0;
}

static int read_choice(const struct parse *parse, const config_setting_t *at,
    const struct setting *setting, uint32_t *place)
{
    char what[160] = "must be one of";
    const char *text = config_setting_get_string(at);
    for (uint32_t i = 0; setting->choices[i] != NULL; i++) {
        size_t used = strlen(what);
        if (text != NULL && strcmp(text, setting->choices[i]) == 0) {
            *place = i;
            return 0;
        }
        (void)snprintf(what + used, sizeof what - used, "%s \"%s\"%s", i == 0 ? "" : ",",
            setting->choices[i], setting->choices[i + 1] == NULL ? "." : "");
    }
    return wrong(parse, config_setting_source_line(at), setting->name, what);
}

static int read_number(const struct parse *parse, const config_setting_t *at,
    const struct setting *setting, uint64_t *out)
{
    char what[160];
    unsigned line = config_setting_source_line(at);
    int type = config_setting_type(at);
    const char *text = config_setting_get_string(at);
    bool size = setting->type == SETTING_SIZE;
    int64_t number = -1;
    if (type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64) {
        number = config_setting_get_int64(at);
    } else if (!size) {
        return wrong(parse, line, setting->name, "must be a number.");
    }
    *out = (uint64_t)number;
    if (text != NULL ? settings_parse_size(text, out) != 0 : number < 0) {
        return wrong(parse, line, setting->name,
            size ? "must be a number of bytes, or a text such as \"64M\"."
                 : "must not be negative.");
    }
    if (*out >= setting->least && *out <= setting->most) {
        return 0;
    }
    (void)snprintf(what, sizeof what, "must be %llu to %llu.", (unsigned long long)setting->least,
        (unsigned long long)setting->most);
    return wrong(parse, line, setting->name, what);
}

static int read_setting(
    const struct parse *parse, const config_setting_t *at, const struct setting *setting)
{
    uint8_t *place = (uint8_t *)parse->out + setting->offset;
    struct settings_list list;
    struct settings_nodes nodes;
    struct settings_weights weights;
    struct settings_products products;
    uint64_t number = 0;
    uint32_t small = 0;
    int error = 0;
    switch (setting->type) {
    case SETTING_TEXT:
        return read_text(parse, at, setting, (char *)place);
    case SETTING_LIST:
        error = read_list(parse, at, setting, &list);
        if (error == 0) {
            memcpy(place, &list, sizeof list);
        }
        return error;
    case SETTING_NODES:
        error = read_nodes(parse, at, setting, &nodes);
        if (error == 0) {
            memcpy(place, &nodes, sizeof nodes);
        }
        return error;
    case SETTING_WEIGHTS:
        error = read_weights(parse, at, setting, &weights);
        if (error == 0) {
            memcpy(place, &weights, sizeof weights);
        }
        return error;
    case SETTING_PRODUCTS:
        error = read_products(parse, at, setting, &products);
        if (error == 0) {
            memcpy(place, &products, sizeof products);
        }
        return error;
    case SETTING_CHOICE:
        error = read_choice(parse, at, setting, &small);
        if (error == 0) {
            memcpy(place, &small, sizeof small);
        }
        return error;
    case SETTING_NUMBER:
        error = read_number(parse, at, setting, &number);
        small = (uint32_t)number;
        if (error == 0) {
            memcpy(place, &small, sizeof small);
        }
        return error;
    case SETTING_SIZE:
        error = read_number(parse, at, setting, &number);
        if (error == 0) {
            memcpy(place, &number, sizeof number);
        }
        return error;
    }
    return FORA_E_INTERNAL;
}

/* Names of a group are at most one level deep. */
static int read_group(const struct parse *parse, const config_setting_t *group, const char *prefix)
{
    int error = 0;
    for (int i = 0; error == 0 && i < config_setting_length(group); i++) {
        const config_setting_t *at = config_setting_get_elem(group, (unsigned)i);
        char name[160];
        (void)snprintf(name, sizeof name, "%s%s%.120s", prefix, prefix[0] != '\0' ? "." : "",
            config_setting_name(at));
        const struct setting *setting = find(name);
        if (setting != NULL) {
            error = read_setting(parse, at, setting);
        } else if (prefix[0] == '\0' && is_group(name)) {
            error = config_setting_type(at) == CONFIG_TYPE_GROUP
                        ? read_group(parse, at, name)
                        : wrong(parse, config_setting_source_line(at), name,
                              "is a group: write its settings in braces.");
        } else {
            error = unknown(parse, config_setting_source_line(at), name);
        }
    }
    return error;
}

/* ---- the text before it is parsed ---- */

struct scan {
    const char *at;
    unsigned line;
    bool open; /* a comment or text that has no end was met; it began at `line` */
};

/* Passes over a comment or a quoted text; false when there is neither. */
static bool skip(struct scan *scan)
{
    const char *at = scan->at;
    unsigned line = scan->line;
    bool comment = at[0] == '/' && at[1] == '*';
    if (*at == '#' || (at[0] == '/' && at[1] == '/')) {
        scan->at += strcspn(at, "\n");
        return true;
    }
    if (!comment && *at != '"') {
        return false;
    }
    for (at += comment ? 2 : 1; *at != '\0'; at++) {
        line += *at == '\n';
        if (!comment && *at == '\\' && at[1] != '\0') {
            at++;
        } else if (comment ? at[0] == '*' && at[1] == '/' : *at == '"') {
            scan->at = at + (comment ? 2 : 1);
            scan->line = line;
            return true;
        }
    }
    scan->open = true;
    return true;
}

static int check_word(const struct parse *parse, const struct scan *scan)
{
    char number[24];
    size_t digits = strspn(scan->at, "0123456789");
    if (*scan->at == '@') {
        return wrong(parse, scan->line, "@include", "is not supported: one file holds all.");
    }
    if (digits <= 9 || scan->at[digits] == 'L') {
        return 0;
    }
    (void)snprintf(number, sizeof number, "%.*s", digits > 20 ? 20 : (int)digits, scan->at);
    return wrong(
        parse, scan->line, number, "is too large for a number. Write sizes as a text: \"64G\".");
}

static int check_text(const struct parse *parse, const char *text)
{
    static const char word[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-.";
    struct scan scan = {.at = text, .line = 1};
    int error = 0;
    while (error == 0 && *scan.at != '\0') {
        if (skip(&scan)) {
            if (scan.open) {
                return fora_client_fail(parse->why, FORA_E_CONFIG,
                    "%.300s, line %u: what begins here with %s has no end.", parse->file, scan.line,
                    *scan.at == '"' ? "a quote" : "/*");
            }
            continue;
        }
        error = check_word(parse, &scan);
        size_t size = strspn(scan.at, word);
        scan.line += *scan.at == '\n';
        scan.at += size == 0 ? 1 : size;
    }
    return error;
}

static int parse_text(const struct parse *parse, const char *text)
{
    config_t config;
    int error = check_text(parse, text);
    if (error != 0) {
        return error;
    }
    config_init(&config);
    if (config_read_string(&config, text) != CONFIG_TRUE) {
        error = fora_client_fail(parse->why, FORA_E_CONFIG,
            "%.300s, line %d: %s. Settings are written as: name = value;", parse->file,
            config_error_line(&config), config_error_text(&config));
    } else {
        error = read_group(parse, config_root_setting(&config), "");
    }
    config_destroy(&config);
    return error;
}

/* Whether a node is allowed or blocked must not depend on which list is read first. */
static int check_lists(const struct parse *parse)
{
    const struct settings_nodes *allow = &parse->out->allow, *block = &parse->out->block;
    for (size_t i = 0; i < allow->count * block->count; i++) {
        const struct fora_principal_id *node = &allow->items[i / block->count];
        char id[FORA_ID_TEXT_MAX];
        if (memcmp(node, &block->items[i % block->count], sizeof *node) == 0) {
            fora_id_format(id, FORA_HRP_NODE, node->b);
            return fora_client_fail(parse->why, FORA_E_CONFIG,
                "%.300s: %s stands in peers.allow and in peers.block. Take it out of one.",
                parse->file, id);
        }
    }
    return 0;
}

int settings_parse(
    struct settings *out, const char *file, struct fora_bytes text, struct fora_client_why *why)
{
    struct parse parse = {file, out, why};
    struct fora_buf copy = {0};
    settings_default(out);
    if (text.size > 0 && memchr(text.data, '\0', text.size) != NULL) {
        return fora_client_fail(
            why, FORA_E_CONFIG, "%.300s is not a text: it holds zero bytes.", file);
    }
    fora_buf_append_bytes(&copy, text);
    const char *source = fora_buf_cstr(&copy);
    int error = source == NULL ? fora_client_fail(why, FORA_E_NOMEM, "There is not enough memory.")
                               : parse_text(&parse, source);
    fora_buf_fini(&copy);
    if (error == 0) {
        error = check_lists(&parse);
    }
    if (error == 0 && out->name[0] == '\0') {
        error = fora_client_fail(why, FORA_E_CONFIG,
            "%.300s does not say the node's name. Add a line such as: name = \"Example\";", file);
    }
    return error;
}
