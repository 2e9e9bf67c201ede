/* Versions as people write them, in an order (VIEW-10). */
#include "fora/view.h"

#include <string.h>

static bool is_digit(const struct fora_bytes *text)
{
    return text->size != 0 && text->data[0] >= '0' && text->data[0] <= '9';
}

static void skip(struct fora_bytes *text, size_t size)
{
    text->data += size;
    text->size -= size;
}

/* Takes a number from the front, without its leading zeros: of these the longer is the greater. */
static struct fora_bytes take_number(struct fora_bytes *text)
{
    struct fora_bytes number;
    size_t size = 0;

    while (text->size > 1 && text->data[0] == '0' && text->data[1] >= '0' && text->data[1] <= '9')
        skip(text, 1);
    while (size < text->size && text->data[size] >= '0' && text->data[size] <= '9')
        size++;
    number = fora_bytes(text->data, size);
    skip(text, size);
    return number;
}

static int compare_numbers(struct fora_bytes a, struct fora_bytes b)
{
    if (a.size != b.size)
        return a.size < b.size ? -1 : 1;
    return fora_bytes_compare(a, b);
}

/* Of a version that has ended against the rest of the other: further zeros change nothing, further
 * numbers make it later ("5.1" < "5.1.1"), and so does a letter ("5.1" < "5.1b"), but a part after
 * "-" or "~" comes before the release ("5.1-rc1" < "5.1"). */
static int compare_end(struct fora_bytes rest)
{
    while (rest.size != 0) {
        if (rest.data[0] == '-' || rest.data[0] == '~')
            return 1;
        if (rest.data[0] != '.' && rest.data[0] != '0')
            return -1;
        skip(&rest, 1);
    }
    return 0;
}

static void skip_v(struct fora_bytes *text)
{
    if (text->size > 1 && (text->data[0] == 'v' || text->data[0] == 'V') && text->data[1] >= '0' &&
        text->data[1] <= '9')
        skip(text, 1);
}

/* "-" and "~" before the end, the end before everything else. */
static int weight(uint8_t c)
{
    return c == '~' ? 0 : c == '-' ? 1 : 2 + c;
}

int fora_version_compare(struct fora_bytes a, struct fora_bytes b)
{
    skip_v(&a);
    skip_v(&b);
    while (a.size != 0 && b.size != 0) {
        int order;

        if (is_digit(&a) && is_digit(&b)) {
            struct fora_bytes x = take_number(&a), y = take_number(&b);

            order = compare_numbers(x, y);
        } else {
            order = weight(a.data[0]) - weight(b.data[0]);
            skip(&a, 1);
            skip(&b, 1);
        }
        if (order != 0)
            return order < 0 ? -1 : 1;
    }
    return a.size == 0 ? compare_end(b) : -compare_end(a);
}
