/* Base64 of RFC 4648, with padding: how an encoded object stands in a line of JSON. */
#ifndef FORAD_MAINTAIN_BASE64_H
#define FORAD_MAINTAIN_BASE64_H

#include "fora/bytes.h"

void base64_append(struct fora_buf *out, struct fora_bytes data);
/* FORA_E_MALFORMED: another character, a length that is no multiple of 4, padding elsewhere than at
 * the end, or bits beyond the data that are not 0; else the error of `out`. */
int base64_read(struct fora_buf *out, struct fora_bytes text) FORA_MUST_USE;

#endif
