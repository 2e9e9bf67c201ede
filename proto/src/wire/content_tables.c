/* The tables of all contents (spec/05-kinds.md; limits: spec/11-limits.md). */
#include "wire/tables.h"

#include "fora/content.h"
#include "fora/reputation.h"
#include "fora/merkle.h"

static const struct wire_field fora_source_fields[] = {
    WIRE_TEXT(1, fora_source, url, 1000, 0),
    WIRE_TEXT(2, fora_source, licence, 100, 0),
    WIRE_TEXT(3, fora_source, author, 100, 0),
    WIRE_TEXT(4, fora_source, id, 200, 0),
};
const struct wire_table fora_source_table = WIRE_TABLE("Source", fora_source);

static const struct wire_field fora_node_info_fields[] = {
    WIRE_ID(1, fora_node_info, noise_key, WIRE_REQUIRED),
    WIRE_MANY_TEXT(2, fora_node_info, addresses, 255, 8, 0),
    WIRE_TEXT(3, fora_node_info, domain, 253, 0),
    WIRE_TEXT(4, fora_node_info, name, 100, 0),
};
const struct wire_table fora_node_info_table = WIRE_TABLE("NodeInfo", fora_node_info);

static const struct wire_field fora_device_key_fields[] = {
    WIRE_ID(1, fora_device_key, sign, WIRE_REQUIRED),
    WIRE_ID(2, fora_device_key, seal, 0),
    WIRE_TEXT(3, fora_device_key, label, 64, 0),
    WIRE_BOOL(4, fora_device_key, custodial, 0),
};
const struct wire_table fora_device_key_table = WIRE_TABLE("DeviceKey", fora_device_key);

static const struct wire_field fora_identity_create_fields[] = {
    WIRE_ENUM(1, fora_identity_create, type, WIRE_REQUIRED),
    WIRE_ID(2, fora_identity_create, next_root_commitment, WIRE_REQUIRED),
    WIRE_MANY_MESSAGE(3, fora_identity_create, keys, &fora_device_key_table, 16, WIRE_REQUIRED),
    WIRE_ID(4, fora_identity_create, home, 0),
    WIRE_MESSAGE(5, fora_identity_create, node, &fora_node_info_table, 0),
};
const struct wire_table fora_identity_create_table =
    WIRE_TABLE("IdentityCreate", fora_identity_create);

static const struct wire_field fora_key_revocation_fields[] = {
    WIRE_ID(1, fora_key_revocation, sign, WIRE_REQUIRED),
    WIRE_U64(2, fora_key_revocation, compromised_at, 0),
};
const struct wire_table fora_key_revocation_table =
    WIRE_TABLE("KeyRevocation", fora_key_revocation);

static const struct wire_field fora_root_rotation_fields[] = {
    WIRE_ID(1, fora_root_rotation, next_root_commitment, WIRE_REQUIRED),
};
const struct wire_table fora_root_rotation_table = WIRE_TABLE("RootRotation", fora_root_rotation);

static const struct wire_field fora_home_change_fields[] = {
    WIRE_ID(1, fora_home_change, home, WIRE_REQUIRED),
};
const struct wire_table fora_home_change_table = WIRE_TABLE("HomeChange", fora_home_change);

static const struct wire_field fora_recovery_fields[] = {
    WIRE_ID(1, fora_recovery, next_root_commitment, 0),
};
const struct wire_table fora_recovery_table = WIRE_TABLE("Recovery", fora_recovery);

static const struct wire_field fora_identity_entry_fields[] = {
    WIRE_U32(1, fora_identity_entry, sequence, 0),
    WIRE_MESSAGE(2, fora_identity_entry, create, &fora_identity_create_table, 0),
    WIRE_MESSAGE(3, fora_identity_entry, add_key, &fora_device_key_table, 0),
    WIRE_MESSAGE(4, fora_identity_entry, revoke_key, &fora_key_revocation_table, 0),
    WIRE_MESSAGE(5, fora_identity_entry, rotate, &fora_root_rotation_table, 0),
    WIRE_MESSAGE(6, fora_identity_entry, home, &fora_home_change_table, 0),
    WIRE_MESSAGE(7, fora_identity_entry, node, &fora_node_info_table, 0),
    WIRE_MESSAGE(8, fora_identity_entry, recover, &fora_recovery_table, 0),
    WIRE_ID(15, fora_identity_entry, salt, WIRE_REQUIRED),
};
const struct wire_table fora_identity_entry_table =
    WIRE_TABLE("IdentityEntry", fora_identity_entry);

