/* Short names of spaces (KIND-POLICY-2), made of the names that people read. */
#include "text/text.h"

#include <string.h>

void text_slug(char out[41], struct fora_bytes name)
{
    size_t size = 0;
    for (size_t i = 0; i < name.size && size < 40; i++) {
        char c = (char)name.data[i];
        c = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (word) {
            out[size++] = c;
        } else if (size > 0 && out[size - 1] != '-') {
            out[size++] = '-';
        }
    }
    while (size > 0 && out[size - 1] == '-') {
        size--;
    }
    out[size] = '\0';
    if (size == 0) {
        memcpy(out, "space", sizeof "space");
    }
}
