/* A look at HTML before the parser sees it (private to this folder). */
#ifndef FORAD_IMPORT_HTML_GUARD_H
#define FORAD_IMPORT_HTML_GUARD_H

#include "fora/bytes.h"

/*
 * FORA_E_LIMIT where some tag could have more than HTML_ATTRS_MAX attributes or a token above
 * HTML_TOKEN_MAX: libxml2 compares every attribute of a tag with every other one.
 */
int html_guard(struct fora_bytes html) FORA_MUST_USE;

#endif
