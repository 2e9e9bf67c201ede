/* fora identity takeout: a custodial member's keys come to her (ID-13). */
#include "cmd/carry.h"
#include "cmd/own.h"

struct takeout {
    struct fora_secret *root;    /* owned; that the node has */
    struct fora_secret *next;    /* owned; NULL: nobody here has it */
    struct fora_hash commitment; /* to it, when she made it */
    bool hers;                   /* the node never had it */
    struct fora_key custodial;
};

static int seeds_to_keys(
    struct app *app, const struct fora_msg_taken_out *out, struct takeout *takeout)
{
    if (fora_secret_from_seed(&takeout->root, out->root.b) != 0 ||
        (!fora_id_is_zero(out->next_root.b) &&
            fora_secret_from_seed(&takeout->next, out->next_root.b) != 0)) {
        return app_fail_memory(app);
    }
    return CMD_EXIT_OK;
}

static int ask_keys(struct app *app, struct takeout *takeout)
{
    struct fora_message ask = {.type = FORA_MSG_TAKE_OUT};
    const struct fora_message *answer;
    struct fora_secret *device;
    struct fora_buf password = {0};
    int exit = app_secret(app, "password-file", NULL, "Password at the node: ", false, &password);
    if (exit == CMD_EXIT_OK) {
        ask.u.take_out.password = fora_buf_bytes(&password);
        int error = fora_client_call(app->client, &ask, FORA_MSG_TAKEN_OUT, &answer, &app->why);
        exit = error == 0 ? CMD_EXIT_OK
               : error == FORA_E_KEY && app->why.from_node
                   ? app_fail(app, CMD_EXIT_REFUSED,
                         "Your keys were taken out before, and the node gives away none that are "
                         "not in force (KEY). Bring them from where they are: fora identity "
                         "import FILE. If that was not you: fora identity recover")
                   : app_fail_why(app);
    }
    app_forget(&password);
    if (exit == CMD_EXIT_OK) {
        exit = seeds_to_keys(app, &answer->u.taken_out, takeout);
    }
    if (exit == CMD_EXIT_OK && fora_secret_from_seed(&device, answer->u.taken_out.device.b) != 0) {
        exit = app_fail_memory(app);
    } else if (exit == CMD_EXIT_OK) {
        fora_secret_public(device, &takeout->custodial);
        fora_secret_free(device);
    }
    return exit;
}

/* The key that the first entry of her log commits to, when it was made here and not by the node. */
static int find_next(struct app *app, const struct own *own, struct takeout *takeout)
{
    struct fora_identity_step first;
    if (takeout->next != NULL || !fora_identity_step_at(own->identity, 0, &first) ||
        first.entry == NULL || first.entry->create == NULL) {
        return CMD_EXIT_OK;
    }
    takeout->commitment = first.entry->create->next_root_commitment;
    int error = state_next_root_find(&app->state, &takeout->commitment, &takeout->next, &app->why);
    takeout->hers = error == 0;
    if (error == FORA_E_NOTFOUND && !cmd_flag(&app->line, "without-next")) {
        return app_fail(app, CMD_EXIT_NOTFOUND,
            "The node never had your next root key: it was made where you registered, and stands "
            "in the file next_roots of that folder. Run this there, or copy the file to %.300s. "
            "If it is lost for good: --without-next, and the node goes on knowing your root.",
            app->state.home);
    }
    return error == 0 || error == FORA_E_NOTFOUND ? CMD_EXIT_OK : app_fail_why(app);
}

/* Until a root is in force that the node never had: the next one when she made it, else the one
 * after it (ID-13). */
static int rotate_away(struct app *app, struct own *own, struct takeout *takeout)
{
    struct fora_secret *mine = takeout->next;
    int exit = CMD_EXIT_OK;
    if (mine == NULL) {
        return CMD_EXIT_OK;
    }
    if (!takeout->hers) {
        exit = own_new_key(app, &mine);
        exit = exit == CMD_EXIT_OK ? own_rotate(app, own, takeout->next, mine, false) : exit;
        fora_secret_free(takeout->next);
    }
    takeout->next = NULL;
    fora_secret_free(app->own.root);
    app->own.root = mine;
    exit = exit == CMD_EXIT_OK ? own_new_key(app, &app->own.next_root) : exit;
    return exit == CMD_EXIT_OK ? own_rotate(app, own, app->own.root, app->own.next_root, false)
                               : exit;
}

