/* Rows of fora reputation. */
#include "cmd/commands.h"

#define REPUTATION "Reputation"

static const struct cmd_option opt_out = {
    .name = "out", .letter = 'o', .type = CMD_FILE, .value = "FILE", .help = "The file to write."};

#define MEMBER_ARGUMENT                                                                            \
    {                                                                                              \
        .name = "MEMBER", .help = "An id (foram1...), or a handle at the node; else yourself.",    \
        .optional = true                                                                           \
    }
#define CLAIM_JSON                                                                                 \
    "An array: id, type, issuer, space, created_at, from, until, label, rule, facts, products, "   \
    "verdict (OK, or a code of the protocol), proof (proven, supported, claimed, stated or "       \
    "refused), delegations"

const struct cmd_command row_reputation_show = {.name = "reputation show",
    .group = REPUTATION,
    .summary = "Show what is attested about a member, and by whom",
    .run = run_reputation_show,
    .arguments = {MEMBER_ARGUMENT},
    .details = "Every signature, delegation, term and revocation is checked here. Standings are "
               "shown as they are stated; \"fora reputation verify\" counts them anew.",
    .json = CLAIM_JSON ".",
    .examples = "fora reputation show ann\nWhat Ann did, and who says so."};

const struct cmd_command row_reputation_verify = {.name = "reputation verify",
    .group = REPUTATION,
    .summary = "Count a member's standing anew from the objects of the space",
    .run = run_reputation_verify,
    .arguments = {MEMBER_ARGUMENT},
    .details =
        "Reads the whole space from the node, verifies each object, folds each thread as of the "
        "end of the period and counts. Proven: the evidence is exactly that which was signed. "
        "Supported: more is known by now, and nothing less. Claimed: something that is stated is "
        "not shown by the objects; then the command ends with 1.",
    .json = CLAIM_JSON "; of standings also failed (the fact that is not shown), objects.",
    .examples =
        "fora reputation verify ann --node other.example\nCheck it where she is a stranger."};

const struct cmd_command row_reputation_bundle = {.name = "reputation bundle",
    .group = REPUTATION,
    .summary = "Put what is attested about a member into a file that verifies offline",
    .run = run_reputation_bundle,
    .arguments = {MEMBER_ARGUMENT},
    .options = {&opt_out},
    .json = "An object: file, member, objects, bytes.",
    .examples = "fora reputation bundle --out me.fora\nIt holds when the node is gone."};

const struct cmd_command row_reputation_verify_bundle = {.name = "reputation verify-bundle",
    .group = REPUTATION,
    .summary = "Check a bundle, without any node",
    .run = run_reputation_verify_bundle,
    .arguments = {{.name = "FILE", .help = "The bundle."}},
    .json = CLAIM_JSON ".",
    .examples = "fora reputation verify-bundle me.fora\nWhat of it holds, as of when it was made."};
