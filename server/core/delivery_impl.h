/* What noting (delivery.c) and keeping (delivery_store.c) share. */
#ifndef FORAD_CORE_DELIVERY_IMPL_H
#define FORAD_CORE_DELIVERY_IMPL_H

#include "core/delivery.h"

struct delivery_note {
    struct fora_object_id object;
    uint32_t code; /* 0: it was taken later */
};

struct delivery_peer {
    struct fora_principal_id node;
    uint64_t heard; /* of deliveries.turn */
    uint32_t last;  /* see deliveries_last */
    size_t next;
    bool dirty; /* not as it is kept */
    struct delivery_note notes[DELIVERY_NOTES];
};

#endif
