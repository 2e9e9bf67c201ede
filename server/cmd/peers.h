/* What "forad status" and "forad peers" share. */
#ifndef FORAD_CMD_PEERS_H
#define FORAD_CMD_PEERS_H

#include "cmd/domains.h"

/* Asks the running node how it is; *out is borrowed until the next call. */
int status_get(struct app *app, bool metrics, const struct fora_msg_node_status **out);
/* Members "peers" and "subscriptions". */
void peers_json(struct app *app, struct js_writer *w, const struct domains *domains,
    const struct fora_msg_node_status *status);
void status_json_subscriptions(struct js_writer *w, const struct fora_msg_node_status *status);
/* "1.5 MiB" */
void status_write_bytes(struct fora_buf *out, uint64_t bytes);

#endif
