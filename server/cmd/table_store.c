/* Rows of the commands that look after the store. */
#include "cmd/table.h"

static const struct cmd_option opt_fast = {.name = "fast",
    .type = CMD_FLAG,
    .help =
        "Leave out hashes and signatures, which take about 50 microseconds an object and core."};
static const struct cmd_option opt_verify = {.name = "verify",
    .type = CMD_FLAG,
    .help = "Check hashes and signatures as well, and drop what does not verify."};

const struct cmd_command row_digest = {.name = "digest",
    .group = GROUP_STORE,
    .summary = "Show a hash of each space's set and of its views",
    .run = run_digest,
    .arguments = {{.name = "SPACE",
        .help = "Only that space: its short name, its id (foras1...), or the beginning of its id.",
        .optional = true}},
    .details =
        "Two nodes that hold the same set show the same: then both hashes are equal on both, "
        "whatever the order in which things arrived. Works beside a running node.",
    .json = "An array: space, name, audience, objects, threads, fingerprint, set, views."};

const struct cmd_command row_fsck = {.name = "fsck",
    .group = GROUP_STORE,
    .summary = "Check everything that is stored",
    .run = run_fsck,
    .options = {&opt_fast},
    .details = "Every object's hash and signature, and everything that is derived against what the "
               "objects say. Nothing is changed; works beside a running node.",
    .json = "An object: findings (table, text; the first 1000), count, looked_at (how many of each "
            "kind)."};

const struct cmd_command row_reindex = {.name = "reindex",
    .group = GROUP_STORE,
    .summary = "Make anew everything that is derived from the objects",
    .run = run_reindex,
    .options = {&opt_verify},
    .details =
        "The node must be stopped. When it is cut short it is to be run again before the node "
        "starts. Peers read the spaces from the beginning afterwards.",
    .json = "An object: objects, threads, lost, misplaced."};

static const struct cmd_option opt_space = {.name = "space",
    .letter = 's',
    .type = CMD_TEXT,
    .value = "SPACE",
    .help = "Only that space: its short name, its id (foras1...), or the beginning of its id."};
static const struct cmd_option opt_out = {.name = "out",
    .letter = 'o',
    .type = CMD_FILE,
    .value = "FILE",
    .help = "The file to write, which appears when it is whole; else standard output."};

static const char *const sources[] = {"stackexchange", NULL};
static const struct cmd_option opt_into = {.name = "space",
    .letter = 's',
    .type = CMD_TEXT,
    .value = "SPACE",
    .help =
        "A space that the node owns: its short name, its id (foras1...) or its name; or the name "
        "of one to make. Without it the site's name."};
static const struct cmd_option opt_site = {.name = "site",
    .type = CMD_TEXT,
    .value = "NAME",
    .help =
        "Where the dump is from, such as \"beer.stackexchange.com\"; else the folder's name. It "
        "is part of who its authors are: say the same each time."};

const struct cmd_command row_import = {.name = "import",
    .group = GROUP_STORE,
    .summary = "Bring the history of a forum into a space",
    .run = run_import,
    .arguments = {{.name = "SOURCE", .help = "What is imported.", .choices = sources},
        {.name = "DIR", .help = "The folder of the dump: Posts.xml and the like, or .xml.zst."}},
    .options = {&opt_into, &opt_site, &opt_node},
    .details =
        "People, questions, answers, comments, revisions, accepted answers, scores, closings "
        "and duplicates, with their dates, sources and licences. To import again adds nothing, "
        "and completes what was cut short. Authors can be given to who they are with \"forad "
        "claim\".\n\n"
        "While the node runs the import goes through it; else it goes into the store itself, "
        "which is faster.",
    .json = "An object: space, site, objects, stored, already, refused, milliseconds, made and "
            "skipped (counts by kind), refusals (source, code; the first 20).",
    .examples =
        "forad import stackexchange ./beer.stackexchange.com --space help\nAll of it into the "
        "space \"help\"."};

const struct cmd_command row_export = {.name = "export",
    .group = GROUP_STORE,
    .summary = "Write objects as JSON Lines",
    .run = run_export,
    .options = {&opt_space, &opt_out},
    .details =
        "One object a line, in an order in which they can be stored: what it says for people "
        "and programs, and the whole, signed, in base64. What is restricted or private is in "
        "it as well: it belongs into no hands but the operator's. Works beside a running "
        "node.",
    .json =
        "It is JSON anyway, an object a line: id, kind, author, created_at, space, root, parent, "
        "audience, content, object.",
    .examples = "forad export --space help --out help.jsonl\nEverything of the space \"help\"."};

const struct cmd_command row_backup = {.name = "backup",
    .group = GROUP_STORE,
    .summary = "Copy the whole node, while it runs",
    .run = run_backup,
    .arguments = {{.name = "DIR", .help = "A new or empty folder."}},
    .details =
        "The store as of one moment, forad.conf, keys and admin. The folder holds the node's "
        "secret keys: only its owner can read it, and so should it stay.",
    .json = "An object: folder.",
    .examples = "forad backup /srv/backup/forad-monday\nRestored with: forad restore "
                "/srv/backup/forad-monday --data NEW"};

const struct cmd_command row_restore = {.name = "restore",
    .group = GROUP_STORE,
    .summary = "Make a node of a backup",
    .run = run_restore,
    .arguments = {{.name = "DIR", .help = "The folder of the backup."}},
    .details =
        "Into the data folder, which must be empty or not there yet. Never run the node that "
        "was backed up and the restored one at the same time: they are the same node.",
    .json = "An object: folder.",
    .examples = "forad restore /srv/backup/forad-monday --data /var/lib/forad\nThe node as it was, "
                "with a new epoch: peers fetch from the beginning what they lack."};
