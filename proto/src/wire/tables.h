/* Every message table of the protocol, declared. */
#ifndef FORA_WIRE_TABLES_H
#define FORA_WIRE_TABLES_H

#include "wire/table.h"

/* Not part of the shared library's interface. */
#pragma GCC visibility push(hidden)

extern const struct wire_table fora_header_table;
extern const struct wire_table fora_source_table;
extern const struct wire_table fora_node_info_table;
extern const struct wire_table fora_device_key_table;
extern const struct wire_table fora_identity_create_table;
extern const struct wire_table fora_key_revocation_table;
extern const struct wire_table fora_root_rotation_table;
extern const struct wire_table fora_home_change_table;
extern const struct wire_table fora_recovery_table;
extern const struct wire_table fora_identity_entry_table;
extern const struct wire_table fora_profile_table;
extern const struct wire_table fora_grant_table;
extern const struct wire_table fora_host_table;
extern const struct wire_table fora_privilege_table;
extern const struct wire_table fora_product_table;
extern const struct wire_table fora_policy_statement_table;
extern const struct wire_table fora_applies_to_table;
extern const struct wire_table fora_withheld_table;
extern const struct wire_table fora_thread_table;
extern const struct wire_table fora_post_table;
extern const struct wire_table fora_tag_list_table;
extern const struct wire_table fora_revision_table;
extern const struct wire_table fora_tally_table;
extern const struct wire_table fora_resolution_table;
extern const struct wire_table fora_status_table;
extern const struct wire_table fora_cite_table;
extern const struct wire_table fora_duplicate_table;
extern const struct wire_table fora_flag_table;
extern const struct wire_table fora_moderation_table;
extern const struct wire_table fora_appeal_table;
extern const struct wire_table fora_retraction_table;
extern const struct wire_table fora_fact_table;
extern const struct wire_table fora_attestation_table;
extern const struct wire_table fora_bundle_table;
extern const struct wire_table fora_revocation_table;
extern const struct wire_table fora_membership_table;
extern const struct wire_table fora_case_table;
extern const struct wire_table fora_receipt_proof_table;
extern const struct wire_table fora_receipt_table;
extern const struct wire_table fora_checkpoint_table;
extern const struct wire_table fora_carried_table;
extern const struct wire_table fora_msg_result_table;
extern const struct wire_table fora_msg_space_row_table;
extern const struct wire_table fora_msg_thread_row_table;
extern const struct wire_table fora_msg_delivery_row_table;
extern const struct wire_table fora_msg_peer_refusal_table;
extern const struct wire_table fora_msg_peer_row_table;
extern const struct wire_table fora_msg_subscription_row_table;
extern const struct wire_table fora_msg_hello_table;
extern const struct wire_table fora_msg_error_table;
extern const struct wire_table fora_msg_credit_table;
extern const struct wire_table fora_msg_ping_table;
extern const struct wire_table fora_msg_pong_table;
extern const struct wire_table fora_msg_cancel_table;
extern const struct wire_table fora_msg_ok_table;
extern const struct wire_table fora_msg_auth_table;
extern const struct wire_table fora_msg_auth_ok_table;
extern const struct wire_table fora_msg_put_table;
extern const struct wire_table fora_msg_put_result_table;
extern const struct wire_table fora_msg_fetch_table;
extern const struct wire_table fora_msg_objects_table;
extern const struct wire_table fora_msg_follow_table;
extern const struct wire_table fora_msg_follow_batch_table;
extern const struct wire_table fora_msg_follow_ack_table;
extern const struct wire_table fora_msg_reconcile_table;
extern const struct wire_table fora_msg_reconcile_reply_table;
extern const struct wire_table fora_msg_list_spaces_table;
extern const struct wire_table fora_msg_spaces_table;
extern const struct wire_table fora_msg_list_threads_table;
extern const struct wire_table fora_msg_threads_table;
extern const struct wire_table fora_msg_get_thread_table;
extern const struct wire_table fora_msg_thread_objects_table;
extern const struct wire_table fora_msg_get_principal_table;
extern const struct wire_table fora_msg_principal_objects_table;
extern const struct wire_table fora_msg_list_flags_table;
extern const struct wire_table fora_msg_get_delivery_table;
extern const struct wire_table fora_msg_delivery_table;
extern const struct wire_table fora_msg_sign_up_table;
extern const struct wire_table fora_msg_login_table;
extern const struct wire_table fora_msg_compose_table;
extern const struct wire_table fora_msg_vote_table;
extern const struct wire_table fora_msg_vote_result_table;
extern const struct wire_table fora_msg_report_table;
extern const struct wire_table fora_msg_take_out_table;
extern const struct wire_table fora_msg_taken_out_table;
extern const struct wire_table fora_msg_get_receipts_table;
extern const struct wire_table fora_msg_resolve_table;
extern const struct wire_table fora_msg_resolved_table;
extern const struct wire_table fora_msg_get_credential_table;
extern const struct wire_table fora_msg_credential_table;
extern const struct wire_table fora_msg_notice_table;
extern const struct wire_table fora_msg_list_mentions_table;
extern const struct wire_table fora_msg_mention_row_table;
extern const struct wire_table fora_msg_mentions_table;
extern const struct wire_table fora_msg_get_status_table;
extern const struct wire_table fora_msg_node_status_table;
extern const struct wire_table fora_msg_subscribe_table;
extern const struct wire_table fora_msg_unsubscribe_table;
extern const struct wire_table fora_msg_create_space_table;
extern const struct wire_table fora_msg_space_created_table;
extern const struct wire_table fora_msg_claim_table;
extern const struct wire_table fora_msg_introduce_table;
extern const struct wire_table fora_msg_peering_table;

#pragma GCC visibility pop

#endif
