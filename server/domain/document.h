/*
 * Domains, handles, and the two documents about them (spec 3b), as pure functions over bytes.
 *
 * What is read here came from any web server. A document is at most DOMAIN_DOCUMENT_MAX bytes; ids
 * are parsed, texts are compared, and nothing else is taken over but addresses.
 */
#ifndef FORAD_DOMAIN_DOCUMENT_H
#define FORAD_DOMAIN_DOCUMENT_H

#include "fora/bytes.h"
#include "fora/id.h"

enum {
    DOMAIN_MAX = 253,
    DOMAIN_HANDLE_MAX = 32,
    DOMAIN_NAME_MAX = 2 + DOMAIN_HANDLE_MAX + DOMAIN_MAX, /* "@name@domain" */
    DOMAIN_DOCUMENT_MAX = 16384,
    DOMAIN_ADDRESSES_MAX = 8,
    DOMAIN_ADDRESS_MAX = 255,
    DOMAIN_LINKS_MAX = 64,
    DOMAIN_PATH_MAX = 512
};

/* DOM-1. */
bool domain_valid(struct fora_bytes domain);

/* "@name@domain" taken apart; false when it is none (DOM-6). Both are NUL-terminated copies. */
struct domain_handle {
    char name[DOMAIN_HANDLE_MAX + 1];
    char domain[DOMAIN_MAX + 1];
};
bool domain_handle_parse(struct domain_handle *out, const char *text);

/* Where the documents are: paths for fetch.h. */
#define DOMAIN_DOCUMENT_PATH "/.well-known/fora"
void domain_handle_path(char out[DOMAIN_PATH_MAX], const struct domain_handle *handle);

struct domain_document {
    struct fora_principal_id node;
    char addresses[DOMAIN_ADDRESSES_MAX][DOMAIN_ADDRESS_MAX + 1];
    size_t addresses_count;
};
/* DOM-2. FORA_E_MALFORMED with the reason in `why` (a clause without a full stop), TOO_LARGE,
 * LIMIT. */
int domain_document_read(
    struct domain_document *out, struct fora_bytes text, char why[160]) FORA_MUST_USE;
int domain_document_write(
    struct fora_buf *out, const struct domain_document *document) FORA_MUST_USE;

/* DOM-6. FORA_E_MALFORMED, TOO_LARGE, LIMIT; NOTFOUND when no link names a member, CONFLICT when
 * two do. */
int domain_webfinger_read(struct fora_principal_id *member, const struct domain_handle *handle,
    struct fora_bytes text, char why[160]) FORA_MUST_USE;
int domain_webfinger_write(struct fora_buf *out, const struct domain_handle *handle,
    const struct fora_principal_id *member) FORA_MUST_USE;

#endif
