/* The table, its defaults, and the file that it writes. */
#include "config/settings.h"

#include "text/text.h"

#include <stdio.h>
#include <string.h>

static const char *const registrations[] = {"open", "closed", NULL};
static const char *const peerings[] = {"open", "approved", "closed", NULL};
static const char *const switches[] = {"on", "off", NULL};
static const char *const permissions[] = {"off", "on", NULL};
static const char *const levels[] = {"error", "warning", "info", "debug", NULL};

#define AT(field) offsetof(struct settings, field)
#define LIMIT(word, value, lo, hi, field, text)                                                    \
    {                                                                                              \
        .name = "limits." word, .type = SETTING_NUMBER, .initial = value, .help = text,            \
        .least = lo, .most = hi, .offset = AT(limits.field)                                        \
    }
#define LIMIT_SIZE(word, value, lo, hi, field, text)                                               \
    {                                                                                              \
        .name = "limits." word, .type = SETTING_SIZE, .initial = value, .help = text, .least = lo, \
        .most = hi, .offset = AT(limits.field)                                                     \
    }
#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
#define TIB (UINT64_C(1) << 40)

static const struct setting table[] = {
    {.name = "name",
        .type = SETTING_TEXT,
        .initial = "\"\"",
        .help = "The name of the node, as people read it: 1 to 100 bytes. It is published in the "
                "node's identity log: after a change the next start signs it anew.",
        .least = 1,
        .offset = AT(name)},
    {.name = "listen",
        .type = SETTING_LIST,
        .initial = "[\"0.0.0.0:7150\"]",
        .help = "Where the node listens: HOST:PORT or [IPV6]:PORT, at most 8. \"[::]:7150\" takes "
                "IPv6 and IPv4. Port 0 takes any free one.",
        .offset = AT(listen)},
    {.name = "addresses",
        .type = SETTING_LIST,
        .initial = "[]",
        .help = "Where others reach the node: HOST:PORT or [IPV6]:PORT, at most 8. Published in "
                "the node's identity log, so that who knows the node finds it.",
        .offset = AT(addresses)},
    {.name = "domain",
        .type = SETTING_TEXT,
        .initial = "\"\"",
        .help = "The domain that the node goes by (example.com), at most 100 bytes. Published in "
                "the node's identity log; it is proven when https://DOMAIN/.well-known/fora names "
                "this node: \"forad domain export\" writes what to put there.",
        .offset = AT(domain)},
    {.name = "registration",
        .type = SETTING_CHOICE,
        .initial = "\"open\"",
        .help = "Whether people may register by themselves.",
        .choices = registrations,
        .offset = AT(registration)},
    {.name = "peering",
        .type = SETTING_CHOICE,
        .initial = "\"open\"",
        .help =
            "Which nodes may connect and bring objects. To an open node all may, newcomers little "
            "at first (limits.newcomer_*). To one that is approved they wait until \"forad peers "
            "approve\"; meanwhile what is in spaces that they host by the space's policy is taken. "
            "To a closed one none may. Those that a subscription or peers.allow names always may.",
        .choices = peerings,
        .offset = AT(peering)},
    {.name = "peers.allow",
        .type = SETTING_NODES,
        .initial = "[]",
        .help = "Nodes (foran1...) that may bring everything, without a quota, at most 64. What "
                "\"forad peers approve\" decides need not stand here.",
        .offset = AT(allow)},
    {.name = "peers.block",
        .type = SETTING_NODES,
        .initial = "[]",
        .help = "Nodes (foran1...) that are turned away and never called, at most 64.",
        .offset = AT(block)},
    {.name = "user",
        .type = SETTING_TEXT,
        .initial = "\"\"",
        .help =
            "Whom \"forad run\" becomes when root starts it, before it reads keys or listens: the "
            "name of a user, who must own the data folder. The node has no way back.",
        .offset = AT(user)},
    {.name = "sandbox",
        .type = SETTING_CHOICE,
        .initial = "\"on\"",
        .help =
            "Whether the node gives up all system calls (seccomp) and all files (Landlock) that "
            "it does not need. What the kernel lacks is said in the log, and done without; what it "
            "has and refuses to this process ends the start.",
        .choices = switches,
        .offset = AT(sandbox)},
    {.name = "workers",
        .type = SETTING_NUMBER,
        .initial = "0",
        .help = "Threads that verify and read, beside the one that writes; 0 for one per core.",
        .least = 0,
        .most = 256,
        .offset = AT(workers)},
    LIMIT("connections", "12000", 1, 1000000, connections_max,
        "Connections at once. Each takes a file descriptor: see ulimit -n."),
    LIMIT("address_connections", "4000", 0, 1000000, address_connections,
        "Connections at once from one address (of IPv6: from one network of 64 bits); 0 for no "
        "bound of its own."),
    LIMIT("requests", "64", 1, 4096, requests_max, "Requests of one connection at once."),
    LIMIT_SIZE("client_credit", "\"1M\"", 64 * KIB, 64 * MIB, client_credit,
        "Bytes that a client may send before the node has dealt with them."),
    LIMIT_SIZE("peer_credit", "\"4M\"", 64 * KIB, 256 * MIB, peer_credit,
        "Bytes that another node may send before this one has dealt with them."),
    LIMIT_SIZE("inflight", "\"16M\"", MIB, 4 * GIB, inflight_max,
        "Bytes of objects on their way to the store, of all connections together. Beyond it the "
        "node stops reading."),
    LIMIT_SIZE("buffers", "\"16M\"", MIB, 4 * GIB, buffers_max,
        "Bytes that the buffers of all connections together take, full or not, when their other "
        "sides do not read. Beyond it the one ends that has gone longest without moving anything. "
        "Known peers in the middle of what they bring are spared up to eight times that."),
    LIMIT_SIZE("pending", "\"8M\"", 64 * KIB, 4 * GIB, pending_max,
        "Bytes of objects that wait for others which they refer to."),
    LIMIT("member_objects_hour", "600", 1, 1000000, member_objects_hour,
        "Objects, votes and reports of one member in an hour, over all her connections. As of all "
        "quotas the whole of it may be used at once, and fills again evenly."),
    LIMIT_SIZE("member_bytes_day", "\"64M\"", 0, 64 * GIB, member_bytes_day,
        "Bytes that one member may post in a day; 0 for no bound."),
    LIMIT("address_failures_hour", "30", 0, 1000000, address_failures_hour,
        "Wrong passwords from one address in an hour (of IPv6: from one network of 64 bits), over "
        "all connections; 0 for no bound. Right ones do not count. Beyond it a third as many for "
        "each account that was entered from that address before: others may share it."),
    LIMIT("account_failures_hour", "60", 0, 1000000, account_failures_hour,
        "Wrong passwords for one account in an hour, from wherever; 0 for no bound. Beyond it the "
        "account is still entered from where it was entered before, and with the keys of devices "
        "that are logged in."),
    LIMIT("registrations_hour", "300", 0, 1000000, registrations_hour,
        "New accounts in an hour, of which a quarter may come from one address; 0 for no bound. "
        "What an admin makes does not count."),
    LIMIT("newcomer_objects_hour", "600", 0, 1000000, newcomer_objects_hour,
        "Objects that a node may bring in an hour that is not known yet. All newcomers together "
        "may bring ten times that; those that one known node introduces share four times that. 0: "
        "there are no newcomers, every node is known at once."),
    LIMIT_SIZE("newcomer_bytes_day", "\"16M\"", 0, 4 * GIB, newcomer_bytes_day,
        "Bytes that such a node may bring in a day; together and introduced as above."),
    LIMIT("newcomer_hours", "24", 0, 8760, newcomer_hours,
        "Hours after its first object until a newcomer may become known by itself. \"forad peers "
        "approve\" is faster."),
    LIMIT("newcomer_objects", "200", 1, 1000000, newcomer_objects,
        "Objects of a newcomer that must have been new here until it becomes known; of twenty no "
        "more than one may have been refused."),
    LIMIT("peer_objects_hour", "36000", 0, 1000000000, peer_objects_hour,
        "Objects that a known node may bring in an hour; 0 for no bound. Those that are approved, "
        "allowed or subscribed to have none."),
    LIMIT_SIZE("peer_bytes_day", "\"1G\"", 0, 64 * GIB, peer_bytes_day,
        "Bytes that a known node may bring in a day; 0 for no bound."),
    LIMIT("reconcile_interval", "600", 10, 86400, reconcile_interval_s,
        "Seconds between two comparisons of a whole set with a peer."),
    LIMIT("hello_timeout", "10000", 100, 600000, hello_timeout_ms,
        "Milliseconds in which whoever connects must have said who it is."),
    LIMIT("idle", "60000", 1000, 3600000, idle_ms,
        "Milliseconds of silence after which a connection is asked whether it lives; after twice "
        "that it ends."),
    {.name = "reputation.interval",
        .type = SETTING_NUMBER,
        .initial = "600",
        .help = "Seconds between two times that the node counts what members did in the spaces "
                "that it hosts, and states it where it changed; 0 for never (\"forad reputation "
                "issue\" does it by hand).",
        .least = 0,
        .most = 31536000,
        .offset = AT(standing_interval)},
    {.name = "reputation.editor_at",
        .type = SETTING_NUMBER,
        .initial = "0",
        .help =
            "The standing from which on a member is made an editor, who may revise texts, "
            "titles and tags of others, in spaces that the node owns and whose policy says "
            "nothing of it; 0 for never. It is then put into the policy, where \"fora space set "
            "SPACE --privilege editor=300\" changes it, and gives other privileges. Friends "
            "alone give a member at most 850.",
        .least = 0,
        .most = 1000000,
        .offset = AT(editor_at)},
    {.name = "reputation.expert_at",
        .type = SETTING_NUMBER,
        .initial = "0",
        .help = "The same for experts, who may verify answers for the community.",
        .least = 0,
        .most = 1000000,
        .offset = AT(expert_at)},
    {.name = "reputation.issuers",
        .type = SETTING_WEIGHTS,
        .initial = "[]",
        .help = "Nodes whose statements about members count here, each with a weight from 0 to "
                "1000: \"foran1...=800\", at most 64. Whom they trust counts too, with less. "
                "\"forad reputation explain\" shows what comes of it.",
        .offset = AT(issuers)},
    {.name = "reputation.others",
        .type = SETTING_NUMBER,
        .initial = "0",
        .help = "The weight of all other nodes, 0 to 1000.",
        .least = 0,
        .most = 1000,
        .offset = AT(issuers_others)},
    {.name = "reputation.cap",
        .type = SETTING_NUMBER,
        .initial = "500",
        .help = "The most that one named node, with all that it trusts, can give a member.",
        .least = 0,
        .most = 1000000,
        .offset = AT(issuers_cap)},
    {.name = "reputation.half_life",
        .type = SETTING_NUMBER,
        .initial = "365",
        .help = "Days after which a standing that is not renewed counts half; 0 for never.",
        .least = 0,
        .most = 100000,
        .offset = AT(issuers_half_life)},
    {.name = "reputation.issuers_min",
        .type = SETTING_NUMBER,
        .initial = "1",
        .help =
            "How many nodes must speak for a member; with fewer her local standing is 0. A named "
            "node and all that it trusts are one, and all that nobody trusts are one.",
        .least = 1,
        .most = 64,
        .offset = AT(issuers_min)},
    {.name = "reputation.products",
        .type = SETTING_PRODUCTS,
        .initial = "[]",
        .help = "Products for which a member's standing elsewhere counts here: [\"brewkit\"], at "
                "most 16, named as in the policies of the spaces. A standing counts when it, or "
                "else its space, names one of them; without any in the list all standings do.",
        .offset = AT(products)},
    {.name = "domains.check",
        .type = SETTING_CHOICE,
        .initial = "\"on\"",
        .help = "Whether the node asks the domains that other nodes name whether it is so: once a "
                "day, by HTTPS.",
        .choices = switches,
        .offset = AT(domains_check)},
    {.name = "domains.private",
        .type = SETTING_CHOICE,
        .initial = "\"off\"",
        .help = "Whether it may connect to addresses that are not of the public internet for that. "
                "Switched on, whoever runs a node can make this one send such requests into its "
                "own network.",
        .choices = permissions,
        .offset = AT(domains_private)},
    {.name = "domains.port",
        .type = SETTING_NUMBER,
        .initial = "443",
        .help = "The port that domains are asked at. Another one is for networks of one's own.",
        .least = 1,
        .most = 65535,
        .offset = AT(domains_port)},
    {.name = "domains.ca_file",
        .type = SETTING_TEXT,
        .initial = "\"\"",
        .help = "A file of certificates in PEM that are believed instead of the system's; its path "
                "has at most 100 bytes.",
        .offset = AT(domains_ca)},
    {.name = "log.level",
        .type = SETTING_CHOICE,
        .initial = "\"info\"",
        .help = "The least weight of what is written to the log (standard error).",
        .choices = levels,
        .offset = AT(log_level)},
    {.name = "store.map_limit",
        .type = SETTING_SIZE,
        .initial = "\"1T\"",
        .help = "The size that the store may grow to. Beyond it the node refuses to store and goes "
                "on reading.",
        .least = 64 * MIB,
        .most = 64 * TIB,
        .offset = AT(map_limit)},
};

