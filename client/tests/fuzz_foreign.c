/* What strangers say to the client outside of objects, the first byte chooses: an address out of
 * their logs, or the JSON of a credential. */
#include "cmd/reputation.h"
#include "json/js.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* What is taken is written in a form that means the same. */
static void address(const char *text)
{
    struct fora_client_address first, again;
    struct fora_client_why why = {.text = ""};
    char written[FORA_CLIENT_ADDRESS_MAX];
    if (fora_client_address_parse(&first, text, &why) != 0) {
        must(why.text[0] != '\0');
        return;
    }
    must(first.port != 0 && first.host[0] != '\0' && first.host[0] != '-');
    fora_client_address_format(written, &first);
    must(fora_client_address_parse(&again, written, &why) == 0);
    must(strcmp(first.host, again.host) == 0 && first.port == again.port && !again.pinned);
}

/* It is about one attestation at most. */
static void credential(struct fora_bytes json)
{
    static const struct fora_object_id one = {{1}}, other = {{2}};
    bool is_one = reputation_credential_is_about(json, &one);
    must(!is_one || !reputation_credential_is_about(json, &other));
    must(!is_one || json.size > sizeof "urn:fora:");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    char *text = malloc(size);
    if (text == NULL) {
        return 0;
    }
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    if (data[0] == 'c') {
        credential(fora_bytes(text, size - 1));
    } else {
        address(text);
    }
    free(text);
    return 0;
}
