/* Rows of the commands that write. */
#include "cmd/commands.h"

#define WRITING "Writing"
#define RESOLVING "Voting and resolving"

static const struct cmd_option opt_title = {
    .name = "title", .type = CMD_TEXT, .value = "TITLE", .help = "A new title."};
static const struct cmd_option opt_summary = {.name = "summary",
    .type = CMD_TEXT,
    .value = "TEXT",
    .help = "Why it was edited, shown beside it."};

#define TITLE_ARGUMENT                                                                             \
    {                                                                                              \
        .name = "TITLE", .help = "One line. Without it, the first line of the text is the title.", \
        .optional = true                                                                           \
    }
#define OBJECT_ARGUMENT(what)                                                                      \
    {                                                                                              \
        .name = "OBJECT", .help = what                                                             \
    }
#define ANSWER_ARGUMENT                                                                            \
    {                                                                                              \
        .name = "ANSWER",                                                                          \
        .help = "The id of an answer, or its beginning as in the thread that was shown last."      \
    }
#define WRITTEN_JSON "An object: id, kind, state, node."

#define THREAD_ROW(row, word, what, more, example)                                                 \
    const struct cmd_command row_##row = {.name = word,                                            \
        .group = WRITING,                                                                          \
        .summary = what,                                                                           \
        .run = run_thread,                                                                         \
        .arguments = {TITLE_ARGUMENT},                                                             \
        .options = {&opt_space, &opt_text, &opt_file, &opt_tag, &opt_applies_to, &opt_mention},    \
        .details = more,                                                                           \
        .json = WRITTEN_JSON,                                                                      \
        .examples = example}

THREAD_ROW(ask, "ask", "Ask a question", NULL,
    "fora ask\nWrite it in your editor: the first line is the title.\n"
    "fora ask \"RAID 5 rebuild stops at 3 %\" --tag raid --file problem.md\nFrom a file.\n"
    "dmesg | fora ask \"What does this mean?\" --file -\nFrom standard input.");
THREAD_ROW(discuss, "discuss", "Start a discussion", NULL, NULL);
THREAD_ROW(idea, "idea", "Propose an idea", NULL, NULL);
THREAD_ROW(article, "article", "Write an article",
    "An article (blog, knowledge base) can say with \"fora cite\" which posts it draws on.", NULL);
THREAD_ROW(media, "media", "Show a picture, a film or a file, by its link", NULL, NULL);
THREAD_ROW(announce, "announce", "Announce something, as staff of the space", NULL, NULL);

const struct cmd_command row_answer = {.name = "answer",
    .group = WRITING,
    .summary = "Answer a thread",
    .run = run_post,
    .arguments = {{.name = "THREAD", .help = "The id of the thread, or its beginning."}},
    .options = {&opt_text, &opt_file, &opt_applies_to, &opt_mention},
    .json = WRITTEN_JSON,
    .details =
        "Whom the text names with \"@handle\", \"@name@domain\" or the \"@name\" of somebody "
        "in the thread is mentioned, and finds it with \"fora inbox\"; what stands in code "
        "and what nobody goes by stays text. At most 16 are mentioned.",
    .examples = "fora answer q7xk2m --text \"Update the firmware first.\"\nA short answer.\n"
                "fora answer q7xk2m\nA longer one, in your editor."};

const struct cmd_command row_comment = {.name = "comment",
    .group = WRITING,
    .summary = "Comment on a thread, an answer or a comment",
    .run = run_post,
    .arguments = {OBJECT_ARGUMENT("What the comment is about.")},
    .options = {&opt_text, &opt_file, &opt_mention},
    .json = WRITTEN_JSON};

