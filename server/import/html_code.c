/* Code blocks: exactly the text of a pre element, and the language that somebody stated for it. */
#include "import/html_convert.h"

#include <string.h>

#include "import/markdown_char.h"

/* The word at the front of `text` to `language`; "" where it is none or says "no language". */
static void take_language(char *language, struct fora_bytes text)
{
    size_t size = 0;

    while (size < text.size && size < HTML_LANGUAGE_MAX &&
           (md_is_alnum(text.data[size]) || memchr("+#.-_", text.data[size], 5))) {
        language[size] = (char)text.data[size];
        size++;
    }
    language[size] = '\0';
    if (strcmp(language, "none") == 0 || strcmp(language, "default") == 0) {
        language[0] = '\0';
    }
}

static bool take_prefix(struct fora_bytes *text, const char *prefix)
{
    size_t size = strlen(prefix);

    if (text->size < size || memcmp(text->data, prefix, size) != 0) {
        return false;
    }
    text->data += size;
    text->size -= size;
    while (text->size > 0 && md_is_space(text->data[0])) {
        text->data++;
        text->size--;
    }
    return true;
}

/* "lang-c" or "language-c" among the words of the class attribute. */
static bool language_of_class(char *language, const xmlNode *node)
{
    struct fora_bytes text = html_attr(node, "class");

    while (text.size > 0) {
        if (take_prefix(&text, "lang-") || take_prefix(&text, "language-")) {
            take_language(language, text);
            return true;
        }
        while (text.size > 0 && !md_is_space(text.data[0])) {
            text.data++;
            text.size--;
        }
        take_prefix(&text, "");
    }
    return false;
}

void html_read_hint(struct html_convert *c, const xmlNode *comment)
{
    struct fora_bytes text = html_text_of(comment);
    char *into = NULL;

    take_prefix(&text, "");
    if (take_prefix(&text, "language-all:")) {
        into = c->language_all;
    } else if (take_prefix(&text, "language:")) {
        into = c->language;
    }
    if (into) {
        if (!take_prefix(&text, "lang-")) {
            take_prefix(&text, "language-");
        }
        take_language(into, text);
    }
}

static void append_code(struct fora_buf *out, struct fora_bytes text)
{
    for (size_t i = 0, size; i < text.size; i += size) {
        uint32_t point = md_decode(text.data + i, text.size - i, &size);
        if (point == '\r') {
            if (i + 1 == text.size || text.data[i + 1] != '\n') {
                fora_buf_u8(out, '\n');
            }
        } else if (md_is_kept(point)) {
            fora_buf_append(out, text.data + i, size);
        }
    }
}

/* A code block cannot hold links or images, so they follow it. */
static void add_references(struct html_convert *c, const xmlNode *pre)
{
    const xmlNode *node = pre;

    while ((node = html_next(pre, node, html_kind_of(node) == HTML_DROP)) != NULL) {
        if (html_kind_of(node) == HTML_IMAGE) {
            md_inline_part(&c->line);
            html_add_image(c, node);
        } else if (html_kind_of(node) == HTML_LINK && html_attr(node, "href").data) {
            md_inline_part(&c->line);
            html_open_link(c, node);
            md_inline_text(&c->line, html_attr(node, "href"));
            md_inline_close(&c->line);
        }
    }
    html_flush(c);
}

void html_add_pre(struct html_convert *c, const xmlNode *pre)
{
    const xmlNode *node = pre;
    char language[HTML_LANGUAGE_MAX + 1];
    bool named = language_of_class(language, pre);
    bool references = false;
    struct fora_bytes code;

    if (!named) {
        strcpy(language, c->language[0] ? c->language : c->language_all);
    }
    c->language[0] = '\0';
    fora_buf_clear(&c->scratch);
    while ((node = html_next(pre, node, html_kind_of(node) == HTML_DROP)) != NULL) {
        enum html_kind kind = html_kind_of(node);
        if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
            append_code(&c->scratch, html_text_of(node));
        } else if (kind == HTML_BREAK) {
            fora_buf_u8(&c->scratch, '\n');
        } else if (kind == HTML_CODE && !named) {
            named = language_of_class(language, node);
        }
        references = references || kind == HTML_LINK || kind == HTML_IMAGE;
    }
    code = fora_buf_bytes(&c->scratch);
    /* HTML drops a line feed that follows <pre> at once. */
    if (code.size > 0 && code.data[0] == '\n' && pre->children->type == XML_TEXT_NODE) {
        code.data++;
        code.size--;
    }
    md_block_code(&c->block, fora_bytes_str(language), code);
    c->error = c->error ? c->error : c->scratch.error;
    if (references) {
        add_references(c, pre);
    }
}
