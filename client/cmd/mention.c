/*
 * Turning @words into principals while a text is posted.
 *
 *     --mention -> each word: handle at the node -> name@domain -> a name in the thread -> text
 */
#include "cmd/mention.h"

#include "cmd/handle.h"
#include "cmd/thread.h"

#include <string.h>

enum { WORDS_MAX = 64, WORD_SIZE = TEXT_MENTION_MAX + 1, HANDLE_MOST = 32, LEFT_SHOWN = 400 };

struct naming {
    struct app *app;
    const struct fora_object_id *root; /* NULL: of no thread yet */
    struct thread thread;              /* loaded when a word is neither a handle nor at a domain */
    bool loaded;
    bool more; /* than fit */
    struct mentions *out;
    struct fora_buf left; /* words that mean nobody */
};

static void add(struct naming *n, const struct fora_principal_id *id)
{
    struct mentions *out = n->out;
    if (memcmp(id->b, n->app->account.member.b, FORA_ID_SIZE) == 0) {
        return;
    }
    for (size_t i = 0; i < out->count; i++) {
        if (memcmp(out->ids[i].b, id->b, FORA_ID_SIZE) == 0) {
            return;
        }
    }
    if (out->count == FORA_MENTIONS_MAX) {
        n->more = true;
        return;
    }
    out->ids[out->count++] = *id;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* "AnnLee", "ann_lee" and "ann-lee" for "Ann Lee". */
static bool is_called(const char *name, const char *word)
{
    for (;; name++, word++) {
        bool gap = *name == ' ' || *name == '_' || *name == '-';
        while (*name == ' ' || *name == '_' || *name == '-') {
            name++;
        }
        while (gap && (*word == '_' || *word == '-')) {
            word++;
        }
        if (lower(*name) != lower(*word)) {
            return false;
        }
        if (*name == '\0') {
            return true;
        }
    }
}

/* Somebody in the thread, when one only goes by that name. */
static bool in_thread(struct naming *n, const char *word, struct fora_principal_id *out)
{
    size_t found = 0;
    if (n->root == NULL) {
        return false;
    }
    if (!n->loaded) {
        n->loaded = true;
        if (thread_load(n->app, &n->thread, n->root) != CMD_EXIT_OK) {
            return false;
        }
    }
    for (size_t i = 0; i < n->thread.people.count; i++) {
        const struct person *person = &n->thread.people.items[i];
        if (person->name[0] != '\0' && is_called(person->name, word)) {
            *out = person->id;
            found++;
        }
    }
    return found == 1;
}

static bool at_node(struct naming *n, const char *word, struct fora_principal_id *out)
{
    struct fora_message ask = {.type = FORA_MSG_GET_PRINCIPAL};
    const struct fora_message *answer;
    struct app *app = n->app;
    char handle[WORD_SIZE];
    size_t size = strlen(word);
    if (size > HANDLE_MOST) {
        return false;
    }
    for (size_t i = 0; i <= size; i++) {
        handle[i] = lower(word[i]); /* as all handles are */
    }
    ask.u.get_principal.handle = fora_bytes(handle, size);
    if (fora_client_call(app->client, &ask, FORA_MSG_PRINCIPAL_OBJECTS, &answer, &app->why) != 0) {
        return false;
    }
    *out = answer->u.principal_objects.principal;
    return !fora_id_is_zero(out->b);
}

static void try_word(struct naming *n, struct fora_bytes word)
{
    char text[WORD_SIZE];
    struct fora_principal_id id;
    memcpy(text, word.data, word.size); /* text_next_mention bounds it */
    text[word.size] = '\0';
    bool found = fora_id_parse(id.b, FORA_HRP_MEMBER, text) == 0;
    if (!found && handle_is_of_domain(text)) {
        found = handle_try(n->app, text, &id);
    } else if (!found) {
        found = at_node(n, text, &id) || in_thread(n, text, &id);
    }
    if (found) {
        add(n, &id);
    } else if (n->left.size < LEFT_SHOWN) {
        fora_buf_append_str(&n->left, n->left.size == 0 ? "@" : ", @");
        text_clean(&n->left, word, false);
    }
}

static bool said_before(const struct fora_bytes *words, size_t count, struct fora_bytes word)
{
    for (size_t i = 0; i < count; i++) {
        if (fora_bytes_equal(words[i], word)) {
            return true;
        }
    }
    return false;
}

static void try_words(struct naming *n, struct fora_bytes text)
{
    struct fora_bytes words[WORDS_MAX], word;
    size_t count = 0;
    struct text_mentions scan;
    text_mentions_init(&scan, text);
    while (count < WORDS_MAX && text_next_mention(&scan, &word)) {
        if (!said_before(words, count, word)) {
            words[count++] = word;
            try_word(n, word);
        }
    }
}

/* What came of it. */
static int say(struct naming *n)
{
    struct app *app = n->app;
    struct people people = {0};
    struct fora_buf names = {0};
    int exit = CMD_EXIT_OK;
    for (size_t i = 0; !app->quiet && exit == CMD_EXIT_OK && i < n->out->count; i++) {
        exit = people_ask(app, app->client, &people, &n->out->ids[i]);
        fora_buf_append_str(&names, i == 0 ? "" : ", ");
        people_name(&names, &people, &n->out->ids[i]);
    }
    const char *text = fora_buf_cstr(&names);
    const char *left = fora_buf_cstr(&n->left);
    if (exit == CMD_EXIT_OK && text != NULL && text[0] != '\0') {
        app_note(app, "This mentions %s.", text);
    }
    if (exit == CMD_EXIT_OK && left != NULL && left[0] != '\0') {
        app_note(app, "Nobody was found as %s: it stays text.", left);
    }
    if (n->more) {
        app_note(app, "Only the first %d who are named are mentioned.", FORA_MENTIONS_MAX);
    }
    fora_buf_fini(&names);
    people_fini(&people);
    return exit;
}

int mention_all(struct app *app, const struct fora_object_id *root, struct fora_bytes text,
    struct mentions *out)
{
    const char *given[FORA_MENTIONS_MAX + 1];
    struct naming n = {.app = app, .root = root, .out = out};
    size_t count = cmd_texts(&app->line, "mention", given, FORA_MENTIONS_MAX + 1);
    int exit = CMD_EXIT_OK;
    *out = (struct mentions){.count = 0};
    if (count > FORA_MENTIONS_MAX) {
        return app_fail(
            app, CMD_EXIT_USAGE, "--mention can be given %d times at most.", FORA_MENTIONS_MAX);
    }
    for (size_t i = 0; i < count && exit == CMD_EXIT_OK; i++) {
        struct fora_principal_id id;
        exit = app_member(app, given[i], &id);
        if (exit == CMD_EXIT_OK) {
            add(&n, &id);
        }
    }
    if (exit == CMD_EXIT_OK) {
        try_words(&n, text);
        exit = say(&n);
    }
    fora_buf_fini(&n.left);
    thread_fini(&n.thread);
    return exit;
}