const struct setting *settings_table(size_t *count)
{
    *count = sizeof table / sizeof table[0];
    return table;
}

int settings_parse_size(const char *text, uint64_t *out)
{
    static const char units[] = "KMGT";
    uint64_t value = 0;
    size_t digits = strspn(text, "0123456789");
    const char *unit = text[digits] == '\0' ? NULL : strchr(units, text[digits]);
    if (digits == 0 || digits > 15 || (text[digits] != '\0' && unit == NULL) ||
        (unit != NULL && text[digits + 1] != '\0')) {
        return FORA_E_MALFORMED;
    }
    for (size_t i = 0; i < digits; i++) {
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    unsigned shift = unit == NULL ? 0 : 10 * (unsigned)(unit - units + 1);
    if (value > UINT64_MAX >> shift) {
        return FORA_E_MALFORMED;
    }
    *out = value << shift;
    return 0;
}

/* ---- defaults ---- */

/* The text between the first two quotes of a default. */
static void unquoted(char *out, size_t room, const char *initial)
{
    size_t size = strcspn(initial + 1, "\"");
    (void)snprintf(out, room, "%.*s", (int)size, initial + 1);
}

static void set_initial(struct settings *out, const struct setting *setting)
{
    char text[SETTINGS_TEXT_MAX];
    uint8_t *place = (uint8_t *)out + setting->offset;
    uint64_t size = 0;
    uint32_t number = 0;
    struct settings_list list = {.count = 0};
    switch (setting->type) {
    case SETTING_TEXT:
        break; /* empty */
    case SETTING_LIST:
        if (setting->initial[1] == '"') {
            unquoted(list.items[list.count++], SETTINGS_TEXT_MAX, setting->initial + 1);
        }
        memcpy(place, &list, sizeof list);
        break;
    case SETTING_NODES:
    case SETTING_WEIGHTS:
    case SETTING_PRODUCTS:
        break; /* empty */
    case SETTING_CHOICE:
        unquoted(text, sizeof text, setting->initial);
        while (strcmp(setting->choices[number], text) != 0) {
            number++;
        }
        memcpy(place, &number, sizeof number);
        break;
    case SETTING_NUMBER:
        number = settings_parse_size(setting->initial, &size) == 0 ? (uint32_t)size : 0;
        memcpy(place, &number, sizeof number);
        break;
    case SETTING_SIZE:
        unquoted(text, sizeof text, setting->initial);
        size = settings_parse_size(text, &size) == 0 ? size : 0;
        memcpy(place, &size, sizeof size);
        break;
    }
}

void settings_default(struct settings *out)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        set_initial(out, &table[i]);
    }
}