static const struct wire_field fora_withheld_fields[] = {
    WIRE_ID(1, fora_withheld, issuer, WIRE_REQUIRED),
    WIRE_ID(2, fora_withheld, space, 0),
    WIRE_ENUM(3, fora_withheld, type, WIRE_REQUIRED),
    WIRE_TEXT(4, fora_withheld, label, 200, 0),
};
const struct wire_table fora_withheld_table = WIRE_TABLE("Withheld", fora_withheld);

static const struct wire_field fora_profile_fields[] = {
    WIRE_TEXT(1, fora_profile, name, 100, WIRE_REQUIRED),
    WIRE_TEXT(2, fora_profile, about, 4096, WIRE_MULTILINE),
    WIRE_MANY_TEXT(3, fora_profile, links, 500, 8, 0),
    WIRE_MANY_MESSAGE(4, fora_profile, withheld, &fora_withheld_table, 64, 0),
    WIRE_MESSAGE(14, fora_profile, source, &fora_source_table, 0),
    WIRE_ID(15, fora_profile, salt, WIRE_REQUIRED),
};
const struct wire_table fora_profile_table = WIRE_TABLE("Profile", fora_profile);

static const struct wire_field fora_grant_fields[] = {
    WIRE_ID(1, fora_grant, principal, WIRE_REQUIRED),
    WIRE_ENUM(2, fora_grant, role, WIRE_REQUIRED),
    WIRE_BOOL(3, fora_grant, revoke, 0),
    WIRE_U64(4, fora_grant, since, 0),
    WIRE_U64(5, fora_grant, until, 0),
    WIRE_U32(6, fora_grant, earned, 0),
};
const struct wire_table fora_grant_table = WIRE_TABLE("Grant", fora_grant);

static const struct wire_field fora_host_fields[] = {
    WIRE_ID(1, fora_host, node, WIRE_REQUIRED),
    WIRE_BOOL(2, fora_host, remove, 0),
    WIRE_U32(3, fora_host, succession, 0),
};
const struct wire_table fora_host_table = WIRE_TABLE("Host", fora_host);

static const struct wire_field fora_product_fields[] = {
    WIRE_TEXT(1, fora_product, name, 100, WIRE_REQUIRED),
    WIRE_TEXT(2, fora_product, latest, 64, 0),
    WIRE_BOOL(3, fora_product, remove, 0),
};
const struct wire_table fora_product_table = WIRE_TABLE("Product", fora_product);

static const struct wire_field fora_privilege_fields[] = {
    WIRE_ENUM(1, fora_privilege, role, WIRE_REQUIRED),
    WIRE_U32(2, fora_privilege, standing, 0),
};
const struct wire_table fora_privilege_table = WIRE_TABLE("Privilege", fora_privilege);

static const struct wire_field fora_policy_statement_fields[] = {
    WIRE_ENUM(1, fora_policy_statement, kind, 0),
    WIRE_MAYBE_TEXT(2, fora_policy_statement, name, 100, 0),
    WIRE_MAYBE_TEXT(3, fora_policy_statement, description, 4096, WIRE_MULTILINE),
    WIRE_MANY_MESSAGE(4, fora_policy_statement, grants, &fora_grant_table, 256, 0),
    WIRE_MANY_MESSAGE(5, fora_policy_statement, hosts, &fora_host_table, 64, 0),
    WIRE_MAYBE_U32(6, fora_policy_statement, posting, 0),
    WIRE_MAYBE_TEXT(7, fora_policy_statement, licence, 100, 0),
    WIRE_MANY_MESSAGE(8, fora_policy_statement, products, &fora_product_table, 64, 0),
    WIRE_MAYBE_ID(9, fora_policy_statement, owner, 0),
    WIRE_MAYBE_TEXT(10, fora_policy_statement, slug, 40, 0),
    WIRE_MANY_MESSAGE(11, fora_policy_statement, privileges, &fora_privilege_table, 16, 0),
    WIRE_ID(15, fora_policy_statement, salt, WIRE_REQUIRED),
};
const struct wire_table fora_policy_statement_table =
    WIRE_TABLE("PolicyStatement", fora_policy_statement);

