/* Full samples. All data is static and constant in effect: the samples only point to it. */
#include "content_samples.h"

#include <string.h>

#define TEXT(literal)                                                                              \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }

static struct fora_source source = {TEXT("https://example.org/q/17"), TEXT("CC BY-SA 4.0"),
    TEXT("Somebody"), TEXT("stackexchange:beer.stackexchange.com:post:17")};
static struct fora_bytes tags[] = {TEXT("c++"), TEXT("\xc3\xa4rger"), TEXT("node.js_2-x#")};
static struct fora_tag_list tag_list = {tags, 3};
static struct fora_applies_to applies_to[] = {
    {TEXT("Brewer Pro"), TEXT("5.0"), TEXT("5.1-rc1+b7")}, {TEXT("Tap"), {0}, {0}}};
static struct fora_bytes addresses[] = {TEXT("node.example:7000"), TEXT("[2001:db8::1]:7000")};
static struct fora_bytes links[] = {TEXT("https://example.org/me")};
static struct fora_node_info node = {{{1, 2}}, addresses, 2, TEXT("node.example"), TEXT("A node")};
static struct fora_device_key keys[] = {
    {{{3}}, {{4}}, TEXT("laptop"), false}, {{{5}}, {{0}}, TEXT("home"), true}};
static struct fora_identity_create create = {FORA_PRINCIPAL_NODE, {{6}}, keys, 2, {{7}}, &node};
static struct fora_grant grants[] = {
    {{{8}}, FORA_ROLE_EDITOR, false, 1, 2, 300}, {{{9}}, FORA_ROLE_BANNED, true, 0, 0, 0}};
static struct fora_privilege privileges[] = {{FORA_ROLE_TAGGER, 50}, {FORA_ROLE_CURATOR, 0}};
static struct fora_host hosts[] = {{{{10}}, false, 1}, {{{11}}, true, 0}};
static struct fora_product products[] = {{TEXT("Brewer Pro"), TEXT("5.1"), false}};
static struct fora_bytes product_names[] = {TEXT("Brewer Pro"), TEXT("Kit")};
static struct fora_object_id objects[] = {{{12}}, {{13}}};
static struct fora_principal_id participants[] = {{{14}}, {{15}}};
static struct fora_principal_id mentioned[] = {{{20}}, {{21}}};
static struct fora_bytes carried[] = {TEXT("\x0a\x01one"), TEXT("\x00two")};
static struct fora_fact facts[] = {{TEXT("answers"), 17}, {TEXT("accepted"), 0}};

static void sample_policy(struct fora_policy_statement *policy)
{
    *policy = (struct fora_policy_statement){
        .kind = FORA_SPACE_QUESTIONS,
        .has_name = true,
        .name = TEXT("Beer"),
        .has_description = true,
        .description = TEXT("About *beer*.\nAnd more."),
        .grants = grants,
        .grants_count = 2,
        .hosts = hosts,
        .hosts_count = 2,
        .has_posting = true,
        .posting = FORA_POSTING_MEMBERS,
        .has_licence = true,
        .licence = TEXT("CC BY-SA 4.0"),
        .products = products,
        .products_count = 1,
        .has_owner = true,
        .owner = {{16}},
        .has_slug = true,
        .slug = TEXT("beer-2"),
        .privileges = privileges,
        .privileges_count = 2,
    };
}

/* Kinds that a thread is made of. */
static void sample_of_thread(struct fora_content *out)
{
    switch (out->kind) {
    case FORA_KIND_THREAD:
        out->u.thread = (struct fora_thread){.source = &source,
            .type = FORA_THREAD_QUESTION,
            .title = TEXT("Why is it flat?"),
            .text = TEXT("It *is*.\n\n\tcode"),
            .tags = tags,
            .tags_count = 3,
            .applies_to = applies_to,
            .applies_to_count = 2,
            .moved_from = {{17}},
            .mentions = mentioned,
            .mentions_count = 2};
        break;
    case FORA_KIND_POST:
        out->u.post = (struct fora_post){.source = &source,
            .type = FORA_POST_ANSWER,
            .text = TEXT("Shake it."),
            .applies_to = applies_to,
            .applies_to_count = 1,
            .mentions = mentioned,
            .mentions_count = 1};
        break;
    case FORA_KIND_REVISION:
        out->u.revision = (struct fora_revision){.source = &source,
            .has_title = true,
            .title = TEXT("Why is my beer flat?"),
            .has_text = true,
            .text = {0},
            .tags = &tag_list,
            .summary = TEXT("clearer")};
        break;
    case FORA_KIND_TALLY:
        out->u.tally =
            (struct fora_tally){.source = &source, .up = 300, .down = 2, .voters_root = {{18}}};
        break;
    case FORA_KIND_RESOLUTION:
        out->u.resolution = (struct fora_resolution){.source = &source,
            .type = FORA_RESOLUTION_SUPERSEDED_BY,
            .applies_to = applies_to,
            .applies_to_count = 2,
            .superseded_by = {{19}},
            .note = TEXT("newer")};
        break;
    case FORA_KIND_STATUS:
        out->u.status = (struct fora_status){.source = &source,
            .status = TEXT("fixed"),
            .note = TEXT("at last"),
            .version = TEXT("5.2")};
        break;
    case FORA_KIND_CITE:
        out->u.cite = (struct fora_cite){.source = &source, .objects = objects, .objects_count = 2};
        break;
    default:
        out->u.duplicate = (struct fora_duplicate){
            .source = &source, .original = {{20}}, .original_space = {{21}}};
        break;
    }
}

