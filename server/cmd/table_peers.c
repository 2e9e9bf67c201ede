/* Rows of the commands about other nodes. */
#include "cmd/table.h"

#define NODE_ARGUMENT                                                                              \
    {                                                                                              \
        {                                                                                          \
            .name = "NODE",                                                                        \
            .help =                                                                                \
                "Its id (foran1...), or of a node that \"forad peers\" shows the beginning of "    \
                "its id, its name or its address."                                                 \
        }                                                                                          \
    }
#define NODE_JSON "An object: ok, node."

const struct cmd_command row_peers = {.name = "peers",
    .group = GROUP_PEERS,
    .summary = "List the nodes that the running node knows, and how each is",
    .run = run_peers,
    .options = {&opt_node},
    .details =
        "A row for each connection, for each address that is called, and for each node that waits "
        "or that something was decided about. LANE says what it may bring: own (subscribed to, or "
        "peers.allow), approved, known, introduced, newcomer, waiting, refused, blocked. LAG is "
        "how many objects it has not confirmed yet, and since when. REFUSED is how many objects of "
        "it were refused here; below the table by code, since the node started. Where the width "
        "does not suffice, OBJECTS, WAY and LANE are left out; --json has all.\n\n"
        "A newcomer may bring little: limits.newcomer_objects_hour, together with all others ten "
        "times that. It becomes known by itself after limits.newcomer_hours and "
        "limits.newcomer_objects, or when a known node introduces it, or when it is approved.",
    .json = "An object: peers (node, name, domain, domain_proven, address, direction, state, lane, "
            "spaces, lag, "
            "lag_seconds, to_fetch, rate_per_minute, bytes_in, bytes_out, objects_in, objects_out, "
            "accepted, refused, refusals (an object: code, count), health (good, behind, limited, "
            "waiting, down, blocked), why (a sentence), next_try_seconds, known_since, "
            "introduced_by, error) and subscriptions as of status."};

const struct cmd_command row_peers_approve = {.name = "peers approve",
    .group = GROUP_PEERS,
    .summary = "Take everything from a node, without a quota",
    .run = run_peers_decide,
    .arguments = NODE_ARGUMENT,
    .options = {&opt_node},
    .details = "Holds at once and from then on, also after a restart. With peering = \"approved\" "
               "nodes wait for this; with \"open\" it spares them being newcomers.",
    .json = NODE_JSON,
    .examples = "forad peers approve Tinkerers\nThe node of that name, which waits."};

const struct cmd_command row_peers_refuse = {.name = "peers refuse",
    .group = GROUP_PEERS,
    .summary = "Take nothing from a node",
    .run = run_peers_decide,
    .arguments = NODE_ARGUMENT,
    .options = {&opt_node},
    .details = "It may go on reading what is public, as anybody may.",
    .json = NODE_JSON};

const struct cmd_command row_peers_block = {.name = "peers block",
    .group = GROUP_PEERS,
    .summary = "Turn a node away, and do not call it",
    .run = run_peers_decide,
    .arguments = NODE_ARGUMENT,
    .options = {&opt_node},
    .details = "Its connections end, and it is told to stay away for an hour each time. What it "
               "brought stays. peers.block in forad.conf does the same.",
    .json = NODE_JSON};

const struct cmd_command row_peers_forget = {.name = "peers forget",
    .group = GROUP_PEERS,
    .summary = "Take back what was decided about a node",
    .run = run_peers_decide,
    .arguments = NODE_ARGUMENT,
    .options = {&opt_node},
    .json = NODE_JSON};

const struct cmd_command row_peers_introduce = {.name = "peers introduce",
    .group = GROUP_PEERS,
    .summary = "Vouch for a node to this node's peers",
    .run = run_peers_decide,
    .arguments = NODE_ARGUMENT,
    .options = {&opt_node},
    .details = "Peers that know this node give the other one more room than newcomers have: what "
               "all share whom this node introduces. They are told now and whenever they connect; "
               "an introduction ends 30 days after it was said last. At most 16 count.",
    .json = NODE_JSON};

const struct cmd_command row_peers_withdraw = {.name = "peers withdraw",
    .group = GROUP_PEERS,
    .summary = "Vouch for a node no longer",
    .run = run_peers_decide,
    .arguments = NODE_ARGUMENT,
    .options = {&opt_node},
    .json = NODE_JSON};