/* ---- the file ---- */

static void write_text(struct fora_buf *out, const char *text)
{
    fora_buf_u8(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            fora_buf_u8(out, '\\');
        }
        fora_buf_u8(out, (uint8_t)*text);
    }
    fora_buf_u8(out, '"');
}

static void write_list(struct fora_buf *out, const struct settings_list *list)
{
    fora_buf_u8(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        fora_buf_append_str(out, i == 0 ? "" : ", ");
        write_text(out, list->items[i]);
    }
    fora_buf_u8(out, ']');
}

static void write_weights(struct fora_buf *out, const struct settings_weights *weights)
{
    char id[FORA_ID_TEXT_MAX];
    fora_buf_append_str(out, "[");
    for (size_t i = 0; i < weights->count; i++) {
        fora_id_format(id, FORA_HRP_NODE, weights->items[i].node.b);
        fora_buf_printf(
            out, "%s\"%s=%u\"", i == 0 ? "" : ", ", id, (unsigned)weights->items[i].weight);
    }
    fora_buf_append_str(out, "]");
}

static void write_nodes(struct fora_buf *out, const struct settings_nodes *nodes)
{
    char id[FORA_ID_TEXT_MAX];
    fora_buf_u8(out, '[');
    for (size_t i = 0; i < nodes->count; i++) {
        fora_id_format(id, FORA_HRP_NODE, nodes->items[i].b);
        fora_buf_append_str(out, i == 0 ? "" : ", ");
        write_text(out, id);
    }
    fora_buf_u8(out, ']');
}

