/*
 * A socket and the node.
 *
 *   accept or connect -> node_open -> read -> node_receive ... node_output -> write -> ... -> close
 * -> node_closed
 *
 * When the node has no room, what it did not take is held and reading stops until it wants input
 * again. One write is out at a time. Closing is a phase: after uv_close nothing is done until the
 * close callback frees the memory.
 */
#include "shell/shell.h"

#include <stdlib.h>
#include <string.h>

enum {
    WRITE_MAX = 8 * 1024,   /* copied while a socket is full: within what an idle one costs */
    READ_SMALL = 4096,      /* of strangers, while others are active */
    WRITE_SMALL = 64 * 1024 /* of theirs at once; the next piece has to wait for its turn */
};

static void closed(uv_handle_t *handle)
{
    struct stream *stream = handle->data;
    fora_buf_fini(&stream->held);
    fora_buf_fini(&stream->out);
    free(stream);
}

/* ---- later ---- */

static void put_off(struct stream *stream)
{
    struct shell *shell = stream->shell;
    uv_read_stop((uv_stream_t *)&stream->tcp);
    stream->reading = false;
    stream->later = true;
    stream->later_next = NULL;
    stream->later_at = shell->later_last;
    *shell->later_last = stream;
    shell->later_last = &stream->later_next;
    shell_later(shell);
}

static void later_leave(struct stream *stream)
{
    struct shell *shell = stream->shell;
    if (!stream->later) {
        return;
    }
    *stream->later_at = stream->later_next;
    if (stream->later_next != NULL) {
        stream->later_next->later_at = stream->later_at;
    } else {
        shell->later_last = stream->later_at;
    }
    stream->later = false;
}

void streams_resume(struct shell *shell)
{
    /* Each once: who has more to be written than one piece comes back into the list. */
    struct stream **end = shell->later_last, *stream;
    while ((stream = shell->later) != NULL && !share_spent(&shell->share, uv_hrtime())) {
        bool last = &stream->later_next == end;
        later_leave(stream);
        stream_update(stream);
        if (last) {
            break;
        }
    }
}

void stream_close(struct stream *stream)
{
    struct shell *shell = stream->shell;
    if (stream->closing) {
        return;
    }
    stream->closing = true;
    later_leave(stream);
    if (stream->counted) {
        shell->addresses.counts[stream->place]--;
    }
    if (stream->prev != NULL) {
        stream->prev->next = stream->next;
    } else {
        shell->streams = stream->next;
    }
    if (stream->next != NULL) {
        stream->next->prev = stream->prev;
    }
    if (stream->conn != 0) {
        shell->by_conn[stream->conn % shell->by_conn_size] = NULL;
        node_closed(shell->node, stream->conn, shell_now());
        stream->conn = 0;
    }
    uv_close((uv_handle_t *)&stream->tcp, closed);
}

static struct stream *stream_new(struct shell *shell)
{
    struct stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL || uv_tcp_init(&shell->loop, &stream->tcp) != 0) {
        free(stream);
        return NULL;
    }
    stream->tcp.data = stream;
    stream->write.data = stream;
    stream->connect.data = stream;
    stream->shell = shell;
    stream->next = shell->streams;
    if (shell->streams != NULL) {
        shell->streams->prev = stream;
    }
    shell->streams = stream;
    return stream;
}

/* ---- input ---- */

static void lend_buffer(uv_handle_t *handle, size_t wanted, uv_buf_t *buf)
{
    struct stream *stream = handle->data;
    struct shell *shell = stream->shell;
    size_t room = sizeof shell->input;
    (void)wanted;
    if (node_gives_way(shell->node, stream->conn)) {
        room = share_spent(&shell->share, uv_hrtime()) ? 0 : READ_SMALL;
    }
    *buf = uv_buf_init(room > 0 ? (char *)shell->input : NULL, (unsigned)room);
}

static void tell_held(const struct stream *stream)
{
    node_holds(stream->shell->node, stream->conn, stream->held.room + stream->out.room);
}

