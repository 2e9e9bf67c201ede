/* Markdown to HTML with the parser that Fora's own programs use. */
#include <md4c-html.h>

#include "html_extract.h"

static void take_output(const MD_CHAR *text, MD_SIZE size, void *user)
{
    fora_buf_append(user, text, size);
}

int markdown_render(struct fora_bytes markdown, struct fora_buf *html)
{
    int rc = md_html((const MD_CHAR *)markdown.data, (MD_SIZE)markdown.size, take_output, html,
        MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH, 0);

    return rc || html->error ? FORA_E_NOMEM : 0;
}
