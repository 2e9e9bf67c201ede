/* Copies of an identity: a file under a passphrase, and the paper kit. */
#include "cmd/own.h"
#include "state/kit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- the file ---- */

static int write_new(struct app *app, const char *path, struct fora_bytes text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    size_t done = 0;
    if (fd < 0) {
        return app_fail(app, CMD_EXIT_LOCAL, "Cannot make %s: %s.", path, strerror(errno));
    }
    while (done < text.size) {
        ssize_t wrote = write(fd, text.data + done, text.size - done);
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote <= 0) {
            break;
        }
        done += (size_t)wrote;
    }
    bool good = done == text.size && fsync(fd) == 0;
    int saved = errno;
    good = close(fd) == 0 && good;
    if (!good) {
        (void)unlink(path);
        return app_fail(app, CMD_EXIT_LOCAL, "Cannot write %s: %s.", path, strerror(saved));
    }
    return CMD_EXIT_OK;
}

int run_identity_export(struct app *app)
{
    struct own own = {0};
    struct fora_buf passphrase = {0};
    struct fora_buf text = {0};
    const char *path = cmd_argument(&app->line, 0);
    int exit = own_open(app, &own);
    if (exit == CMD_EXIT_OK) {
        exit = app_secret(
            app, "export-passphrase-file", NULL, "A passphrase for the copy: ", true, &passphrase);
    }
    if (exit == CMD_EXIT_OK &&
        state_identity_format(&text, fora_buf_bytes(&passphrase), &app->own) != 0) {
        exit = app_fail_memory(app);
    }
    if (exit == CMD_EXIT_OK) {
        exit = write_new(app, path, fora_buf_bytes(&text));
    }
    app_forget(&text);
    app_forget(&passphrase);
    if (exit == CMD_EXIT_OK) {
        own.told = true; /* a copy says nothing about nodes */
        exit = own_done(app, &own, "Copied, sealed under the passphrase.");
    }
    own_close(&own);
    return exit;
}

static int read_copy(struct app *app, const char *path, struct fora_buf *text)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return app_fail(app, CMD_EXIT_LOCAL, "Cannot open %s: %s.", path, strerror(errno));
    }
    fora_buf_init(text, STATE_FILE_MAX);
    uint8_t part[4096];
    ssize_t got = 1;
    while (got > 0 && text->error == 0) {
        got = read(fd, part, sizeof part);
        if (got > 0) {
            fora_buf_append(text, part, (size_t)got);
        }
    }
    fora_wipe(part, sizeof part);
    int saved = errno;
    (void)close(fd);
    return got == 0 && text->error == 0 ? CMD_EXIT_OK
                                        : app_fail(app, CMD_EXIT_LOCAL, "Cannot read %s: %s.", path,
                                              got < 0 ? strerror(saved) : "it is too large");
}

int run_identity_import(struct app *app)
{
    struct fora_buf passphrase = {0};
    struct fora_buf text = {0};
    struct own own = {0};
    bool sealed;
    const char *path = cmd_argument(&app->line, 0);
    if (state_identity_exists(&app->state)) {
        return app_fail(app, CMD_EXIT_USAGE,
            "There is an identity in %s already. Use another folder with --home.", app->state.home);
    }
    int exit = read_copy(app, path, &text);
    if (exit == CMD_EXIT_OK) {
        exit = app_secret(app, "passphrase-file", "FORA_PASSPHRASE_FILE",
            "Passphrase of the copy: ", false, &passphrase);
    }
    if (exit == CMD_EXIT_OK) {
        int error = state_identity_parse(
            fora_buf_bytes(&text), fora_buf_bytes(&passphrase), &app->own, &sealed);
        if (error != 0) {
            exit = app_fail(app, error == FORA_E_AUTH ? CMD_EXIT_CREDENTIALS : CMD_EXIT_LOCAL,
                error == FORA_E_AUTH    ? "The passphrase does not open %s."
                : error == FORA_E_NOMEM ? "There is not enough memory to open %s."
                                        : "%s is no copy of an identity, or it is damaged.",
                path);
        } else if (own_fold(&app->own, &own.identity) != 0) {
            exit = app_fail(app, CMD_EXIT_LOCAL, "The log in %s does not verify.", path);
        }
    }
    if (exit == CMD_EXIT_OK &&
        state_identity_save(&app->state, fora_buf_bytes(&passphrase), &app->own, &app->why) != 0) {
        exit = app_fail_why(app);
    }
    app_forget(&text);
    app_forget(&passphrase);
    if (exit == CMD_EXIT_OK) {
        own.told = true;
        exit = own_done(app, &own,
            "Your identity is here, under the passphrase of the copy. Do not use it on two "
            "machines at once: add devices instead.");
    }
    own_close(&own);
    return exit;
}

