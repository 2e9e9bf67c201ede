/*
 * One run of forad: what the command line said, the data folder, the connection to the running
 * node, and what will be printed. Made by main, passed to every handler, destroyed at the end.
 *
 * Handlers return an enum forad_exit. Whoever finds a failure says it (app_fail and friends print
 * one sentence on standard error) and returns what those return; nobody prints it twice.
 */
#ifndef FORAD_CMD_FORAD_H
#define FORAD_CMD_FORAD_H

#include "cmd/spec.h" /* the command line's engine, client/cmd */
#include "config/keys.h"
#include "config/settings.h"
#include "fora/policy.h"
#include "json/js.h"
#include "store/kv.h"
#include "text/text.h"

/* X(NAME, number, meaning): what the process ends with. Stable; the first seven are those of fora.
 */
#define FORAD_EXITS(X)                                                                             \
    X(OK, 0, "done")                                                                               \
    X(REFUSED, 1, "the node refused it; the code's name is printed")                               \
    X(USAGE, 2, "the command line or forad.conf is wrong")                                         \
    X(CONNECT, 3, "forad is not running here, a timeout, or not the node that was expected")       \
    X(CREDENTIALS, 4, "the node does not take the admin's keys, or they are missing")              \
    X(NOTFOUND, 5, "the folder, space, member or subscription was not found")                      \
    X(LOCAL, 6, "a file, the store, a port or the terminal failed, or memory ran out")             \
    X(DAMAGED, 7, "the store, the key file or a dump is damaged, or fsck found a difference")

enum forad_exit {
#define FORAD_EXIT_ENUM(name, number, meaning) FORAD_##name = number,
    FORAD_EXITS(FORAD_EXIT_ENUM)
#undef FORAD_EXIT_ENUM
};

struct app {
    struct cmd_line line;
    struct text_style style;
    struct fora_buf out; /* printed at the end */
    bool json;
    bool quiet;
    bool terminal;       /* standard output is one */
    bool error_terminal; /* standard error is one: progress is shown */
    uint64_t now;        /* ms, when the program began */
    struct fora_client_why why;

    struct state data; /* the data folder */
    struct settings settings;
    struct keys keys;
    struct kv *kv;      /* NULL before app_store */
    const char *called; /* borrowed: the folder that messages name where `data` is another one, in
                           which its store is being opened; NULL: `data` itself */

    struct fora_client *client; /* NULL before app_connect */
    char address[FORA_CLIENT_ADDRESS_MAX];
    struct state_identity admin; /* who this program logs in as */
    struct fora_principal_id node;
};

/* --- saying (say.c) --- */

/* Says "forad: ..." on standard error (cleaned) and returns `exit`. */
int app_fail(const struct app *app, enum forad_exit exit, const char *format, ...)
    FORA_PRINTF(3, 4);
/* Says app->why, with the code's name when the node refused it. */
int app_fail_why(const struct app *app);
/* Says the sentence that a room of the server left in `why`, with a capital and a full stop, and
 * frees it; the code's own sentence when it is empty. */
int app_fail_room(const struct app *app, int code, struct fora_buf *why);
int app_fail_memory(const struct app *app);
enum forad_exit app_exit_of(int code);
/* Says something that is no failure, on standard error; not with --quiet. */
void app_note(const struct app *app, const char *format, ...) FORA_PRINTF(2, 3);
/* Takes the JSON document to app->out and frees it. */
int app_json(struct app *app, struct js_writer *w);
/* Prints app->out and empties it. */
int app_print(struct app *app);

/* How far a long work has come, on standard error when that is a terminal; at most ten times a
 * second. The last call has done == of. */
struct progress {
    const char *doing; /* "Exporting" */
    const char *unit;  /* "objects" */
    bool shown;
    uint64_t next; /* ms: not before */
};
void app_progress(const struct app *app, struct progress *progress, uint64_t done, uint64_t of);
/* Removes what is shown. */
void app_progress_end(const struct app *app, struct progress *progress);

/* --- the data folder (data.c) --- */

/* --data, else $FORAD_DATA, else /var/lib/forad. */
int app_data(struct app *app);
/* forad.conf into app->settings. */
int app_settings(struct app *app);
int app_keys(struct app *app);
/* What the store is opened for. */
enum app_store {
    APP_STORE_READ,   /* beside a running node */
    APP_STORE_WRITE,  /* alone */
    APP_STORE_REBUILD /* alone, also when a reindexing was cut short */
};
/* Opens DATA/store into app->kv, and checks its format. */
int app_store(struct app *app, enum app_store how);
/* The same for writing; *busy, and no store, when another process (the node) has it. */
int app_store_unless_busy(struct app *app, bool *busy);
/* Folder, settings and store: all that work on the store alone needs. */
int app_store_of(struct app *app, enum app_store how);

/* The space of the open store that a short name, an id or the beginning of an id means (stored.c).
 */
int app_stored_space(struct app *app, const char *name, struct fora_space_id *out);

/* --- the running node (connect.c) --- */

/* The keys of DATA/admin into app->admin, and her home into app->node. */
int app_admin(struct app *app);
/* Connects and logs in as the admin of the data folder. */
int app_connect(struct app *app);
/* Asks; says what failed. */
int app_call(struct app *app, struct fora_message *ask, uint32_t expected,
    const struct fora_message **answer);
/* Hands over an object that was signed here, and says `done` and its id. */
int app_put(struct app *app, struct fora_bytes encoded, const char *done);
/* An id (foras1...), a short name, or a beginning of an id, among the spaces of the node, with its
 * policy folded (owned by the caller). */
struct app_space {
    struct fora_space_id id;
    struct fora_policy *policy;
};
int app_space(struct app *app, const char *name, struct app_space *out);
/* The policy of a space as the node sends it, every statement verified. The caller frees it. */
int app_space_fold(const struct fora_msg_space_row *row, struct fora_policy **out);
/* "foram1...", or a handle at the node. */
int app_member(struct app *app, const char *name, struct fora_principal_id *out);
/* The first line of --password-file (- for standard input), or typed twice on the terminal. The
 * caller wipes with app_forget. */
int app_password(struct app *app, struct fora_buf *out);
void app_forget(struct fora_buf *secret);

/* --- handlers --- */

int run_help(struct app *app);
int run_init(struct app *app);
int run_run(struct app *app);
int run_status(struct app *app);
int run_peers(struct app *app);
int run_peers_decide(struct app *app); /* approve, refuse, block, forget, introduce, withdraw */
int run_subscribe(struct app *app);
int run_unsubscribe(struct app *app);
int run_space_create(struct app *app);
int run_space_grant(struct app *app); /* and revoke */
int run_space_host(struct app *app);  /* and approve */
int run_claim(struct app *app);
int run_rekey(struct app *app);
int run_backup(struct app *app);
int run_restore(struct app *app);
int run_digest(struct app *app);
int run_fsck(struct app *app);
int run_reindex(struct app *app);
int run_export(struct app *app);
int run_domain_list(struct app *app);
int run_domain_check(struct app *app);
int run_domain_export(struct app *app);
int run_reputation_issue(struct app *app);
int run_reputation_privileges(struct app *app);
int run_reputation_trust(struct app *app);
int run_reputation_revoke(struct app *app);
int run_reputation_explain(struct app *app);
int run_reputation_export(struct app *app);
int run_import(struct app *app);
int run_generate(struct app *app);

extern const struct cmd_program forad_program; /* program.c */

#endif
