/*
 * Versions as people write them, in an order (VIEW-10).
 *
 * A version is read as a row of tokens that goes on with zeros for ever, and rows are compared
 * token by token: an order without exceptions, which a comparison by cases is hard to make.
 */
#include "fora/view.h"

/* "~" and "-" come before the end of the other, so that a pre-release is less than its release. */
enum { TOKEN_TILDE, TOKEN_MINUS, TOKEN_ZERO, TOKEN_BYTE, TOKEN_NUMBER = TOKEN_BYTE + 256 };

struct token {
    int weight;
    struct fora_bytes number; /* of TOKEN_NUMBER, without leading zeros */
};

static bool is_digit(const struct fora_bytes *text)
{
    return text->size != 0 && text->data[0] >= '0' && text->data[0] <= '9';
}

static uint8_t take(struct fora_bytes *text)
{
    uint8_t first = text->data[0];

    text->data++;
    text->size--;
    return first;
}

static struct token take_number(struct fora_bytes *text)
{
    struct token token = {.weight = TOKEN_NUMBER};

    while (text->size != 0 && text->data[0] == '0')
        take(text);
    token.number.data = text->data;
    while (is_digit(text)) {
        take(text);
        token.number.size++;
    }
    if (token.number.size == 0)
        token.weight = TOKEN_ZERO;
    return token;
}

static struct token next_token(struct fora_bytes *text)
{
    uint8_t byte;

    while (text->size != 0 && text->data[0] == '.')
        take(text);
    if (text->size == 0)
        return (struct token){.weight = TOKEN_ZERO};
    if (is_digit(text))
        return take_number(text);
    byte = take(text);
    if (byte == '~')
        return (struct token){.weight = TOKEN_TILDE};
    return (struct token){.weight = byte == '-' ? TOKEN_MINUS : TOKEN_BYTE + byte};
}

static int compare_tokens(struct token a, struct token b)
{
    if (a.weight != b.weight)
        return a.weight < b.weight ? -1 : 1;
    if (a.number.size != b.number.size)
        return a.number.size < b.number.size ? -1 : 1;
    return fora_bytes_compare(a.number, b.number);
}

static void skip_v(struct fora_bytes *text)
{
    if (text->size > 1 && (text->data[0] == 'v' || text->data[0] == 'V') && text->data[1] >= '0' &&
        text->data[1] <= '9')
        take(text);
}

int fora_version_compare(struct fora_bytes a, struct fora_bytes b)
{
    skip_v(&a);
    skip_v(&b);
    while (a.size != 0 || b.size != 0) {
        int order = compare_tokens(next_token(&a), next_token(&b));

        if (order != 0)
            return order < 0 ? -1 : 1;
    }
    return 0;
}
