/* A member's page: what is attested about her, and what is needed to judge it (SES, GetPrincipal).
 */
#ifndef FORAD_REPUTATION_PAGE_H
#define FORAD_REPUTATION_PAGE_H

#include "core/query.h"
#include "reputation/standing.h"

/* Adds attestations about the subject, then what they rest on, until `bytes_max` are gathered. */
int page_gather(
    struct gather *gather, const struct fora_principal_id *subject, size_t bytes_max) FORA_MUST_USE;

#endif