static void write_products(struct fora_buf *out, const struct settings_products *products)
{
    fora_buf_u8(out, '[');
    for (size_t i = 0; i < products->count; i++) {
        fora_buf_append_str(out, i == 0 ? "" : ", ");
        write_text(out, products->items[i]);
    }
    fora_buf_u8(out, ']');
}

static void write_size(struct fora_buf *out, uint64_t size)
{
    static const char units[] = " KMGT";
    size_t unit = 0;
    while (unit < 4 && size != 0 && size % 1024 == 0) {
        size /= 1024;
        unit++;
    }
    fora_buf_printf(
        out, unit == 0 ? "\"%llu\"" : "\"%llu%c\"", (unsigned long long)size, units[unit]);
}

void settings_write_value(
    struct fora_buf *out, const struct setting *setting, const struct settings *settings)
{
    const uint8_t *place = (const uint8_t *)settings + setting->offset;
    struct settings_list list;
    struct settings_nodes nodes;
    struct settings_weights weights;
    struct settings_products products;
    uint64_t size;
    uint32_t number;
    switch (setting->type) {
    case SETTING_TEXT:
        write_text(out, (const char *)place);
        break;
    case SETTING_LIST:
        memcpy(&list, place, sizeof list);
        write_list(out, &list);
        break;
    case SETTING_NODES:
        memcpy(&nodes, place, sizeof nodes);
        write_nodes(out, &nodes);
        break;
    case SETTING_WEIGHTS:
        memcpy(&weights, place, sizeof weights);
        write_weights(out, &weights);
        break;
    case SETTING_PRODUCTS:
        memcpy(&products, place, sizeof products);
        write_products(out, &products);
        break;
    case SETTING_CHOICE:
        memcpy(&number, place, sizeof number);
        write_text(out, setting->choices[number]);
        break;
    case SETTING_NUMBER:
        memcpy(&number, place, sizeof number);
        fora_buf_printf(out, "%u", (unsigned)number);
        break;
    case SETTING_SIZE:
        memcpy(&size, place, sizeof size);
        write_size(out, size);
        break;
    }
}

