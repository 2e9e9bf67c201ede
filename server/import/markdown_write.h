/* Writing collected inline content as Markdown (private to this folder). */
#ifndef FORAD_IMPORT_MARKDOWN_WRITE_H
#define FORAD_IMPORT_MARKDOWN_WRITE_H

#include "import/markdown_inline.h"

/* Errors stay in out->error. */
void md_write_items(const struct md_inline *line, enum md_context context, struct fora_buf *out);

/* The parts of it that need no context: an address in (...), a title in "...", text in [...]. */
void md_write_url(struct fora_buf *out, struct fora_bytes url, bool in_cell, bool in_underscores);
void md_write_title(struct fora_buf *out, struct fora_bytes title, bool in_cell);
void md_write_alt(struct fora_buf *out, struct fora_bytes alt);
/* `code` between back-ticks enough. */
void md_write_code(struct fora_buf *out, struct fora_bytes code);
/* Can `url` stand as <url>? */
bool md_is_autolink(struct fora_bytes url);
size_t md_longest_run(struct fora_bytes text, uint8_t c);

#endif
