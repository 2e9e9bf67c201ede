/* Markdown to HTML with the reference implementation of CommonMark and GFM. */
#include <cmark-gfm.h>
#include <cmark-gfm-core-extensions.h>
#include <stdlib.h>

#include "html_extract.h"

int markdown_render(struct fora_bytes markdown, struct fora_buf *html)
{
    cmark_parser *parser;
    cmark_node *document;
    char *text;

    cmark_gfm_core_extensions_ensure_registered();
    parser = cmark_parser_new(CMARK_OPT_UNSAFE);
    cmark_parser_attach_syntax_extension(parser, cmark_find_syntax_extension("table"));
    cmark_parser_attach_syntax_extension(parser, cmark_find_syntax_extension("strikethrough"));
    cmark_parser_feed(parser, (const char *)markdown.data, markdown.size);
    document = cmark_parser_finish(parser);
    text =
        cmark_render_html(document, CMARK_OPT_UNSAFE, cmark_parser_get_syntax_extensions(parser));
    fora_buf_append_str(html, text);
    free(text);
    cmark_node_free(document);
    cmark_parser_free(parser);
    return html->error;
}
