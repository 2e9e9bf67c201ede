/* recent and follows: two small lists of ids. */
#include "state/state.h"

#include "text/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_MAX = 4096, PREFIX_LEAST = 6 };

static int no_memory(struct fora_client_why *why)
{
    return fora_client_fail(why, FORA_E_NOMEM, "There is not enough memory.");
}

int state_recent_save(const struct state *state, const struct fora_object_id *ids, size_t count,
    struct fora_client_why *why)
{
    struct fora_buf text = {0};
    for (size_t i = 0; i < count && i < LIST_MAX; i++) {
        char id[FORA_ID_TEXT_MAX];
        fora_id_format(id, FORA_HRP_OBJECT, ids[i].b);
        fora_buf_printf(&text, "%s\n", id);
    }
    int error =
        text.error == 0 ? state_write(state, "recent", fora_buf_bytes(&text), why) : no_memory(why);
    fora_buf_fini(&text);
    return error;
}

static int add_recent(void *context, char *line)
{
    struct state_recent *recent = context;
    struct fora_object_id id;
    if (recent->count < LIST_MAX && fora_id_parse(id.b, FORA_HRP_OBJECT, line) == 0) {
        recent->ids[recent->count++] = id;
    }
    return 0;
}

int state_recent_load(
    const struct state *state, struct state_recent *out, struct fora_client_why *why)
{
    *out = (struct state_recent){.ids = calloc(LIST_MAX, sizeof *out->ids)};
    if (out->ids == NULL) {
        return no_memory(why);
    }
    int error = state_each_line(state, "recent", false, add_recent, out, why);
    if (error != 0) {
        state_recent_fini(out);
    }
    return error;
}

void state_recent_fini(struct state_recent *recent)
{
    free(recent->ids);
    *recent = (struct state_recent){0};
}

bool state_prefix_matches(const char *hrp, const uint8_t id[FORA_ID_SIZE], const char *prefix)
{
    char text[FORA_ID_TEXT_MAX];
    size_t lead = strlen(hrp) + 1;
    fora_id_format(text, hrp, id);
    if (strncmp(prefix, text, lead) == 0) {
        prefix += lead;
    }
    return strlen(prefix) >= PREFIX_LEAST && strncmp(text + lead, prefix, strlen(prefix)) == 0;
}

int state_recent_find(
    const struct state_recent *recent, const char *prefix, struct fora_object_id *out)
{
    bool found = false;
    for (size_t i = 0; i < recent->count; i++) {
        const struct fora_object_id *id = &recent->ids[i];
        if (!state_prefix_matches(FORA_HRP_OBJECT, id->b, prefix)) {
            continue;
        }
        if (found && memcmp(out->b, id->b, FORA_ID_SIZE) != 0) {
            return FORA_E_EXISTS;
        }
        *out = *id;
        found = true;
    }
    return found ? 0 : FORA_E_NOTFOUND;
}

static int add_follow(void *context, char *line)
{
    struct state_follows *follows = context;
    char *rest;
    struct state_follow item = {0};
    const char *kind = strtok_r(line, " ", &rest);
    const char *id = strtok_r(NULL, " ", &rest);
    if (kind == NULL || id == NULL || follows->count == LIST_MAX) {
        return 0;
    }
    item.is_space = strcmp(kind, "space") == 0;
    if (fora_id_parse(item.id, item.is_space ? FORA_HRP_SPACE : FORA_HRP_OBJECT, id) == 0) {
        (void)snprintf(item.name, sizeof item.name, "%s", rest == NULL ? "" : rest);
        follows->items[follows->count++] = item;
    }
    return 0;
}

int state_follows_load(
    const struct state *state, struct state_follows *out, struct fora_client_why *why)
{
    *out = (struct state_follows){.items = calloc(LIST_MAX + 1, sizeof *out->items)};
    if (out->items == NULL) {
        return no_memory(why);
    }
    int error = state_each_line(state, "follows", false, add_follow, out, why);
    if (error != 0) {
        state_follows_fini(out);
    }
    return error;
}

void state_follows_fini(struct state_follows *follows)
{
    free(follows->items);
    *follows = (struct state_follows){0};
}

static int save_follows(
    const struct state *state, const struct state_follows *follows, struct fora_client_why *why)
{
    struct fora_buf text = {0};
    for (size_t i = 0; i < follows->count; i++) {
        const struct state_follow *item = &follows->items[i];
        char id[FORA_ID_TEXT_MAX];
        fora_id_format(id, item->is_space ? FORA_HRP_SPACE : FORA_HRP_OBJECT, item->id);
        fora_buf_printf(&text, "%s %s %s\n", item->is_space ? "space" : "thread", id, item->name);
    }
    int error = text.error == 0 ? state_write(state, "follows", fora_buf_bytes(&text), why)
                                : no_memory(why);
    fora_buf_fini(&text);
    return error;
}

static size_t index_of(const struct state_follows *follows, const uint8_t id[FORA_ID_SIZE])
{
    size_t i = 0;
    while (i < follows->count && memcmp(follows->items[i].id, id, FORA_ID_SIZE) != 0) {
        i++;
    }
    return i;
}

int state_follow(
    const struct state *state, const struct state_follow *follow, struct fora_client_why *why)
{
    struct state_follows follows;
    int error = state_follows_load(state, &follows, why);
    if (error != 0) {
        return error;
    }
    size_t at = index_of(&follows, follow->id);
    if (at == LIST_MAX) {
        error = fora_client_fail(
            why, FORA_E_LIMIT, "You follow %d things, which is as many as fit.", LIST_MAX);
    } else {
        follows.items[at] = *follow;
        follows.count += at == follows.count;
        error = save_follows(state, &follows, why);
    }
    state_follows_fini(&follows);
    return error;
}

int state_unfollow(
    const struct state *state, const uint8_t id[FORA_ID_SIZE], struct fora_client_why *why)
{
    struct state_follows follows;
    int error = state_follows_load(state, &follows, why);
    if (error != 0) {
        return error;
    }
    size_t at = index_of(&follows, id);
    if (at == follows.count) {
        error = FORA_E_NOTFOUND;
    } else {
        memmove(&follows.items[at], &follows.items[at + 1],
            (follows.count - at - 1) * sizeof follows.items[0]);
        follows.count--;
        error = save_follows(state, &follows, why);
    }
    state_follows_fini(&follows);
    return error;
}
