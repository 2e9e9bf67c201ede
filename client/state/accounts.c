/* accounts: a JSON array, the account saved last at the end. */
#include "state/state.h"

#include "json/js.h"

#include <stdio.h>
#include <string.h>

enum { ACCOUNTS_MAX = 256 };

struct accounts {
    struct state_account items[ACCOUNTS_MAX];
    size_t count;
};

static void wipe(struct accounts *all)
{
    fora_wipe(all, sizeof *all);
}

static int copy(char *out, size_t size, const struct js_node *node)
{
    const char *text = js_get_string(node);
    if (text == NULL || strlen(text) >= size) {
        return FORA_E_MALFORMED;
    }
    memcpy(out, text, strlen(text) + 1);
    return 0;
}

static int read_one(struct state_account *out, const struct js_node *node)
{
    int error = js_get_id(js_member(node, "node"), FORA_HRP_NODE, out->node.b);
    if (error == 0) {
        error = js_get_id(js_member(node, "member"), FORA_HRP_MEMBER, out->member.b);
    }
    if (error == 0) {
        error = copy(out->address, sizeof out->address, js_member(node, "address"));
    }
    if (error == 0) {
        error = copy(out->handle, sizeof out->handle, js_member(node, "handle"));
    }
    out->self_custody = js_get_bool(js_member(node, "self_custody"));
    if (error == 0 && !out->self_custody) {
        error = js_get_hex(js_member(node, "session_key"), out->session_seed, 32);
    }
    return error;
}

static int broken(const struct state *state, const char *what, struct fora_client_why *why)
{
    return fora_client_fail(why, FORA_E_CORRUPT,
        "%.300s/accounts is damaged (%s). Remove it and log in again.", state->home, what);
}

static int load(const struct state *state, struct accounts *out, struct fora_client_why *why)
{
    struct fora_buf text;
    struct js_document *document = NULL;
    char where[160];
    out->count = 0;
    fora_buf_init(&text, STATE_FILE_MAX);
    int error = state_read(state, "accounts", true, &text, why);
    if (error == 0 && js_parse(&document, fora_buf_bytes(&text), where) != 0) {
        error = broken(state, where, why);
    }
    if (error == 0) {
        size_t count = js_items(js_root(document));
        for (size_t i = 0; error == 0 && i < count && i < ACCOUNTS_MAX; i++) {
            if (read_one(&out->items[i], js_item(js_root(document), i)) != 0) {
                error = broken(state, "an entry lacks something", why);
            }
            out->count = i + 1;
        }
    }
    js_free(document);
    if (text.data != NULL) {
        fora_wipe(text.data, text.size);
    }
    fora_buf_fini(&text);
    return error == FORA_E_NOTFOUND ? 0 : error;
}

static void write_one(struct js_writer *w, const struct state_account *account)
{
    js_object(w, NULL);
    js_id(w, "node", FORA_HRP_NODE, account->node.b);
    js_string(w, "address", account->address);
    js_id(w, "member", FORA_HRP_MEMBER, account->member.b);
    js_string(w, "handle", account->handle);
    js_bool(w, "self_custody", account->self_custody);
    if (!account->self_custody) {
        js_hex(w, "session_key", fora_bytes(account->session_seed, 32));
    }
    js_end(w);
}

static int save(const struct state *state, const struct accounts *all, struct fora_client_why *why)
{
    struct js_writer w;
    struct fora_buf text = {0};
    js_init_array(&w);
    for (size_t i = 0; i < all->count; i++) {
        write_one(&w, &all->items[i]);
    }
    int error = js_write(&text, &w, JS_PRETTY, false);
    js_fini(&w);
    error = error == 0 ? state_write(state, "accounts", fora_buf_bytes(&text), why)
                       : fora_client_fail(why, error, "There is not enough memory.");
    if (text.data != NULL) {
        fora_wipe(text.data, text.size);
    }
    fora_buf_fini(&text);
    return error;
}

static size_t index_of(const struct accounts *all, const struct fora_principal_id *node)
{
    size_t i = 0;
    while (i < all->count && memcmp(all->items[i].node.b, node->b, FORA_ID_SIZE) != 0) {
        i++;
    }
    return i;
}

static void drop(struct accounts *all, size_t at)
{
    memmove(&all->items[at], &all->items[at + 1], (all->count - at - 1) * sizeof all->items[0]);
    all->count--;
}

int state_account_load(const struct state *state, const struct fora_principal_id *node,
    struct state_account *out, struct fora_client_why *why)
{
    struct accounts all;
    int error = load(state, &all, why);
    size_t at = error == 0 ? index_of(&all, node) : 0;
    if (error == 0 && at == all.count) {
        error = FORA_E_NOTFOUND;
    }
    if (error == 0) {
        *out = all.items[at];
    }
    wipe(&all);
    return error;
}

int state_account_last(
    const struct state *state, char address[FORA_CLIENT_ADDRESS_MAX], struct fora_client_why *why)
{
    struct accounts all;
    int error = load(state, &all, why);
    if (error == 0 && all.count == 0) {
        error = FORA_E_NOTFOUND;
    }
    if (error == 0) {
        (void)snprintf(address, FORA_CLIENT_ADDRESS_MAX, "%s", all.items[all.count - 1].address);
    }
    wipe(&all);
    return error;
}

int state_account_save(
    const struct state *state, const struct state_account *account, struct fora_client_why *why)
{
    struct accounts all;
    int error = load(state, &all, why);
    size_t at = error == 0 ? index_of(&all, &account->node) : 0;
    if (error == 0 && at < all.count) {
        drop(&all, at);
    }
    if (error == 0 && all.count == ACCOUNTS_MAX) {
        drop(&all, 0);
    }
    if (error == 0) {
        all.items[all.count++] = *account;
        error = save(state, &all, why);
    }
    wipe(&all);
    return error;
}

int state_account_remove(
    const struct state *state, const struct fora_principal_id *node, struct fora_client_why *why)
{
    struct accounts all;
    int error = load(state, &all, why);
    size_t at = error == 0 ? index_of(&all, node) : 0;
    if (error == 0 && at < all.count) {
        drop(&all, at);
        error = save(state, &all, why);
    }
    wipe(&all);
    return error;
}
