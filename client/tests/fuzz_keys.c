/* Any bytes as a copy of an identity (fora identity import) and as a paper kit that is typed in:
 * what is taken says the same when it is written again. Sealed copies end at their seal, and
 * opening one takes Argon2id its time: what is inside is read by the same code as a copy without.
 */
#include "state/kit.h"
#include "state/state.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void copy(struct fora_bytes text)
{
    struct state_identity first, again;
    struct fora_buf once = {0}, twice = {0};
    bool sealed;
    if (memmem(text.data, text.size, "\"sealed\"", 8) != NULL ||
        memmem(text.data, text.size, "\\u", 2) != NULL || /* which may spell the same */
        state_identity_parse(text, fora_bytes(NULL, 0), &first, &sealed) != 0) {
        return;
    }
    if (state_identity_format(&once, fora_bytes(NULL, 0), &first) != 0 ||
        state_identity_parse(fora_buf_bytes(&once), fora_bytes(NULL, 0), &again, &sealed) != 0 ||
        state_identity_format(&twice, fora_bytes(NULL, 0), &again) != 0 ||
        !fora_bytes_equal(fora_buf_bytes(&once), fora_buf_bytes(&twice))) {
        abort();
    }
    state_identity_fini(&first);
    state_identity_fini(&again);
    fora_buf_fini(&once);
    fora_buf_fini(&twice);
}

static void kit(const uint8_t *data, size_t size)
{
    uint8_t bytes[KIT_LINES][KIT_LINE_BYTES] = {{0}}, line[KIT_LINE_BYTES];
    char typed[200], written[KIT_LINES][KIT_LINE_MAX];
    struct kit read;
    for (size_t at = 0; at < size;) {
        size_t length = 0;
        while (at + length < size && data[at + length] != '\n' && length < sizeof typed - 1) {
            length++;
        }
        memcpy(typed, data + at, length);
        typed[length] = '\0';
        unsigned number = kit_read_line(typed, line);
        if (number > KIT_LINES) {
            abort();
        }
        if (number > 0) {
            memcpy(bytes[number - 1], line, sizeof line);
        }
        at += length + 1;
    }
    if (!kit_read((const uint8_t(*)[KIT_LINE_BYTES])bytes, &read)) {
        return;
    }
    kit_write(written, &read);
    for (unsigned i = 0; i < KIT_LINES; i++) {
        if (kit_read_line(written[i], line) != i + 1 || memcmp(line, bytes[i], sizeof line) != 0) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (fora_crypto_init() == 0 && size > 0) {
        copy(fora_bytes(data, size));
        kit(data, size);
    }
    return 0;
}
