/*
 * The log: one line an event on standard error, key=value, so that people and programs read it
 * alike: 2026-11-22T06:00:00.123Z info peer conn=3 request=7 msg="a node is connected"
 */
#include "shell/shell.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

static const char *level_name(int level)
{
    return level <= DAEMON_LOG_ERROR     ? "error"
           : level <= DAEMON_LOG_WARNING ? "warning"
           : level <= DAEMON_LOG_INFO    ? "info"
                                         : "debug";
}

/* Quotes, backslashes and control characters are escaped: a peer must not be able to forge a line.
 */
static void escape(struct fora_buf *out, const char *text)
{
    for (const char *at = text; *at != 0; at++) {
        unsigned char c = (unsigned char)*at;
        if (c == '"' || c == '\\') {
            fora_buf_u8(out, '\\');
            fora_buf_u8(out, c);
        } else if (c < 0x20 || c == 0x7f) {
            fora_buf_printf(out, "\\x%02x", c);
        } else {
            fora_buf_u8(out, c);
        }
    }
}

static void line(const struct shell *shell, int level, const char *room, uint64_t conn,
    uint64_t request, const char *text)
{
    struct fora_buf out = {0};
    struct tm tm;
    uint64_t now = shell_now();
    time_t seconds = (time_t)(now / 1000);
    if (level > shell->config->log_level || gmtime_r(&seconds, &tm) == NULL) {
        return;
    }
    fora_buf_printf(&out, "%04d-%02d-%02dT%02d:%02d:%02d.%03uZ %s %s", tm.tm_year + 1900,
        tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (unsigned)(now % 1000),
        level_name(level), room);
    if (conn != 0) {
        fora_buf_printf(&out, " conn=%llu", (unsigned long long)conn);
    }
    if (request != 0) {
        fora_buf_printf(&out, " request=%llu", (unsigned long long)request);
    }
    fora_buf_append_str(&out, " msg=\"");
    escape(&out, text);
    fora_buf_append_str(&out, "\"\n");
    if (out.error == 0) {
        fwrite(out.data, 1, out.size, stderr);
    }
    fora_buf_fini(&out);
}

void shell_log(const struct shell *shell, int level, const char *room, uint64_t conn,
    uint64_t request, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    line(shell, level, room, conn, request, text);
}

void shell_log_event(const struct shell *shell, const struct node_event *event)
{
    line(shell, event->level, event->room, event->conn, event->request, event->text);
}
