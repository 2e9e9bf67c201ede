/* Rows of fora reputation. */
#include "cmd/commands.h"

#define REPUTATION "Reputation"

static const struct cmd_option opt_out = {
    .name = "out", .letter = 'o', .type = CMD_FILE, .value = "FILE", .help = "The file to write."};

#define MEMBER_ARGUMENT                                                                            \
    {                                                                                              \
        .name = "MEMBER",                                                                          \
        .help = "An id (foram1...), a handle at the node, or name@domain; else yourself.",         \
        .optional = true                                                                           \
    }
static const struct cmd_option opt_all_claims = {.name = "all",
    .type = CMD_FLAG,
    .help = "Also what the member does not want shown (fora reputation withhold)."};

#define STORED_JSON "As with everything that is written: id, kind, state, node."
#define CLAIM_FIELDS                                                                               \
    "id, type, issuer, space, created_at, from, until, label, rule, facts, products, "             \
    "verdict (OK, or a code of the protocol), proof (proven, supported, claimed, stated or "       \
    "refused), delegations, withheld, carried (by her alone), space_held; of standings also "      \
    "roles (that she has in the space) and "                                                       \
    "next "                                                                                        \
    "(role, standing, may: what she earns next)"
#define CLAIM_JSON "An array: " CLAIM_FIELDS

const struct cmd_command row_reputation_show = {.name = "reputation show",
    .group = REPUTATION,
    .summary = "Show what is attested about a member, and by whom",
    .run = run_reputation_show,
    .arguments = {MEMBER_ARGUMENT},
    .options = {&opt_all_claims},
    .details = "Every signature, delegation, term and revocation is checked here. Standings are "
               "shown as they are stated; \"fora reputation verify\" counts them anew.",
    .json = CLAIM_JSON ".",
    .examples = "fora reputation show ann\nWhat Ann did, and who says so."};

const struct cmd_command row_reputation_verify = {.name = "reputation verify",
    .group = REPUTATION,
    .summary = "Count a member's standing anew from the objects of the space",
    .run = run_reputation_verify,
    .arguments = {MEMBER_ARGUMENT},
    .options = {&opt_all_claims},
    .details =
        "Reads the whole space from the node, verifies each object, folds each thread as of the "
        "end of the period and counts. Proven: the evidence is exactly that which was signed. "
        "Supported: more is known by now, and nothing less. Claimed: something that is stated is "
        "not shown by the objects; then the command ends with 1. What she carries from a space "
        "that "
        "the node does not hold is signed and not counted: claimed, and no failure.",
    .json = CLAIM_JSON ", failed (the fact that the objects do not show), objects.",
    .examples =
        "fora reputation verify ann --node other.example\nCheck it where she is a stranger."};

const struct cmd_command row_reputation_bundle = {.name = "reputation bundle",
    .group = REPUTATION,
    .summary = "Put what is attested about a member into a file that verifies offline",
    .run = run_reputation_bundle,
    .arguments = {MEMBER_ARGUMENT},
    .options = {&opt_out, &opt_all_claims},
    .details =
        "What she withholds is left out, and what somebody stated who had no right to, unless "
        "--all is given.",
    .json = "An object: file, member, objects, bytes.",
    .examples = "fora reputation bundle --out me.fora\nIt holds when the node is gone."};

const struct cmd_command row_reputation_verify_bundle = {.name = "reputation verify-bundle",
    .group = REPUTATION,
    .summary = "Check a bundle, without any node",
    .run = run_reputation_verify_bundle,
    .arguments = {{.name = "FILE", .help = "The bundle."}},
    .json = "An object: member, made_at, left_out (how many objects of it do not hold), claims: an "
            "array of " CLAIM_FIELDS ".",
    .examples = "fora reputation verify-bundle me.fora\nWhat of it holds, as of when it was made."};

static const char *const export_formats[] = {"openbadges", NULL};
static const struct cmd_option opt_export_format = {.name = "format",
    .type = CMD_CHOICE,
    .value = "FORMAT",
    .help = "openbadges (the only one so far).",
    .choices = export_formats};

