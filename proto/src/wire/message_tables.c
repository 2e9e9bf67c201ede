/* The tables of all session messages (spec/08-session.md; limits: spec/11-limits.md). */
#include "wire/tables.h"

#include "fora/message.h"

static const struct wire_field fora_msg_result_fields[] = {
    WIRE_ID(1, fora_msg_result, id, 0),
    WIRE_U32(2, fora_msg_result, code, 0),
    WIRE_BOOL(3, fora_msg_result, duplicate, 0),
    WIRE_TEXT(4, fora_msg_result, text, 200, WIRE_MULTILINE),
};
const struct wire_table fora_msg_result_table = WIRE_TABLE("Result", fora_msg_result);

static const struct wire_field fora_msg_space_row_fields[] = {
    WIRE_ID(1, fora_msg_space_row, space, 0),
    WIRE_U64(2, fora_msg_space_row, objects, 0),
    WIRE_U64(3, fora_msg_space_row, threads, 0),
    WIRE_MANY_BYTES(4, fora_msg_space_row, policy, FORA_OBJECT_MAX, 1024, 0),
    WIRE_BYTES(5, fora_msg_space_row, fingerprint, 16, 0),
    WIRE_BOOL(6, fora_msg_space_row, hosted_here, 0),
};
const struct wire_table fora_msg_space_row_table = WIRE_TABLE("SpaceRow", fora_msg_space_row);

static const struct wire_field fora_msg_thread_row_fields[] = {
    WIRE_ID(1, fora_msg_thread_row, root, 0),
    WIRE_ID(2, fora_msg_thread_row, author, 0),
    WIRE_TEXT(3, fora_msg_thread_row, author_name, 100, 0),
    WIRE_U32(4, fora_msg_thread_row, type, 0),
    WIRE_TEXT(5, fora_msg_thread_row, title, 300, 0),
    WIRE_MANY_TEXT(6, fora_msg_thread_row, tags, 40, 16, 0),
    WIRE_U64(7, fora_msg_thread_row, created_at, 0),
    WIRE_U64(8, fora_msg_thread_row, active_at, 0),
    WIRE_U32(9, fora_msg_thread_row, answers, 0),
    WIRE_U32(10, fora_msg_thread_row, comments, 0),
    WIRE_S64(11, fora_msg_thread_row, score, 0),
    WIRE_U32(12, fora_msg_thread_row, marks, 0),
    WIRE_TEXT(13, fora_msg_thread_row, status, 40, 0),
};
const struct wire_table fora_msg_thread_row_table = WIRE_TABLE("ThreadRow", fora_msg_thread_row);

static const struct wire_field fora_msg_delivery_row_fields[] = {
    WIRE_ID(1, fora_msg_delivery_row, node, 0),
    WIRE_TEXT(2, fora_msg_delivery_row, name, 100, 0),
    WIRE_TEXT(3, fora_msg_delivery_row, state, 16, 0),
    WIRE_U32(4, fora_msg_delivery_row, code, 0),
};
const struct wire_table fora_msg_delivery_row_table =
    WIRE_TABLE("DeliveryRow", fora_msg_delivery_row);

static const struct wire_field fora_msg_peer_refusal_fields[] = {
    WIRE_U32(1, fora_msg_peer_refusal, code, 0),
    WIRE_U64(2, fora_msg_peer_refusal, count, 0),
};
const struct wire_table fora_msg_peer_refusal_table =
    WIRE_TABLE("PeerRefusal", fora_msg_peer_refusal);

