/* The row of forad rekey. */
#include "cmd/table.h"

static const struct cmd_option opt_stolen = {.name = "stolen",
    .type = CMD_NUMBER,
    .value = "HOURS",
    .help =
        "The old keys were stolen, that many hours ago: what they signed since goes everywhere, "
        "and what they date before stands only by other nodes' receipts.",
    .least = 0,
    .most = 87600};

const struct cmd_command row_rekey = {.name = "rekey",
    .group = GROUP_NODE,
    .summary = "Give the node other keys, with the same identity",
    .run = run_rekey,
    .options = {&opt_stolen},
    .details =
        "For when somebody may have seen the file keys, or to be safe. The next root key comes "
        "into force, the node signs and connects with new keys, and the old ones are revoked. The "
        "node must not be running. Members notice nothing; the keys that the node keeps for them "
        "stay, and are as exposed as they were: tell members to take theirs out.",
    .json = "An object: node, sequence.",
    .examples = "forad rekey\nOther keys.\nforad rekey --stolen 48\nSomebody had the old ones for "
                "two days."};