static const struct cmd_option opt_folder = {.name = "out",
    .letter = 'o',
    .type = CMD_FILE,
    .value = "FOLDER",
    .help = "Where to write a file for each; else they are lines of standard output."};

const struct cmd_command row_reputation_export = {.name = "reputation export",
    .group = REPUTATION,
    .summary = "Get a member's credentials for other wallets",
    .run = run_reputation_export,
    .arguments = {MEMBER_ARGUMENT},
    .options = {&opt_export_format, &opt_folder, &opt_all_claims},
    .details =
        "An Open Badges 3.0 credential is signed by the node that stated what it says. Each "
        "such node is asked for its own: this one, and others where you are a member or at the "
        "addresses that their logs name. Of one that does not answer it is said what to ask who "
        "runs it. What "
        "she withholds is left out, unless --all is given; only she herself gets it, from "
        "a node where she is logged in. What carries a member's reputation between nodes of "
        "Fora is a bundle: \"fora reputation bundle\".",
    .json = "An array: id (of the attestation), issuer, and either file (empty without --out) and "
            "credential (its JSON, as a text), or refused (a code of "
            "the protocol) and ask_for (the command for who runs the issuer).",
    .examples = "fora reputation export --out badges\nA file for each, for a wallet.\n"
                "fora reputation export ann > ann.jsonl\nAnn's, one a line."};

static const struct cmd_option opt_bundle = {.name = "bundle",
    .type = CMD_FILE,
    .value = "FILE",
    .help = "A bundle about yourself, to carry what is in it too."};

#define OWN_CLAIM_ARGUMENT                                                                         \
    {                                                                                              \
        .name = "ID",                                                                              \
        .help = "The id that \"fora reputation show\" shows, or the beginning of it."              \
    }

const struct cmd_command row_reputation_withhold = {.name = "reputation withhold",
    .group = REPUTATION,
    .summary = "Do not have a standing or an award of yours shown",
    .run = run_reputation_withhold,
    .arguments = {OWN_CLAIM_ARGUMENT},
    .details =
        "Your profile says that this, and whatever its issuer states in its place later, is not to "
        "be shown: not on your page, not beside your name, not in your bundle, not in what you "
        "carry. It is a wish and no "
        "secret: the attestation stays in its space, and who asks with --all sees it. An "
        "affiliation cannot be withheld.",
    .json = STORED_JSON,
    .examples = "fora reputation withhold q7xk2m9a\nThe award is not shown any more."};

const struct cmd_command row_reputation_publish = {.name = "reputation publish",
    .group = REPUTATION,
    .summary = "Carry what you earned to this node; with an id, have it shown again",
    .run = run_reputation_publish,
    .arguments = {{.name = "ID",
        .help = "Of what was withheld: its id, or the beginning of it. Else all that holds.",
        .optional = true}},
    .options = {&opt_bundle},
    .details =
        "Puts what is attested about you, and what it rests on, into an object of yours. It comes "
        "along to every node where you write, and is shown there as carried by you, whether or not "
        "that node holds the space where you earned it. It is gathered from this node, from a "
        "bundle, from what you carried before and from the copy on this machine; what you withhold "
        "and what does not hold is left out, and so are the oldest when it is more than 64 KiB. "
        "\"fora identity move\" does it by itself. With an ID: takes back \"fora reputation "
        "withhold\".",
    .json = "An object: claims (as in \"fora reputation show\"), id (null when nothing changed), "
            "objects, bytes, left_out. With an ID as with everything that is written: id, kind, "
            "state, node.",
    .examples = "fora reputation publish --bundle me.fora\nCarry what is in it, too.\n"
                "fora reputation publish q7xk2m9a\nIt is shown again; its id is in: fora "
                "reputation show --all"};

/* ---- stating ---- */

static const struct cmd_option opt_award_product = {.name = "product",
    .type = CMD_TEXT,
    .many = true,
    .value = "NAME",
    .help = "For that product; may be given again. Else for all."};
static const struct cmd_option opt_award_days = {.name = "days",
    .type = CMD_NUMBER,
    .value = "N",
    .help = "The term, from now on; else without end.",
    .least = 1,
    .most = 36500};