static void take(struct stream *stream, struct fora_bytes input)
{
    size_t taken = 0;
    node_receive(stream->shell->node, stream->conn, input, &taken, shell_now());
    if (taken < input.size) {
        fora_buf_append(&stream->held, input.data + taken, input.size - taken);
        uv_read_stop((uv_stream_t *)&stream->tcp);
        stream->reading = false;
        if (stream->held.error != 0) {
            stream_close(stream);
            return;
        }
        tell_held(stream);
    }
}

static void received(uv_stream_t *tcp, ssize_t size, const uv_buf_t *buf)
{
    struct stream *stream = tcp->data;
    struct shell *shell = stream->shell;
    bool stranger = node_gives_way(shell->node, stream->conn);
    uint64_t begun = stranger ? uv_hrtime() : 0;
    if (size == UV_ENOBUFS) {
        put_off(stream);
        return;
    }
    if (size < 0) {
        stream_close(stream);
    } else if (size > 0) {
        take(stream, fora_bytes(buf->base, (size_t)size));
    }
    if (stranger) {
        share_spend(&shell->share, begun, uv_hrtime());
    }
    shell_settle(shell);
}

static void read_on(struct stream *stream)
{
    struct shell *shell = stream->shell;
    if (shell->stopping || stream->reading || stream->later || stream->closing ||
        !node_wants_input(shell->node, stream->conn)) {
        return;
    }
    if (stream->held.size > 0) {
        size_t taken = 0;
        node_receive(shell->node, stream->conn, fora_buf_bytes(&stream->held), &taken, shell_now());
        fora_buf_consume(&stream->held, taken);
    }
    if (stream->held.size == 0) {
        fora_buf_fini(&stream->held);
        tell_held(stream);
        stream->reading = uv_read_start((uv_stream_t *)&stream->tcp, lend_buffer, received) == 0;
    }
}

/* ---- output ---- */

static void written(uv_write_t *write, int status)
{
    struct stream *stream = write->data;
    struct shell *shell = stream->shell;
    stream->writing = false;
    if (stream->closing) {
        return;
    }
    if (status != 0) {
        stream_close(stream);
    } else {
        fora_buf_fini(&stream->out);
        tell_held(stream);
        stream_update(stream);
    }
    shell_settle(shell);
}

/* What the socket did not take at once is copied: the node's output is borrowed until its next call
 * only. */
static void write_later(struct stream *stream, struct fora_bytes output)
{
    size_t size = output.size < WRITE_MAX ? output.size : WRITE_MAX;
    fora_buf_clear(&stream->out);
    fora_buf_append(&stream->out, output.data, size);
    if (stream->out.error != 0) {
        stream_close(stream);
        return;
    }
    node_output_done(stream->shell->node, stream->conn, size);
    uv_buf_t buf = uv_buf_init((char *)stream->out.data, (unsigned)stream->out.size);
    stream->writing = uv_write(&stream->write, (uv_stream_t *)&stream->tcp, &buf, 1, written) == 0;
    if (!stream->writing) {
        stream_close(stream);
        return;
    }
    tell_held(stream);
}

/* What strangers asked for is written a piece at a time, on their account: who is known does not
 * wait for more than one. */
static void write_on(struct stream *stream)
{
    struct shell *shell = stream->shell;
    bool gives_way = node_gives_way(shell->node, stream->conn);
    size_t room = gives_way ? WRITE_SMALL : SIZE_MAX;
    while (!stream->writing && !stream->closing) {
        struct fora_bytes output = node_output(shell->node, stream->conn);
        if (output.size == 0) {
            return;
        }
        if (gives_way && (stream->later || room == 0 || share_spent(&shell->share, uv_hrtime()))) {
            if (!stream->later) {
                put_off(stream);
            }
            return;
        }
        output.size = output.size < room ? output.size : room;
        room -= gives_way ? output.size : 0;
        uv_buf_t buf = {.base = (char *)(uintptr_t)output.data, .len = output.size};
        int sent = uv_try_write((uv_stream_t *)&stream->tcp, &buf, 1);
        if (sent > 0) {
            node_output_done(shell->node, stream->conn, (size_t)sent);
        } else if (sent == UV_EAGAIN) {
            write_later(stream, output);
        } else {
            stream_close(stream);
        }
    }
}

