/* Contents by kind: which table and which rules belong to it. */
#include "fora/content.h"

#include "fora/crypto.h"
#include "rules.h"
#include "wire/tables.h"

#include <string.h>

enum { SALT_NUMBER = 15, SALT_FIELD_SIZE = 2 + 16 /* key, length, salt */ };

/* By kind; a kind beyond the list, and 0, has none. */
static const struct wire_table *const tables[] = {
    [FORA_KIND_IDENTITY] = &fora_identity_entry_table,
    [FORA_KIND_POLICY] = &fora_policy_statement_table,
    [FORA_KIND_PROFILE] = &fora_profile_table,
    [FORA_KIND_THREAD] = &fora_thread_table,
    [FORA_KIND_POST] = &fora_post_table,
    [FORA_KIND_REVISION] = &fora_revision_table,
    [FORA_KIND_TALLY] = &fora_tally_table,
    [FORA_KIND_RESOLUTION] = &fora_resolution_table,
    [FORA_KIND_STATUS] = &fora_status_table,
    [FORA_KIND_CITE] = &fora_cite_table,
    [FORA_KIND_DUPLICATE] = &fora_duplicate_table,
    [FORA_KIND_FLAG] = &fora_flag_table,
    [FORA_KIND_MODERATION] = &fora_moderation_table,
    [FORA_KIND_APPEAL] = &fora_appeal_table,
    [FORA_KIND_RETRACTION] = &fora_retraction_table,
    [FORA_KIND_ATTESTATION] = &fora_attestation_table,
    [FORA_KIND_REVOCATION] = &fora_revocation_table,
    [FORA_KIND_MEMBERSHIP] = &fora_membership_table,
    [FORA_KIND_CASE] = &fora_case_table,
    [FORA_KIND_RECEIPT] = &fora_receipt_table,
    [FORA_KIND_CHECKPOINT] = &fora_checkpoint_table,
    [FORA_KIND_CARRIED] = &fora_carried_table,
};

static const struct wire_table *table_of(uint32_t kind)
{
    return kind < sizeof(tables) / sizeof(tables[0]) ? tables[kind] : NULL;
}

int fora_content_decode(
    struct fora_arena *arena, uint32_t kind, struct fora_bytes bytes, struct fora_content *out)
{
    const struct wire_table *table = table_of(kind);
    int code;

    memset(out, 0, sizeof(*out));
    out->kind = kind;
    if (bytes.size > FORA_CONTENT_MAX)
        return FORA_E_TOO_LARGE;
    if (table == NULL)
        return 0;
    code = wire_decode(arena, table, bytes, &out->u);
    return code != 0 ? code : fora_content_check(out);
}

int fora_content_encode(struct fora_buf *out, const struct fora_content *content)
{
    const struct wire_table *table = table_of(content->kind);
    size_t start = out->size;
    int code;

    if (table == NULL)
        return FORA_E_USAGE;
    /* The table's checks first: the rules rely on them. */
    code = wire_encode(out, table, &content->u);
    if (code == 0)
        code = fora_content_check(content);
    if (code == 0 && out->size - start > FORA_CONTENT_MAX)
        code = FORA_E_TOO_LARGE;
    if (code != 0)
        out->size = start;
    return code;
}

/*
 * The salt has the highest number of all fields (KIND-1), so it is what an encoding ends with, and
 * what an unsalted one lacks at its end.
 */
int fora_content_encode_unsalted(struct fora_buf *out, const struct fora_content *content)
{
    struct fora_content salted = *content;
    struct fora_salt *salt = fora_content_salt(&salted);
    int code;

    if (salt == NULL)
        return FORA_E_USAGE;
    memset(salt->b, 0xff, sizeof(salt->b));
    code = fora_content_encode(out, &salted);
    if (code == 0)
        out->size -= SALT_FIELD_SIZE;
    return code;
}

int fora_content_add_salt(
    struct fora_buf *out, struct fora_bytes unsalted, const struct fora_salt *salt)
{
    size_t start = out->size;

    fora_buf_append_bytes(out, unsalted);
    wire_put_bytes(out, SALT_NUMBER, fora_bytes(salt->b, sizeof(salt->b)));
    if (out->error != 0)
        out->size = start;
    return out->error;
}

void fora_salt_random(struct fora_salt *salt)
{
    fora_random(salt->b, sizeof(salt->b));
}

const struct fora_principal_id *fora_content_mentioned(
    const struct fora_content *content, size_t *count)
{
    if (content->kind == FORA_KIND_THREAD) {
        *count = content->u.thread.mentions_count;
        return content->u.thread.mentions;
    }
    *count = content->kind == FORA_KIND_POST ? content->u.post.mentions_count : 0;
    return *count > 0 ? content->u.post.mentions : NULL;
}

bool fora_content_mentions(
    const struct fora_content *content, const struct fora_principal_id *principal)
{
    size_t count;
    const struct fora_principal_id *list = fora_content_mentioned(content, &count);

    for (size_t i = 0; i < count; i++) {
        if (memcmp(list[i].b, principal->b, sizeof(list[i].b)) == 0)
            return true;
    }
    return false;
}

struct fora_salt *fora_content_salt(struct fora_content *content)
{
    const struct wire_table *table = table_of(content->kind);

    if (table == NULL)
        return NULL;
    return (struct fora_salt *)(void *)((uint8_t *)&content->u +
                                        table->fields[table->count - 1].offset);
}