/* Kinds about other objects, and reserved ones. */
static void sample_about(struct fora_content *out)
{
    switch (out->kind) {
    case FORA_KIND_FLAG:
        out->u.flag =
            (struct fora_flag){.reason = TEXT("off-topic"), .note = TEXT("wine"), .weight = 3};
        break;
    case FORA_KIND_MODERATION:
        out->u.moderation = (struct fora_moderation){.source = &source,
            .action = FORA_MODERATION_MOVE,
            .reason = TEXT("belongs there"),
            .to_space = {{22}},
            .to_thread = {{23}}};
        break;
    case FORA_KIND_APPEAL:
        out->u.appeal = (struct fora_appeal){.text = TEXT("It does not.")};
        break;
    case FORA_KIND_RETRACTION:
        out->u.retraction =
            (struct fora_retraction){.source = &source, .reason = TEXT("was wrong")};
        break;
    case FORA_KIND_ATTESTATION:
        out->u.attestation = (struct fora_attestation){.type = FORA_ATTESTATION_STANDING,
            .subject = {{24}},
            .from = 1,
            .until = 2,
            .rule = TEXT("counts/1"),
            .facts = facts,
            .facts_count = 2,
            .evidence_root = {{25}},
            .label = TEXT("Expert"),
            .delegation = {{26}},
            .products = product_names,
            .products_count = 2,
            .may = 1 << FORA_ATTESTATION_BADGE,
            .limit = 5,
            .depth = 1};
        break;
    case FORA_KIND_REVOCATION:
        out->u.revocation = (struct fora_revocation){.reason = TEXT("mistake")};
        break;
    case FORA_KIND_MEMBERSHIP:
        out->u.membership = (struct fora_membership){.member = {{27}}, .leave = true};
        break;
    case FORA_KIND_CASE:
        out->u.private_case = (struct fora_case){.sealed = TEXT("\x00\xff sealed"),
            .participants = participants,
            .participants_count = 2};
        break;
    case FORA_KIND_RECEIPT:
        out->u.receipt =
            (struct fora_receipt){.accepted_at = 5, .objects_root = {{28}}, .erased = {{29}}};
        break;
    case FORA_KIND_CARRIED:
        out->u.carried = (struct fora_carried){.objects = carried, .objects_count = 2};
        break;
    default:
        out->u.checkpoint =
            (struct fora_checkpoint){.count = 9, .fingerprint = TEXT("0123456789abcdef")};
        break;
    }
}

void content_sample(struct fora_content *out, uint32_t kind)
{
    struct fora_salt *salt;

    memset(out, 0, sizeof(*out));
    out->kind = kind;
    if (kind == FORA_KIND_IDENTITY)
        out->u.identity.create = &create;
    else if (kind == FORA_KIND_POLICY)
        sample_policy(&out->u.policy);
    else if (kind == FORA_KIND_PROFILE)
        out->u.profile = (struct fora_profile){.name = TEXT("Ann"),
            .about = TEXT("I brew.\n"),
            .links = links,
            .links_count = 1,
            .source = &source};
    else if (kind <= FORA_KIND_DUPLICATE)
        sample_of_thread(out);
    else
        sample_about(out);
    salt = fora_content_salt(out);
    for (size_t i = 0; i < sizeof(salt->b); i++)
        salt->b[i] = (uint8_t)(kind + i);
}
