/* Addresses: [foran1...@]host[:port]. */
#include "fora/client.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int fora_client_fail(struct fora_client_why *why, int code, const char *format, ...)
{
    va_list args;
    *why = (struct fora_client_why){.code = code};
    va_start(args, format);
    (void)vsnprintf(why->text, sizeof why->text, format, args);
    va_end(args);
    return code;
}

static int bad(struct fora_client_why *why, const char *text, const char *what)
{
    return fora_client_fail(why, FORA_E_USAGE,
        "The address \"%.200s\" %s. Write HOST, HOST:PORT or [IPV6]:PORT, with foran1...@ before "
        "it "
        "to pin the node's identity.",
        text, what);
}

static int parse_port(uint16_t *out, const char *text)
{
    unsigned value = 0;
    size_t size = strlen(text);
    if (size == 0 || size > 5 || strspn(text, "0123456789") != size) {
        return FORA_E_USAGE;
    }
    for (size_t i = 0; i < size; i++) {
        value = value * 10 + (unsigned)(text[i] - '0');
    }
    if (value == 0 || value > 65535) {
        return FORA_E_USAGE;
    }
    *out = (uint16_t)value;
    return 0;
}

static bool plain_host(const char *host)
{
    const char *letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    return host[0] != '\0' && host[0] != '-' && strspn(host, letters) == strlen(host);
}

static bool is_v6(const char *host)
{
    struct in6_addr ignored;
    char bare[FORA_CLIENT_HOST_MAX];
    size_t size = strcspn(host, "%"); /* a zone may follow */
    memcpy(bare, host, size);
    bare[size] = '\0';
    const char *zone = host[size] == '%' ? host + size + 1 : "lo";
    return plain_host(zone) && inet_pton(AF_INET6, bare, &ignored) == 1;
}

/* Splits "host[:port]"; *port stays NULL without one. */
static int split(char host[FORA_CLIENT_HOST_MAX], const char **port, const char *text)
{
    const char *end = text + strlen(text);
    *port = NULL;
    if (text[0] == '[') {
        const char *close = strchr(text, ']');
        if (close == NULL || (close[1] != '\0' && close[1] != ':')) {
            return FORA_E_USAGE;
        }
        *port = close[1] == ':' ? close + 2 : NULL;
        text++;
        end = close;
    } else {
        const char *colon = strchr(text, ':');
        if (colon != NULL && strchr(colon + 1, ':') == NULL) {
            *port = colon + 1;
            end = colon;
        }
    }
    size_t size = (size_t)(end - text);
    if (size >= FORA_CLIENT_HOST_MAX) {
        return FORA_E_USAGE;
    }
    memcpy(host, text, size);
    host[size] = '\0';
    return 0;
}

int fora_client_address_parse(
    struct fora_client_address *out, const char *text, struct fora_client_why *why)
{
    *out = (struct fora_client_address){.port = FORA_CLIENT_PORT};
    const char *rest = text;
    const char *at = strchr(text, '@');
    const char *port;
    if (at != NULL) {
        char id[FORA_ID_TEXT_MAX];
        size_t size = (size_t)(at - text);
        if (size >= sizeof id) {
            return bad(why, text, "has no node identity before the @");
        }
        memcpy(id, text, size);
        id[size] = '\0';
        if (fora_id_parse(out->node.b, FORA_HRP_NODE, id) != 0) {
            return bad(why, text, "has no valid node identity (foran1...) before the @");
        }
        out->pinned = true;
        rest = at + 1;
    }
    if (split(out->host, &port, rest) != 0) {
        return bad(why, text, "is not well-formed");
    }
    if (port != NULL && parse_port(&out->port, port) != 0) {
        return bad(why, text, "has a port that is not a number from 1 to 65535");
    }
    if (rest[0] == '[' ? !is_v6(out->host) : !plain_host(out->host) && !is_v6(out->host)) {
        return bad(why, text, "has no valid host name or IP address");
    }
    return 0;
}

void fora_client_address_format(
    char out[FORA_CLIENT_ADDRESS_MAX], const struct fora_client_address *address)
{
    bool v6 = strchr(address->host, ':') != NULL;
    (void)snprintf(out, FORA_CLIENT_ADDRESS_MAX, v6 ? "[%s]:%u" : "%s:%u", address->host,
        (unsigned)address->port);
}
