/*
 * One run of the program: what the command line said, what is remembered, the connection, and what
 * will be shown. Made by main, passed to every handler, destroyed at the end; nothing is global.
 *
 * Handlers return an enum cmd_exit. Whoever finds a failure says it (app_fail and friends print one
 * sentence on standard error) and returns what those return; nobody prints it twice.
 */
#ifndef FORA_CMD_APP_H
#define FORA_CMD_APP_H

#include "cmd/spec.h"
#include "fora/client.h"
#include "fora/policy.h"
#include "json/js.h"
#include "state/state.h"
#include "text/text.h"

/* What the program calls itself to nodes. */
#define APP_AGENT "fora/" FORA_VERSION

struct app {
    struct cmd_line line;
    struct state state;
    struct state_config config;
    struct text_style style;
    struct text_style table_style; /* as style; wider where nobody counts columns */
    struct fora_buf out;           /* shown at the end, through the pager when it is long */
    bool json;
    bool quiet;
    bool verbose;
    bool terminal;              /* standard output is one */
    uint64_t now;               /* ms, when the program began */
    struct fora_client_why why; /* of the last failed call */

    struct fora_client *client; /* NULL before app_connect */
    char address[FORA_CLIENT_ADDRESS_MAX];
    struct state_account account;
    bool has_account;                /* an account for this node is remembered */
    bool logged_in;                  /* and the node took it */
    bool admin;                      /* of the node */
    bool duplicate;                  /* what was posted last had been stored before */
    char name[101];                  /* of the member, clean */
    char draft[STATE_PATH_MAX + 32]; /* a text from the editor that is not posted yet, or empty */
    struct state_identity own;       /* keys, when self-custodial and logged in */
};

/* Says "fora: ..." on standard error (cleaned) and returns `exit`. */
int app_fail(const struct app *app, enum cmd_exit exit, const char *format, ...) FORA_PRINTF(3, 4);
/* Says app->why, with the code's name when the node refused it. */
int app_fail_why(const struct app *app);
int app_fail_memory(const struct app *app);
/* The exit code of an error code. */
enum cmd_exit app_exit_of(int code);
/* Says something that is no failure, on standard error; not with --quiet. */
void app_note(const struct app *app, const char *format, ...) FORA_PRINTF(2, 3);

uint64_t app_clock(void); /* ms, of this machine */
/* ms: now, by the clock that is ahead: ours or that of the node that is connected, which went on
 * since it said its time. Whatever a node has dated by then is not later: to be asked after the
 * answer. */
uint64_t app_latest(const struct app *app);

/* How much of a member a command needs. */
enum app_need {
    APP_ANYONE, /* log in when an account is there, go on without */
    APP_MEMBER  /* CMD_EXIT_CREDENTIALS without an account */
};
/* Connects, pins, logs in. */
int app_connect(struct app *app, enum app_need need);
/* Connects and pins only: for register and login. */
int app_connect_plain(struct app *app);
/* Opens the member's own keys into app->own, asking for the passphrase when they are sealed; and
 * logs in with them: a code of app->why. */
int app_load_identity(struct app *app);
/* Of the member's own log what a message may carry (LIM): the last entries. A node that lacks older
 * ones is told by "fora identity publish" while there are fewer. */
enum { OWN_LOG_SENT = 64 };
const struct fora_bytes *app_own_log(const struct app *app, size_t *count);
/* Signing up takes the whole log in one message. Says so when it is longer. */
int app_sign_up_fits(const struct app *app);
int app_auth_own(struct app *app);
/* A second connection to the same node, without logging in, for look-ups beside a stream. */
int app_connect_second(struct app *app, struct fora_client **out);
/* Asks; says what failed. */
int app_call(struct app *app, struct fora_message *ask, uint32_t expected,
    const struct fora_message **answer);

/* The first line of a file (or of standard input for "-"), or asked for on the terminal without
 * echo; `twice` asks again and compares. Appends; the caller wipes. */
int app_secret(struct app *app, const char *option, const char *environment, const char *prompt,
    bool twice, struct fora_buf *out);
/* Wipes and frees. */
void app_forget(struct fora_buf *secret);

/* --- naming things (name.c) --- */