/* ---- the kit ---- */

int run_identity_kit(struct app *app)
{
    struct own own = {0};
    struct kit kit;
    char lines[KIT_LINES][KIT_LINE_MAX];
    int exit = own_open(app, &own);
    if (exit == CMD_EXIT_OK && app->own.next_root == NULL) {
        exit = app_fail(app, CMD_EXIT_CREDENTIALS,
            "The key that recovers you is not on this device, but where the identity was made.");
    }
    if (exit == CMD_EXIT_OK) {
        kit.member = app->own.member;
        fora_secret_seed(app->own.next_root, kit.next_root);
        kit_write(lines, &kit);
        fora_wipe(&kit, sizeof kit);
    }
    if (exit == CMD_EXIT_OK && app->json) {
        struct js_writer w;
        js_init_array(&w);
        for (size_t i = 0; i < KIT_LINES; i++) {
            js_string(&w, NULL, lines[i]);
        }
        exit = app_json(app, &w, JS_PRETTY);
    } else if (exit == CMD_EXIT_OK) {
        for (size_t i = 0; i < KIT_LINES; i++) {
            fora_buf_printf(&app->out, "%s\n", lines[i]);
        }
        app_note(app, "Write these lines down, by hand, and keep them where no machine is: who "
                      "has them can become you. Type them in with: fora identity recover");
    }
    fora_wipe(lines, sizeof lines);
    own_close(&own);
    return exit;
}

/* ---- recovering ---- */

/* Lines as they were written down, in any order, empty ones between. */
static int read_kit(struct app *app, struct kit *kit)
{
    uint8_t bytes[KIT_LINES][KIT_LINE_BYTES] = {{0}};
    uint8_t line_bytes[KIT_LINE_BYTES];
    char line[256];
    unsigned seen = 0;
    const char *path = cmd_text(&app->line, "kit-file");
    FILE *in = path == NULL || strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    int exit = CMD_EXIT_OK;
    if (in == NULL) {
        return app_fail(app, CMD_EXIT_LOCAL, "Cannot open %s: %s.", path, strerror(errno));
    }
    while (exit == CMD_EXIT_OK && seen != (1U << KIT_LINES) - 1 &&
           fgets(line, sizeof line, in) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        if (line[strspn(line, " \t")] == '\0') {
            continue;
        }
        unsigned number = kit_read_line(line, line_bytes);
        if (number == 0) {
            exit = app_fail(app, CMD_EXIT_USAGE,
                "The line that begins with \"%.6s\" is not as it was written down: compare each "
                "character.",
                line);
            break;
        }
        memcpy(bytes[number - 1], line_bytes, sizeof line_bytes);
        seen |= 1U << (number - 1);
    }
    if (in != stdin) {
        (void)fclose(in);
    }
    if (exit == CMD_EXIT_OK && seen != (1U << KIT_LINES) - 1) {
        exit =
            app_fail(app, CMD_EXIT_USAGE, "The kit has %d lines, and some are missing.", KIT_LINES);
    }
    if (exit == CMD_EXIT_OK && !kit_read((const uint8_t(*)[KIT_LINE_BYTES])bytes, kit)) {
        exit = app_fail(app, CMD_EXIT_USAGE, "These lines are of two different kits.");
    }
    fora_wipe(bytes, sizeof bytes);
    fora_wipe(line, sizeof line);
    return exit;
}

