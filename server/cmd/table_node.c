/* Rows: making and running a node, and what the running one is asked. */
#include "cmd/table.h"

static const char *const kinds[] = {"vendor", "community", NULL};
static const char *const registrations[] = {"open", "closed", NULL};
static const char *const levels[] = {"error", "warning", "info", "debug", NULL};
static const char *const generated[] = {"man", "completion", NULL};

static const struct cmd_option opt_kind = {.name = "kind",
    .type = CMD_CHOICE,
    .value = "KIND",
    .help = "What the node is for: support of a vendor's products, or a community.",
    .choices = kinds};
static const struct cmd_option opt_name = {.name = "name",
    .type = CMD_TEXT,
    .value = "NAME",
    .help = "The name of the node, as people read it."};
static const struct cmd_option opt_address = {.name = "address",
    .type = CMD_TEXT,
    .many = true,
    .value = "HOST:PORT",
    .help = "Where others reach the node: published in its identity."};
static const struct cmd_option opt_space = {.name = "space",
    .type = CMD_TEXT,
    .value = "NAME",
    .help = "The name of the first space; of a vendor \"NAME support\" unless said, else the "
            "node's name."};
static const struct cmd_option opt_space_kind = {.name = "space-kind",
    .type = CMD_CHOICE,
    .value = "KIND",
    .help = "What the first space is for; questions unless said.",
    .choices = cmd_space_kinds};
static const struct cmd_option opt_registration = {.name = "registration",
    .type = CMD_CHOICE,
    .value = "WHO",
    .help = "Whether people may register by themselves; open unless said.",
    .choices = registrations};
static const struct cmd_option opt_yes = {
    .name = "yes", .letter = 'y', .type = CMD_FLAG, .help = "Ask nothing."};
static const struct cmd_option opt_ready = {.name = "ready-file",
    .type = CMD_FILE,
    .value = "FILE",
    .help = "Written, with the addresses, one a line, once the node listens. Without it that is "
            "DATA/address, where the other commands look."};
static const struct cmd_option opt_log_level = {.name = "log-level",
    .type = CMD_CHOICE,
    .value = "LEVEL",
    .help = "The least weight of what is logged, whatever forad.conf says.",
    .choices = levels};
static const struct cmd_option opt_metrics = {.name = "metrics",
    .type = CMD_FLAG,
    .help = "Print the counters in the text format of Prometheus."};
static const struct cmd_option opt_password_file = {.name = "password-file",
    .type = CMD_FILE,
    .value = "FILE",
    .help = "A file whose first line is the password, or - for standard input. Without it the "
            "password is asked for."};

const struct cmd_command row_init = {.name = "init",
    .group = GROUP_NODE,
    .summary = "Make a node: keys, settings, an admin and a first space",
    .run = run_init,
    .options = {&opt_kind, &opt_name, &opt_listen, &opt_address, &opt_space, &opt_space_kind,
        &opt_product, &opt_registration, &opt_yes},
    .details =
        "The folder must be empty or not there yet; it comes into being whole or not at all. What "
        "is left open is asked for when this is a terminal, unless --yes is given.\n\n"
        "The admin is a member who keeps her own keys, in DATA/admin, and may do everything in the "
        "first space, which the node owns. The keys are not sealed under a passphrase: who can "
        "read the folder is the admin.",
    .json = "An object: data, node, name, admin, space (id, slug, name), listen.",
    .examples =
        "forad init --kind vendor --name \"Example Inc.\" --product frobnicator=5.1\nA node in "
        "/var/lib/forad, with a space \"Example Inc. support\".\n"
        "forad init --data ./c --kind community --name Tinkerers --listen 127.0.0.1:7151 --yes\n"
        "A node in ./c that only this machine reaches."};

const struct cmd_command row_run = {.name = "run",
    .group = GROUP_NODE,
    .summary = "Run the node until SIGINT or SIGTERM",
    .run = run_run,
    .options = {&opt_listen, &opt_ready, &opt_log_level},
    .details =
        "The log goes to standard error, a line an event, with room, level and request. When "
        "name or addresses in forad.conf were changed, the node's identity is signed anew.",
    .examples = "forad run --data ./node --log-level debug\nIn the foreground, telling much."};

const struct cmd_command row_status = {.name = "status",
    .group = GROUP_TALK,
    .summary = "Show how the running node is",
    .run = run_status,
    .options = {&opt_node, &opt_metrics},
    .json =
        "An object: node, name, agent, domain, domain_proven, address, uptime_ms, objects, spaces, "
        "members, "
        "connections, bytes_stored, peers (as of peers), subscriptions (space, node, address, "
        "position, head, caught_up, error, rate_per_minute); with --metrics also metrics, a text."};

static const struct cmd_option opt_no_wait = {
    .name = "no-wait", .type = CMD_FLAG, .help = "Do not look at what becomes of it."};

const struct cmd_command row_subscribe = {.name = "subscribe",
    .group = GROUP_TALK,
    .summary = "Fetch a space from another node, and stay in step with it",
    .run = run_subscribe,
    .arguments = {{.name = "SPACE", .help = "The id of the space (foras1...)."},
        {.name = "ADDRESS",
            .help = "HOST:PORT of a node that has it; foran1...@HOST:PORT says who must answer."}},
    .options = {&opt_node, &opt_no_wait},
    .details =
        "Looks for up to five seconds at what becomes of it. When nobody answers there, or "
        "the node does not hand the space out, that is said, and the exit code is 3; the "
        "subscription stays, and forad goes on trying. When another node answers than foran1... "
        "says, the exit code is 3 too, and nothing is subscribed to.",
    .json = "An object: ok, state (\"caught-up\", \"fetching\", \"connecting\" or \"trouble\"), "
            "error.",
    .examples = "forad subscribe foras1... support.example.com:7150\nThe space is here from then "
                "on; what is posted on either node reaches both."};

const struct cmd_command row_unsubscribe = {.name = "unsubscribe",
    .group = GROUP_TALK,
    .summary = "No longer fetch a space",
    .run = run_unsubscribe,
    .arguments = {{.name = "SPACE", .help = "The id of the space (foras1...)."},
        {.name = "ADDRESS", .help = "From that node only; without it from all.", .optional = true}},
    .options = {&opt_node},
    .details = "What was fetched stays.",
    .json = "An object: ok."};

const struct cmd_command row_claim = {.name = "claim",
    .group = GROUP_TALK,
    .summary = "Give an imported identity to the person that it belongs to",
    .run = run_claim,
    .arguments = {{.name = "SOURCE",
                      .help = "Who it was at the source, such as "
                              "\"stackexchange:beer.stackexchange.com:user:17\"."},
        {.name = "HANDLE", .help = "The handle that she logs in with from now on."}},
    .options = {&opt_node, &opt_password_file},
    .details = "Make sure that it is she: who claims an identity speaks for it.",
    .json = "An object: ok."};

const struct cmd_command row_generate = {.name = "generate",
    .group = GROUP_HELP,
    .summary = "Write the manual pages or the shell's completion",
    .run = run_generate,
    .arguments = {
        {.name = "WHAT", .help = "The manual pages, or a completion.", .choices = generated},
        {.name = "WHERE", .help = "A folder for the pages; for a completion bash, zsh or fish."}}};

const struct cmd_command row_help = {.name = "help",
    .group = GROUP_HELP,
    .summary = "Explain a command, or list all",
    .run = run_help,
    .arguments = {{.name = "COMMAND", .help = "The command.", .optional = true, .many = true}}};