/* A device of her own, and another root. */
static int take_over(struct app *app, struct own *own, struct takeout *takeout)
{
    struct fora_key key;
    app->own.root = takeout->root;
    takeout->root = NULL;
    int exit = own_needs_root(app, own);
    if (exit == CMD_EXIT_OK) {
        exit = own_new_key(app, &app->own.device);
    }
    if (exit == CMD_EXIT_OK) {
        fora_secret_public(app->own.device, &key);
        exit = own_add_device(app, own, &key, app->own.label);
    }
    exit = exit == CMD_EXIT_OK ? rotate_away(app, own, takeout) : exit;
    if (exit == CMD_EXIT_OK && cmd_flag(&app->line, "revoke")) {
        struct fora_key_revocation revocation = {.sign = takeout->custodial};
        struct fora_identity_entry entry = {.revoke_key = &revocation};
        exit = own_add(app, own, &entry, app->own.root);
    }
    return exit;
}

static int take_out(struct app *app, struct own *own, struct takeout *takeout)
{
    int exit = ask_keys(app, takeout);
    if (exit == CMD_EXIT_OK) {
        fora_arena_init(&app->own.arena, STATE_FILE_MAX);
        app->own.member = app->account.member;
        own_label(app, app->own.label);
        exit = own_learn(app);
    }
    if (exit == CMD_EXIT_OK && own_fold(&app->own, &own->identity) != 0) {
        exit = app_fail(app, CMD_EXIT_REFUSED, "The node's copy of your log does not verify.");
    }
    exit = exit == CMD_EXIT_OK ? find_next(app, own, takeout) : exit;
    exit = exit == CMD_EXIT_OK ? take_over(app, own, takeout) : exit;
    fora_secret_free(takeout->root);
    fora_secret_free(takeout->next);
    return exit;
}

int run_identity_takeout(struct app *app)
{
    struct own own = {0};
    struct takeout takeout = {0};
    if (state_identity_exists(&app->state)) {
        return app_fail(app, CMD_EXIT_USAGE,
            "There is an identity in %s already. Use another folder with --home.", app->state.home);
    }
    int exit = app_connect(app, APP_MEMBER);
    if (exit == CMD_EXIT_OK && app->account.self_custody) {
        exit = app_fail(app, CMD_EXIT_USAGE, "Your keys are your own already.");
    }
    if (exit == CMD_EXIT_OK && !cmd_flag(&app->line, "no-passphrase")) {
        exit = app_secret(app, "passphrase-file", "FORA_PASSPHRASE_FILE",
            "A passphrase for your keys: ", true, &own.passphrase);
    }
    if (exit == CMD_EXIT_OK) {
        exit = take_out(app, &own, &takeout);
    }
    if (exit == CMD_EXIT_OK) {
        exit = own_end(app, &own);
    }
    if (exit == CMD_EXIT_OK && takeout.hers) { /* it is in the identity now, sealed */
        exit = state_next_root_forget(&app->state, &takeout.commitment, &app->why) == 0
                   ? exit
                   : app_fail_why(app);
    }
    if (exit == CMD_EXIT_OK) {
        app->account.self_custody = true;
        if (state_account_save(&app->state, &app->account, &app->why) != 0) {
            exit = app_fail_why(app);
        }
    }
    if (exit == CMD_EXIT_OK) {
        carry_remember(app, &app->account.member); /* for the day on which she moves */
        app_note(app, "%s",
            app->own.next_root != NULL
                ? "Make a copy (fora identity export) and a paper kit (fora identity kit): nobody "
                  "can restore your keys for you."
                : "Make a copy (fora identity export): nobody can restore your keys for you. The "
                  "node knows the root key too, and without the next one nothing takes it from "
                  "the node.");
        exit = own_done(app, &own,
            cmd_flag(&app->line, "revoke")
                ? "Your keys are here, and the node cannot act in your name any more."
                : "Your keys are here. The node can still sign for you until you revoke its key: "
                  "fora identity revoke home");
    }
    own_close(&own);
    return exit;
}
