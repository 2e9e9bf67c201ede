/* Rows of the commands about spaces and their policies. */
#include "cmd/commands.h"

#define SPACES "Spaces"

static const char *const kinds[] = {"questions", "ideas", "articles", "media", "group", NULL};
static const char *const postings[] = {"anyone", "members", "staff", NULL};
static const char *const roles[] = {"admin", "moderator", "staff", "editor", "expert", "curator",
    "tagger", "flagger", "member", "banned", NULL};

static const struct cmd_option opt_kind = {.name = "kind",
    .type = CMD_CHOICE,
    .value = "KIND",
    .help = "What it is for; questions unless said.",
    .choices = kinds};
static const struct cmd_option opt_name = {
    .name = "name", .type = CMD_TEXT, .value = "NAME", .help = "The name that people read."};
static const struct cmd_option opt_slug = {.name = "slug",
    .type = CMD_TEXT,
    .value = "WORD",
    .help = "The short name: 1 to 40 of a-z, 0-9 and \"-\"."};
static const struct cmd_option opt_description = {.name = "description",
    .type = CMD_TEXT,
    .value = "TEXT",
    .help = "What belongs there, in Markdown."};
static const struct cmd_option opt_posting = {.name = "posting",
    .type = CMD_CHOICE,
    .value = "WHO",
    .help = "Who may start threads; with members only they may post at all.",
    .choices = postings};
static const struct cmd_option opt_licence = {.name = "licence",
    .type = CMD_TEXT,
    .value = "NAME",
    .help = "The licence of what is posted, such as \"CC BY-SA 4.0\"."};
static const struct cmd_option opt_product = {.name = "product",
    .type = CMD_TEXT,
    .many = true,
    .value = "NAME[=LATEST]",
    .help = "A product of the space and its latest version."};
static const struct cmd_option opt_privilege = {.name = "privilege",
    .type = CMD_TEXT,
    .many = true,
    .value = "ROLE=STANDING",
    .help = "From that standing on a member earns the role: tagger, flagger, editor, expert, "
            "curator or member; 0 for nobody. May be given again."};
static const struct cmd_option opt_until = {.name = "days",
    .type = CMD_NUMBER,
    .value = "N",
    .help = "The role ends after so many days.",
    .least = 1,
    .most = 36500};
static const struct cmd_option opt_remove = {
    .name = "remove", .type = CMD_FLAG, .help = "The node no longer hosts the space."};
static const struct cmd_option opt_succession = {.name = "succession",
    .type = CMD_NUMBER,
    .value = "N",
    .help = "Who takes over when hosts die: lowest first; 0 for never.",
    .least = 0,
    .most = 1000};

#define SPACE_ARGUMENT                                                                             \
    {                                                                                              \
        .name = "SPACE", .help = "Its short name, its id (foras1...), or the beginning of its id." \
    }
#define MEMBER_ARGUMENT                                                                            \
    {                                                                                              \
        .name = "MEMBER", .help = "An id (foram1...), a handle at the node, or name@domain."       \
    }
#define ROLE_ARGUMENT                                                                              \
    {                                                                                              \
        .name = "ROLE", .help = "The role.", .choices = roles                                      \
    }

const struct cmd_command row_space_create = {.name = "space create",
    .group = SPACES,
    .summary = "Create a space owned by the node, as its admin",
    .run = run_space_create,
    .arguments = {{.name = "NAME", .help = "The name that people read."}},
    .options = {&opt_kind, &opt_slug, &opt_description, &opt_posting, &opt_licence, &opt_product},
    .details =
        "Without --slug the short name is made of the name. Where the node owns a space of the "
        "same name already, --slug has to tell the two apart.",
    .json = "An object: id, slug, name.",
    .examples =
        "fora space create \"Frobnicator help\" --slug help --product frobnicator=5.2\nA place for "
        "questions."};

const struct cmd_command row_space_show = {.name = "space show",
    .group = SPACES,
    .summary = "Show a space: its policy, roles and hosts",
    .run = run_space_show,
    .arguments = {SPACE_ARGUMENT},
    .json =
        "An object: id, slug, name, kind, description, licence, posting, owner, objects, threads, "
        "hosts (node, succession), products (name, latest), privileges (role, standing, may), "
        "grants "
        "(member, role, since, until)."};

const struct cmd_command row_space_set = {.name = "space set",
    .group = SPACES,
    .summary = "Change what a space says of itself, as its admin",
    .run = run_space_set,
    .arguments = {SPACE_ARGUMENT},
    .options = {&opt_name, &opt_slug, &opt_description, &opt_posting, &opt_licence, &opt_product,
        &opt_privilege},
    .details = "Privileges are granted by the node that states the standings, where it owns the "
               "space or is its admin. Who has earned one keeps it until it is revoked.",
    .json = "An object: id, kind, state, node.",
    .examples =
        "fora space set help --product frobnicator=5.3\nA release came out: older resolutions "
        "may be stale."};

const struct cmd_command row_space_grant = {.name = "space grant",
    .group = SPACES,
    .summary = "Give a member a role in a space, as its admin",
    .run = run_space_grant,
    .arguments = {SPACE_ARGUMENT, MEMBER_ARGUMENT, ROLE_ARGUMENT},
    .options = {&opt_until},
    .json = "An object: id, kind, state, node.",
    .examples = "fora space grant help bob staff\nbob may confirm answers."};

const struct cmd_command row_space_revoke = {.name = "space revoke",
    .group = SPACES,
    .summary = "Take a role from a member, as admin of the space",
    .run = run_space_grant,
    .arguments = {SPACE_ARGUMENT, MEMBER_ARGUMENT, ROLE_ARGUMENT},
    .details = "What the member did in that role stands.",
    .json = "An object: id, kind, state, node."};

const struct cmd_command row_space_host = {.name = "space host",
    .group = SPACES,
    .summary = "Name a node that hosts a space, as its admin",
    .run = run_space_host,
    .arguments = {SPACE_ARGUMENT, {.name = "NODE", .help = "The id of the node (foran1...)."}},
    .options = {&opt_succession, &opt_remove},
    .json = "An object: id, kind, state, node."};