/* Every key that speaks but the new one: whoever has them is out. */
static int revoke_others(struct app *app, struct own *own)
{
    struct fora_key here;
    int exit = CMD_EXIT_OK;
    fora_secret_public(app->own.device, &here);
    for (size_t i = 0; exit == CMD_EXIT_OK; i++) {
        size_t count;
        const struct fora_identity_key *keys = fora_identity_keys(own->identity, &count);
        if (i >= count) {
            break;
        }
        if (keys[i].revoked_at == 0 && memcmp(keys[i].sign.b, here.b, sizeof here.b) != 0) {
            struct fora_key_revocation revocation = {.sign = keys[i].sign};
            struct fora_identity_entry entry = {.revoke_key = &revocation};
            exit = own_add(app, own, &entry, app->own.root);
        }
    }
    return exit;
}

/* Another root is in force, signed by the key of the kit; a new device; another kit. */
static int recover(struct app *app, struct own *own, const struct kit *kit)
{
    struct fora_key key;
    if (own_fold(&app->own, &own->identity) != 0) {
        return app_fail(app, CMD_EXIT_REFUSED, "The node's copy of your log does not verify.");
    }
    if (fora_secret_from_seed(&app->own.root, kit->next_root) != 0) {
        return app_fail_memory(app);
    }
    int exit = own_new_key(app, &app->own.next_root);
    if (exit == CMD_EXIT_OK) {
        exit = own_new_key(app, &app->own.device);
    }
    if (exit == CMD_EXIT_OK &&
        own_rotate(app, own, app->own.root, app->own.next_root, true) != CMD_EXIT_OK) {
        return app_fail(app, CMD_EXIT_REFUSED,
            "This kit is older than your last rotation, or the node knows a later one: it does "
            "not recover you.");
    }
    if (exit == CMD_EXIT_OK) {
        fora_secret_public(app->own.device, &key);
        exit = own_add_device(app, own, &key, app->own.label);
    }
    return exit == CMD_EXIT_OK && cmd_flag(&app->line, "revoke-others") ? revoke_others(app, own)
                                                                        : exit;
}

int run_identity_recover(struct app *app)
{
    struct own own = {0};
    struct kit kit = {.next_root = {0}};
    if (state_identity_exists(&app->state)) {
        return app_fail(app, CMD_EXIT_USAGE,
            "There is an identity in %s already. Recover in another folder, with --home.",
            app->state.home);
    }
    int exit = app_connect_plain(app);
    if (exit == CMD_EXIT_OK && cmd_text(&app->line, "kit-file") == NULL) {
        app_note(app, "Type the %d lines of your kit:", KIT_LINES);
    }
    if (exit == CMD_EXIT_OK) {
        exit = read_kit(app, &kit);
    }
    if (exit == CMD_EXIT_OK && !cmd_flag(&app->line, "no-passphrase")) {
        exit = app_secret(app, "passphrase-file", "FORA_PASSPHRASE_FILE",
            "A passphrase for your keys: ", true, &own.passphrase);
    }
    fora_arena_init(&app->own.arena, STATE_FILE_MAX);
    own_label(app, app->own.label);
    if (exit == CMD_EXIT_OK) {
        app->own.member = kit.member;
        exit = own_learn(app);
    }
    if (exit == CMD_EXIT_OK) {
        exit = recover(app, &own, &kit);
    }
    fora_wipe(&kit, sizeof kit);
    if (exit == CMD_EXIT_OK) {
        exit = own_end(app, &own);
    }
    if (exit == CMD_EXIT_OK) {
        app_note(app, "Make a new kit: the one that you typed in is used up.");
        exit = own_done(app, &own, "You are back. Log in with: fora login HANDLE --self-custody");
    }
    own_close(&own);
    return exit;
}
