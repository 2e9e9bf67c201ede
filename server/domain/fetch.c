/*
 * libcurl, told to do one thing only.
 *
 * The address is checked in the callback that opens the socket: that is the one which the
 * connection goes to, so a name that resolves to something else the second time gains nothing. What
 * the environment says of proxies is not asked.
 */
#include "domain/fetch.h"

#include "domain/address.h"
#include "domain/document.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECT_SHARE = 2 /* connecting may take that part of the time */ };

struct request {
    const struct domain_rules *rules;
    struct fora_buf *out;
    size_t size;
    bool refused_address;
    bool too_large;
    char error[CURL_ERROR_SIZE];
};

int domain_fetch_init(void)
{
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? 0 : FORA_E_INTERNAL;
}

void domain_fetch_fini(void)
{
    curl_global_cleanup();
}

/* ---- callbacks ---- */

static bool allowed(const struct request *request, const struct curl_sockaddr *address)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    /* Longer than its type says. */
    const uint8_t *at = (const uint8_t *)address + offsetof(struct curl_sockaddr, addr);
    if (address->family == AF_INET && address->addrlen >= sizeof v4) {
        memcpy(&v4, at, sizeof v4);
        return request->rules->private || address_public_v4((const uint8_t *)&v4.sin_addr);
    }
    if (address->family == AF_INET6 && address->addrlen >= sizeof v6) {
        memcpy(&v6, at, sizeof v6);
        return request->rules->private || address_public_v6((const uint8_t *)&v6.sin6_addr);
    }
    return false;
}

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct request *request = context;
    if (purpose != CURLSOCKTYPE_IPCXN || !allowed(request, address)) {
        request->refused_address = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t take(char *data, size_t one, size_t count, void *context)
{
    struct request *request = context;
    size_t size = one * count;
    if (size > DOMAIN_DOCUMENT_MAX - request->size) {
        request->too_large = true;
        return 0;
    }
    fora_buf_append(request->out, data, size);
    request->size += size;
    return request->out->error == 0 ? size : 0;
}

/* Headers are not kept; a server that never ends them is stopped by the time. */
static int progress(
    void *context, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
    const struct request *request = context;
    (void)total, (void)now, (void)up_total, (void)up_now;
    return request->rules->stop != NULL && atomic_load(request->rules->stop);
}

/* ---- one request ---- */

#define SET(option, value) (rc = rc == CURLE_OK ? curl_easy_setopt(curl, option, value) : rc)

static CURLcode set_bounds(CURL *curl, const struct request *request)
{
    CURLcode rc = CURLE_OK;
    long timeout = (long)request->rules->timeout_ms;
    SET(CURLOPT_PROTOCOLS_STR, "https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_TIMEOUT_MS, timeout);
    SET(CURLOPT_CONNECTTIMEOUT_MS, timeout / CONNECT_SHARE);
    SET(CURLOPT_MAXFILESIZE, (long)DOMAIN_DOCUMENT_MAX);
    SET(CURLOPT_NOSIGNAL, 1L);
    return rc;
}

static CURLcode set_request(CURL *curl, struct request *request, const char *url)
{
    CURLcode rc = set_bounds(curl, request);
    struct fora_bytes ca = request->rules->ca;
    struct curl_blob blob = {.len = ca.size, .flags = CURL_BLOB_COPY};
    if (ca.size > 0) {
        memcpy(&blob.data, &ca.data, sizeof blob.data); /* libcurl copies, and takes no const */
        SET(CURLOPT_CAINFO_BLOB, &blob);
    }
    SET(CURLOPT_URL, url);
    SET(CURLOPT_USERAGENT, "forad");
    SET(CURLOPT_ERRORBUFFER, request->error);
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_OPENSOCKETDATA, request);
    SET(CURLOPT_WRITEFUNCTION, take);
    SET(CURLOPT_WRITEDATA, request);
    SET(CURLOPT_NOPROGRESS, 0L);
    SET(CURLOPT_XFERINFOFUNCTION, progress);
    SET(CURLOPT_XFERINFODATA, request);
    return rc;
}

static int say(char why[160], int code, const char *text, const char *more)
{
    (void)snprintf(why, 160, "%s%s%.100s", text, more[0] == '\0' ? "" : ": ", more);
    return code;
}

/* The one place where libcurl's codes become ours. */
static int failure(const struct request *request, CURLcode rc, char why[160])
{
    const char *more = request->error[0] == '\0' ? curl_easy_strerror(rc) : request->error;
    if (request->out->error != 0 || rc == CURLE_OUT_OF_MEMORY) {
        return say(why, FORA_E_NOMEM, "there is not enough memory", "");
    }
    if (request->too_large || rc == CURLE_FILESIZE_EXCEEDED) {
        return say(why, FORA_E_TOO_LARGE, "it answers with more than 16,384 bytes", "");
    }
    switch ((int)rc) {
    case CURLE_OPERATION_TIMEDOUT:
        return say(why, FORA_E_TIMEOUT, "it takes too long", "");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
        return say(why, FORA_E_HANDSHAKE, "its certificate does not hold", more);
    case CURLE_ABORTED_BY_CALLBACK:
        return say(why, FORA_E_CLOSED, "this node was stopped", "");
    default:
        break;
    }
    if (request->refused_address) {
        return say(why, FORA_E_FORBIDDEN,
            "its address lies inside a network, not on the internet (domains.private)", "");
    }
    return say(why, FORA_E_CLOSED, "it cannot be reached", more);
}

static int judge(long status, char why[160])
{
    char number[24];
    (void)snprintf(number, sizeof number, "%ld", status);
    if (status == 404 || status == 410) {
        return say(why, FORA_E_NOTFOUND, "it has no such document, status", number);
    }
    if (status >= 300 && status <= 399) {
        return say(why, FORA_E_REFUSED, "it answers with a redirect, status", number);
    }
    return status == 200 ? 0 : say(why, FORA_E_REFUSED, "it answers with status", number);
}

int domain_fetch(const struct domain_rules *rules, const char *host, const char *path,
    struct fora_buf *out, char why[160])
{
    struct request request = {.rules = rules, .out = out};
    char url[DOMAIN_MAX + DOMAIN_PATH_MAX + 32];
    long status = 0;
    if (!domain_valid(fora_bytes_str(host))) {
        return say(why, FORA_E_MALFORMED, "that is not a domain", "");
    }
    CURL *curl = curl_easy_init();
    if (curl == NULL) {
        return say(why, FORA_E_NOMEM, "there is not enough memory", "");
    }
    if (rules->port == 443) {
        (void)snprintf(url, sizeof url, "https://%s%s", host, path);
    } else {
        (void)snprintf(url, sizeof url, "https://%s:%u%s", host, (unsigned)rules->port, path);
    }
    CURLcode rc = set_request(curl, &request, url);
    rc = rc == CURLE_OK ? curl_easy_perform(curl) : rc;
    if (rc == CURLE_OK) {
        rc = curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    }
    int code = rc == CURLE_OK ? judge(status, why) : failure(&request, rc, why);
    curl_easy_cleanup(curl);
    return code;
}