static const struct wire_field fora_msg_peer_row_fields[] = {
    WIRE_ID(1, fora_msg_peer_row, node, 0),
    WIRE_TEXT(2, fora_msg_peer_row, name, 100, 0),
    WIRE_TEXT(3, fora_msg_peer_row, address, 255, 0),
    WIRE_TEXT(4, fora_msg_peer_row, state, 16, 0),
    WIRE_U64(5, fora_msg_peer_row, bytes_in, 0),
    WIRE_U64(6, fora_msg_peer_row, bytes_out, 0),
    WIRE_U64(7, fora_msg_peer_row, objects_in, 0),
    WIRE_U64(8, fora_msg_peer_row, objects_out, 0),
    WIRE_U64(9, fora_msg_peer_row, refused, 0),
    WIRE_U64(10, fora_msg_peer_row, lag, 0),
    WIRE_TEXT(11, fora_msg_peer_row, error, 500, WIRE_MULTILINE),
    WIRE_TEXT(12, fora_msg_peer_row, direction, 8, 0),
    WIRE_TEXT(13, fora_msg_peer_row, lane, 16, 0),
    WIRE_U32(14, fora_msg_peer_row, spaces, 0),
    WIRE_U64(15, fora_msg_peer_row, lag_seconds, 0),
    WIRE_MANY_MESSAGE(16, fora_msg_peer_row, refusals, &fora_msg_peer_refusal_table, 64, 0),
    WIRE_TEXT(17, fora_msg_peer_row, health, 16, 0),
    WIRE_TEXT(18, fora_msg_peer_row, why, 300, 0),
    WIRE_U64(19, fora_msg_peer_row, next_try, 0),
    WIRE_U64(20, fora_msg_peer_row, known_since, 0),
    WIRE_ID(21, fora_msg_peer_row, introduced_by, 0),
    WIRE_U64(22, fora_msg_peer_row, accepted, 0),
    WIRE_U64(23, fora_msg_peer_row, behind, 0),
    WIRE_U64(24, fora_msg_peer_row, rate, 0),
};
const struct wire_table fora_msg_peer_row_table = WIRE_TABLE("PeerRow", fora_msg_peer_row);

static const struct wire_field fora_msg_subscription_row_fields[] = {
    WIRE_ID(1, fora_msg_subscription_row, space, 0),
    WIRE_ID(2, fora_msg_subscription_row, node, 0),
    WIRE_TEXT(3, fora_msg_subscription_row, address, 255, 0),
    WIRE_U64(4, fora_msg_subscription_row, position, 0),
    WIRE_U64(5, fora_msg_subscription_row, head, 0),
    WIRE_BOOL(6, fora_msg_subscription_row, caught_up, 0),
    WIRE_TEXT(7, fora_msg_subscription_row, error, 500, WIRE_MULTILINE),
    WIRE_U64(8, fora_msg_subscription_row, rate, 0),
};
const struct wire_table fora_msg_subscription_row_table =
    WIRE_TABLE("SubscriptionRow", fora_msg_subscription_row);

static const struct wire_field fora_msg_hello_fields[] = {
    WIRE_U32(1, fora_msg_hello, version, WIRE_REQUIRED),
    WIRE_U64(2, fora_msg_hello, features, 0),
    WIRE_TEXT(3, fora_msg_hello, agent, 64, 0),
    WIRE_ID(4, fora_msg_hello, node, 0),
    WIRE_MANY_BYTES(5, fora_msg_hello, identity, FORA_OBJECT_MAX, 64, 0),
    WIRE_U32(6, fora_msg_hello, frame_max, WIRE_REQUIRED),
    WIRE_U32(7, fora_msg_hello, requests_max, WIRE_REQUIRED),
    WIRE_U64(8, fora_msg_hello, credit, 0),
    WIRE_U64(9, fora_msg_hello, now, 0),
    WIRE_U32(10, fora_msg_hello, reconcile_max, 0),
    WIRE_U32(11, fora_msg_hello, follow_window, 0),
};
const struct wire_table fora_msg_hello_table = WIRE_TABLE("Hello", fora_msg_hello);

static const struct wire_field fora_msg_error_fields[] = {
    WIRE_U32(1, fora_msg_error, code, 0),
    WIRE_TEXT(2, fora_msg_error, text, 500, WIRE_MULTILINE),
    WIRE_U32(3, fora_msg_error, retry_after, 0),
};
const struct wire_table fora_msg_error_table = WIRE_TABLE("Error", fora_msg_error);

static const struct wire_field fora_msg_credit_fields[] = {
    WIRE_U64(1, fora_msg_credit, bytes, 0),
};
const struct wire_table fora_msg_credit_table = WIRE_TABLE("Credit", fora_msg_credit);

static const struct wire_field fora_msg_ping_fields[] = {
    WIRE_U64(1, fora_msg_ping, token, 0),
};
const struct wire_table fora_msg_ping_table = WIRE_TABLE("Ping", fora_msg_ping);

