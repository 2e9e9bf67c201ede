/* A bundle from anybody (ATT-11): what decodes encodes to something that decodes alike, and opening
 * it says for every object whether it holds. Nothing in it may be believed for its own sake. */
#include "fora/reputation.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct refusals {
    size_t objects; /* of the bundle */
    size_t count;
};

static void refused(void *context, size_t index, int code)
{
    struct refusals *refusals = context;

    if (index >= refusals->objects || code == 0 || code == FORA_E_INTERNAL)
        abort();
    refusals->count++;
}

static int look(void *context, const struct fora_claim *claim)
{
    size_t *seen = context;

    (*seen)++;
    return claim->code == FORA_E_INTERNAL ? FORA_E_INTERNAL : 0;
}

static void check_open(const struct fora_bundle *bundle)
{
    struct refusals refusals = {.objects = bundle->objects_count};
    struct fora_claims *claims;
    size_t seen = 0;
    int code;

    if (fora_claims_new(&claims) != 0)
        return;
    code = fora_bundle_open(bundle, claims, refused, &refusals);
    if (code != 0 && code != FORA_E_LIMIT)
        abort();
    if (fora_claims_each(claims, NULL, bundle->made_at, look, &seen) != 0 ||
        seen > bundle->objects_count)
        abort();
    fora_claims_free(claims);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fora_arena arena, second;
    struct fora_bundle bundle, again;
    struct fora_buf encoded = {0};

    fora_arena_init(&arena, 0);
    fora_arena_init(&second, 0);
    if (fora_crypto_init() == 0 &&
        fora_bundle_decode(&arena, fora_bytes(data, size), &bundle) == 0) {
        if (fora_bundle_encode(&encoded, &bundle) != 0 ||
            fora_bundle_decode(&second, fora_buf_bytes(&encoded), &again) != 0 ||
            again.made_at != bundle.made_at || again.objects_count != bundle.objects_count ||
            memcmp(again.subject.b, bundle.subject.b, sizeof(again.subject.b)) != 0)
            abort();
        check_open(&bundle);
    }
    fora_buf_fini(&encoded);
    fora_arena_fini(&second);
    fora_arena_fini(&arena);
    return 0;
}
