/* html_to_markdown: checks, parses with libxml2, walks, hands over. */
#include "import/html_markdown.h"

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

#include "fora/utf8.h"
#include "import/html_convert.h"
#include "import/html_guard.h"

#define OPTIONS                                                                                    \
    (HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET |           \
        HTML_PARSE_IGNORE_ENC)

struct html_limits html_limits_default(void)
{
    return (struct html_limits){
        .input_max = 1u << 20, .output_max = 4u << 20, .depth_max = HTML_DEPTH_MAX};
}

void html_markdown_init(void)
{
    xmlInitParser();
}

/*
 * The body is opened by hand: what stands before the first element of a fragment is lost by the
 * parser where it is not letters.
 */
static xmlDocPtr parse(struct fora_bytes html)
{
    static const char front[] = "<body>";
    size_t size = sizeof front - 1 + html.size;
    htmlParserCtxtPtr parser = htmlNewParserCtxt();
    char *text = malloc(size);
    xmlDocPtr doc = NULL;

    if (parser && text) {
        memcpy(text, front, sizeof front - 1);
        memcpy(text + sizeof front - 1, html.data, html.size);
        doc = htmlCtxtReadMemory(parser, text, (int)size, NULL, "UTF-8", OPTIONS);
        if (parser->errNo == XML_ERR_NO_MEMORY) {
            xmlFreeDoc(doc);
            doc = NULL;
        }
    }
    if (parser) {
        htmlFreeParserCtxt(parser);
    }
    free(text);
    return doc;
}

static struct html_convert *convert_new(struct html_limits limits)
{
    struct html_convert *c = calloc(1, sizeof *c);

    if (c) {
        if (limits.depth_max > HTML_DEPTH_MAX) {
            limits.depth_max = HTML_DEPTH_MAX;
        }
        c->limits = limits;
        fora_buf_init(&c->markdown, limits.output_max);
        fora_buf_init(&c->scratch, limits.output_max);
        fora_arena_init(&c->arena, 0);
        md_block_init(&c->block, &c->markdown);
        md_inline_init(&c->line);
    }
    return c;
}

static void convert_free(struct html_convert *c)
{
    md_inline_fini(&c->line);
    fora_arena_fini(&c->arena);
    fora_buf_fini(&c->scratch);
    fora_buf_fini(&c->markdown);
    free(c);
}

static int convert(struct html_convert *c, struct fora_buf *out, const xmlDoc *doc)
{
    size_t before = out->size;

    html_walk(c, (const xmlNode *)doc);
    html_flush(c);
    if (!c->error) {
        c->error = c->markdown.error;
    }
    if (c->error) {
        return c->error;
    }
    if (c->markdown.size > 0) {
        fora_buf_append(out, c->markdown.data, c->markdown.size - 1); /* not the last line feed */
    }
    if (out->error) {
        int rc = out->error;
        out->size = before;
        out->error = 0;
        return rc;
    }
    return 0;
}

int html_to_markdown(struct fora_bytes html, struct fora_buf *out, struct html_limits limits)
{
    struct html_convert *c;
    xmlDocPtr doc;
    int rc;

    if (out->error) {
        return out->error;
    }
    if (html.size > limits.input_max || html.size > INT32_MAX / 2) {
        return FORA_E_TOO_LARGE;
    }
    if (!fora_utf8_valid(html)) {
        return FORA_E_UTF8;
    }
    rc = html.size > 0 ? html_guard(html) : 0;
    if (rc || html.size == 0) {
        return rc;
    }
    doc = parse(html);
    if (!doc) {
        return FORA_E_NOMEM;
    }
    c = convert_new(limits);
    rc = c ? convert(c, out, doc) : FORA_E_NOMEM;
    if (c) {
        convert_free(c);
    }
    xmlFreeDoc(doc);
    return rc;
}
