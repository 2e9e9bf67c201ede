/* One TCP connection of the daemon: moves bytes between a socket and the node. */
#ifndef FORAD_SHELL_STREAM_H
#define FORAD_SHELL_STREAM_H

#include "core/node.h"

#include <uv.h>

struct shell;

/* Owned by the shell's list from open to the close callback, in which its memory dies. */
struct stream {
    uv_tcp_t tcp;
    uv_write_t write;
    uv_connect_t connect;
    struct shell *shell;
    struct stream *next;
    struct stream *prev;
    uint64_t conn; /* the node's number; 0 before and after */
    uint64_t dial; /* of an outgoing one */
    struct stream *later_next;
    struct stream **later_at;       /* what points to it in that list */
    uint8_t prefix[ADDRESS_PREFIX]; /* of its address */
    size_t prefix_size;             /* 0: not known */
    unsigned place;                 /* of its address; counted when `counted` */
    bool counted;
    bool later; /* in the list of those that are read later (share.h) */
    bool reading;
    bool writing;
    bool closing;
    struct fora_buf held; /* input that the node had no room for */
    struct fora_buf out;  /* what is being written */
};

/* Takes a connection that waits at the listener, or (dial != 0) connects to an address. Failures
 * are told to the node and the log; nothing is left behind. */
void stream_accept(struct shell *shell, uv_stream_t *listener);
void stream_dial(struct shell *shell, const struct sockaddr *address, uint64_t dial);
/* The node says that something changed about the connection: writes, reads on, closes. */
void stream_update(struct stream *stream);
void stream_close(struct stream *stream);
void stream_stop_reading(struct stream *stream);
/* Reads those again that were put off, as long as strangers have time left. */
void streams_resume(struct shell *shell);
/* Everything that the node had to send is with the kernel. */
bool stream_sent(const struct stream *stream);

#endif
