#include "html_extract.h"

#include <libxml/HTMLparser.h>
#include <stdlib.h>
#include <string.h>

const char *const html_count_names[COUNT_KINDS] = {"li", "ul", "ol", "blockquote", "heading", "hr",
    "br", "em", "strong", "del", "sub/sup/kbd", "pre", "code", "p"};

static const struct {
    const char *name;
    enum html_count count;
    bool block;
} tags[] = {{"li", COUNT_LI, true}, {"ul", COUNT_UL, true}, {"ol", COUNT_OL, true},
    {"blockquote", COUNT_QUOTE, true}, {"h1", COUNT_HEADING, true}, {"h2", COUNT_HEADING, true},
    {"h3", COUNT_HEADING, true}, {"h4", COUNT_HEADING, true}, {"h5", COUNT_HEADING, true},
    {"h6", COUNT_HEADING, true}, {"hr", COUNT_RULE, true}, {"em", COUNT_EM, false},
    {"i", COUNT_EM, false}, {"strong", COUNT_STRONG, false}, {"b", COUNT_STRONG, false},
    {"del", COUNT_DEL, false}, {"s", COUNT_DEL, false}, {"strike", COUNT_DEL, false},
    {"sub", COUNT_SUB_SUP_KBD, false}, {"sup", COUNT_SUB_SUP_KBD, false},
    {"kbd", COUNT_SUB_SUP_KBD, false}, {"pre", COUNT_PRE, true}, {"code", COUNT_CODE, false},
    {"p", COUNT_PARAGRAPH, true}, {"div", COUNT_PARAGRAPH, true}, {"tr", COUNT_PARAGRAPH, true},
    {"td", COUNT_PARAGRAPH, true}, {"th", COUNT_PARAGRAPH, true}};

void html_extract_init(struct html_extract *extract)
{
    memset(extract, 0, sizeof *extract);
}

void html_extract_fini(struct html_extract *extract)
{
    fora_buf_fini(&extract->text);
    fora_buf_fini(&extract->blocks);
    fora_buf_fini(&extract->inlines);
    fora_buf_fini(&extract->hrefs);
    fora_buf_fini(&extract->images);
    fora_buf_fini(&extract->starts);
}