static const struct wire_field fora_msg_pong_fields[] = {
    WIRE_U64(1, fora_msg_pong, token, 0),
};
const struct wire_table fora_msg_pong_table = WIRE_TABLE("Pong", fora_msg_pong);

const struct wire_table fora_msg_cancel_table = {"Cancel", NULL, 0, sizeof(struct fora_msg_cancel)};

const struct wire_table fora_msg_ok_table = {"Ok", NULL, 0, sizeof(struct fora_msg_ok)};

static const struct wire_field fora_msg_auth_fields[] = {
    WIRE_ID(1, fora_msg_auth, principal, WIRE_REQUIRED),
    WIRE_ID(2, fora_msg_auth, key, WIRE_REQUIRED),
    WIRE_ID(3, fora_msg_auth, signature, WIRE_REQUIRED),
    WIRE_MANY_BYTES(4, fora_msg_auth, identity, FORA_OBJECT_MAX, 64, 0),
};
const struct wire_table fora_msg_auth_table = WIRE_TABLE("Auth", fora_msg_auth);

static const struct wire_field fora_msg_auth_ok_fields[] = {
    WIRE_ID(1, fora_msg_auth_ok, principal, 0),
    WIRE_TEXT(2, fora_msg_auth_ok, name, 100, 0),
    WIRE_BOOL(3, fora_msg_auth_ok, admin, 0),
    WIRE_BOOL(4, fora_msg_auth_ok, custodial, 0),
};
const struct wire_table fora_msg_auth_ok_table = WIRE_TABLE("AuthOk", fora_msg_auth_ok);

static const struct wire_field fora_msg_put_fields[] = {
    WIRE_MANY_BYTES(1, fora_msg_put, objects, FORA_OBJECT_MAX, 1024, WIRE_REQUIRED),
};
const struct wire_table fora_msg_put_table = WIRE_TABLE("Put", fora_msg_put);

static const struct wire_field fora_msg_put_result_fields[] = {
    WIRE_MANY_MESSAGE(1, fora_msg_put_result, results, &fora_msg_result_table, 1024, 0),
};
const struct wire_table fora_msg_put_result_table = WIRE_TABLE("PutResult", fora_msg_put_result);

static const struct wire_field fora_msg_fetch_fields[] = {
    WIRE_MANY_ID(1, fora_msg_fetch, ids, 1024, WIRE_REQUIRED),
};
const struct wire_table fora_msg_fetch_table = WIRE_TABLE("Fetch", fora_msg_fetch);

static const struct wire_field fora_msg_objects_fields[] = {
    WIRE_MANY_BYTES(1, fora_msg_objects, objects, FORA_OBJECT_MAX, 1024, 0),
    WIRE_MANY_ID(2, fora_msg_objects, missing, 1024, 0),
};
const struct wire_table fora_msg_objects_table = WIRE_TABLE("Objects", fora_msg_objects);

static const struct wire_field fora_msg_follow_fields[] = {
    WIRE_ID(1, fora_msg_follow, space, WIRE_REQUIRED),
    WIRE_U32(2, fora_msg_follow, audience, 0),
    WIRE_BYTES(3, fora_msg_follow, epoch, 8, 0),
    WIRE_U64(4, fora_msg_follow, position, 0),
    WIRE_BOOL(5, fora_msg_follow, live, 0),
    WIRE_U64(6, fora_msg_follow, held, 0),
};
const struct wire_table fora_msg_follow_table = WIRE_TABLE("Follow", fora_msg_follow);

static const struct wire_field fora_msg_follow_batch_fields[] = {
    WIRE_BYTES(1, fora_msg_follow_batch, epoch, 8, 0),
    WIRE_MANY_BYTES(2, fora_msg_follow_batch, objects, FORA_OBJECT_MAX, 1024, 0),
    WIRE_U64(3, fora_msg_follow_batch, next, 0),
    WIRE_BOOL(4, fora_msg_follow_batch, caught_up, 0),
    WIRE_U64(5, fora_msg_follow_batch, head, 0),
    WIRE_U64(6, fora_msg_follow_batch, count, 0),
    WIRE_BYTES(7, fora_msg_follow_batch, fingerprint, 16, 0),
};
const struct wire_table fora_msg_follow_batch_table =
    WIRE_TABLE("FollowBatch", fora_msg_follow_batch);

