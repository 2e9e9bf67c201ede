/* Rows of forad reputation. */
#include "cmd/table.h"

const struct cmd_command row_reputation_issue = {.name = "reputation issue",
    .group = GROUP_STORE,
    .summary = "Count what members did, and state it where it changed",
    .run = run_reputation_issue,
    .details = "In the spaces that this node hosts. A node that runs does it by itself, every "
               "reputation.interval seconds (forad.conf); this is for one that is stopped.",
    .json = "An object: issued."};

const struct cmd_command row_reputation_explain = {.name = "reputation explain",
    .group = GROUP_STORE,
    .summary = "Show line by line what a member's standing elsewhere is worth here",
    .run = run_reputation_explain,
    .arguments = {{.name = "MEMBER", .help = "An id (foram1...), or a handle at this node."}},
    .details = "What is stated about her and by whom, the verdict on each, and how the settings "
               "under reputation in forad.conf weigh it: products, weights, trust, decay, caps. "
               "Works beside a "
               "running node.",
    .json = "An object: member, local_standing, issuers_enough, claims (issuer, space, standing, "
            "until, verdict, product_counts, carried, space_held), lines (issuer, standing, "
            "decayed, weight, ground, "
            "source, hops, worth, given).",
    .examples = "forad reputation explain ann\nWhy Ann counts for something here."};

const struct cmd_command row_reputation_privileges = {.name = "reputation privileges",
    .group = GROUP_STORE,
    .summary = "Show what a standing earns in each space",
    .run = run_reputation_privileges,
    .arguments = {{.name = "SPACE",
        .help = "Its short name or its id (foras1...); else all that are held.",
        .optional = true}},
    .details =
        "The table stands in the policy of the space, and an admin changes it with \"fora "
        "space set SPACE --privilege ROLE=STANDING\". This node grants what was earned where "
        "it hosts the space and owns or administers it, after it stated the standing: at "
        "once in a young space, later once a day. Works beside a running node.",
    .json = "An array: space, slug, granted_here, privileges (role, standing, may, members who "
            "have it).",
    .examples = "forad reputation privileges\nFrom which standing on a member may do what."};

static const struct cmd_option opt_trust_weight = {.name = "weight",
    .type = CMD_NUMBER,
    .value = "N",
    .help = "How far, up to 1000, which it is unless said; 0 ends it.",
    .least = 0,
    .most = 1000};

const struct cmd_command row_reputation_trust = {.name = "reputation trust",
    .group = GROUP_STORE,
    .summary = "State publicly how far this node trusts what another states of members",
    .run = run_reputation_trust,
    .arguments = {{.name = "NODE", .help = "The id of the node (foran1...)."}},
    .options = {&opt_node, &opt_trust_weight},
    .details =
        "Nodes that weigh this one's word (reputation.issuers in their forad.conf) then weigh "
        "that node's too, with half of it at most, and under the same cap. What counts at "
        "this node itself says its own forad.conf. What was stated last stands.",
    .json = "An object: id, state.",
    .examples = "forad reputation trust foran1... --weight 600\nIts standings count where ours do, "
                "with less weight."};

static const struct cmd_option opt_revoke_reason = {
    .name = "reason", .type = CMD_TEXT, .value = "TEXT", .help = "Why, for everybody to read."};

const struct cmd_command row_reputation_revoke = {.name = "reputation revoke",
    .group = GROUP_STORE,
    .summary = "Take back what this node stated of a member or a node",
    .run = run_reputation_revoke,
    .arguments = {{.name = "ID", .help = "Of the statement (fora1...)."}},
    .options = {&opt_node, &opt_revoke_reason},
    .details =
        "Wherever it went, it holds no longer once the revocation is there. The node goes on "
        "counting: it states a standing anew when what was counted changes.",
    .json = "An object: id, state.",
    .examples = "forad reputation revoke fora1... --reason \"counted from stolen accounts\"\nThe "
                "standing is shown as revoked."};

static const char *const formats[] = {"openbadges", NULL};
static const struct cmd_option opt_format = {.name = "format",
    .type = CMD_CHOICE,
    .value = "FORMAT",
    .help = "openbadges (the only one so far).",
    .choices = formats};

const struct cmd_command row_reputation_export = {.name = "reputation export",
    .group = GROUP_STORE,
    .summary = "Write what this node states of a member as Open Badges 3.0",
    .run = run_reputation_export,
    .arguments = {{.name = "MEMBER", .help = "An id (foram1...), or a handle at this node."}},
    .options = {&opt_format},
    .details =
        "A Verifiable Credential for each standing and award that holds, signed by the node "
        "(eddsa-jcs-2022), with the attestation itself as evidence. Works beside a running node.",
    .json = "It is JSON anyway, a credential a line.",
    .examples = "forad reputation export ann > ann.jsonl\nFor a wallet that knows Open Badges."};
