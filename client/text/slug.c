/* Short names of spaces (KIND-POLICY-2), made of the names that people read. */
#include "text/text.h"

#include <string.h>

void text_slug(char out[41], const char *name)
{
    size_t size = 0;
    for (; *name != '\0' && size < 40; name++) {
        char c = *name >= 'A' && *name <= 'Z' ? (char)(*name - 'A' + 'a') : *name;
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
