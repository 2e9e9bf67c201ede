/* Reading and writing what /.well-known serves. */
#include "domain/document.h"

#include "json/js.h"

#include <stdio.h>
#include <string.h>

#define LINK_REL "self"
#define LINK_TYPE "application/vnd.fora.principal"
#define LINK_SCHEME "fora:"

enum { LABEL_MAX = 63, VERSION = 1 };

/* ---- names ---- */

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_alnum(uint8_t c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z');
}

static bool label_valid(const uint8_t *label, size_t size)
{
    bool valid = size >= 1 && size <= LABEL_MAX && label[0] != '-' && label[size - 1] != '-';
    for (size_t i = 0; valid && i < size; i++) {
        valid = is_alnum(label[i]) || label[i] == '-';
    }
    return valid;
}

static bool all_digits(const uint8_t *label, size_t size)
{
    size_t i = 0;
    while (i < size && is_digit(label[i])) {
        i++;
    }
    return i == size;
}

bool domain_valid(struct fora_bytes domain)
{
    size_t begin = 0, labels = 0;
    if (domain.size == 0 || domain.size > DOMAIN_MAX) {
        return false;
    }
    for (size_t at = 0; at <= domain.size; at++) {
        if (at < domain.size && domain.data[at] != '.') {
            continue;
        }
        if (!label_valid(domain.data + begin, at - begin)) {
            return false;
        }
        if (at == domain.size && all_digits(domain.data + begin, at - begin)) {
            return false; /* an IPv4 address */
        }
        begin = at + 1;
        labels++;
    }
    return labels >= 2;
}

/* As the handles of accounts: [a-z0-9_.-], the first a letter or digit. */
static bool name_valid(const char *name, size_t size)
{
    bool valid = size >= 2 && size <= DOMAIN_HANDLE_MAX && is_alnum((uint8_t)name[0]);
    for (size_t i = 0; valid && i < size; i++) {
        valid = is_alnum((uint8_t)name[i]) || name[i] == '_' || name[i] == '.' || name[i] == '-';
    }
    return valid;
}

bool domain_handle_parse(struct domain_handle *out, const char *text)
{
    const char *name = text[0] == '@' ? text + 1 : text;
    const char *at = strchr(name, '@');
    if (at == NULL || !name_valid(name, (size_t)(at - name)) ||
        !domain_valid(fora_bytes_str(at + 1))) {
        return false;
    }
    (void)snprintf(out->name, sizeof out->name, "%.*s", (int)(at - name), name);
    (void)snprintf(out->domain, sizeof out->domain, "%s", at + 1);
    return true;
}

void domain_handle_path(char out[DOMAIN_PATH_MAX], const struct domain_handle *handle)
{
    /* Neither part holds a character that a query would have to escape. */
    (void)snprintf(out, DOMAIN_PATH_MAX, "/.well-known/webfinger?resource=acct%%3A%s%%40%s",
        handle->name, handle->domain);
}

/* ---- reading ---- */

static int wrong(char why[160], int code, const char *what)
{
    (void)snprintf(why, 160, "%s", what);
    return code;
}

static int parse(struct js_document **out, struct fora_bytes text, char why[160])
{
    char where[160];
    if (text.size > DOMAIN_DOCUMENT_MAX) {
        return wrong(why, FORA_E_TOO_LARGE, "it is larger than 16,384 bytes");
    }
    int code = js_parse(out, text, where);
    return code == 0 ? 0 : wrong(why, code, "it is not JSON");
}

static int read_addresses(struct domain_document *out, const struct js_node *list, char why[160])
{
    size_t count = js_items(list);
    if (count > DOMAIN_ADDRESSES_MAX) {
        return wrong(why, FORA_E_LIMIT, "it has more than 8 addresses");
    }
    for (size_t i = 0; i < count; i++) {
        struct fora_bytes text = js_get_text(js_item(list, i));
        if (text.size == 0 || text.size > DOMAIN_ADDRESS_MAX ||
            memchr(text.data, '\0', text.size) != NULL) {
            return wrong(why, FORA_E_MALFORMED, "an address in it is empty or too long");
        }
        memcpy(out->addresses[i], text.data, text.size);
        out->addresses[i][text.size] = '\0';
        out->addresses_count++;
    }
    return 0;
}

