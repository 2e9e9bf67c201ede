/* Rows of the commands of moderators, and of flags. */
#include "cmd/commands.h"

#define MODERATING "Moderating"

static const char *const reasons[] = {
    "spam", "abuse", "off-topic", "wrong", "private", "other", NULL};
static const struct cmd_option opt_flag_reason = {.name = "reason",
    .letter = 'r',
    .type = CMD_CHOICE,
    .value = "REASON",
    .help = "What is wrong with it.",
    .choices = reasons};

const struct cmd_command row_flag = {.name = "flag",
    .group = MODERATING,
    .summary = "Report something to the space's moderators",
    .run = run_flag,
    .arguments = {{.name = "OBJECT", .help = "The thread, answer or comment."}},
    .options = {&opt_flag_reason, &opt_note},
    .details = "Your node signs the report, so that you are not exposed. --reason is needed.",
    .json = "An object: id (what was reported), state.",
    .examples =
        "fora flag 9dk3wz --reason spam --note \"The same text in ten threads\"\nReport it."};

const struct cmd_command row_flags = {.name = "flags",
    .group = MODERATING,
    .summary = "List the open reports of a space, as its moderator",
    .run = run_flags,
    .options = {&opt_space},
    .details = "What weighs most comes first: a flag weighs 1, one of a flagger 3 (fora space "
               "show).",
    .json = "An array: id, target, root, reason, note, reporter (the node), created_at, weight, "
            "weight_of_all (of the same target)."};

#define MODERATION_ROW(row, word, what, about, more)                                               \
    const struct cmd_command row_##row = {.name = word,                                            \
        .group = MODERATING,                                                                       \
        .summary = what,                                                                           \
        .run = run_moderate,                                                                       \
        .arguments = {{.name = "OBJECT", .help = about}},                                          \
        .options = {&opt_reason},                                                                  \
        .details = more,                                                                           \
        .json = "An object: id, kind, state, node."}

#define NEEDS_REASON "--reason is needed: moderation is signed and readable."

MODERATION_ROW(dismiss, "dismiss", "Close the reports about something without acting",
    "What was reported.", NEEDS_REASON);
MODERATION_ROW(
    hide, "hide", "Hide a thread, an answer or a comment", "What to hide.", NEEDS_REASON);
MODERATION_ROW(unhide, "unhide", "Show again what was hidden", "What was hidden.", NEEDS_REASON);
MODERATION_ROW(
    lock, "lock", "Lock a thread: only moderators may add to it", "The thread.", NEEDS_REASON);
MODERATION_ROW(unlock, "unlock", "Unlock a thread", "The thread.", NEEDS_REASON);
MODERATION_ROW(close, "close", "Close a thread to new answers", "The thread.", NEEDS_REASON);
MODERATION_ROW(reopen, "reopen", "Open a closed thread again", "The thread.", NEEDS_REASON);
MODERATION_ROW(pin, "pin", "Keep a thread at the top of its space", "The thread.", NEEDS_REASON);
MODERATION_ROW(unpin, "unpin", "Let a pinned thread go", "The thread.", NEEDS_REASON);
MODERATION_ROW(erase, "erase", "Erase the content of something, on all nodes", "What to erase.",
    "For what the law or decency forbids. It cannot be undone. " NEEDS_REASON);

const struct cmd_command row_move = {.name = "move",
    .group = MODERATING,
    .summary = "Move a thread to another space",
    .run = run_move,
    .arguments = {{.name = "THREAD", .help = "The thread."},
        {.name = "SPACE", .help = "Where it belongs: short name, id, or beginning of the id."}},
    .options = {&opt_reason},
    .details =
        "A copy of the opening is posted there under your name, with whom it "
        "mentions and where it was imported from, and the thread here points to it. " NEEDS_REASON,
    .json = "An object: id, kind, state, node, to_thread."};
