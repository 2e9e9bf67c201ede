/* Trees over what a node accepted, and proofs from them (RCP-1, RCP-2). */
#include "proof.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *left, const void *right)
{
    return memcmp(left, right, FORA_ID_SIZE);
}

/* The ids as leaves; the caller frees them. */
static int leaves_of(struct fora_hash **out, const struct fora_object_id *ids, size_t count)
{
    *out = malloc(count * sizeof(**out) + 1);
    if (*out == NULL)
        return FORA_E_NOMEM;
    for (size_t i = 0; i < count; i++)
        memcpy((*out)[i].b, ids[i].b, FORA_ID_SIZE);
    return 0;
}

int fora_receipt_tree(struct fora_hash *root, struct fora_object_id *ids, size_t *count)
{
    struct fora_hash *leaves;
    size_t kept = 0;
    int error;

    if (*count > UINT32_MAX)
        return FORA_E_LIMIT;
    qsort(ids, *count, sizeof(*ids), compare);
    for (size_t i = 0; i < *count; i++) {
        if (kept == 0 || compare(&ids[kept - 1], &ids[i]) != 0)
            ids[kept++] = ids[i];
    }
    *count = kept;
    error = leaves_of(&leaves, ids, kept);
    if (error == 0)
        fora_merkle_root(root, leaves, kept);
    free(leaves);
    return error;
}

int fora_receipt_prove(struct fora_receipt_proof *out, struct fora_arena *arena,
    const struct fora_object_id *ids, size_t count, const struct fora_object_id *object)
{
    const struct fora_object_id *found =
        count == 0 ? NULL : bsearch(object, ids, count, sizeof(*ids), compare);
    struct fora_hash path[FORA_MERKLE_PATH_MAX], root, *leaves;
    int error;

    if (found == NULL)
        return FORA_E_NOTFOUND;
    error = leaves_of(&leaves, ids, count);
    if (error != 0)
        return error;
    *out = (struct fora_receipt_proof){.object = *object, .index = (uint32_t)(found - ids)};
    out->path_count = fora_merkle_path(&root, leaves, count, out->index, path);
    free(leaves);
    if (out->path_count == 0)
        return 0;
    out->path = fora_arena_alloc(arena, out->path_count * sizeof(*path));
    if (out->path == NULL)
        return FORA_E_NOMEM;
    memcpy(out->path, path, out->path_count * sizeof(*path));
    return 0;
}

bool receipt_proof_holds(const struct fora_receipt *receipt, const struct fora_receipt_proof *proof)
{
    struct fora_hash leaf;

    memcpy(leaf.b, proof->object.b, FORA_ID_SIZE);
    return fora_id_is_zero(receipt->erased.b) &&
           fora_merkle_check(&receipt->objects_root, &leaf, receipt->leaves, proof->index,
               proof->path, proof->path_count);
}

bool fora_receipt_proves(const struct fora_receipt *receipt, const struct fora_object_id *object)
{
    for (size_t i = 0; i < receipt->proofs_count; i++) {
        if (memcmp(receipt->proofs[i].object.b, object->b, FORA_ID_SIZE) == 0 &&
            receipt_proof_holds(receipt, &receipt->proofs[i]))
            return true;
    }
    return false;
}