static const struct wire_field fora_applies_to_fields[] = {
    WIRE_TEXT(1, fora_applies_to, product, 100, WIRE_REQUIRED),
    WIRE_TEXT(2, fora_applies_to, from, 64, 0),
    WIRE_TEXT(3, fora_applies_to, to, 64, 0),
};
const struct wire_table fora_applies_to_table = WIRE_TABLE("AppliesTo", fora_applies_to);

static const struct wire_field fora_thread_fields[] = {
    WIRE_ENUM(1, fora_thread, type, WIRE_REQUIRED),
    WIRE_TEXT(2, fora_thread, title, 300, WIRE_REQUIRED),
    WIRE_TEXT(3, fora_thread, text, 65536, WIRE_MULTILINE),
    WIRE_MANY_TEXT(4, fora_thread, tags, 40, 16, 0),
    WIRE_MANY_MESSAGE(5, fora_thread, applies_to, &fora_applies_to_table, 16, 0),
    WIRE_ID(6, fora_thread, moved_from, 0),
    WIRE_MANY_ID(7, fora_thread, mentions, FORA_MENTIONS_MAX, 0),
    WIRE_MESSAGE(14, fora_thread, source, &fora_source_table, 0),
    WIRE_ID(15, fora_thread, salt, WIRE_REQUIRED),
};
const struct wire_table fora_thread_table = WIRE_TABLE("Thread", fora_thread);

static const struct wire_field fora_post_fields[] = {
    WIRE_ENUM(1, fora_post, type, WIRE_REQUIRED),
    WIRE_TEXT(2, fora_post, text, 65536, WIRE_REQUIRED | WIRE_MULTILINE),
    WIRE_MANY_MESSAGE(3, fora_post, applies_to, &fora_applies_to_table, 16, 0),
    WIRE_MANY_ID(4, fora_post, mentions, FORA_MENTIONS_MAX, 0),
    WIRE_MESSAGE(14, fora_post, source, &fora_source_table, 0),
    WIRE_ID(15, fora_post, salt, WIRE_REQUIRED),
};
const struct wire_table fora_post_table = WIRE_TABLE("Post", fora_post);

static const struct wire_field fora_tag_list_fields[] = {
    WIRE_MANY_TEXT(1, fora_tag_list, tags, 40, 16, 0),
};
const struct wire_table fora_tag_list_table = WIRE_TABLE("TagList", fora_tag_list);

static const struct wire_field fora_revision_fields[] = {
    WIRE_MAYBE_TEXT(1, fora_revision, title, 300, 0),
    WIRE_MAYBE_TEXT(2, fora_revision, text, 65536, WIRE_MULTILINE),
    WIRE_MESSAGE(3, fora_revision, tags, &fora_tag_list_table, 0),
    WIRE_TEXT(4, fora_revision, summary, 500, WIRE_MULTILINE),
    WIRE_MESSAGE(14, fora_revision, source, &fora_source_table, 0),
    WIRE_ID(15, fora_revision, salt, WIRE_REQUIRED),
};
const struct wire_table fora_revision_table = WIRE_TABLE("Revision", fora_revision);

static const struct wire_field fora_tally_fields[] = {
    WIRE_U64(1, fora_tally, up, 0),
    WIRE_U64(2, fora_tally, down, 0),
    WIRE_ID(3, fora_tally, voters_root, 0),
    WIRE_BOOL(4, fora_tally, imported, 0),
    WIRE_MESSAGE(14, fora_tally, source, &fora_source_table, 0),
    WIRE_ID(15, fora_tally, salt, WIRE_REQUIRED),
};
const struct wire_table fora_tally_table = WIRE_TABLE("Tally", fora_tally);

static const struct wire_field fora_resolution_fields[] = {
    WIRE_ENUM(1, fora_resolution, type, WIRE_REQUIRED),
    WIRE_MANY_MESSAGE(2, fora_resolution, applies_to, &fora_applies_to_table, 16, 0),
    WIRE_ID(3, fora_resolution, superseded_by, 0),
    WIRE_TEXT(4, fora_resolution, note, 1024, WIRE_MULTILINE),
    WIRE_MESSAGE(14, fora_resolution, source, &fora_source_table, 0),
    WIRE_ID(15, fora_resolution, salt, WIRE_REQUIRED),
};
const struct wire_table fora_resolution_table = WIRE_TABLE("Resolution", fora_resolution);

