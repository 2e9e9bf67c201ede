/*
 * One HTTPS request to a stranger's web server (DOM-4): the only file that includes libcurl is
 * fetch.c. Blocks; call it from a thread that may wait.
 */
#ifndef FORAD_DOMAIN_FETCH_H
#define FORAD_DOMAIN_FETCH_H

#include "fora/bytes.h"

#include <stdatomic.h>

struct domain_rules {
    bool private;         /* addresses inside the operator's network are allowed */
    uint16_t port;        /* 443 */
    uint32_t timeout_ms;  /* 10,000: of the whole request */
    struct fora_bytes ca; /* certificates in PEM, borrowed; empty: those of the system */
    atomic_bool *stop;    /* ends a request within about a second; may be NULL */
};

/* Once in a process, before threads are started, and at its end. FORA_E_INTERNAL. */
int domain_fetch_init(void) FORA_MUST_USE;
void domain_fetch_fini(void);

/*
 * Appends the body of https://HOST:PORT/PATH to `out`: at most DOMAIN_DOCUMENT_MAX bytes. `why`
 * gets a clause without a full stop. NOTFOUND: status 404 or 410; REFUSED: another status, a
 * redirect among them; FORBIDDEN: an address that DOM-4 does not allow; HANDSHAKE: the certificate
 * or TLS; TIMEOUT; TOO_LARGE; CLOSED: no name, no connection; NOMEM.
 */
int domain_fetch(const struct domain_rules *rules, const char *host, const char *path,
    struct fora_buf *out, char why[160]) FORA_MUST_USE;

#endif