static const struct cmd_option opt_under = {.name = "under",
    .type = CMD_TEXT,
    .value = "DELEGATION",
    .help = "The delegation by which you may: its id, or the beginning of it."};
static const char *const mays[] = {"badge", "affiliation", "standing", "delegation", NULL};
static const struct cmd_option opt_may = {.name = "may",
    .type = CMD_CHOICE,
    .many = true,
    .value = "WHAT",
    .help = "What may be issued; may be given again. Else badges.",
    .choices = mays};
static const struct cmd_option opt_at_most = {.name = "limit",
    .type = CMD_NUMBER,
    .value = "N",
    .help = "At most so many at once; else without limit.",
    .least = 1,
    .most = 1000000};
static const struct cmd_option opt_depth = {.name = "depth",
    .type = CMD_NUMBER,
    .value = "N",
    .help = "How often it may be handed on; else not at all.",
    .least = 0,
    .most = 3};

#define SUBJECT_ARGUMENT                                                                           \
    {                                                                                              \
        .name = "MEMBER", .help = "An id (foram1...), a handle at the node, or name@domain."       \
    }

const struct cmd_command row_reputation_award = {.name = "reputation award",
    .group = REPUTATION,
    .summary = "Award a badge, or renew it, for the space",
    .run = run_reputation_award,
    .arguments = {SUBJECT_ARGUMENT, {.name = "LABEL", .help = "What it is called: MVP."}},
    .options = {&opt_space, &opt_award_product, &opt_award_days, &opt_under},
    .details = "An admin of the space may, and whoever has a delegation. To award it again renews "
               "its term: the later one stands. \"fora reputation end\" takes it back.",
    .json = STORED_JSON,
    .examples = "fora reputation award ann MVP --product brewkit --days 365\nMVP for a year."};

const struct cmd_command row_reputation_nominate = {.name = "reputation nominate",
    .group = REPUTATION,
    .summary = "Nominate a member for a badge",
    .run = run_reputation_nominate,
    .arguments = {SUBJECT_ARGUMENT, {.name = "LABEL", .help = "For what: MVP."}},
    .options = {&opt_space, &opt_award_product},
    .details = "Anybody may. It is shown as what it is: a word of yours, and no award.",
    .json = STORED_JSON,
    .examples = "fora reputation nominate ann MVP\nPropose Ann."};

const struct cmd_command row_reputation_affiliate = {.name = "reputation affiliate",
    .group = REPUTATION,
    .summary = "State what a member is to the owner of the space",
    .run = run_reputation_affiliate,
    .arguments = {SUBJECT_ARGUMENT,
        {.name = "LABEL", .help = "employee, partner, bot, or another word."}},
    .options = {&opt_space, &opt_award_days, &opt_under},
    .json = STORED_JSON,
    .examples = "fora reputation affiliate helpbot bot\nSay that it is one."};

const struct cmd_command row_reputation_delegate = {.name = "reputation delegate",
    .group = REPUTATION,
    .summary = "Let somebody issue badges in the space's name",
    .run = run_reputation_delegate,
    .arguments = {SUBJECT_ARGUMENT},
    .options = {&opt_space, &opt_may, &opt_award_product, &opt_award_days, &opt_at_most, &opt_depth,
        &opt_under},
    .details = "What was issued while the delegation was in force stays when its term ends, and "
               "goes when \"fora reputation end\" takes it back.",
    .json = STORED_JSON,
    .examples = "fora reputation delegate bob --may badge --product brewkit --limit 5 --days 365\n"
                "Bob may award five badges for brewkit within a year."};

const struct cmd_command row_reputation_end = {.name = "reputation end",
    .group = REPUTATION,
    .summary = "Take back an award, a delegation or an affiliation of yours",
    .run = run_reputation_end,
    .arguments = {{.name = "ID", .help = "Its id, or the beginning of it."}},
    .options = {&opt_reason},
    .json = STORED_JSON,
    .examples = "fora reputation end q7xk2m9a --reason \"moved on\"\nIt holds no longer."};
