/* Rows of the commands about oneself. */
#include "cmd/commands.h"

#define ACCOUNT "You"

static const struct cmd_option opt_name = {
    .name = "name", .type = CMD_TEXT, .value = "NAME", .help = "The name that others see."};
static const struct cmd_option opt_about = {.name = "about",
    .type = CMD_TEXT,
    .value = "TEXT",
    .help = "Something about you, in Markdown; empty to remove it."};
static const struct cmd_option opt_link = {.name = "link",
    .type = CMD_TEXT,
    .many = true,
    .value = "URL",
    .help = "A page of yours (https); replaces the links that there were."};
static const struct cmd_option opt_self_custody = {.name = "self-custody",
    .type = CMD_FLAG,
    .help = "The signing keys are your own and stay here, instead of with the node."};

#define HANDLE_ARGUMENT                                                                            \
    {                                                                                              \
        .name = "HANDLE",                                                                          \
        .help = "Your short name at the node: 2 to 32 of a-z, 0-9, \"_\", \".\" and \"-\"."        \
    }

const struct cmd_command row_register = {.name = "register",
    .group = ACCOUNT,
    .summary = "Become a member of the node",
    .run = run_register,
    .arguments = {HANDLE_ARGUMENT},
    .options = {&opt_name, &opt_password_file, &opt_self_custody, &opt_no_passphrase, &opt_label},
    .details =
        "Without --self-custody the node makes and keeps your signing key, and a password logs "
        "you in (10 characters or more). The root key that comes next is made here, in the file "
        "next_roots: make a copy, for \"fora identity takeout\".\n\n"
        "With --self-custody your keys are made here, unless \"fora identity new\" made them "
        "before, and never leave this "
        "machine; the node learns only the public part. Make a copy of the file that holds them: "
        "nobody can restore it for you.",
    .json = "An object: member, handle, name, node, custody (\"node\" or \"self\"), admin.",
    .examples = "fora register ann --name \"Ann Example\"\nThe password is asked for.\n"
                "fora register ann --self-custody\nWith keys of your own."};

const struct cmd_command row_login = {.name = "login",
    .group = ACCOUNT,
    .summary = "Log in at the node",
    .run = run_login,
    .arguments = {HANDLE_ARGUMENT},
    .options = {&opt_password_file, &opt_self_custody},
    .details = "The password is used once: afterwards a key of this client's own is known to the "
               "node. With --self-custody your own keys log you in.",
    .json = "An object: member, handle, name, node, custody, admin.",
    .examples = "fora login ann\nThe password is asked for."};

const struct cmd_command row_logout = {.name = "logout",
    .group = ACCOUNT,
    .summary = "Forget the account at the node, on this machine",
    .run = run_logout,
    .details = "Your own keys stay in their file.",
    .json = "An object: node."};

const struct cmd_command row_whoami = {.name = "whoami",
    .group = ACCOUNT,
    .summary = "Show who you are at the node, and what you may in its spaces",
    .run = run_whoami,
    .details =
        "Of each space of the node in which you have a role or a standing: the roles, and what "
        "you earn next. With --quiet your id alone, and nothing is asked for.",
    .json = "An object: member, handle, name, node, custody, admin, privileges: an array of space, "
            "name, standing, roles, next (role, standing, may).",
    .examples = "fora whoami\nYour name, your id, who keeps your key, and what you may."};

const struct cmd_command row_profile = {.name = "profile",
    .group = ACCOUNT,
    .summary = "Show a member, or change your own profile",
    .run = run_profile,
    .arguments = {{.name = "MEMBER",
        .help = "An id (foram1...), a handle at the node, or name@domain.",
        .optional = true}},
    .options = {&opt_name, &opt_about, &opt_link},
    .json = "An object: member, name, about, links, home, keys, verified. After a change: as with "
            "everything that is written.",
    .examples =
        "fora profile --name \"Ann Example\"\nChange your name.\nfora profile bob\nWho is bob?"};
