/* Rows of the commands about spaces. */
#include "cmd/table.h"

static const char *const postings[] = {"anyone", "members", "staff", NULL};
static const char *const roles[] = {"admin", "moderator", "staff", "editor", "expert", "curator",
    "tagger", "flagger", "member", "banned", NULL};

static const struct cmd_option opt_kind = {.name = "kind",
    .type = CMD_CHOICE,
    .value = "KIND",
    .help = "What it is for; questions unless said.",
    .choices = cmd_space_kinds};
static const struct cmd_option opt_slug = {.name = "slug",
    .type = CMD_TEXT,
    .value = "WORD",
    .help = "The short name: 1 to 40 of a-z, 0-9 and \"-\". Else it is made of NAME."};
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
static const struct cmd_option opt_days = {.name = "days",
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
        .name = "MEMBER", .help = "An id (foram1...), or a handle at the node."                    \
    }
#define ROLE_ARGUMENT                                                                              \
    {                                                                                              \
        .name = "ROLE", .help = "The role.", .choices = roles                                      \
    }
#define NODE_ARGUMENT                                                                              \
    {                                                                                              \
        .name = "NODE", .help = "The id of the node (foran1...)."                                  \
    }

const struct cmd_command row_space_create = {.name = "space create",
    .group = GROUP_SPACES,
    .summary = "Create a space that the node owns",
    .run = run_space_create,
    .arguments = {{.name = "NAME", .help = "The name that people read."}},
    .options = {&opt_node, &opt_kind, &opt_slug, &opt_description, &opt_posting, &opt_licence,
        &opt_product},
    .json = "An object: id, slug, name.",
    .examples = "forad space create \"Frobnicator ideas\" --kind ideas --slug ideas\nA place for "
                "wishes."};

const struct cmd_command row_space_grant = {.name = "space grant",
    .group = GROUP_SPACES,
    .summary = "Give a member a role in a space",
    .run = run_space_grant,
    .arguments = {SPACE_ARGUMENT, MEMBER_ARGUMENT, ROLE_ARGUMENT},
    .options = {&opt_node, &opt_days},
    .details = "Admins are made by the owner of the space: where that is this node, its own key "
               "signs.",
    .json = "An object: id (of the statement), state.",
    .examples = "forad space grant help bob staff\nbob may confirm answers."};

const struct cmd_command row_space_revoke = {.name = "space revoke",
    .group = GROUP_SPACES,
    .summary = "Take a role from a member",
    .run = run_space_grant,
    .arguments = {SPACE_ARGUMENT, MEMBER_ARGUMENT, ROLE_ARGUMENT},
    .options = {&opt_node},
    .details = "What the member did in that role stands.",
    .json = "An object: id (of the statement), state."};

const struct cmd_command row_space_host = {.name = "space host",
    .group = GROUP_SPACES,
    .summary = "Name a node that hosts a space, and who takes over when others die",
    .run = run_space_host,
    .arguments = {SPACE_ARGUMENT, NODE_ARGUMENT},
    .options = {&opt_node, &opt_succession, &opt_remove},
    .json = "An object: id (of the statement), state."};

const struct cmd_command row_space_approve = {.name = "space approve",
    .group = GROUP_SPACES,
    .summary = "Let a node carry a space: name it as a host that never takes over",
    .run = run_space_host,
    .arguments = {SPACE_ARGUMENT, NODE_ARGUMENT},
    .options = {&opt_node},
    .details =
        "The short form of space host without --succession. Members see the node among those "
        "that hold the space.",
    .json = "An object: id (of the statement), state."};
