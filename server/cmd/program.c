/* What forad says of itself in help and manual. */
#include "cmd/forad.h"

#ifndef FORA_VERSION
#define FORA_VERSION "0.0.0"
#endif

static const char *const description =
    "forad is a node of the Fora federation of product support: it keeps spaces of discussion, "
    "serves members and other nodes, and fetches the spaces of other nodes that it is told to "
    "subscribe to. Everything that it stores was verified; what it acknowledges is on the disk.\n\n"
    "A node lives in one folder, which \"forad init\" makes and \"forad run\" serves in the "
    "foreground until SIGINT or SIGTERM. The other commands look after it. Those that talk to the "
    "running node (status, peers, subscribe, unsubscribe, space, claim) log in as the admin whose "
    "keys are in the folder admin; those that read the store (digest, fsck, backup, export) do so "
    "beside the running node; restore and reindex want it stopped.\n\n"
    "The folder admin is a home of fora(1): \"fora --home DIR/admin\" does everything that a "
    "member "
    "can do, as the node's admin.";

static const char *const json_notes =
    "With --json the output is one JSON document for programs. Members are added in later "
    "versions, "
    "never renamed or removed. Ids are bech32m texts with their prefix, sums are hex, times are "
    "RFC 3339 in UTC, absent values are null.";

static const char *const files_notes =
    "In the data folder: forad.conf (settings, explained in the file and in forad.conf(5)), keys "
    "(the node's secret keys; refused when others than the owner may read them), store/ (objects "
    "and indexes), admin/ (the admin's keys and log-in, a home of fora(1)), address (where the "
    "running node listens; gone when it stopped in good order).";

static const struct cmd_variable environment[] = {
    {"FORAD_DATA", "The data folder, unless --data says another; else /var/lib/forad."},
    {"NO_COLOR", "When set, no colour."},
};

static const struct cmd_exit_row exits[] = {
#define EXIT_ROW(name, number, meaning) {number, meaning},
    FORAD_EXITS(EXIT_ROW)
#undef EXIT_ROW
};

const struct cmd_program forad_program = {.name = "forad",
    .version = FORA_VERSION,
    .tagline = "a node of federated product support",
    .summary = "a node of federated product support",
    .section = 8,
    .manual = "System Administration",
    .description = description,
    .json = json_notes,
    .exits = exits,
    .exits_count = sizeof exits / sizeof exits[0],
    .environment = environment,
    .environment_count = sizeof environment / sizeof environment[0],
    .files = files_notes,
    .see_also = ".BR forad.conf (5),\n.BR fora (1)\n",
    .tour = "forad init --kind vendor --name \"Example Inc.\" --data ./node\n"
            "forad run --data ./node\n"
            "forad status --data ./node\n"
            "fora --home ./node/admin threads",
    .generate = "forad generate"};
