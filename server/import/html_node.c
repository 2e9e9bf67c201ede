#include "import/html_node.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "import/markdown_char.h"
#include "import/markdown_inline.h"

/* Sorted by name, for bsearch. */
static const struct html_element elements[] = {
    {"a", HTML_LINK, 0},
    {"address", HTML_BLOCK, 0},
    {"applet", HTML_DROP, 0},
    {"article", HTML_BLOCK, 0},
    {"aside", HTML_BLOCK, 0},
    {"audio", HTML_DROP, 0},
    {"b", HTML_STYLE, MD_STRONG},
    {"blockquote", HTML_QUOTE, 0},
    {"body", HTML_BLOCK, 0},
    {"br", HTML_BREAK, 0},
    {"canvas", HTML_DROP, 0},
    {"caption", HTML_BLOCK, 0},
    {"center", HTML_BLOCK, 0},
    {"code", HTML_CODE, 0},
    {"dd", HTML_BLOCK, 0},
    {"del", HTML_STYLE, MD_DEL},
    {"details", HTML_BLOCK, 0},
    {"dir", HTML_UL, 0},
    {"div", HTML_BLOCK, 0},
    {"dl", HTML_BLOCK, 0},
    {"dt", HTML_BLOCK, 0},
    {"em", HTML_STYLE, MD_EM},
    {"embed", HTML_DROP, 0},
    {"fieldset", HTML_BLOCK, 0},
    {"figcaption", HTML_BLOCK, 0},
    {"figure", HTML_BLOCK, 0},
    {"footer", HTML_BLOCK, 0},
    {"form", HTML_BLOCK, 0},
    {"frame", HTML_DROP, 0},
    {"frameset", HTML_DROP, 0},
    {"h1", HTML_HEADING, 1},
    {"h2", HTML_HEADING, 2},
    {"h3", HTML_HEADING, 3},
    {"h4", HTML_HEADING, 4},
    {"h5", HTML_HEADING, 5},
    {"h6", HTML_HEADING, 6},
    {"header", HTML_BLOCK, 0},
    {"hr", HTML_RULE, 0},
    {"i", HTML_STYLE, MD_EM},
    {"iframe", HTML_DROP, 0},
    {"img", HTML_IMAGE, 0},
    {"input", HTML_DROP, 0},
    {"kbd", HTML_STYLE, MD_KBD},
    {"li", HTML_LI, 0},
    {"link", HTML_DROP, 0},
    {"main", HTML_BLOCK, 0},
    {"menu", HTML_UL, 0},
    {"meta", HTML_DROP, 0},
    {"nav", HTML_BLOCK, 0},
    {"noembed", HTML_DROP, 0},
    {"noframes", HTML_DROP, 0},
    {"object", HTML_DROP, 0},
    {"ol", HTML_OL, 0},
    {"p", HTML_BLOCK, 0},
    {"pre", HTML_PRE, 0},
    {"s", HTML_STYLE, MD_DEL},
    {"samp", HTML_CODE, 0},
    {"script", HTML_DROP, 0},
    {"section", HTML_BLOCK, 0},
    {"strike", HTML_STYLE, MD_DEL},
    {"strong", HTML_STYLE, MD_STRONG},
    {"style", HTML_DROP, 0},
    {"sub", HTML_STYLE, MD_SUB},
    {"summary", HTML_BLOCK, 0},
    {"sup", HTML_STYLE, MD_SUP},
    {"svg", HTML_DROP, 0},
    {"table", HTML_TABLE, 0},
    {"tbody", HTML_BLOCK, 0},
    {"td", HTML_CELL, 0},
    {"template", HTML_DROP, 0},
    {"tfoot", HTML_BLOCK, 0},
    {"th", HTML_CELL, 1},
    {"thead", HTML_BLOCK, 0},
    {"title", HTML_DROP, 0},
    {"tr", HTML_ROW, 0},
    {"tt", HTML_CODE, 0},
    {"ul", HTML_UL, 0},
    {"video", HTML_DROP, 0},
    {"xmp", HTML_PRE, 0},
};

