/*
 * Shape of contents beyond the tables (spec/05-kinds.md).
 *
 * Every rule here is a function of the content alone, so that all nodes refuse the same objects.
 * What depends on the header, on the log or on the policy is decided by those rooms. Enum values
 * without a name pass: the protocol can grow.
 */
#include "rules.h"

#include <string.h>

static int verdict(bool good)
{
    return good ? 0 : FORA_E_MALFORMED;
}

static bool starts_with(struct fora_bytes text, const char *prefix)
{
    size_t size = strlen(prefix);

    return text.size > size && memcmp(text.data, prefix, size) == 0;
}

static bool is_lower_or_digit(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* [a-z0-9-]: reasons, states, slugs. */
static bool is_word(struct fora_bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (!is_lower_or_digit(text.data[i]) && text.data[i] != '-')
            return false;
    }
    return text.size != 0;
}

/* Visible ASCII without space; may be empty. Versions and URLs (KIND-2, KIND-4). */
static bool is_visible(struct fora_bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] <= 0x20 || text.data[i] >= 0x7f)
            return false;
    }
    return true;
}

/* A space or an invisible character at *at of UTF-8 that is known to be valid: U+00A0, U+1680,
 * U+2000 to U+206F, U+3000, U+FEFF. */
static bool is_blank(const uint8_t *at)
{
    static const uint8_t blanks[][3] = {{0xe1, 0x9a, 0x80}, {0xe3, 0x80, 0x80}, {0xef, 0xbb, 0xbf}};

    if (at[0] == 0xc2 && at[1] == 0xa0)
        return true;
    if (at[0] == 0xe2 && (at[1] == 0x80 || (at[1] == 0x81 && at[2] <= 0xaf)))
        return true;
    for (size_t i = 0; i < sizeof(blanks) / sizeof(blanks[0]); i++) {
        if (at[0] == blanks[i][0] && at[1] == blanks[i][1] && at[2] == blanks[i][2])
            return true;
    }
    return false;
}

/* KIND-3: no upper-case ASCII, of ASCII's signs only . + # _ -, nothing blank. */
static bool is_tag(struct fora_bytes tag)
{
    for (size_t i = 0; i < tag.size; i++) {
        uint8_t c = tag.data[i];

        if (c < 0x80 ? !is_lower_or_digit(c) && strchr(".+#_-", c) == NULL
                     : c >= 0xc0 && is_blank(tag.data + i))
            return false;
    }
    return true;
}

static int check_tags(const struct fora_bytes *tags, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_tag(tags[i]))
            return FORA_E_MALFORMED;
    }
    return 0;
}

/* KIND-2: names compare byte by byte, so no space hides at an end. */
static bool is_product(struct fora_bytes name)
{
    return name.size != 0 && name.data[0] != ' ' && name.data[name.size - 1] != ' ';
}

static int check_applies_to(const struct fora_applies_to *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_product(list[i].product) || !is_visible(list[i].from) || !is_visible(list[i].to))
            return FORA_E_MALFORMED;
    }
    return 0;
}

/* KIND-MENTION-1: nobody twice, so that a count of mentions counts people. */
static int check_mentions(const struct fora_principal_id *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (memcmp(list[i].b, list[j].b, FORA_ID_SIZE) == 0)
                return FORA_E_MALFORMED;
        }
    }
    return 0;
}

/* KIND-4: a page shows it as a link, so no other scheme may hide in it. */
static int check_source(const struct fora_source *source)
{
    if (source == NULL || source->url.size == 0)
        return 0;
    return verdict((starts_with(source->url, "https://") || starts_with(source->url, "http://")) &&
                   is_visible(source->url));
}

static int check_identity(const struct fora_identity_entry *entry)
{
    int operations = (entry->create != NULL) + (entry->add_key != NULL) +
                     (entry->revoke_key != NULL) + (entry->rotate != NULL) + (entry->home != NULL) +
                     (entry->node != NULL) + (entry->recover != NULL);

    return verdict(operations == 1 && (entry->create != NULL) == (entry->sequence == 0));
}

static int check_policy(const struct fora_policy_statement *policy)
{
    if ((policy->has_name && policy->name.size == 0) ||
        (policy->has_slug && !is_word(policy->slug)))
        return FORA_E_MALFORMED;
    for (size_t i = 0; i < policy->products_count; i++) {
        if (!is_product(policy->products[i].name) || !is_visible(policy->products[i].latest))
            return FORA_E_MALFORMED;
    }
    return 0;
}

static int check_profile(const struct fora_profile *profile)
{
    for (size_t i = 0; i < profile->links_count; i++) {
        if (!starts_with(profile->links[i], "https://") || !is_visible(profile->links[i]))
            return FORA_E_MALFORMED;
    }
    return check_source(profile->source);
}

static int check_thread(const struct fora_thread *thread)
{
    int code = check_source(thread->source);

    if (code == 0)
        code = check_tags(thread->tags, thread->tags_count);
    if (code == 0)
        code = check_mentions(thread->mentions, thread->mentions_count);
    return code != 0 ? code : check_applies_to(thread->applies_to, thread->applies_to_count);
}

