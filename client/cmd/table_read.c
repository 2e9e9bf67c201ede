/* Rows of the commands that read. */
#include "cmd/commands.h"

#define READING "Reading"

static const char *const orders[] = {"active", "new", "unanswered", NULL};

static const struct cmd_option opt_order = {.name = "order",
    .letter = 'o',
    .type = CMD_CHOICE,
    .value = "ORDER",
    .help =
        "What comes first: the latest activity, the newest, or only questions without an answer.",
    .choices = orders};
static const struct cmd_option opt_one_tag = {.name = "tag",
    .type = CMD_TEXT,
    .value = "TAG",
    .help = "Only threads with this tag, newest first."};
static const struct cmd_option opt_page = {.name = "page",
    .letter = 'p',
    .type = CMD_TEXT,
    .value = "N",
    .help = "The page, from 1; or the cursor that the page before gave as \"next\"."};
static const struct cmd_option opt_followed = {
    .name = "followed", .type = CMD_FLAG, .help = "The threads and spaces that you follow."};
static const struct cmd_option opt_unread = {
    .name = "unread", .type = CMD_FLAG, .help = "Only what is new since you looked last."};
static const struct cmd_option opt_raw = {
    .name = "raw", .type = CMD_FLAG, .help = "Texts as they were written, not laid out."};
static const struct cmd_option opt_all = {.name = "all",
    .type = CMD_FLAG,
    .help = "Also votes, policy and other objects that are no posts."};
static const struct cmd_option opt_status_note = {
    .name = "note", .type = CMD_TEXT, .value = "TEXT", .help = "A remark beside a new status."};
static const struct cmd_option opt_status_version = {.name = "in-version",
    .type = CMD_TEXT,
    .value = "VERSION",
    .help = "The version that a new status speaks of, such as the one that fixes it."};

static const char *const generated[] = {"man", "completion", NULL};

#define THREAD_ARGUMENT                                                                            \
    {                                                                                              \
        .name = "THREAD",                                                                          \
        .help = "The id of a thread (fora1...), or the beginning of one that was shown last."      \
    }

const struct cmd_command row_spaces = {.name = "spaces",
    .group = READING,
    .summary = "List the spaces of the node",
    .run = run_spaces,
    .json =
        "An array of spaces: id, slug, name, kind, posting, objects, threads, hosted_here, owner.",
    .examples = "fora spaces\nThe spaces that this node holds."};

const struct cmd_command row_threads = {.name = "threads",
    .group = READING,
    .summary = "List the threads of a space",
    .run = run_threads,
    .options = {&opt_space, &opt_order, &opt_one_tag, &opt_limit, &opt_page, &opt_followed},
    .details = "The first column is the beginning of each thread's id: enough to name it to other "
               "commands until the next list is shown.",
    .json =
        "An object: space, threads (an array of: id, type, title, author, author_name, "
        "affiliations and awards (as in show), created_at, active_at, answers, comments, score, "
        "marks, status, tags), next (the cursor of the next page, or null).",
    .examples =
        "fora threads\nWhat moved last, in the only or configured space.\n"
        "fora threads --order unanswered --limit 10\nTen questions that wait for an answer.\n"
        "fora threads --space help --tag raid\nThreads about raid."};

const struct cmd_command row_show = {.name = "show",
    .group = READING,
    .summary = "Show a thread with its answers and comments",
    .run = run_show,
    .arguments = {THREAD_ARGUMENT},
    .options = {&opt_raw},
    .details =
        "Every object is verified here, on your machine: its signature, that the key spoke for "
        "the author, and what the space's policy allows. What does not verify is left out and "
        "counted below the thread. Roles, affiliations and awards beside a name are those of the "
        "time of the post.",
    .json = "An object: id, space, type, title, tags, status, status_note, status_version, marks, "
            "duplicate_of, moved_to_space, moved_to_thread, moved_from, active_at, cites, "
            "checkpoint_at, "
            "unverified, disputed, posts (an array, the opening first: id, parent, type, author, "
            "author_name, "
            "badge, affiliations (id, label, of, of_name) and awards (id, label, by, by_name) as "
            "of then, "
            "created_at, edited_at, edited_by, revisions, text, score, up, down, marks, "
            "reason, applies_to, mentions (id, name), source, resolutions (type, author, "
            "author_name, affiliations, "
            "awards, created_at, applies_to, superseded_by, note)).",
    .examples = "fora show q7xk2m\nThe thread whose id begins so in the list shown last."};

