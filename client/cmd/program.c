/* What fora says of itself in help and manual. */
#include "cmd/commands.h"

#ifndef FORA_VERSION
#define FORA_VERSION "0.0.0"
#endif

static const char *const description =
    "fora talks to a node of the Fora federation: it reads threads, writes questions, answers, "
    "ideas "
    "and articles, votes, resolves and moderates. Everything that is shown was verified by this "
    "program itself: signatures, keys and the rules of the space.\n\n"
    "A member is either custodial (the node keeps the signing key; the password logs in) or keeps "
    "the keys herself (fora register --self-custody).\n\n"
    "Threads, answers and comments are named by their id (fora1...), or by at least six characters "
    "of the beginning of an id in the list or thread that was shown last. Spaces are named by id, "
    "by six characters of it, or by their short name. Members are named by id (foram1...), or by "
    "their handle at the node.\n\n"
    "A node is named as HOST, HOST:PORT or [IPV6]:PORT; foran1...@HOST:PORT says as well who must "
    "be "
    "met there. Else the identity met first at an address is remembered, and a change is refused.";

static const char *const json_notes =
    "With --json the output is one JSON document (of watch: one a line) for programs. Members are "
    "added in later versions, never renamed or removed. Ids are bech32m texts with their prefix, "
    "times are RFC 3339 in UTC, absent values are null, texts are exact: not cleaned of control "
    "characters, which JSON escapes. Commands that write give: id (what was written), state "
    "(\"stored\", or \"duplicate\" when it was stored before), node, and kind.";

static const char *const files_notes =
    "In $FORA_HOME, else $XDG_CONFIG_HOME/fora, else ~/.config/fora, readable by you only: config "
    "(settings, explained in the file), known_nodes (whom this client met where), accounts "
    "(log-ins "
    "with the keys of their sessions), identity (your own keys), recent and follows.";

static const struct cmd_variable environment[] = {
    {"FORA_HOME", "The folder of the client's files."},
    {"FORA_NODE", "The node to talk to, unless --node says another."},
    {"FORA_PASSPHRASE_FILE", "A file whose first line opens the keys of identity."},
    {"VISUAL, EDITOR", "What writes texts."},
    {"PAGER", "What shows long output on a terminal; else less with LESS=FRX."},
    {"NO_COLOR", "When set, no colour."},
};

static const struct cmd_exit_row exits[] = {
#define EXIT_ROW(name, number, meaning) {number, meaning},
    CMD_EXITS(EXIT_ROW)
#undef EXIT_ROW
};

const struct cmd_program fora_program = {.name = "fora",
    .version = FORA_VERSION,
    .tagline = "federated product support, on the command line",
    .summary = "the client of federated product support",
    .section = 1,
    .manual = "User Commands",
    .description = description,
    .json = json_notes,
    .exits = exits,
    .exits_count = sizeof exits / sizeof exits[0],
    .environment = environment,
    .environment_count = sizeof environment / sizeof environment[0],
    .files = files_notes,
    .tour = "fora --node HOST:PORT spaces\n"
            "fora register yourname\n"
            "fora threads --order unanswered\n"
            "fora ask",
    .generate = "fora generate"};
