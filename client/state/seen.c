/* inbox: what "fora inbox" has shown, so that the next look can say what is new. */
#include "state/state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SEEN_MAX = 4096 };

static int no_memory(struct fora_client_why *why)
{
    return fora_client_fail(why, FORA_E_NOMEM, "There is not enough memory.");
}

/* "mention fora1..." or "thread fora1... 1700000000000 7" */
static int add_line(void *context, char *line)
{
    struct state_seen_list *list = context;
    struct state_seen item = {0};
    char *rest;
    const char *kind = strtok_r(line, " ", &rest);
    const char *id = strtok_r(NULL, " ", &rest);
    const char *active_at = strtok_r(NULL, " ", &rest);
    const char *posts = strtok_r(NULL, " ", &rest);
    if (kind == NULL || id == NULL || list->count == SEEN_MAX ||
        fora_id_parse(item.id.b, FORA_HRP_OBJECT, id) != 0) {
        return 0; /* of a line that is broken nothing is known: what it named is new again */
    }
    item.is_mention = strcmp(kind, "mention") == 0;
    item.active_at = active_at == NULL ? 0 : strtoull(active_at, NULL, 10);
    item.posts = posts == NULL ? 0 : strtoull(posts, NULL, 10);
    list->items[list->count++] = item;
    return 0;
}

int state_seen_load(
    const struct state *state, struct state_seen_list *out, struct fora_client_why *why)
{
    *out = (struct state_seen_list){.items = calloc(SEEN_MAX, sizeof *out->items)};
    if (out->items == NULL) {
        return no_memory(why);
    }
    int error = state_each_line(state, "inbox", false, add_line, out, why);
    if (error != 0) {
        state_seen_fini(out);
    }
    return error;
}

void state_seen_fini(struct state_seen_list *list)
{
    free(list->items);
    *list = (struct state_seen_list){0};
}

static size_t find(const struct state_seen_list *list, const struct state_seen *item)
{
    size_t i = 0;
    while (i < list->count && (list->items[i].is_mention != item->is_mention ||
                                  memcmp(list->items[i].id.b, item->id.b, FORA_ID_SIZE) != 0)) {
        i++;
    }
    return i;
}

bool state_seen_find(
    const struct state_seen_list *list, const struct state_seen *item, struct state_seen *was)
{
    size_t at = find(list, item);
    if (at < list->count) {
        *was = list->items[at];
    }
    return at < list->count;
}

void state_seen_note(struct state_seen_list *list, const struct state_seen *item)
{
    size_t at = find(list, item);
    size_t keep = at < list->count ? at : list->count < SEEN_MAX ? list->count : SEEN_MAX - 1;
    memmove(list->items + 1, list->items, keep * sizeof *list->items);
    list->items[0] = *item;
    list->count += at == list->count && list->count < SEEN_MAX;
}

int state_seen_save(
    const struct state *state, const struct state_seen_list *list, struct fora_client_why *why)
{
    struct fora_buf text = {0};
    for (size_t i = 0; i < list->count; i++) {
        const struct state_seen *item = &list->items[i];
        char id[FORA_ID_TEXT_MAX];
        fora_id_format(id, FORA_HRP_OBJECT, item->id.b);
        if (item->is_mention) {
            fora_buf_printf(&text, "mention %s\n", id);
        } else {
            fora_buf_printf(
                &text, "thread %s %" PRIu64 " %" PRIu64 "\n", id, item->active_at, item->posts);
        }
    }
    int error =
        text.error == 0 ? state_write(state, "inbox", fora_buf_bytes(&text), why) : no_memory(why);
    fora_buf_fini(&text);
    return error;
}