static void update(struct stream *stream)
{
    struct shell *shell = stream->shell;
    if (node_broken(shell->node, stream->conn)) {
        stream_close(stream);
        return;
    }
    write_on(stream);
    if (!stream->closing && stream_sent(stream) && node_closing(shell->node, stream->conn)) {
        stream_close(stream);
        return;
    }
    read_on(stream);
}

void stream_update(struct stream *stream)
{
    struct shell *shell = stream->shell;
    if (stream->closing || stream->conn == 0) {
        return;
    }
    uint64_t begun = node_gives_way(shell->node, stream->conn) ? uv_hrtime() : 0;
    update(stream);
    if (begun != 0) {
        share_spend(&shell->share, begun, uv_hrtime());
    }
}

bool stream_sent(const struct stream *stream)
{
    return !stream->writing &&
           (stream->conn == 0 || node_output(stream->shell->node, stream->conn).size == 0);
}

void stream_stop_reading(struct stream *stream)
{
    if (stream->reading) {
        uv_read_stop((uv_stream_t *)&stream->tcp);
        stream->reading = false;
    }
}

/* ---- opening ---- */

static void opened(struct stream *stream)
{
    struct shell *shell = stream->shell;
    uint64_t conn;
    int rc = node_open(shell->node, stream->dial, shell_now(), &conn);
    if (rc != 0) {
        if (stream->dial != 0) {
            node_dial_failed(shell->node, stream->dial, fora_error_text(rc), shell_now());
        }
        stream_close(stream);
        return;
    }
    stream->conn = conn;
    node_source(shell->node, conn, fora_bytes(stream->prefix, stream->prefix_size));
    shell->by_conn[conn % shell->by_conn_size] = stream;
    uv_tcp_nodelay(&stream->tcp, 1);
    uv_tcp_keepalive(&stream->tcp, 1, 60);
    stream_update(stream);
}

/* One address does not take the place of all others. */
static bool address_room(struct stream *stream)
{
    struct shell *shell = stream->shell;
    uint32_t most = shell->config->node.limits.address_connections;
    struct sockaddr_storage from;
    int size = sizeof from;
    if (uv_tcp_getpeername(&stream->tcp, (struct sockaddr *)&from, &size) != 0) {
        return true;
    }
    stream->prefix_size = address_prefix((const struct sockaddr *)&from, stream->prefix);
    if (most == 0) {
        return true;
    }
    stream->place = addresses_place(&shell->addresses, (const struct sockaddr *)&from);
    if (shell->addresses.counts[stream->place] >= most) {
        return false;
    }
    shell->addresses.counts[stream->place]++;
    stream->counted = true;
    return true;
}

void stream_accept(struct shell *shell, uv_stream_t *listener)
{
    struct stream *stream = stream_new(shell);
    if (stream == NULL) {
        return;
    }
    if (uv_accept(listener, (uv_stream_t *)&stream->tcp) != 0) {
        stream_close(stream);
        return;
    }
    if (!address_room(stream)) {
        stream_close(stream);
        return;
    }
    opened(stream);
}

static void connected(uv_connect_t *connect, int status)
{
    struct stream *stream = connect->data;
    struct shell *shell = stream->shell;
    if (stream->closing) {
        return;
    }
    if (status != 0) {
        node_dial_failed(shell->node, stream->dial, uv_strerror(status), shell_now());
        stream_close(stream);
    } else {
        opened(stream);
    }
    shell_settle(shell);
}

void stream_dial(struct shell *shell, const struct sockaddr *address, uint64_t dial)
{
    struct stream *stream = stream_new(shell);
    int rc = UV_ENOMEM;
    if (stream != NULL) {
        stream->dial = dial;
        rc = uv_tcp_connect(&stream->connect, &stream->tcp, address, connected);
    }
    if (rc != 0) {
        node_dial_failed(shell->node, dial, uv_strerror(rc), shell_now());
        if (stream != NULL) {
            stream_close(stream);
        }
    }
}