static const struct wire_field fora_status_fields[] = {
    WIRE_TEXT(1, fora_status, status, 40, WIRE_REQUIRED),
    WIRE_TEXT(2, fora_status, note, 1024, WIRE_MULTILINE),
    WIRE_TEXT(3, fora_status, version, 64, 0),
    WIRE_MESSAGE(14, fora_status, source, &fora_source_table, 0),
    WIRE_ID(15, fora_status, salt, WIRE_REQUIRED),
};
const struct wire_table fora_status_table = WIRE_TABLE("Status", fora_status);

static const struct wire_field fora_cite_fields[] = {
    WIRE_MANY_ID(1, fora_cite, objects, 64, WIRE_REQUIRED),
    WIRE_MESSAGE(14, fora_cite, source, &fora_source_table, 0),
    WIRE_ID(15, fora_cite, salt, WIRE_REQUIRED),
};
const struct wire_table fora_cite_table = WIRE_TABLE("Cite", fora_cite);

static const struct wire_field fora_duplicate_fields[] = {
    WIRE_ID(1, fora_duplicate, original, WIRE_REQUIRED),
    WIRE_ID(2, fora_duplicate, original_space, 0),
    WIRE_MESSAGE(14, fora_duplicate, source, &fora_source_table, 0),
    WIRE_ID(15, fora_duplicate, salt, WIRE_REQUIRED),
};
const struct wire_table fora_duplicate_table = WIRE_TABLE("Duplicate", fora_duplicate);

static const struct wire_field fora_flag_fields[] = {
    WIRE_TEXT(1, fora_flag, reason, 40, WIRE_REQUIRED),
    WIRE_TEXT(2, fora_flag, note, 1024, WIRE_MULTILINE),
    WIRE_U32(3, fora_flag, weight, 0),
    WIRE_ID(15, fora_flag, salt, WIRE_REQUIRED),
};
const struct wire_table fora_flag_table = WIRE_TABLE("Flag", fora_flag);

static const struct wire_field fora_moderation_fields[] = {
    WIRE_ENUM(1, fora_moderation, action, WIRE_REQUIRED),
    WIRE_TEXT(2, fora_moderation, reason, 1024, WIRE_REQUIRED | WIRE_MULTILINE),
    WIRE_ID(3, fora_moderation, to_space, 0),
    WIRE_ID(4, fora_moderation, to_thread, 0),
    WIRE_MESSAGE(14, fora_moderation, source, &fora_source_table, 0),
    WIRE_ID(15, fora_moderation, salt, WIRE_REQUIRED),
};
const struct wire_table fora_moderation_table = WIRE_TABLE("Moderation", fora_moderation);

static const struct wire_field fora_appeal_fields[] = {
    WIRE_TEXT(1, fora_appeal, text, 4096, WIRE_REQUIRED | WIRE_MULTILINE),
    WIRE_ID(15, fora_appeal, salt, WIRE_REQUIRED),
};
const struct wire_table fora_appeal_table = WIRE_TABLE("Appeal", fora_appeal);

static const struct wire_field fora_retraction_fields[] = {
    WIRE_TEXT(1, fora_retraction, reason, 1024, WIRE_MULTILINE),
    WIRE_MESSAGE(14, fora_retraction, source, &fora_source_table, 0),
    WIRE_ID(15, fora_retraction, salt, WIRE_REQUIRED),
};
const struct wire_table fora_retraction_table = WIRE_TABLE("Retraction", fora_retraction);

static const struct wire_field fora_fact_fields[] = {
    WIRE_TEXT(1, fora_fact, name, 64, WIRE_REQUIRED),
    WIRE_U64(2, fora_fact, count, 0),
};
const struct wire_table fora_fact_table = WIRE_TABLE("Fact", fora_fact);