static const struct wire_field fora_msg_follow_ack_fields[] = {
    WIRE_MANY_MESSAGE(1, fora_msg_follow_ack, refused, &fora_msg_result_table, 1024, 0),
};
const struct wire_table fora_msg_follow_ack_table = WIRE_TABLE("FollowAck", fora_msg_follow_ack);

static const struct wire_field fora_msg_reconcile_fields[] = {
    WIRE_ID(1, fora_msg_reconcile, space, WIRE_REQUIRED),
    WIRE_U32(2, fora_msg_reconcile, audience, 0),
    WIRE_BYTES(3, fora_msg_reconcile, message, FORA_FRAME_MAX, WIRE_REQUIRED),
};
const struct wire_table fora_msg_reconcile_table = WIRE_TABLE("Reconcile", fora_msg_reconcile);

static const struct wire_field fora_msg_reconcile_reply_fields[] = {
    WIRE_BYTES(1, fora_msg_reconcile_reply, message, FORA_FRAME_MAX, WIRE_REQUIRED),
};
const struct wire_table fora_msg_reconcile_reply_table =
    WIRE_TABLE("ReconcileReply", fora_msg_reconcile_reply);

const struct wire_table fora_msg_list_spaces_table = {
    "ListSpaces", NULL, 0, sizeof(struct fora_msg_list_spaces)};

static const struct wire_field fora_msg_spaces_fields[] = {
    WIRE_MANY_MESSAGE(1, fora_msg_spaces, rows, &fora_msg_space_row_table, 256, 0),
};
const struct wire_table fora_msg_spaces_table = WIRE_TABLE("Spaces", fora_msg_spaces);

static const struct wire_field fora_msg_list_threads_fields[] = {
    WIRE_ID(1, fora_msg_list_threads, space, WIRE_REQUIRED),
    WIRE_ENUM(2, fora_msg_list_threads, order, 0),
    WIRE_TEXT(3, fora_msg_list_threads, tag, 40, 0),
    WIRE_BYTES(4, fora_msg_list_threads, cursor, 64, 0),
    WIRE_U32(5, fora_msg_list_threads, limit, 0),
};
const struct wire_table fora_msg_list_threads_table =
    WIRE_TABLE("ListThreads", fora_msg_list_threads);

static const struct wire_field fora_msg_threads_fields[] = {
    WIRE_MANY_MESSAGE(1, fora_msg_threads, rows, &fora_msg_thread_row_table, 100, 0),
    WIRE_BYTES(2, fora_msg_threads, next, 64, 0),
};
const struct wire_table fora_msg_threads_table = WIRE_TABLE("Threads", fora_msg_threads);

static const struct wire_field fora_msg_get_thread_fields[] = {
    WIRE_ID(1, fora_msg_get_thread, root, WIRE_REQUIRED),
    WIRE_BOOL(2, fora_msg_get_thread, context, 0),
};
const struct wire_table fora_msg_get_thread_table = WIRE_TABLE("GetThread", fora_msg_get_thread);

static const struct wire_field fora_msg_thread_objects_fields[] = {
    WIRE_MANY_BYTES(1, fora_msg_thread_objects, objects, FORA_OBJECT_MAX, 4096, 0),
    WIRE_MANY_BYTES(2, fora_msg_thread_objects, context, FORA_OBJECT_MAX, 4096, 0),
    WIRE_ID(3, fora_msg_thread_objects, space, 0),
    WIRE_U64(4, fora_msg_thread_objects, checkpoint_at, 0),
    WIRE_BOOL(5, fora_msg_thread_objects, more, 0),
};
const struct wire_table fora_msg_thread_objects_table =
    WIRE_TABLE("ThreadObjects", fora_msg_thread_objects);

static const struct wire_field fora_msg_get_principal_fields[] = {
    WIRE_ID(1, fora_msg_get_principal, principal, 0),
    WIRE_TEXT(2, fora_msg_get_principal, handle, 32, 0),
    WIRE_BOOL(3, fora_msg_get_principal, attested, 0),
    WIRE_BOOL(4, fora_msg_get_principal, carried, 0),
};
const struct wire_table fora_msg_get_principal_table =
    WIRE_TABLE("GetPrincipal", fora_msg_get_principal);