int domain_document_read(struct domain_document *out, struct fora_bytes text, char why[160])
{
    struct js_document *document;
    *out = (struct domain_document){.addresses_count = 0};
    int code = parse(&document, text, why);
    if (code != 0) {
        return code;
    }
    const struct js_node *root = js_root(document);
    if (js_get_number(js_member(root, "version")) != VERSION) {
        code = wrong(why, FORA_E_MALFORMED, "\"version\" in it is not 1");
    } else if (js_get_id(js_member(root, "node"), FORA_HRP_NODE, out->node.b) != 0) {
        code = wrong(why, FORA_E_MALFORMED, "\"node\" in it is not the id of a node (foran1...)");
    } else {
        code = read_addresses(out, js_member(root, "addresses"), why);
    }
    js_free(document);
    return code;
}

static bool is_ours(const struct js_node *link)
{
    return fora_bytes_equal(js_get_text(js_member(link, "rel")), fora_bytes_str(LINK_REL)) &&
           fora_bytes_equal(js_get_text(js_member(link, "type")), fora_bytes_str(LINK_TYPE));
}

static int read_link(struct fora_principal_id *member, const struct js_node *link, char why[160])
{
    const char *href = js_get_string(js_member(link, "href"));
    struct fora_principal_id id;
    size_t scheme = sizeof LINK_SCHEME - 1;
    if (href == NULL || strncmp(href, LINK_SCHEME, scheme) != 0 ||
        fora_id_parse(id.b, FORA_HRP_MEMBER, href + scheme) != 0) {
        return wrong(why, FORA_E_MALFORMED, "the link in it does not name a member (foram1...)");
    }
    if (!fora_id_is_zero(member->b) && memcmp(member->b, id.b, sizeof id.b) != 0) {
        return wrong(why, FORA_E_CONFLICT, "it names two members");
    }
    *member = id;
    return 0;
}

static int read_links(struct fora_principal_id *member, const struct js_node *links, char why[160])
{
    size_t count = js_items(links);
    int code = count > DOMAIN_LINKS_MAX ? wrong(why, FORA_E_LIMIT, "it has more than 64 links") : 0;
    for (size_t i = 0; code == 0 && i < count; i++) {
        const struct js_node *link = js_item(links, i);
        code = is_ours(link) ? read_link(member, link, why) : 0;
    }
    if (code == 0 && fora_id_is_zero(member->b)) {
        code = wrong(why, FORA_E_NOTFOUND, "it names no member of Fora");
    }
    return code;
}

static void subject_of(char out[DOMAIN_PATH_MAX], const struct domain_handle *handle)
{
    (void)snprintf(out, DOMAIN_PATH_MAX, "acct:%s@%s", handle->name, handle->domain);
}

int domain_webfinger_read(struct fora_principal_id *member, const struct domain_handle *handle,
    struct fora_bytes text, char why[160])
{
    struct js_document *document;
    char subject[DOMAIN_PATH_MAX];
    *member = (struct fora_principal_id){{0}};
    int code = parse(&document, text, why);
    if (code != 0) {
        return code;
    }
    const struct js_node *root = js_root(document);
    subject_of(subject, handle);
    if (!fora_bytes_equal(js_get_text(js_member(root, "subject")), fora_bytes_str(subject))) {
        code = wrong(why, FORA_E_MALFORMED, "\"subject\" in it is not the handle");
    } else {
        code = read_links(member, js_member(root, "links"), why);
    }
    js_free(document);
    if (code != 0) {
        *member = (struct fora_principal_id){{0}};
    }
    return code;
}

/* ---- writing ---- */

int domain_document_write(struct fora_buf *out, const struct domain_document *document)
{
    struct js_writer w;
    js_init_object(&w);
    js_number(&w, "version", VERSION);
    js_id(&w, "node", FORA_HRP_NODE, document->node.b);
    js_array(&w, "addresses");
    for (size_t i = 0; i < document->addresses_count; i++) {
        js_string(&w, NULL, document->addresses[i]);
    }
    js_end(&w);
    int code = js_write(out, &w, JS_PRETTY, true);
    js_fini(&w);
    return code;
}

int domain_webfinger_write(struct fora_buf *out, const struct domain_handle *handle,
    const struct fora_principal_id *member)
{
    struct js_writer w;
    char id[FORA_ID_TEXT_MAX];
    char text[DOMAIN_PATH_MAX];
    js_init_object(&w);
    subject_of(text, handle);
    js_string(&w, "subject", text);
    js_array(&w, "links");
    js_object(&w, NULL);
    js_string(&w, "rel", LINK_REL);
    js_string(&w, "type", LINK_TYPE);
    fora_id_format(id, FORA_HRP_MEMBER, member->b);
    (void)snprintf(text, sizeof text, LINK_SCHEME "%s", id);
    js_string(&w, "href", text);
    js_end(&w);
    js_end(&w);
    int code = js_write(out, &w, JS_PRETTY, true);
    js_fini(&w);
    return code;
}