/* A space as the node lists it, with its policy folded and verified. */
struct app_space {
    struct fora_space_id id;
    struct fora_policy *policy; /* owned */
    uint64_t objects;
    uint64_t threads;
    bool hosted_here;
};
struct app_spaces {
    struct app_space *items; /* owned */
    size_t count;
};
int app_spaces(struct app *app, struct app_spaces *out);
void app_spaces_fini(struct app_spaces *spaces);
/* The space that `name` (slug, id, prefix) means among `spaces`, or says that there is none. With
 * NULL: that of --space, of the configuration, or the only one. */
int app_space_among(struct app *app, const struct app_spaces *spaces, const char *name,
    const struct app_space **out);
/* The same, of a name that was given. */
int app_space_find(struct app *app, const struct app_spaces *spaces, const char *name,
    const struct app_space **out);
/* Both in one. */
int app_space_id(struct app *app, const char *name, struct fora_space_id *out);

/* An object that a command is about. */
struct app_object {
    struct fora_object_id id;
    struct fora_header header;
    struct fora_object_id root; /* of its thread: itself for a thread */
    struct fora_space_id space;
};
/* `name` is an id or a prefix; fetched from the node and verified. Content is not kept. */
int app_object(struct app *app, const char *name, struct app_object *out);
/* Only the id, without asking the node. */
int app_object_id(struct app *app, const char *name, struct fora_object_id *out);
/* "foram1...", a handle at the node, or one of another domain (handle.h). */
int app_member(struct app *app, const char *name, struct fora_principal_id *out);

/* --- posting (post.c) --- */

/* Signs (or has signed) and stores an object. The salt is filled in here. */
int app_post(struct app *app, const struct fora_space_id *space, const struct fora_object_id *root,
    const struct fora_object_id *parent, struct fora_content *content, struct fora_object_id *id);
/* What a PutResult of one object says. */
int app_result(
    struct app *app, const struct fora_msg_put_result *put_result, struct fora_object_id *id);
/* The same about an object, and then says what was done: "DONE  fora1...". */
int app_post_about(struct app *app, const struct app_object *target, struct fora_content *content,
    const char *done);
/* Says what was stored, in words or JSON. */
int app_stored(struct app *app, uint32_t kind, const struct fora_object_id *id, const char *done);

/* Would an object of that kind (and moderation action or type of resolution, 0 for others) about
 * `target` have an effect? Says what stands against it: that it was retracted or erased, or is so
 * already (standing.c). */
int app_would_count(
    struct app *app, const struct app_object *target, uint32_t kind, uint32_t action);

/* --- texts (compose.c) --- */

/*
 * The text of --text, --file, or the editor with `template` (what follows the scissors line is
 * help) and `initial` above it. Trimmed at the end; refused when empty, too large or not UTF-8.
 */
int app_text(
    struct app *app, const char *template, struct fora_bytes initial, struct fora_buf *out);
/* Removes the draft of the editor: it was posted, or is empty. */
void app_drop_draft(struct app *app);

/* --- words that go into objects (shape.c): each says which one is wrong, and what is allowed.
 * Slices borrow from argv. --- */

enum { APP_APPLIES_MAX = 16, APP_TAGS_MAX = 16 };
int app_tags(struct app *app, struct fora_bytes out[APP_TAGS_MAX], size_t *count);
/* "PRODUCT", "PRODUCT:5.1", "PRODUCT:5.0..5.2" of --applies-to. */
int app_applies_to(struct app *app, struct fora_applies_to out[APP_APPLIES_MAX], size_t *count);
int app_links(struct app *app, struct fora_bytes *out, size_t max, size_t *count);
/* One line of 1 to `max` bytes. */
int app_line_of_text(struct app *app, const char *what, struct fora_bytes text, size_t max);

/* --- showing (show.c, rows.c) --- */

/* "★3 ✓ answered" and such: marks in words, comma-separated, or empty. */
void app_marks(struct fora_buf *out, uint32_t marks);
void app_marks_json(struct js_writer *w, uint32_t marks);
/* Eight characters after the prefix: enough to name an object of a list. */
void app_short_id(struct fora_buf *out, const char *hrp, const uint8_t id[FORA_ID_SIZE]);
/* Takes the JSON document to app->out and frees it. */
int app_json(struct app *app, struct js_writer *w, enum js_form form);
/* Shows app->out, through the pager when it is longer than the terminal. */
int app_show(struct app *app);
/* Writes app->out now (not through the pager) and empties it. */
int app_flush(struct app *app);

#endif