static const struct wire_field fora_msg_principal_objects_fields[] = {
    WIRE_ID(1, fora_msg_principal_objects, principal, 0),
    WIRE_MANY_BYTES(2, fora_msg_principal_objects, objects, FORA_OBJECT_MAX, 1024, 0),
};
const struct wire_table fora_msg_principal_objects_table =
    WIRE_TABLE("PrincipalObjects", fora_msg_principal_objects);

static const struct wire_field fora_msg_list_flags_fields[] = {
    WIRE_ID(1, fora_msg_list_flags, space, WIRE_REQUIRED),
};
const struct wire_table fora_msg_list_flags_table = WIRE_TABLE("ListFlags", fora_msg_list_flags);

static const struct wire_field fora_msg_get_delivery_fields[] = {
    WIRE_ID(1, fora_msg_get_delivery, id, WIRE_REQUIRED),
};
const struct wire_table fora_msg_get_delivery_table =
    WIRE_TABLE("GetDelivery", fora_msg_get_delivery);

static const struct wire_field fora_msg_delivery_fields[] = {
    WIRE_MANY_MESSAGE(1, fora_msg_delivery, rows, &fora_msg_delivery_row_table, 256, 0),
};
const struct wire_table fora_msg_delivery_table = WIRE_TABLE("Delivery", fora_msg_delivery);

static const struct wire_field fora_msg_sign_up_fields[] = {
    WIRE_TEXT(1, fora_msg_sign_up, handle, 32, WIRE_REQUIRED),
    WIRE_TEXT(2, fora_msg_sign_up, password, 1024, 0),
    WIRE_TEXT(3, fora_msg_sign_up, name, 100, 0),
    WIRE_MANY_BYTES(4, fora_msg_sign_up, identity, FORA_OBJECT_MAX, 64, 0),
    WIRE_ID(5, fora_msg_sign_up, session_key, 0),
    WIRE_ID(6, fora_msg_sign_up, next_root_commitment, 0),
};
const struct wire_table fora_msg_sign_up_table = WIRE_TABLE("SignUp", fora_msg_sign_up);

static const struct wire_field fora_msg_login_fields[] = {
    WIRE_TEXT(1, fora_msg_login, handle, 32, WIRE_REQUIRED),
    WIRE_TEXT(2, fora_msg_login, password, 1024, WIRE_REQUIRED),
    WIRE_ID(3, fora_msg_login, session_key, 0),
};
const struct wire_table fora_msg_login_table = WIRE_TABLE("Login", fora_msg_login);

static const struct wire_field fora_msg_compose_fields[] = {
    WIRE_U32(1, fora_msg_compose, kind, WIRE_REQUIRED),
    WIRE_ID(2, fora_msg_compose, space, 0),
    WIRE_ID(3, fora_msg_compose, root, 0),
    WIRE_ID(4, fora_msg_compose, parent, 0),
    WIRE_BYTES(5, fora_msg_compose, content, FORA_CONTENT_MAX, 0),
    WIRE_U32(6, fora_msg_compose, audience, 0),
};
const struct wire_table fora_msg_compose_table = WIRE_TABLE("Compose", fora_msg_compose);

static const struct wire_field fora_msg_vote_fields[] = {
    WIRE_ID(1, fora_msg_vote, target, WIRE_REQUIRED),
    WIRE_S32(2, fora_msg_vote, value, 0),
};
const struct wire_table fora_msg_vote_table = WIRE_TABLE("Vote", fora_msg_vote);

static const struct wire_field fora_msg_vote_result_fields[] = {
    WIRE_U64(1, fora_msg_vote_result, up, 0),
    WIRE_U64(2, fora_msg_vote_result, down, 0),
};
const struct wire_table fora_msg_vote_result_table = WIRE_TABLE("VoteResult", fora_msg_vote_result);

static const struct wire_field fora_msg_report_fields[] = {
    WIRE_ID(1, fora_msg_report, target, WIRE_REQUIRED),
    WIRE_TEXT(2, fora_msg_report, reason, 40, WIRE_REQUIRED),
    WIRE_TEXT(3, fora_msg_report, note, 1024, WIRE_MULTILINE),
};
const struct wire_table fora_msg_report_table = WIRE_TABLE("Report", fora_msg_report);

