/* Three versions as people write them, one a line: an order without exceptions (VIEW-10), whatever
 * they are. */
#include "fora/view.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct fora_bytes take_line(struct fora_bytes *left)
{
    const uint8_t *end = left->size == 0 ? NULL : memchr(left->data, '\n', left->size);
    size_t size = end == NULL ? left->size : (size_t)(end - left->data);
    struct fora_bytes line = fora_bytes(left->data, size);

    size += end != NULL;
    left->data += size;
    left->size -= size;
    return line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fora_bytes left = fora_bytes(data, size), row[3];
    int order[3][3];

    for (unsigned i = 0; i < 3; i++)
        row[i] = take_line(&left);
    for (unsigned a = 0; a < 3; a++) {
        for (unsigned b = 0; b < 3; b++)
            order[a][b] = fora_version_compare(row[a], row[b]);
    }
    for (unsigned a = 0; a < 3; a++) {
        for (unsigned b = 0; b < 3; b++) {
            unsigned c = 3 - a - b;

            if (order[a][b] != -order[b][a] || (a == b && order[a][b] != 0))
                abort();
            /* Of three in a row the ends are in that order too, and equal ones are the same. */
            if (a != b && order[a][b] <= 0 && order[b][c] <= 0 &&
                (order[a][c] > 0 || (order[a][c] == 0) != (order[a][b] == 0 && order[b][c] == 0)))
                abort();
        }
    }
    return 0;
}
