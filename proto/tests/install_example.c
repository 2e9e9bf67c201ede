/* A program outside the tree: a member, and a question that she signs. Built against an installed
 * libfora by install_test.sh, and quoted in README.md. */
#include <fora/fora.h>

#include <stdio.h>

/* The first entry of an identity log, signed by the root key. Its id is the member's. */
static int make_member(struct fora_buf *out, const struct fora_secret *root,
    const struct fora_secret *device, struct fora_principal_id *member)
{
    struct fora_device_key key = {.label = fora_bytes_str("laptop")};
    struct fora_identity_create create = {
        .type = FORA_PRINCIPAL_MEMBER, .keys = &key, .keys_count = 1};
    struct fora_salt salt;
    fora_secret_public(device, &key.sign);
    fora_random(create.next_root_commitment.b, sizeof create.next_root_commitment.b);
    fora_salt_random(&salt);
    return fora_identity_build_create(out, &create, &salt, 1700000000000, root, member);
}

static int make_question(
    struct fora_buf *out, const struct fora_secret *device, const struct fora_principal_id *member)
{
    struct fora_header header = {
        .kind = FORA_KIND_THREAD, .author = *member, .created_at = 1700000001000};
    struct fora_content content = {.kind = FORA_KIND_THREAD};
    struct fora_buf encoded = {0};
    fora_random(header.space.b, sizeof header.space.b); /* any space will do here */
    content.u.thread.type = FORA_THREAD_QUESTION;
    content.u.thread.title = fora_bytes_str("How do I install it?");
    fora_salt_random(fora_content_salt(&content));
    int code = fora_content_encode(&encoded, &content);
    if (code == 0)
        code = fora_object_build(out, &header, fora_buf_bytes(&encoded), device, NULL);
    fora_buf_fini(&encoded);
    return code;
}

int main(void)
{
    struct fora_secret *root = NULL, *device = NULL;
    struct fora_principal_id member;
    struct fora_buf identity = {0}, question = {0};
    struct fora_object object;
    char text[FORA_ID_TEXT_MAX];
    int code = fora_crypto_init();
    if (code == 0 && (code = fora_secret_new(&root)) == 0)
        code = fora_secret_new(&device);
    if (code == 0 && (code = make_member(&identity, root, device, &member)) == 0)
        code = make_question(&question, device, &member);
    if (code == 0 && (code = fora_object_decode(&object, fora_buf_bytes(&question))) == 0)
        code = fora_object_verify(&object); /* as whoever receives it does */
    if (code == 0) {
        fora_id_format(text, FORA_HRP_OBJECT, object.id.b);
        printf("%s, %zu bytes, is signed and verified\n", text, object.encoded.size);
    }
    if (code != 0)
        fprintf(stderr, "%s\n", fora_error_text(code));
    fora_buf_fini(&question);
    fora_buf_fini(&identity);
    fora_secret_free(device);
    fora_secret_free(root);
    return code != 0;
}
