/* Peering: what an admin decides about another node (REP-15). */
#include "core/peers.h"
#include "core/write.h"

#include <string.h>

int write_peering(struct write *write)
{
    const struct fora_msg_peering *request = &write->request->u.peering;
    struct peer_record record;
    int rc = asker_admin(write->kv, &write->job->asker);
    if (rc != 0) {
        return rc;
    }
    if (!peer_record_get(write->kv, &request->node, &record)) {
        memset(&record, 0, sizeof record);
        record.node = request->node;
        record.first_seen = record.last_seen = write->job->now;
    }
    if (memcmp(request->node.b, write->env->self.b, sizeof request->node.b) == 0 ||
        !peer_decide(&record, request->decision)) {
        return FORA_E_MALFORMED;
    }
    peer_record_put(write->kv, &record);
    write->job->peered = true;
    write->job->peering = *request;
    write->answer.type = FORA_MSG_OK;
    return 0;
}