static void write_help(struct fora_buf *out, const struct setting *setting, const char *indent)
{
    struct fora_buf text = {0};
    char before[8];
    fora_buf_append_str(&text, setting->help);
    if (setting->choices != NULL) {
        fora_buf_append_str(&text, " One of");
        for (size_t i = 0; setting->choices[i] != NULL; i++) {
            fora_buf_printf(&text, "%s \"%s\"", i == 0 ? "" : ",", setting->choices[i]);
        }
        fora_buf_u8(&text, '.');
    }
    (void)snprintf(before, sizeof before, "%s# ", indent);
    text_wrap(out, fora_buf_bytes(&text), before, before, 90);
    out->error = out->error == 0 ? text.error : out->error;
    fora_buf_fini(&text);
}

static void write_setting(
    struct fora_buf *out, const struct setting *setting, const struct settings *settings)
{
    const char *dot = strchr(setting->name, '.');
    const char *indent = dot == NULL ? "" : "    ";
    struct fora_buf value = {0};
    fora_buf_u8(out, '\n');
    write_help(out, setting, indent);
    settings_write_value(&value, setting, settings);
    bool initial = fora_bytes_equal(fora_buf_bytes(&value), fora_bytes_str(setting->initial));
    fora_buf_printf(
        out, "%s%s%s = ", indent, initial ? "# " : "", dot == NULL ? setting->name : dot + 1);
    fora_buf_append_bytes(out, fora_buf_bytes(&value));
    fora_buf_append_str(out, ";\n");
    out->error = out->error == 0 ? value.error : out->error;
    fora_buf_fini(&value);
}

void settings_write(struct fora_buf *out, const struct settings *settings)
{
    const char *group = "";
    size_t group_size = 0;
    fora_buf_append_str(out,
        "# forad.conf: the settings of this node. What stands in a comment is the default.\n"
        "# A size is a number of bytes, or a text with a unit: \"512K\", \"64M\", \"8G\", \"1T\".\n"
        "# Changes are read at the next start. The manual: forad.conf(5).\n");
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const char *name = table[i].name;
        size_t size = strchr(name, '.') == NULL ? 0 : strcspn(name, ".");
        if (size != group_size || strncmp(name, group, size) != 0) {
            fora_buf_append_str(out, group_size != 0 ? "};\n" : "");
            if (size != 0) {
                fora_buf_printf(out, "\n%.*s = {", (int)size, name);
            }
        }
        group = name;
        group_size = size;
        write_setting(out, &table[i], settings);
    }
    fora_buf_append_str(out, group_size != 0 ? "};\n" : "");
}
