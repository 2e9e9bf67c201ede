/*
 * Whether a "<" begins a tag depends on comments, scripts and quotes around it, and a guard that
 * guesses this otherwise than the parser can be led past the tag that matters. So every "<" before
 * a letter is followed on its own, as if a tag began there. Each such walk ends at the tag's end or
 * at a limit, and quoted values are passed over with memchr, so the whole stays linear in practice.
 */
#include "import/html_guard.h"

#include <string.h>

#include "import/html_markdown.h"
#include "import/markdown_char.h"

static bool is_name_start(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' || c == '.';
}

/* The parser cuts longer names into several. */
#define NAME_MAX_BYTES 100

/* End of a name as the parser reads it; NULL where it is too long. */
static const uint8_t *name_end(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *begin = at;

    while (at < end && (is_name_start(*at) || *at == '-' || (*at >= '0' && *at <= '9'))) {
        if (++at - begin > NAME_MAX_BYTES) {
            return NULL;
        }
    }
    return at;
}

/* End of a run without white space and '>'; NULL where it is too long. */
static const uint8_t *token_end(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *begin = at;

    while (at < end && !md_is_space(*at) && *at != '>') {
        if ((size_t)(++at - begin) > HTML_TOKEN_MAX) {
            return NULL;
        }
    }
    return at;
}

static const uint8_t *skip_space(const uint8_t *at, const uint8_t *end)
{
    while (at < end && md_is_space(*at)) {
        at++;
    }
    return at;
}

/* Behind the value that follows '=', or NULL. */
static const uint8_t *value_end(const uint8_t *at, const uint8_t *end)
{
    at = skip_space(at, end);
    if (at < end && (*at == '"' || *at == '\'')) {
        const uint8_t *quote = memchr(at + 1, *at, (size_t)(end - at - 1));
        return quote ? quote + 1 : end;
    }
    return token_end(at, end);
}

/* `at` stands behind '<'. */
static int guard_tag(const uint8_t *at, const uint8_t *end)
{
    unsigned tokens = 0; /* attributes, and junk that the parser skips */

    at = name_end(at, end);
    while (at && (at = skip_space(at, end)) < end && *at != '>') {
        if (++tokens > HTML_ATTRS_MAX) {
            return FORA_E_LIMIT;
        }
        if (is_name_start(*at)) {
            at = name_end(at, end);
            if (at) {
                const uint8_t *after = skip_space(at, end);
                at = after < end && *after == '=' ? value_end(after + 1, end) : at;
            }
        } else {
            at = token_end(at + 1, end);
        }
    }
    return at ? 0 : FORA_E_LIMIT;
}

int html_guard(struct fora_bytes html)
{
    const uint8_t *at = html.data, *end = html.data + html.size;

    while (at < end && (at = memchr(at, '<', (size_t)(end - at))) != NULL) {
        at++;
        if (at < end && is_name_start(*at)) {
            int rc = guard_tag(at, end);
            if (rc) {
                return rc;
            }
        }
    }
    return 0;
}
