/* Rows of the commands that look after the store. */
#include "cmd/table.h"

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
