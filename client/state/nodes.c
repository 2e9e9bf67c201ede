/*
 * known_nodes: who was met at an address first. "ADDRESS foran1... TIME", one a line; lines that
 * start with # are comments. The file is appended to, never rewritten: a person may edit it.
 */
#include "state/state.h"

#include "text/text.h"

#include <string.h>

struct search {
    const char *address;
    bool found;
    bool broken;
    struct fora_principal_id node;
};

static int look(void *context, char *line)
{
    struct search *search = context;
    char *rest;
    if (line[0] == '#') {
        return 0;
    }
    const char *address = strtok_r(line, " \t", &rest);
    const char *id = strtok_r(NULL, " \t", &rest);
    if (address == NULL || strcmp(address, search->address) != 0) {
        return 0;
    }
    search->broken = id == NULL || fora_id_parse(search->node.b, FORA_HRP_NODE, id) != 0;
    search->found = true;
    return 0;
}

static int search_for(const struct state *state, struct search *search, struct fora_client_why *why)
{
    int error = state_each_line(state, "known_nodes", false, look, search, why);
    if (error == 0 && search->broken) {
        return fora_client_fail(why, FORA_E_CORRUPT,
            "%.300s/known_nodes: the line of %.200s has no valid node id. Correct or remove it.",
            state->home, search->address);
    }
    return error;
}

int state_pinned(const struct state *state, const char *address, struct fora_principal_id *out,
    struct fora_client_why *why)
{
    struct search search = {.address = address};
    int error = search_for(state, &search, why);
    if (error == 0 && !search.found) {
        return FORA_E_NOTFOUND;
    }
    *out = search.node;
    return error;
}

static int append(const struct state *state, const char *address, const char *id, uint64_t now,
    struct fora_client_why *why)
{
    struct fora_buf text;
    fora_buf_init(&text, STATE_FILE_MAX);
    int error = state_read(state, "known_nodes", false, &text, why);
    if (error == 0 || error == FORA_E_NOTFOUND) {
        if (error == FORA_E_NOTFOUND) {
            fora_buf_append_str(&text,
                "# Nodes that this client met: address, identity, when first. A line is a "
                "promise:\n"
                "# should another node answer at that address, the client refuses to go on.\n");
        }
        if (text.size > 0 && text.data[text.size - 1] != '\n') {
            fora_buf_u8(&text, '\n');
        }
        fora_buf_printf(&text, "%s %s ", address, id);
        text_time(&text, now);
        fora_buf_u8(&text, '\n');
        error = text.error == 0 ? state_write(state, "known_nodes", fora_buf_bytes(&text), why)
                                : fora_client_fail(why, text.error, "There is not enough memory.");
    }
    fora_buf_fini(&text);
    return error;
}

int state_pin(const struct state *state, const char *address, const struct fora_principal_id *node,
    uint64_t now, bool *fresh, struct fora_client_why *why)
{
    struct search search = {.address = address};
    char met[FORA_ID_TEXT_MAX];
    char pinned[FORA_ID_TEXT_MAX];
    *fresh = false;
    int error = search_for(state, &search, why);
    if (error != 0) {
        return error;
    }
    fora_id_format(met, FORA_HRP_NODE, node->b);
    if (!search.found) {
        *fresh = true;
        return append(state, address, met, now, why);
    }
    if (memcmp(search.node.b, node->b, FORA_ID_SIZE) == 0) {
        return 0;
    }
    fora_id_format(pinned, FORA_HRP_NODE, search.node.b);
    return fora_client_fail(why, FORA_E_IDENTITY,
        "Another node answers at %.100s: it was %s, now it is %s. Either the node was set up anew, "
        "or somebody sits in between. Ask its operator; if the change is right, remove the line of "
        "%.100s from %.150s/known_nodes.",
        address, pinned, met, address, state->home);
}
