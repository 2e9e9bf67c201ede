/* What other nodes refused: a ring of notes for each, the node that was heard longest ago makes
 * room for a new one. */
#include "core/delivery_impl.h"

#include "fora/error.h"

#include <stdlib.h>
#include <string.h>

static struct delivery_peer *find(
    const struct deliveries *deliveries, const struct fora_principal_id *node)
{
    for (size_t i = 0; i < DELIVERY_PEERS && deliveries->peers[i] != NULL; i++) {
        if (memcmp(deliveries->peers[i]->node.b, node->b, sizeof node->b) == 0) {
            return deliveries->peers[i];
        }
    }
    return NULL;
}

static struct delivery_peer *add(
    struct deliveries *deliveries, const struct fora_principal_id *node)
{
    struct delivery_peer **place = &deliveries->peers[0];
    for (size_t i = 0; i < DELIVERY_PEERS && *place != NULL; i++) {
        struct delivery_peer **other = &deliveries->peers[i];
        if (*other == NULL || (*other)->heard < (*place)->heard) {
            place = other;
        }
    }
    if (*place == NULL) {
        *place = malloc(sizeof **place);
    } else if (deliveries->gone_count < DELIVERY_SAVE) {
        deliveries->gone[deliveries->gone_count++] = (*place)->node;
    } else {
        return NULL; /* until they were written: nothing is left behind for ever */
    }
    if (*place != NULL) {
        **place = (struct delivery_peer){.node = *node};
    }
    return *place;
}

static struct delivery_note *note_of(
    struct delivery_peer *peer, const struct fora_object_id *object)
{
    for (size_t i = 0; i < DELIVERY_NOTES; i++) {
        if (peer->notes[i].code != 0 &&
            memcmp(peer->notes[i].object.b, object->b, sizeof object->b) == 0) {
            return &peer->notes[i];
        }
    }
    return NULL;
}

/* Not because of the object, so what comes next would fare the same; `more`: other objects were
 * stored beside it, so that REFUSED speaks of this one only. */
static bool is_own_reason(uint32_t code, bool more)
{
    switch (fora_error_from_wire(code)) {
    case FORA_E_UNKNOWN_SPACE:
    case FORA_E_FORBIDDEN:
    case FORA_E_QUOTA:
    case FORA_E_OVERLOAD:
    case FORA_E_FULL:
        return true;
    case FORA_E_REFUSED:
        return !more;
    default:
        return false;
    }
}

static void take_note(struct delivery_peer *peer, const struct fora_msg_result *result, bool more)
{
    struct delivery_note *note = note_of(peer, &result->id);
    if (result->code == 0) {
        /* Only what was refused before tells of a change of mind: logs are always taken. */
        peer->last = note != NULL ? 0 : peer->last;
    } else if (note == NULL) {
        note = &peer->notes[peer->next];
        peer->next = (peer->next + 1) % DELIVERY_NOTES;
        note->object = result->id;
    }
    if (note != NULL) {
        note->code = result->code;
    }
    if (is_own_reason(result->code, more)) {
        peer->last = result->code;
    }
}

void deliveries_answered(struct deliveries *deliveries, const struct fora_principal_id *node,
    const struct fora_msg_result *results, size_t count, bool more)
{
    struct delivery_peer *peer = find(deliveries, node);
    bool refused = false;
    for (size_t i = 0; i < count; i++) {
        refused = refused || results[i].code != 0;
        more = more || results[i].code == 0;
    }
    if (peer == NULL && refused) {
        peer = add(deliveries, node);
    }
    if (peer == NULL) {
        return; /* it takes everything, as most do */
    }
    peer->heard = ++deliveries->turn;
    const struct delivery_peer before = *peer;
    peer->last = count == 0 && more ? 0 : peer->last;
    for (size_t i = 0; i < count; i++) {
        take_note(peer, &results[i], more);
    }
    if (peer->last != before.last || memcmp(peer->notes, before.notes, sizeof peer->notes) != 0) {
        peer->dirty = deliveries->dirty = true;
    }
}

uint32_t deliveries_code(const struct deliveries *deliveries, const struct fora_principal_id *node,
    const struct fora_object_id *object)
{
    struct delivery_peer *peer = find(deliveries, node);
    const struct delivery_note *note = peer != NULL ? note_of(peer, object) : NULL;
    return note != NULL ? note->code : 0;
}

uint32_t deliveries_last(const struct deliveries *deliveries, const struct fora_principal_id *node)
{
    const struct delivery_peer *peer = find(deliveries, node);
    return peer != NULL ? peer->last : 0;
}

void deliveries_fini(struct deliveries *deliveries)
{
    for (size_t i = 0; i < DELIVERY_PEERS; i++) {
        free(deliveries->peers[i]);
        deliveries->peers[i] = NULL;
    }
}
