/* Text from outside: UTF-8 as RFC 3629, without NUL (spec/01-encoding.md, ENC-5). */
#ifndef FORA_UTF8_H
#define FORA_UTF8_H

#include "fora/bytes.h"

/* True for well-formed UTF-8 without U+0000: no surrogates, no over-long forms, at most U+10FFFF.
 */
bool fora_utf8_valid(struct fora_bytes text);

/*
 * Valid, and free of control characters other than tab and line feed, and of bidirectional
 * overrides (U+202A..U+202E, U+2066..U+2069): what a single line of text may hold when `multiline`
 * is false (then tab and line feed are refused as well).
 */
bool fora_utf8_printable(struct fora_bytes text, bool multiline);

#endif
