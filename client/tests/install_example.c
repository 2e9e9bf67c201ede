/* A program outside the tree that asks a node for its spaces. Built against an installed
 * libfora-client by install_test.sh. */
#include <fora/client.h>

#include <stdio.h>

int main(int argc, char **argv)
{
    struct fora_client *client = NULL;
    struct fora_client_why why;
    const struct fora_message *answer;
    struct fora_message ask = {.type = FORA_MSG_LIST_SPACES};
    const struct fora_client_options options = {
        .address = argc > 1 ? argv[1] : "127.0.0.1", .agent = "example/1"};
    int code = fora_crypto_init();
    if (code == 0) {
        code = fora_client_open(&client, &options, &why);
    }
    if (code == 0) {
        code = fora_client_call(client, &ask, FORA_MSG_SPACES, &answer, &why);
    }
    if (code == 0) {
        printf("%zu spaces\n", answer->u.spaces.rows_count);
    } else {
        fprintf(stderr, "%s\n", why.text);
    }
    fora_client_close(client);
    return code != 0;
}
