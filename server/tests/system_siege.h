/*
 * A node under siege, and an honest client beside the attackers. After every attack, and during
 * those that last, the client must be answered on a connection that was open before and on a new
 * one, and the node's anonymous memory must be below MEMORY_MAX: the proof that an attack failed is
 * what still works.
 */
#ifndef FORAD_TESTS_SYSTEM_SIEGE_H
#define FORAD_TESTS_SYSTEM_SIEGE_H

#include "testkit/raw.h"
#include "testkit/scene.h"

enum {
    OBJECTS = 4000,
    CONNECTIONS_MAX = 400,
    HELLO_MS = 1000,
    IDLE_MS = 3000,
    CLOSE_MS = 30000, /* within which the node must have closed */
    ANSWER_SECONDS = 20,
    POLL_MS = 20,
    MEMORY_MAX = 96 * 1024 * 1024 /* as KIT_MEMORY takes it */
};

/* One node under siege for all cases, as it is in life. */
struct siege {
    struct kit_scene *scene;
    struct kit_process node;
    struct kit_peer *honest;
    struct bench_node stranger; /* a node that nobody knows */
    uint64_t random;
    uint64_t memory; /* the most that was seen */
    size_t answers;  /* to the honest client */
};

/* For cmocka: the store holds all objects of the scene, and must hold the same in the end. */
int siege_setup(void **state);
int siege_teardown(void **state);

/* Memory, and the honest client's answers to Pings. Called often within long attacks. */
void siege_look(struct siege *siege);
/* The honest client asks for a thread and gets it, on the connection that it has. */
void siege_ask(struct siege *siege);
/* The same, on a new connection too. */
void siege_honest(struct siege *siege);
/* Waits until the node has given up on every other connection. */
void siege_alone(struct siege *siege);
void siege_random(struct siege *siege, uint8_t *out, size_t size);

#endif
