/* Any bytes as a file of the client's folder. The first byte chooses which. What is read says the
 * same when it is written and read again, and a damaged file stops nothing that it need not stop.
 */
#include "scratch.h"
#include "state/state.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libconfig 1.5 forgets a quoted text that stands where none may. Called by LeakSanitizer. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:strbuf_append\nleak:libconfig_yylex";
}

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Of the process; gone at its end. libFuzzer gives a target no argument for it. */
static struct scratch folder;

static void forget_folder(void)
{
    scratch_fini(&folder);
}

/* Without the sync that state_write waits for. */
static void put(const struct state *state, const char *name, struct fora_bytes bytes)
{
    char path[STATE_PATH_MAX + 32];
    (void)snprintf(path, sizeof path, "%s/%s", state->home, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    must(fd >= 0 && (bytes.size == 0 || write(fd, bytes.data, bytes.size) == (ssize_t)bytes.size));
    must(close(fd) == 0);
}

/* A new account has its place beside whatever stood there, or the file is called damaged. */
static void accounts(const struct state *state)
{
    struct fora_client_why why;
    struct state_account one = {
        .node = {{7}}, .member = {{8}}, .handle = "ann", .session_seed = {9}};
    struct state_account again;
    char address[FORA_CLIENT_ADDRESS_MAX];
    (void)snprintf(one.address, sizeof one.address, "example.org:7150");
    int last = state_account_last(state, address, &why);
    must(last == 0 || last == FORA_E_NOTFOUND || last == FORA_E_CORRUPT);
    int saved = state_account_save(state, &one, &why);
    must(saved == (last == FORA_E_CORRUPT ? FORA_E_CORRUPT : 0));
    if (saved == 0) {
        must(state_account_load(state, &one.node, &again, &why) == 0);
        must(strcmp(again.address, one.address) == 0 && strcmp(again.handle, one.handle) == 0);
        must(memcmp(again.session_seed, one.session_seed, sizeof one.session_seed) == 0);
        must(state_account_last(state, address, &why) == 0 && strcmp(address, one.address) == 0);
    }
}

static void config(const struct state *state)
{
    struct fora_client_why why;
    struct state_config out;
    int error = state_config_load(state, &out, &why);
    must(error == 0 || error == FORA_E_CONFIG || error == FORA_E_TOO_LARGE);
    if (error == 0) {
        must(out.limit >= 0 && out.limit <= 100 && out.timeout >= 0 && out.timeout <= 3600);
        must(strlen(out.pager) < sizeof out.pager && strlen(out.node) < sizeof out.node);
    }
}

static void recent(const struct state *state)
{
    struct fora_client_why why;
    struct state_recent first, again;
    struct fora_object_id id;
    must(state_recent_load(state, &first, &why) == 0);
    int found = state_recent_find(&first, "fora1qqqqqq", &id);
    must(found == 0 || found == FORA_E_NOTFOUND || found == FORA_E_EXISTS);
    must(state_recent_save(state, first.ids, first.count, &why) == 0);
    must(state_recent_load(state, &again, &why) == 0 && again.count == first.count);
    must(memcmp(first.ids, again.ids, first.count * sizeof *first.ids) == 0);
    state_recent_fini(&first);
    state_recent_fini(&again);
}

static void follows(const struct state *state)
{
    struct fora_client_why why;
    struct state_follows first, again;
    must(state_follows_load(state, &first, &why) == 0);
    if (first.count > 0) { /* named as it was: written again, and nothing is another */
        must(state_follow(state, &first.items[0], &why) == 0);
        must(state_follows_load(state, &again, &why) == 0 && again.count == first.count);
        for (size_t i = 0; i < first.count; i++) {
            must(first.items[i].is_space == again.items[i].is_space);
            must(memcmp(first.items[i].id, again.items[i].id, FORA_ID_SIZE) == 0);
            must(strcmp(first.items[i].name, again.items[i].name) == 0);
        }
        state_follows_fini(&again);
    }
    state_follows_fini(&first);
}

static void seen(const struct state *state)
{
    struct fora_client_why why;
    struct state_seen_list first, again;
    must(state_seen_load(state, &first, &why) == 0);
    must(state_seen_save(state, &first, &why) == 0);
    must(state_seen_load(state, &again, &why) == 0 && again.count == first.count);
    for (size_t i = 0; i < first.count; i++) {
        const struct state_seen *a = &first.items[i], *b = &again.items[i];
        must(a->is_mention == b->is_mention && memcmp(a->id.b, b->id.b, FORA_ID_SIZE) == 0);
        must(a->is_mention || (a->active_at == b->active_at && a->posts == b->posts));
    }
    state_seen_fini(&first);
    state_seen_fini(&again);
}

/* Who is met anew is known from then on; of whom the file speaks, it goes on to speak so. */
static void known_nodes(const struct state *state)
{
    struct fora_client_why why;
    struct fora_principal_id node = {{7}}, pinned;
    bool fresh;
    int before = state_pinned(state, "example.org:7150", &pinned, &why);
    must(before == 0 || before == FORA_E_NOTFOUND || before == FORA_E_CORRUPT);
    bool same = before == 0 && memcmp(&pinned, &node, sizeof node) == 0;
    int error = state_pin(state, "example.org:7150", &node, 1700000000000, &fresh, &why);
    must(fresh == (before == FORA_E_NOTFOUND));
    must(error == (before == FORA_E_CORRUPT  ? FORA_E_CORRUPT
                      : before == 0 && !same ? FORA_E_IDENTITY
                                             : 0));
    if (error == 0) {
        must(state_pinned(state, "example.org:7150", &pinned, &why) == 0);
        must(memcmp(&pinned, &node, sizeof node) == 0);
    }
}

static void next_roots(const struct state *state)
{
    static const uint8_t seed[32] = {3};
    struct fora_client_why why;
    struct fora_secret *key, *found;
    struct fora_key public;
    struct fora_hash commitment;
    must(fora_secret_from_seed(&key, seed) == 0);
    fora_secret_public(key, &public);
    fora_identity_commitment(&commitment, &public);
    int error = state_next_root_keep(state, key, &why);
    must(error == 0 || error == FORA_E_CORRUPT || error == FORA_E_LIMIT);
    if (error == 0) {
        must(state_next_root_find(state, &commitment, &found, &why) == 0);
        fora_secret_free(found);
        must(state_next_root_forget(state, &commitment, &why) == 0);
    }
    fora_secret_free(key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct {
        const char *name;
        void (*run)(const struct state *state);
    } files[] = {{"accounts", accounts}, {"config", config}, {"recent", recent},
        {"follows", follows}, {"inbox", seen}, {"known_nodes", known_nodes},
        {"next_roots", next_roots}};
    struct state state;
    if (size == 0 || fora_crypto_init() != 0) {
        return 0;
    }
    if (folder.path[0] == '\0') {
        scratch_init(&folder);
        must(atexit(forget_folder) == 0);
    }
    unsigned which = (unsigned)(data[0] - 'a') % (sizeof files / sizeof files[0]);
    (void)snprintf(state.home, sizeof state.home, "%s", folder.path);
    put(&state, files[which].name, fora_bytes(data + 1, size - 1));
    files[which].run(&state);
    return 0;
}