static const struct wire_field fora_attestation_fields[] = {
    WIRE_ENUM(1, fora_attestation, type, WIRE_REQUIRED),
    WIRE_ID(2, fora_attestation, subject, WIRE_REQUIRED),
    WIRE_U64(3, fora_attestation, from, 0),
    WIRE_U64(4, fora_attestation, until, 0),
    WIRE_TEXT(5, fora_attestation, rule, 64, 0),
    WIRE_MANY_MESSAGE(6, fora_attestation, facts, &fora_fact_table, 32, 0),
    WIRE_ID(7, fora_attestation, evidence_root, 0),
    WIRE_TEXT(8, fora_attestation, label, 200, 0),
    WIRE_ID(9, fora_attestation, delegation, 0),
    WIRE_MANY_TEXT(10, fora_attestation, products, 100, 16, 0),
    WIRE_U32(11, fora_attestation, may, 0),
    WIRE_U64(12, fora_attestation, limit, 0),
    WIRE_U32(13, fora_attestation, depth, 0),
    WIRE_ID(15, fora_attestation, salt, WIRE_REQUIRED),
};
const struct wire_table fora_attestation_table = WIRE_TABLE("Attestation", fora_attestation);

/* Objects are borrowed: their number is bounded by the bundle's size first. */
static const struct wire_field fora_bundle_fields[] = {
    WIRE_U32(1, fora_bundle, version, WIRE_REQUIRED),
    WIRE_ID(2, fora_bundle, subject, WIRE_REQUIRED),
    WIRE_U64(3, fora_bundle, made_at, 0),
    WIRE_MANY_BYTES(4, fora_bundle, objects, 102400, 4096, WIRE_REQUIRED),
};
const struct wire_table fora_bundle_table = WIRE_TABLE("Bundle", fora_bundle);

static const struct wire_field fora_revocation_fields[] = {
    WIRE_TEXT(1, fora_revocation, reason, 1024, WIRE_MULTILINE),
    WIRE_ID(15, fora_revocation, salt, WIRE_REQUIRED),
};
const struct wire_table fora_revocation_table = WIRE_TABLE("Revocation", fora_revocation);

static const struct wire_field fora_membership_fields[] = {
    WIRE_ID(1, fora_membership, member, WIRE_REQUIRED),
    WIRE_BOOL(2, fora_membership, leave, 0),
    WIRE_ID(15, fora_membership, salt, WIRE_REQUIRED),
};
const struct wire_table fora_membership_table = WIRE_TABLE("Membership", fora_membership);

static const struct wire_field fora_case_fields[] = {
    WIRE_BYTES(1, fora_case, sealed, 65536, 0),
    WIRE_MANY_ID(2, fora_case, participants, 64, 0),
    WIRE_ID(15, fora_case, salt, WIRE_REQUIRED),
};
const struct wire_table fora_case_table = WIRE_TABLE("Case", fora_case);

static const struct wire_field fora_receipt_proof_fields[] = {
    WIRE_ID(1, fora_receipt_proof, object, WIRE_REQUIRED),
    WIRE_U32(2, fora_receipt_proof, index, 0),
    WIRE_MANY_ID(3, fora_receipt_proof, path, FORA_MERKLE_PATH_MAX, 0),
};
const struct wire_table fora_receipt_proof_table = WIRE_TABLE("ReceiptProof", fora_receipt_proof);

static const struct wire_field fora_receipt_fields[] = {
    WIRE_U64(1, fora_receipt, accepted_at, 0),
    WIRE_ID(2, fora_receipt, objects_root, 0),
    WIRE_ID(3, fora_receipt, erased, 0),
    WIRE_U32(4, fora_receipt, leaves, 0),
    WIRE_MANY_MESSAGE(
        5, fora_receipt, proofs, &fora_receipt_proof_table, FORA_RECEIPT_PROOFS_MAX, 0),
    WIRE_ID(15, fora_receipt, salt, WIRE_REQUIRED),
};
const struct wire_table fora_receipt_table = WIRE_TABLE("Receipt", fora_receipt);

static const struct wire_field fora_checkpoint_fields[] = {
    WIRE_U64(1, fora_checkpoint, count, 0),
    WIRE_BYTES(2, fora_checkpoint, fingerprint, 16, 0),
    WIRE_ID(15, fora_checkpoint, salt, WIRE_REQUIRED),
};
const struct wire_table fora_checkpoint_table = WIRE_TABLE("Checkpoint", fora_checkpoint);

static const struct wire_field fora_carried_fields[] = {
    WIRE_MANY_BYTES(1, fora_carried, objects, FORA_CARRIED_MAX, FORA_CARRIED_OBJECTS_MAX, 0),
    WIRE_ID(15, fora_carried, salt, WIRE_REQUIRED),
};
const struct wire_table fora_carried_table = WIRE_TABLE("Carried", fora_carried);
