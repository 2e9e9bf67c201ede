/* How far apart two words are: for "did you mean". */
#include "text.h"

#include <string.h>

enum { WORD_MAX = 64 };

size_t text_distance(struct fora_bytes a, const char *b)
{
    size_t row[WORD_MAX + 1];
    size_t b_size = strlen(b);
    if (a.size > WORD_MAX || b_size > WORD_MAX) {
        return TEXT_DISTANCE_FAR;
    }
    for (size_t j = 0; j <= b_size; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a.size; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t best = diagonal + ((char)a.data[i - 1] != b[j - 1]);
            best = row[j] + 1 < best ? row[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[b_size];
}
