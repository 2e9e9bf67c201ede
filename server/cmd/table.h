/* The rows of forad's commands, and the options that they share. */
#ifndef FORAD_CMD_TABLE_H
#define FORAD_CMD_TABLE_H

#include "cmd/forad.h"

#define FORAD_ROWS(X)                                                                              \
    X(init)                                                                                        \
    X(run)                                                                                         \
    X(rekey)                                                                                       \
    X(status)                                                                                      \
    X(subscribe)                                                                                   \
    X(unsubscribe)                                                                                 \
    X(claim)                                                                                       \
    X(peers)                                                                                       \
    X(peers_approve)                                                                               \
    X(peers_refuse)                                                                                \
    X(peers_block)                                                                                 \
    X(peers_forget)                                                                                \
    X(peers_introduce)                                                                             \
    X(peers_withdraw)                                                                              \
    X(domain_list)                                                                                 \
    X(domain_check)                                                                                \
    X(domain_export)                                                                               \
    X(space_create)                                                                                \
    X(space_grant)                                                                                 \
    X(space_revoke)                                                                                \
    X(space_host)                                                                                  \
    X(space_approve)                                                                               \
    X(digest)                                                                                      \
    X(fsck)                                                                                        \
    X(reindex)                                                                                     \
    X(reputation_privileges)                                                                       \
    X(reputation_trust)                                                                            \
    X(reputation_revoke)                                                                           \
    X(reputation_issue)                                                                            \
    X(reputation_explain)                                                                          \
    X(reputation_export)                                                                           \
    X(import)                                                                                      \
    X(export)                                                                                      \
    X(backup)                                                                                      \
    X(restore)                                                                                     \
    X(generate)                                                                                    \
    X(help)

#define FORAD_ROW_DECLARE(name) extern const struct cmd_command row_##name;
FORAD_ROWS(FORAD_ROW_DECLARE)
#undef FORAD_ROW_DECLARE

extern const struct cmd_option opt_node, opt_listen, opt_product;
extern const char *const cmd_space_kinds[]; /* up to NULL */

#define GROUP_NODE "Running a node"
#define GROUP_TALK "Talking to the running node"
#define GROUP_PEERS "Other nodes"
#define GROUP_SPACES "Spaces"
#define GROUP_STORE "Looking after the store"
#define GROUP_HELP "Help"

#endif
