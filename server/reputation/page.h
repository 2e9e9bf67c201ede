/* A member's page: what is attested about her, and what is needed to judge it (SES, GetPrincipal).
 */
#ifndef FORAD_REPUTATION_PAGE_H
#define FORAD_REPUTATION_PAGE_H

#include "core/caches.h"
#include "core/query.h"
#include "reputation/standing.h"

/*
 * Adds attestations about the subject, each with what it rests on and what takes it back or not at
 * all, until `bytes_max` or 1,024 objects are gathered. What was stated by who may (ATT-5, ATT-6)
 * comes first, and spaces before her home: anybody can state as much else as she likes, and would
 * crowd out what is to be shown (ATT-10).
 */
int page_gather(struct gather *gather, struct policies *policies,
    const struct fora_principal_id *subject, size_t bytes_max) FORA_MUST_USE;
/* The same, and before it the object that she carries (ATT-15); what of its claims is held here is
 * on the page, with whatever that rests on. What takes one of them back, and who else was awarded
 * under a limit, comes first: it may have been left out, and without all of that the object is not
 * gathered. */
int page_gather_carried(struct gather *gather, struct policies *policies,
    const struct fora_principal_id *subject, size_t bytes_max) FORA_MUST_USE;

/* The same for one attestation: it, what it rests on, and what else its issuer stated of the
 * subject in the same space, in whose place it may stand (ATT-8). FORA_E_LIMIT when that is too
 * much. */
int page_gather_one(struct gather *gather, store_seq attestation, size_t bytes_max) FORA_MUST_USE;

#endif