static int compare_name(const void *key, const void *row)
{
    return strcmp(key, ((const struct html_element *)row)->name);
}

const struct html_element *html_element_of(const xmlNode *node)
{
    static const struct html_element unknown = {"", HTML_TRANSPARENT, 0};
    const struct html_element *found = NULL;

    if (node->type == XML_ELEMENT_NODE) {
        found = bsearch(node->name, elements, sizeof elements / sizeof elements[0],
            sizeof elements[0], compare_name);
    }
    return found ? found : &unknown;
}

enum html_kind html_kind_of(const xmlNode *node)
{
    return html_element_of(node)->kind;
}

struct fora_bytes html_text_of(const xmlNode *node)
{
    return fora_bytes_str(node->content ? (const char *)node->content : "");
}

struct fora_bytes html_attr(const xmlNode *node, const char *name)
{
    if (node->type == XML_ELEMENT_NODE) {
        for (const xmlAttr *attr = node->properties; attr; attr = attr->next) {
            if (strcmp((const char *)attr->name, name) == 0) {
                return attr->children ? html_text_of(attr->children) : fora_bytes_str("");
            }
        }
    }
    return fora_bytes(NULL, 0);
}

bool html_has_class(const xmlNode *node, const char *word)
{
    struct fora_bytes value = html_attr(node, "class");
    size_t size = strlen(word);

    for (size_t i = 0; i < value.size;) {
        size_t begin = i;
        while (i < value.size && !md_is_space(value.data[i])) {
            i++;
        }
        if (i - begin == size && memcmp(value.data + begin, word, size) == 0) {
            return true;
        }
        i++;
    }
    return false;
}

bool html_is_blank(struct fora_bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (!md_is_space(text.data[i])) {
            return false;
        }
    }
    return true;
}

const xmlNode *html_next(const xmlNode *root, const xmlNode *node, bool skip)
{
    if (!skip && node->type == XML_ELEMENT_NODE && node->children) {
        return node->children;
    }
    while (node != root && !node->next) {
        node = node->parent;
    }
    return node == root ? NULL : node->next;
}

/* "https:" and the like at the front: the length before the colon, or 0 for a relative address. */
static size_t scheme_size(struct fora_bytes url)
{
    for (size_t i = 0; i < url.size; i++) {
        if (url.data[i] == ':') {
            return i;
        }
        if (strchr("/?#", url.data[i])) {
            break;
        }
    }
    return 0;
}

static bool is_allowed(struct fora_bytes url, bool for_link)
{
    static const char *const schemes[] = {"http", "https", "ftp", "mailto"};
    size_t size = scheme_size(url);

    if (size == 0) {
        return url.size == 0 || url.data[0] != ':';
    }
    for (size_t i = 0; i < (for_link ? 4u : 3u); i++) {
        if (strlen(schemes[i]) == size &&
            strncasecmp(schemes[i], (const char *)url.data, size) == 0) {
            return true;
        }
    }
    return false;
}

struct fora_bytes html_url(
    struct fora_arena *arena, const xmlNode *node, const char *attribute, bool for_link)
{
    struct fora_bytes value = html_attr(node, attribute);
    struct fora_bytes url = {NULL, 0};
    uint8_t *copy;

    if (!value.data || !(copy = fora_arena_alloc(arena, value.size + 1))) {
        return url;
    }
    /* As browsers do: line feeds and tabs vanish, so "java\nscript:" hides nothing. */
    for (size_t i = 0, size; i < value.size; i += size) {
        uint32_t point = md_decode(value.data + i, value.size - i, &size);
        bool blank_front = url.size == 0 && point == ' ';
        if (point >= ' ' && md_is_kept(point) && !blank_front) {
            memcpy(copy + url.size, value.data + i, size);
            url.size += size;
        }
    }
    while (url.size > 0 && copy[url.size - 1] == ' ') {
        url.size--;
    }
    url.data = copy;
    return is_allowed(url, for_link) ? url : fora_bytes(NULL, 0);
}
