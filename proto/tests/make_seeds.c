/*
 * Writes the seed corpora of fuzz_object, fuzz_content and fuzz_message: one input per kind and per
 * message. Run by hand when kinds or messages are added:
 *
 *     make_seeds proto/fuzz/corpus
 */
#include "content_samples.h"
#include "fora/message.h"
#include "wire/tables.h"
#include "wire_random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int write_seed(
    const char *folder, const char *sub, const char *name, struct fora_bytes bytes)
{
    char path[4096];
    FILE *file;
    int bad;

    if (snprintf(path, sizeof(path), "%s/%s/%s", folder, sub, name) >= (int)sizeof(path))
        return -1;
    file = fopen(path, "wb");
    if (file == NULL) {
        perror(path);
        return -1;
    }
    bad = fwrite(bytes.data, 1, bytes.size, file) != bytes.size;
    return fclose(file) != 0 || bad ? -1 : 0;
}

static int seed_kind(const char *folder, uint32_t kind, const struct fora_secret *secret)
{
    struct fora_header header = {.kind = kind, .author = {{1}}, .created_at = 1700000000000};
    struct fora_content content;
    struct fora_buf bytes = {0}, object = {0};
    int bad = 0;

    content_sample(&content, kind);
    if (kind == FORA_KIND_IDENTITY)
        header.parent.b[0] = 4;
    else if (kind != FORA_KIND_PROFILE && kind != FORA_KIND_CARRIED)
        header.space.b[0] = 2;
    if (kind >= FORA_KIND_POST && kind <= FORA_KIND_RETRACTION)
        header.root.b[0] = header.parent.b[0] = 3;
    fora_buf_u8(&bytes, (uint8_t)kind);
    bad |= fora_content_encode(&bytes, &content);
    bad |= write_seed(folder, "content", fora_kind_name(kind), fora_buf_bytes(&bytes));
    bad |= fora_object_build(
        &object, &header, fora_bytes(bytes.data + 1, bytes.size - 1), secret, NULL);
    bad |= write_seed(folder, "object", fora_kind_name(kind), fora_buf_bytes(&object));
    fora_buf_fini(&bytes);
    fora_buf_fini(&object);
    return bad;
}

static int seed_message(const char *folder, uint32_t type, const struct wire_table *table)
{
    struct fora_arena arena;
    struct wire_random random = {.state = type, .arena = &arena};
    struct fora_message message = {.request = type, .type = type};
    struct fora_buf frame = {0};
    int bad;

    fora_arena_init(&arena, 0);
    wire_random_fill(&random, table, &message.u);
    bad = fora_message_encode(&frame, &message);
    if (bad == 0)
        bad =
            write_seed(folder, "message", table->name, fora_bytes(frame.data + 4, frame.size - 4));
    fora_buf_fini(&frame);
    fora_arena_fini(&arena);
    return bad;
}

int main(int argc, char **argv)
{
    const uint8_t seed[32] = {1};
    struct fora_secret *secret;
    int bad = 0;

    if (argc != 2 || fora_crypto_init() != 0 || fora_secret_from_seed(&secret, seed) != 0) {
        fputs("usage: make_seeds FOLDER\n", stderr);
        return 2;
    }
    for (uint32_t kind = 1; kind <= CONTENT_KINDS; kind++)
        bad |= seed_kind(argv[1], kind, secret);
#define SEED(member, name, number) bad |= seed_message(argv[1], number, &fora_msg_##member##_table);
    FORA_MESSAGES(SEED)
#undef SEED
    fora_secret_free(secret);
    return bad != 0;
}