const struct cmd_command row_inbox = {.name = "inbox",
    .group = READING,
    .summary = "Show who mentions you, and what moved where you follow",
    .run = run_inbox,
    .options = {&opt_unread, &opt_limit},
    .details =
        "Mentions of you in threads and posts that your node holds, and the threads that moved in "
        "the spaces and threads of \"fora follow\", the newest first. A star marks what was not so "
        "when you looked last, by others than yourself; that is remembered on this machine, and "
        "what was beyond --limit stays new. A mention is verified here.\n\n"
        "Of a space that your node does not hold, another node tells it of the mention; to answer "
        "there, use a node that holds it.",
    .json = "An object: items (an array of: kind (mention or thread), new, id, root, space, title, "
            "author, author_name, affiliations and awards (as in show), from (the node that told "
            "of it, or null where it is held), created_at, active_at; of "
            "a mention text, of a thread answers and comments), unverified.",
    .examples = "fora inbox\nWhat there is, the newest first.\n"
                "fora inbox --unread\nOnly what is new since the last look."};

const struct cmd_command row_watch = {.name = "watch",
    .group = READING,
    .summary = "Print what is posted, as it happens",
    .run = run_watch,
    .options = {&opt_space, &opt_all},
    .details = "Runs until it is interrupted or the connection ends.",
    .json =
        "One object a line: id, kind, type, space, root, parent, author, author_name, affiliations "
        "and awards as in show, created_at, title, mentions_you, text.",
    .examples = "fora watch --space help\nEach new question, answer and comment as a line."};

const struct cmd_command row_follow = {.name = "follow",
    .group = READING,
    .summary = "Remember a thread or a space, for threads --followed",
    .run = run_follow,
    .arguments = {{.name = "THREAD|SPACE",
        .help =
            "A thread (fora1...) or space (short name or foras1...); without it, what is followed "
            "is listed.",
        .optional = true}},
    .json = "An array: kind, id, name.",
    .examples = "fora follow q7xk2m\nKeep an eye on a thread.\nfora follow\nWhat you follow."};

const struct cmd_command row_unfollow = {.name = "unfollow",
    .group = READING,
    .summary = "Forget a thread or a space that was followed",
    .run = run_follow,
    .arguments = {{.name = "THREAD|SPACE", .help = "As with follow."}},
    .json = "An array of what is still followed: kind, id, name."};

const struct cmd_command row_status = {.name = "status",
    .group = READING,
    .summary = "Show the connection, where an object is stored, or set a thread's status",
    .run = run_status,
    .arguments = {{.name = "OBJECT|SPACE",
                      .help =
                          "Show which nodes hold this object or this space. Without it: node and "
                          "account.",
                      .optional = true},
        {.name = "WORD",
            .help =
                "Set the status of the thread: planned, known, fixed, declined and the like. For "
                "staff of the space.",
            .optional = true}},
    .options = {&opt_status_note, &opt_status_version},
    .details =
        "Of an object: stored at the nodes that confirmed it, queued for those that have not yet, "
        "refused by those that said so, with the code; not seen at those that host the space and "
        "are not connected. Of a space, which is worth a look before posting: the same of what is "
        "posted there.",
    .json = "Without arguments: address, node, name, agent, clock_ahead_ms, member, member_name, "
            "handle, custody, admin. Of an object or a space: id, delivery (an array: node, name, "
            "state, code). Of a new status: as with everything that is written.",
    .examples = "fora status\nWhich node, and who you are there.\n"
                "fora status q7xk2m\nWhere your question has arrived.\n"
                "fora status help\nBefore you post: which nodes hold the space, and whether one "
                "refuses.\n"
                "fora status q7xk2m fixed --in-version 5.2\nTell everybody that 5.2 fixes it."};

const struct cmd_command row_help = {.name = "help",
    .group = "More",
    .summary = "Explain a command, or list all",
    .run = run_help,
    .arguments = {
        {.name = "COMMAND", .help = "One or two words.", .optional = true, .many = true}}};

const struct cmd_command row_generate = {.name = "generate",
    .group = "More",
    .summary = "Write the manual pages, or print completions for a shell",
    .run = run_generate,
    .arguments = {{.name = "WHAT", .help = "What to make.", .choices = generated},
        {.name = "DIR|SHELL",
            .help = "For man: the folder of the pages. For completion: bash, zsh or fish."}},
    .examples = "fora generate man /usr/local/share/man/man1\nPages of fora and its commands.\n"
                "fora generate completion bash\nWhat bash needs to complete commands and options."};