static int check_post(const struct fora_post *post)
{
    int code = check_source(post->source);

    if (code == 0)
        code = check_mentions(post->mentions, post->mentions_count);
    return code != 0 ? code : check_applies_to(post->applies_to, post->applies_to_count);
}

static int check_revision(const struct fora_revision *revision)
{
    if (!revision->has_title && !revision->has_text && revision->tags == NULL)
        return FORA_E_MALFORMED;
    if (revision->has_title && revision->title.size == 0)
        return FORA_E_MALFORMED;
    if (revision->tags != NULL && check_tags(revision->tags->tags, revision->tags->tags_count) != 0)
        return FORA_E_MALFORMED;
    return check_source(revision->source);
}

static int check_tally(const struct fora_tally *tally)
{
    if (tally->imported && !fora_id_is_zero(tally->voters_root.b))
        return FORA_E_MALFORMED;
    return check_source(tally->source);
}

static int check_resolution(const struct fora_resolution *resolution)
{
    int code = check_source(resolution->source);

    if (resolution->type == FORA_RESOLUTION_SUPERSEDED_BY &&
        fora_id_is_zero(resolution->superseded_by.b))
        return FORA_E_MALFORMED;
    if (resolution->type == FORA_RESOLUTION_REGRESSED_IN && resolution->applies_to_count == 0)
        return FORA_E_MALFORMED;
    return code != 0 ? code
                     : check_applies_to(resolution->applies_to, resolution->applies_to_count);
}

static int check_status(const struct fora_status *status)
{
    if (!is_word(status->status) || !is_visible(status->version))
        return FORA_E_MALFORMED;
    return check_source(status->source);
}

static int check_moderation(const struct fora_moderation *moderation)
{
    if (moderation->action == FORA_MODERATION_MOVE && fora_id_is_zero(moderation->to_space.b) &&
        fora_id_is_zero(moderation->to_thread.b))
        return FORA_E_MALFORMED;
    return check_source(moderation->source);
}

static int check_attestation(const struct fora_attestation *attestation)
{
    for (size_t i = 0; i < attestation->products_count; i++) {
        if (!is_product(attestation->products[i]))
            return FORA_E_MALFORMED;
    }
    return verdict(attestation->until == 0 || attestation->from <= attestation->until);
}

static int check_receipt(const struct fora_receipt *receipt)
{
    for (size_t i = 0; i < receipt->proofs_count; i++) {
        if (receipt->proofs[i].index >= receipt->leaves)
            return FORA_E_MALFORMED;
    }
    return 0;
}

/* They are opaque here: what they say is judged by whoever looks (ATT-16). */
static int check_carried(const struct fora_carried *carried)
{
    size_t left = FORA_CARRIED_MAX;

    for (size_t i = 0; i < carried->objects_count; i++) {
        if (carried->objects[i].size > left)
            return FORA_E_TOO_LARGE;
        left -= carried->objects[i].size;
    }
    return 0;
}

int fora_content_check(const struct fora_content *content)
{
    switch ((enum fora_kind)content->kind) {
    case FORA_KIND_IDENTITY:
        return check_identity(&content->u.identity);
    case FORA_KIND_POLICY:
        return check_policy(&content->u.policy);
    case FORA_KIND_PROFILE:
        return check_profile(&content->u.profile);
    case FORA_KIND_THREAD:
        return check_thread(&content->u.thread);
    case FORA_KIND_POST:
        return check_post(&content->u.post);
    case FORA_KIND_REVISION:
        return check_revision(&content->u.revision);
    case FORA_KIND_TALLY:
        return check_tally(&content->u.tally);
    case FORA_KIND_RESOLUTION:
        return check_resolution(&content->u.resolution);
    case FORA_KIND_STATUS:
        return check_status(&content->u.status);
    case FORA_KIND_CITE:
        return check_source(content->u.cite.source);
    case FORA_KIND_DUPLICATE:
        return check_source(content->u.duplicate.source);
    case FORA_KIND_FLAG:
        return verdict(is_word(content->u.flag.reason));
    case FORA_KIND_MODERATION:
        return check_moderation(&content->u.moderation);
    case FORA_KIND_RETRACTION:
        return check_source(content->u.retraction.source);
    case FORA_KIND_ATTESTATION:
        return check_attestation(&content->u.attestation);
    case FORA_KIND_RECEIPT:
        return check_receipt(&content->u.receipt);
    case FORA_KIND_CHECKPOINT:
        return verdict(content->u.checkpoint.fingerprint.size == FORA_FINGERPRINT_SIZE);
    case FORA_KIND_CARRIED:
        return check_carried(&content->u.carried);
    case FORA_KIND_UNSPECIFIED:
    case FORA_KIND_APPEAL:
    case FORA_KIND_REVOCATION:
    case FORA_KIND_MEMBERSHIP:
    case FORA_KIND_CASE:
        break;
    }
    return 0;
}
