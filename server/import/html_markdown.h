/*
 * HTML of a Stack Exchange body to Markdown (CommonMark with GFM tables and strikethrough).
 *
 * What is kept: paragraphs, line breaks, headings, rules, block quotes, spoilers (each line begins
 * with ">!"), lists with their start numbers, code blocks with a language, inline code, emphasis,
 * links, images, simple tables as pipes and others as their cells' blocks. `kbd`, `sub`, `sup` and,
 * inside a table, `br` stay as inline HTML tags without attributes: the whole allow-list of raw
 * HTML that a renderer of the result has to know.
 *
 * What is dropped: script, style, iframe, object, embed and the like with what they contain;
 * comments, after a language hint was read from them; attributes other than href, src, alt, title,
 * start, align and a language class; links and images whose address is neither relative nor http,
 * https, mailto (links) or ftp. Their text stays. Other elements disappear around their content.
 *
 * Text that Markdown would read as syntax is escaped, so that rendering gives the same text again.
 * Control characters and bidirectional overrides are removed: the result is valid UTF-8 and
 * fora_utf8_printable(result, true).
 *
 * Every call stands alone: no state is shared, and any number of threads may convert at once.
 */
#ifndef FORAD_IMPORT_HTML_MARKDOWN_H
#define FORAD_IMPORT_HTML_MARKDOWN_H

#include "fora/bytes.h"

struct html_limits {
    size_t input_max;   /* bytes of HTML */
    size_t output_max;  /* bytes of Markdown */
    unsigned depth_max; /* elements inside each other, at most HTML_DEPTH_MAX */
};

#define HTML_DEPTH_MAX 128u
#define HTML_ATTRS_MAX 128u       /* attributes of one element */
#define HTML_TOKEN_MAX (4u << 10) /* bytes of one name or unquoted value inside a tag */

/* 1 MiB in, 4 MiB out, HTML_DEPTH_MAX deep. */
struct html_limits html_limits_default(void);

/* Call once in a process, before the first thread converts. Safe to repeat. */
void html_markdown_init(void);

/*
 * Appends the Markdown of `html` to `out`, without a final line feed. On failure `out` is as
 * before: FORA_E_TOO_LARGE  input or output above its limit FORA_E_UTF8       the input is not
 * UTF-8 or holds a NUL FORA_E_LIMIT      nested too deep, or a tag that no editor writes (the
 * limits above) FORA_E_NOMEM      also where out->cap is reached Broken HTML is no failure: it is
 * read as a browser of old would. Memory used meanwhile is about 50 times the input at worst, 10
 * times as a rule. Time is linear in the input.
 */
int html_to_markdown(
    struct fora_bytes html, struct fora_buf *out, struct html_limits limits) FORA_MUST_USE;

#endif