const struct cmd_command row_edit = {.name = "edit",
    .group = WRITING,
    .summary = "Revise a thread, an answer or a comment",
    .run = run_edit,
    .arguments = {OBJECT_ARGUMENT(
        "Your own; editors and moderators also those of others, taggers the tags of threads.")},
    .options = {&opt_text, &opt_file, &opt_title, &opt_tag, &opt_summary},
    .details =
        "Without --text, --file, --title and --tag the text is opened in your editor. The text "
        "before stays readable to whoever holds the thread. An edit mentions nobody: for that, "
        "comment.",
    .json = WRITTEN_JSON,
    .examples =
        "fora edit q7xk2m --title \"RAID 5 rebuild stops at 3 % (firmware 5.0)\"\nA clearer "
        "title."};

const struct cmd_command row_retract = {.name = "retract",
    .group = WRITING,
    .summary = "Take back what you wrote, and erase its content",
    .run = run_retract,
    .arguments = {OBJECT_ARGUMENT("Your own thread, answer or comment.")},
    .options = {&opt_reason},
    .details =
        "Nodes that follow the protocol erase the content; that something stood there remains "
        "visible.",
    .json = WRITTEN_JSON};

static const char *const votes[] = {"up", "down", "none", NULL};

const struct cmd_command row_vote = {.name = "vote",
    .group = RESOLVING,
    .summary = "Vote on a thread, an answer or a comment",
    .run = run_vote,
    .arguments = {{.name = "VOTE",
                      .help = "up, down, or none to take a vote back.",
                      .choices = votes},
        OBJECT_ARGUMENT("What you judge.")},
    .details = "Your node counts; others see the sum, not who voted.",
    .json = "An object: id, up, down, as your node counts."};

#define RESOLUTION_ROW(row, word, what, more, example)                                             \
    const struct cmd_command row_##row = {.name = word,                                            \
        .group = RESOLVING,                                                                        \
        .summary = what,                                                                           \
        .run = run_resolve,                                                                        \
        .arguments = {ANSWER_ARGUMENT},                                                            \
        .options = {&opt_applies_to, &opt_note},                                                   \
        .details = more,                                                                           \
        .json = WRITTEN_JSON,                                                                      \
        .examples = example}

RESOLUTION_ROW(accept, "accept", "Accept an answer to your own question", NULL,
    "fora accept 9dk3wz\nThis answer solved it.");
RESOLUTION_ROW(confirm, "confirm", "Confirm an answer, as staff of the space", NULL,
    "fora confirm 9dk3wz --applies-to frobnicator:5.0..5.2\nRight, for these versions.");
RESOLUTION_ROW(verify, "verify", "Verify an answer for the community, as an expert", NULL, NULL);
RESOLUTION_ROW(workaround, "workaround", "Mark an answer as a workaround", NULL, NULL);
RESOLUTION_ROW(regressed, "regressed", "Say in which version an answer stopped to hold",
    "--applies-to is needed: it names the product and the version.",
    "fora regressed 9dk3wz --applies-to frobnicator:5.3..\nNo longer right from 5.3 on.");

const struct cmd_command row_supersede = {.name = "supersede",
    .group = RESOLVING,
    .summary = "Point from an answer to a better one",
    .run = run_resolve,
    .arguments = {ANSWER_ARGUMENT, {.name = "BETTER", .help = "The answer that replaces it."}},
    .options = {&opt_applies_to, &opt_note},
    .json = WRITTEN_JSON};

const struct cmd_command row_duplicate = {.name = "duplicate",
    .group = RESOLVING,
    .summary = "Mark a thread as a duplicate of another",
    .details = "Your own thread; staff, moderators and curators any.",
    .run = run_duplicate,
    .arguments = {{.name = "THREAD", .help = "The one that repeats."},
        {.name = "ORIGINAL", .help = "The one that has the answer; also in another space."}},
    .json = WRITTEN_JSON};

const struct cmd_command row_cite = {.name = "cite",
    .group = RESOLVING,
    .summary = "Say which posts an article draws on",
    .run = run_cite,
    .arguments = {{.name = "ARTICLE", .help = "Your article."},
        {.name = "OBJECT",
            .help = "Threads, answers or comments: whole ids, or beginnings.",
            .many = true}},
    .json = WRITTEN_JSON};
