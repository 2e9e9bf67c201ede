/* Any text as an id: what is read must be written back as the same text. */
#include "fora/id.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const prefixes[] = {
        FORA_HRP_OBJECT, FORA_HRP_MEMBER, FORA_HRP_NODE, FORA_HRP_SPACE, FORA_HRP_KEY};
    char *text = malloc(size + 1); /* exact, so that a sanitizer sees a read beyond the NUL */

    if (text == NULL)
        return 0;
    if (size != 0)
        memcpy(text, data, size);
    text[size] = 0;
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        uint8_t id[FORA_ID_SIZE];
        char again[FORA_ID_TEXT_MAX];

        if (fora_id_parse(id, prefixes[i], text) != 0)
            continue;
        fora_id_format(again, prefixes[i], id);
        if (strlen(again) != strlen(text))
            abort();
        for (size_t j = 0; again[j] != 0; j++) {
            if (again[j] != tolower((unsigned char)text[j]))
                abort();
        }
    }
    free(text);
    return 0;
}
