/* What the rules of contents are called by: shape beyond what a table can say (KIND-*). */
#ifndef FORA_OBJECT_RULES_H
#define FORA_OBJECT_RULES_H

#include "fora/content.h"

/* 0, FORA_E_MALFORMED, or FORA_E_TOO_LARGE of what is carried. What the table says was checked
 * before. */
int fora_content_check(const struct fora_content *content) FORA_MUST_USE;

#endif