static const struct wire_field fora_msg_take_out_fields[] = {
    WIRE_TEXT(1, fora_msg_take_out, password, 1024, WIRE_REQUIRED),
};
const struct wire_table fora_msg_take_out_table = WIRE_TABLE("TakeOut", fora_msg_take_out);

static const struct wire_field fora_msg_taken_out_fields[] = {
    WIRE_ID(1, fora_msg_taken_out, root, WIRE_REQUIRED),
    WIRE_ID(2, fora_msg_taken_out, next_root, 0),
    WIRE_ID(3, fora_msg_taken_out, device, WIRE_REQUIRED),
};
const struct wire_table fora_msg_taken_out_table = WIRE_TABLE("TakenOut", fora_msg_taken_out);

static const struct wire_field fora_msg_get_receipts_fields[] = {
    WIRE_MANY_ID(1, fora_msg_get_receipts, ids, 64, WIRE_REQUIRED),
};
const struct wire_table fora_msg_get_receipts_table =
    WIRE_TABLE("GetReceipts", fora_msg_get_receipts);

static const struct wire_field fora_msg_resolve_fields[] = {
    WIRE_TEXT(1, fora_msg_resolve, name, 32, WIRE_REQUIRED),
    WIRE_TEXT(2, fora_msg_resolve, domain, 253, WIRE_REQUIRED),
};
const struct wire_table fora_msg_resolve_table = WIRE_TABLE("Resolve", fora_msg_resolve);

static const struct wire_field fora_msg_resolved_fields[] = {
    WIRE_ID(1, fora_msg_resolved, principal, WIRE_REQUIRED),
    WIRE_U64(2, fora_msg_resolved, found_at, 0),
    WIRE_ID(3, fora_msg_resolved, node, 0),
    WIRE_BOOL(4, fora_msg_resolved, confirmed, 0),
};
const struct wire_table fora_msg_resolved_table = WIRE_TABLE("Resolved", fora_msg_resolved);

static const struct wire_field fora_msg_get_credential_fields[] = {
    WIRE_ID(1, fora_msg_get_credential, id, WIRE_REQUIRED),
};
const struct wire_table fora_msg_get_credential_table =
    WIRE_TABLE("GetCredential", fora_msg_get_credential);

static const struct wire_field fora_msg_credential_fields[] = {
    WIRE_TEXT(1, fora_msg_credential, json, 32768, WIRE_REQUIRED),
};
const struct wire_table fora_msg_credential_table = WIRE_TABLE("Credential", fora_msg_credential);

static const struct wire_field fora_msg_notice_fields[] = {
    WIRE_BYTES(1, fora_msg_notice, object, FORA_OBJECT_MAX, WIRE_REQUIRED),
    WIRE_MANY_BYTES(2, fora_msg_notice, log, FORA_OBJECT_MAX, 64, 0),
    WIRE_TEXT(3, fora_msg_notice, title, 300, 0),
    WIRE_BOOL(4, fora_msg_notice, forwarded, 0),
};
const struct wire_table fora_msg_notice_table = WIRE_TABLE("Notice", fora_msg_notice);

static const struct wire_field fora_msg_list_mentions_fields[] = {
    WIRE_BYTES(1, fora_msg_list_mentions, cursor, 64, 0),
    WIRE_U32(2, fora_msg_list_mentions, limit, 0),
};
const struct wire_table fora_msg_list_mentions_table =
    WIRE_TABLE("ListMentions", fora_msg_list_mentions);

static const struct wire_field fora_msg_mention_row_fields[] = {
    WIRE_BYTES(1, fora_msg_mention_row, object, FORA_OBJECT_MAX, WIRE_REQUIRED),
    WIRE_TEXT(2, fora_msg_mention_row, title, 300, 0),
    WIRE_ID(3, fora_msg_mention_row, from, 0),
    WIRE_MANY_BYTES(4, fora_msg_mention_row, log, FORA_OBJECT_MAX, 64, 0),
};
const struct wire_table fora_msg_mention_row_table = WIRE_TABLE("MentionRow", fora_msg_mention_row);

static const struct wire_field fora_msg_mentions_fields[] = {
    WIRE_MANY_MESSAGE(1, fora_msg_mentions, rows, &fora_msg_mention_row_table, 100, 0),
    WIRE_BYTES(2, fora_msg_mentions, next, 64, 0),
};
const struct wire_table fora_msg_mentions_table = WIRE_TABLE("Mentions", fora_msg_mentions);