static bool is(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

static bool inside(const xmlNode *node, const char *name)
{
    for (; node; node = node->parent) {
        if (is(node, name)) {
            return true;
        }
    }
    return false;
}

static void add_blank(struct html_extract *extract)
{
    struct fora_buf *text = &extract->text;

    if (text->size > 0 && text->data[text->size - 1] != ' ') {
        fora_buf_u8(text, ' ');
    }
}

static void add_text(struct html_extract *extract, const char *text)
{
    for (; *text; text++) {
        if (strchr(" \t\r\n\f", *text)) {
            add_blank(extract);
        } else {
            fora_buf_u8(&extract->text, (uint8_t)*text);
        }
    }
}

/* md4c encodes what an address should not hold bare; so both sides are brought to that form. */
static void add_url(struct fora_buf *out, const char *url)
{
    for (; *url; url++) {
        uint8_t c = (uint8_t)*url;
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                     strchr("-_.!*();:@&=+$,/?#%", c);
        if (plain) {
            fora_buf_u8(out, c);
        } else {
            fora_buf_printf(out, "%%%02X", c);
        }
    }
}

static void add_attr(struct fora_buf *out, const xmlNode *node, const char *name, bool url)
{
    xmlChar *value = xmlGetProp(node, (const xmlChar *)name);

    if (value && url) {
        add_url(out, (const char *)value);
    } else if (value) {
        fora_buf_append_str(out, (const char *)value);
    }
    fora_buf_u8(out, '\n');
    xmlFree(value);
}

/* Text of a code element, byte for byte but for one final line feed. */
static void add_code(struct fora_buf *out, const xmlNode *node, bool block)
{
    xmlChar *text = xmlNodeGetContent(node);
    size_t size = text ? strlen((const char *)text) : 0;

    if (block && size > 0 && text[size - 1] == '\n') {
        size--;
    }
    for (size_t i = 0; i < size; i++) {
        /* HTML drops a line feed at once after <pre>. */
        bool dropped = block && i == 0 && text[0] == '\n' && node->children->type == XML_TEXT_NODE;
        if (text[i] != '\r' && !dropped) {
            fora_buf_u8(out, !block && text[i] == '\n' ? ' ' : text[i]);
        }
    }
    if (block) {
        fora_buf_u8(out, 1);
    }
    xmlFree(text);
}

/* A list without items is none. */
static bool has_items(const xmlNode *list)
{
    for (const xmlNode *node = list->children; node; node = node->next) {
        if (is(node, "li")) {
            return true;
        }
    }
    return false;
}

static bool is_content(const xmlNode *node)
{
    return is(node, "img") ||
           (node->type == XML_TEXT_NODE && !xmlIsBlankNode(node) && !inside(node, "pre"));
}

/* A break counts where something stands before and after it in its block. */
static void note_break(struct html_extract *extract, const xmlNode *node, bool block)
{
    if (is(node, "br")) {
        extract->breaks += extract->content;
    } else if (block) {
        extract->breaks = 0;
        extract->content = false;
    } else if (is_content(node)) {
        extract->counts[COUNT_BREAK] += extract->breaks;
        extract->breaks = 0;
        extract->content = true;
    }
}

/* Returns true for an element that begins and ends a block. */
static bool enter(struct html_extract *extract, const xmlNode *node)
{
    bool block = false;

    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        if (is(node, tags[i].name)) {
            bool empty = (is(node, "ul") || is(node, "ol")) && !has_items(node);
            extract->counts[tags[i].count] += !empty;
            block = tags[i].block;
        }
    }
    note_break(extract, node, block);
    if (is(node, "a") && xmlHasProp(node, (const xmlChar *)"href")) {
        add_attr(&extract->hrefs, node, "href", true);
    } else if (is(node, "img")) {
        add_attr(&extract->images, node, "src", true);
        add_attr(&extract->images, node, "alt", false);
    } else if (is(node, "ol") && has_items(node)) {
        add_attr(&extract->starts, node, "start", false);
    } else if (is(node, "pre")) {
        add_code(&extract->blocks, node, true);
    } else if (is(node, "code") && !inside(node, "pre")) {
        add_code(&extract->inlines, node, false);
    } else if (node->type == XML_TEXT_NODE && !inside(node, "pre")) {
        add_text(extract, (const char *)node->content);
    }
    if (block || is(node, "br")) {
        add_blank(extract);
    }
    return block;
}

/* Recursion as deep as the parser lets the tree be (256). */
static void walk(struct html_extract *extract, const xmlNode *node)
{
    for (; node; node = node->next) {
        bool block = enter(extract, node);
        if (node->type == XML_ELEMENT_NODE) {
            walk(extract, node->children);
        }
        if (block) {
            note_break(extract, node, true);
            add_blank(extract);
        }
    }
}

int html_extract_read(struct html_extract *extract, struct fora_bytes html)
{
    htmlDocPtr doc = htmlReadMemory((const char *)html.data, (int)html.size, NULL, "UTF-8",
        HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET);

    if (doc) {
        walk(extract, doc->children);
        xmlFreeDoc(doc);
    }
    while (extract->text.size > 0 && extract->text.data[extract->text.size - 1] == ' ') {
        extract->text.size--;
    }
    return extract->text.error | extract->blocks.error | extract->hrefs.error |
                   extract->images.error | extract->inlines.error
               ? FORA_E_NOMEM
               : 0;
}

static bool same(const struct fora_buf *a, const struct fora_buf *b)
{
    return fora_bytes_equal(fora_buf_bytes(a), fora_buf_bytes(b));
}

const char *html_extract_difference(
    const struct html_extract *was, const struct html_extract *is, bool exact)
{
    if (!same(&was->text, &is->text)) {
        return "text";
    }
    if (!same(&was->blocks, &is->blocks)) {
        return "code blocks";
    }
    if (!same(&was->inlines, &is->inlines)) {
        return "inline code";
    }
    if (!same(&was->hrefs, &is->hrefs)) {
        return "links";
    }
    if (!same(&was->images, &is->images)) {
        return "images";
    }
    if (!same(&was->starts, &is->starts)) {
        return "numbers of lists";
    }
    for (int i = 0; i < COUNT_KINDS; i++) {
        bool compared = i == COUNT_LI || i == COUNT_UL || i == COUNT_OL || i == COUNT_PRE || exact;
        if (i != COUNT_PARAGRAPH && compared && was->counts[i] != is->counts[i]) {
            return html_count_names[i];
        }
    }
    return NULL;
}
