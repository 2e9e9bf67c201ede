/*
 * The bump allocator: a list of blocks of which only the head is filled. An allocation too large to
 * share a block gets one of its own, behind the head, so that the head's remaining room is not
 * lost.
 */
#include "fora/bytes.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum {
    ARENA_ALIGN = 16,
    ARENA_BLOCK = 4096 - 64, /* with malloc's own header still one page */
    ARENA_LARGE = ARENA_BLOCK / 4
};

struct fora_arena_block {
    struct fora_arena_block *next; /* owned */
    size_t room;
    size_t used;
    alignas(ARENA_ALIGN) uint8_t data[];
};

void fora_arena_init(struct fora_arena *arena, size_t budget)
{
    *arena = (struct fora_arena){.budget = budget};
}

static void free_list(struct fora_arena_block *block)
{
    while (block != NULL) {
        struct fora_arena_block *next = block->next;

        free(block);
        block = next;
    }
}

void fora_arena_fini(struct fora_arena *arena)
{
    free_list(arena->head);
    fora_arena_init(arena, arena->budget);
}

void fora_arena_reset(struct fora_arena *arena)
{
    arena->used = 0;
    arena->over = false;
    if (arena->head == NULL)
        return;
    free_list(arena->head->next);
    arena->head->next = NULL;
    arena->head->used = 0;
}

static struct fora_arena_block *arena_add_block(struct fora_arena *arena, size_t size)
{
    bool large = size > ARENA_LARGE;
    size_t room = large ? size : ARENA_BLOCK;
    struct fora_arena_block *block;

    if (room > SIZE_MAX - sizeof(*block))
        return NULL;
    block = malloc(sizeof(*block) + room);
    if (block == NULL)
        return NULL;
    block->room = room;
    block->used = 0;
    if (large && arena->head != NULL) {
        block->next = arena->head->next;
        arena->head->next = block;
    } else {
        block->next = arena->head;
        arena->head = block;
    }
    return block;
}

void *fora_arena_alloc(struct fora_arena *arena, size_t size)
{
    struct fora_arena_block *block = arena->head;
    size_t rounded;
    void *memory;

    if (size > SIZE_MAX - ARENA_ALIGN)
        return NULL;
    /* Rounded up, and never 0: two allocations never share an address. */
    rounded = (size == 0 ? ARENA_ALIGN : size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
    if (rounded > SIZE_MAX - arena->used ||
        (arena->budget != 0 && arena->used + rounded > arena->budget)) {
        arena->over = true;
        return NULL;
    }
    if (block == NULL || rounded > block->room - block->used)
        block = arena_add_block(arena, rounded);
    if (block == NULL)
        return NULL;
    memory = block->data + block->used;
    block->used += rounded;
    arena->used += rounded;
    return memory;
}

void *fora_arena_zalloc(struct fora_arena *arena, size_t count, size_t size)
{
    void *memory;

    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    memory = fora_arena_alloc(arena, count * size);
    if (memory != NULL)
        memset(memory, 0, count * size);
    return memory;
}

struct fora_bytes fora_arena_copy(struct fora_arena *arena, struct fora_bytes bytes)
{
    uint8_t *memory;

    if (bytes.size == 0)
        return fora_bytes(NULL, 0);
    memory = fora_arena_alloc(arena, bytes.size);
    if (memory != NULL)
        memcpy(memory, bytes.data, bytes.size);
    return fora_bytes(memory, bytes.size);
}

char *fora_arena_strndup(struct fora_arena *arena, const void *text, size_t size)
{
    char *memory = size == SIZE_MAX ? NULL : fora_arena_alloc(arena, size + 1);

    if (memory == NULL)
        return NULL;
    if (size != 0)
        memcpy(memory, text, size);
    memory[size] = 0;
    return memory;
}