static const struct wire_field fora_msg_get_status_fields[] = {
    WIRE_BOOL(1, fora_msg_get_status, metrics, 0),
};
const struct wire_table fora_msg_get_status_table = WIRE_TABLE("GetStatus", fora_msg_get_status);

static const struct wire_field fora_msg_node_status_fields[] = {
    WIRE_ID(1, fora_msg_node_status, node, 0),
    WIRE_TEXT(2, fora_msg_node_status, name, 100, 0),
    WIRE_TEXT(3, fora_msg_node_status, agent, 64, 0),
    WIRE_U64(4, fora_msg_node_status, uptime, 0),
    WIRE_U64(5, fora_msg_node_status, objects, 0),
    WIRE_U64(6, fora_msg_node_status, spaces, 0),
    WIRE_U64(7, fora_msg_node_status, members, 0),
    WIRE_U64(8, fora_msg_node_status, connections, 0),
    WIRE_U64(9, fora_msg_node_status, bytes_stored, 0),
    WIRE_MANY_MESSAGE(10, fora_msg_node_status, peers, &fora_msg_peer_row_table, 256, 0),
    WIRE_MANY_MESSAGE(
        11, fora_msg_node_status, subscriptions, &fora_msg_subscription_row_table, 256, 0),
    WIRE_TEXT(12, fora_msg_node_status, metrics, FORA_FRAME_MAX, WIRE_MULTILINE),
};
const struct wire_table fora_msg_node_status_table = WIRE_TABLE("NodeStatus", fora_msg_node_status);

static const struct wire_field fora_msg_subscribe_fields[] = {
    WIRE_ID(1, fora_msg_subscribe, space, WIRE_REQUIRED),
    WIRE_TEXT(2, fora_msg_subscribe, address, 255, WIRE_REQUIRED),
    WIRE_ID(3, fora_msg_subscribe, node, 0),
};
const struct wire_table fora_msg_subscribe_table = WIRE_TABLE("Subscribe", fora_msg_subscribe);

static const struct wire_field fora_msg_unsubscribe_fields[] = {
    WIRE_ID(1, fora_msg_unsubscribe, space, WIRE_REQUIRED),
    WIRE_TEXT(2, fora_msg_unsubscribe, address, 255, 0),
};
const struct wire_table fora_msg_unsubscribe_table =
    WIRE_TABLE("Unsubscribe", fora_msg_unsubscribe);

static const struct wire_field fora_msg_create_space_fields[] = {
    WIRE_BYTES(1, fora_msg_create_space, policy, FORA_CONTENT_MAX, WIRE_REQUIRED),
};
const struct wire_table fora_msg_create_space_table =
    WIRE_TABLE("CreateSpace", fora_msg_create_space);

static const struct wire_field fora_msg_space_created_fields[] = {
    WIRE_ID(1, fora_msg_space_created, space, 0),
};
const struct wire_table fora_msg_space_created_table =
    WIRE_TABLE("SpaceCreated", fora_msg_space_created);

static const struct wire_field fora_msg_claim_fields[] = {
    WIRE_TEXT(1, fora_msg_claim, source, 200, WIRE_REQUIRED),
    WIRE_TEXT(2, fora_msg_claim, handle, 32, WIRE_REQUIRED),
    WIRE_TEXT(3, fora_msg_claim, password, 1024, WIRE_REQUIRED),
};
const struct wire_table fora_msg_claim_table = WIRE_TABLE("Claim", fora_msg_claim);

static const struct wire_field fora_msg_introduce_fields[] = {
    WIRE_ID(1, fora_msg_introduce, node, WIRE_REQUIRED),
    WIRE_U64(2, fora_msg_introduce, until, 0),
};
const struct wire_table fora_msg_introduce_table = WIRE_TABLE("Introduce", fora_msg_introduce);

static const struct wire_field fora_msg_peering_fields[] = {
    WIRE_ID(1, fora_msg_peering, node, WIRE_REQUIRED),
    WIRE_ENUM(2, fora_msg_peering, decision, WIRE_REQUIRED),
};
const struct wire_table fora_msg_peering_table = WIRE_TABLE("Peering", fora_msg_peering);
