/*
 * Writes spec/vectors/ids.json, objects.json and signatures.json from fixed seeds. The tests
 * compare what it writes with what is committed; run it by hand when the protocol grows:
 *
 *     make_vectors spec/vectors
 */
#include "content_samples.h"
#include "fora/object.h"
#include "wire/tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct fora_secret *secret; /* of the seed 00 01 02 ... 1f */
static uint8_t seed[32];

/* ---- JSON, enough for these files: a separator before every element but the first ---- */

static bool first;

static void element(struct fora_buf *out)
{
    fora_buf_append_str(out, first ? "\n    {" : ",\n    {");
    first = true;
}

static void comma(struct fora_buf *out)
{
    fora_buf_append_str(out, first ? "" : ", ");
    first = false;
}

static void end_element(struct fora_buf *out)
{
    fora_buf_append_str(out, "}");
    first = false;
}

static void text_member(struct fora_buf *out, const char *name, const char *text)
{
    comma(out);
    fora_buf_printf(out, "\"%s\": \"%s\"", name, text);
}

static void number_member(struct fora_buf *out, const char *name, uint64_t value)
{
    comma(out);
    fora_buf_printf(out, "\"%s\": %llu", name, (unsigned long long)value);
}

static void hex_member(struct fora_buf *out, const char *name, struct fora_bytes bytes)
{
    char *digits = malloc(2 * bytes.size + 1);

    if (digits == NULL)
        abort();
    fora_hex(digits, bytes.data, bytes.size);
    text_member(out, name, digits);
    free(digits);
}

/* An absent id is left out. */
static void id_member(struct fora_buf *out, const char *name, const uint8_t id[32])
{
    if (!fora_id_is_zero(id))
        hex_member(out, name, fora_bytes(id, 32));
}

static void list(struct fora_buf *out, const char *name)
{
    fora_buf_printf(out, ",\n  \"%s\": [", name);
    first = true;
}

static void end_list(struct fora_buf *out)
{
    fora_buf_append_str(out, "\n  ]");
}

static int save(const char *folder, const char *name, struct fora_buf *out)
{
    char path[4096];
    FILE *file;
    int bad;

    fora_buf_append_str(out, "\n}\n");
    if (out->error != 0 || snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
        return -1;
    file = fopen(path, "wb");
    if (file == NULL) {
        perror(path);
        return -1;
    }
    bad = fwrite(out->data, 1, out->size, file) != out->size;
    fora_buf_fini(out);
    return fclose(file) != 0 || bad ? -1 : 0;
}

/* ---- ids.json ---- */

static void put_hash(struct fora_buf *out, const char *domain, struct fora_bytes message)
{
    struct fora_hash hash;

    fora_hash1(&hash, domain, message);
    element(out);
    text_member(out, "domain", domain);
    hex_member(out, "message", message);
    hex_member(out, "hash", fora_bytes(hash.b, 32));
    end_element(out);
}

static void put_text_id(struct fora_buf *out, const char *hrp, const uint8_t id[32])
{
    char text[FORA_ID_TEXT_MAX];

    fora_id_format(text, hrp, id);
    element(out);
    text_member(out, "prefix", hrp);
    hex_member(out, "id", fora_bytes(id, 32));
    text_member(out, "text", text);
    end_element(out);
}

static void put_bad_text(struct fora_buf *out, const char *hrp, const char *text, const char *why)
{
    element(out);
    text_member(out, "prefix", hrp);
    text_member(out, "text", text);
    text_member(out, "why", why);
    end_element(out);
}

static void put_bad_texts(struct fora_buf *out)
{
    char text[FORA_ID_TEXT_MAX], other[FORA_ID_TEXT_MAX];

    fora_id_format(text, FORA_HRP_SPACE, seed);
    put_bad_text(out, FORA_HRP_OBJECT, text, "another prefix");
    strcpy(other, text);
    other[10] = other[10] == 'q' ? 'p' : 'q';
    put_bad_text(out, FORA_HRP_SPACE, other, "a character changed");
    strcpy(other, text);
    other[0] = 'F';
    put_bad_text(out, FORA_HRP_SPACE, other, "mixed case");
    strcpy(other, text);
    other[strlen(other) - 1] = 0;
    put_bad_text(out, FORA_HRP_SPACE, other, "cut short");
    put_bad_text(out, FORA_HRP_SPACE, "foras1", "no data");
    put_bad_text(out, FORA_HRP_SPACE, "", "nothing");
}

static void put_slot(struct fora_buf *out, uint32_t kind, uint8_t space, uint8_t parent)
{
    struct fora_header header = {.kind = kind};
    struct fora_hash slot;

    memset(header.author.b, 0x11, 32);
    memset(header.space.b, space, 32);
    memset(header.parent.b, parent, 32);
    fora_object_slot(&slot, &header);
    element(out);
    number_member(out, "kind", kind);
    hex_member(out, "author", fora_bytes(header.author.b, 32));
    id_member(out, "space", header.space.b);
    id_member(out, "parent", header.parent.b);
    hex_member(out, "slot", fora_bytes(slot.b, 32));
    end_element(out);
}

static int ids(const char *folder)
{
    static const char *const domains[] = {FORA_DOMAIN_OBJECT, FORA_DOMAIN_CONTENT,
        FORA_DOMAIN_ROOTKEY, FORA_DOMAIN_SLOT, FORA_DOMAIN_VOTERS, FORA_DOMAIN_MERKLE_LEAF,
        FORA_DOMAIN_MERKLE_NODE};
    static const char *const prefixes[] = {
        FORA_HRP_OBJECT, FORA_HRP_MEMBER, FORA_HRP_NODE, FORA_HRP_SPACE, FORA_HRP_KEY};
    uint8_t high[32];
    struct fora_buf out = {0};

    memset(high, 0xff, sizeof(high));
    fora_buf_append_str(&out,
        "{\n  \"about\": \"Hashes with domains (ENC-7), texts of ids (OBJ-9), "
        "slots (OBJ-8). All bytes as hex.\"");
    list(&out, "hashes");
    for (size_t i = 0; i < sizeof(domains) / sizeof(domains[0]); i++) {
        put_hash(&out, domains[i], fora_bytes(NULL, 0));
        put_hash(&out, domains[i], fora_bytes(seed, sizeof(seed)));
    }
    end_list(&out);
    list(&out, "texts");
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        put_text_id(&out, prefixes[i], seed);
        put_text_id(&out, prefixes[i], high);
    }
    end_list(&out);
    list(&out, "refused_texts");
    put_bad_texts(&out);
    end_list(&out);
    list(&out, "slots");
    put_slot(&out, FORA_KIND_PROFILE, 0, 0);
    put_slot(&out, FORA_KIND_TALLY, 0x22, 0x33);
    put_slot(&out, FORA_KIND_CHECKPOINT, 0x22, 0);
    put_slot(&out, FORA_KIND_CARRIED, 0, 0);
    end_list(&out);
    return save(folder, "ids.json", &out);
}

/* ---- objects.json ---- */

static struct fora_header header_of(uint32_t kind)
{
    struct fora_header header = {.kind = kind, .created_at = UINT64_C(1700000000000) + kind};

    memset(header.author.b, 0x11, 32);
    if (kind == FORA_KIND_IDENTITY)
        memset(header.author.b, 0, 32);
    else if (kind != FORA_KIND_PROFILE && kind != FORA_KIND_POLICY && kind != FORA_KIND_CARRIED)
        memset(header.space.b, 0x22, 32);
    if (kind >= FORA_KIND_POST && kind <= FORA_KIND_RETRACTION) {
        memset(header.root.b, 0x33, 32);
        memset(header.parent.b, 0x44, 32);
    }
    return header;
}

static void put_object(struct fora_buf *out, const char *name, const struct fora_object *object)
{
    const struct fora_header *header = &object->header;

    element(out);
    text_member(out, "name", name);
    number_member(out, "kind", header->kind);
    id_member(out, "author", header->author.b);
    hex_member(out, "key", fora_bytes(header->key.b, 32));
    number_member(out, "created_at", header->created_at);
    id_member(out, "space", header->space.b);
    id_member(out, "root", header->root.b);
    id_member(out, "parent", header->parent.b);
    number_member(out, "audience", header->audience);
    hex_member(out, "content_hash", fora_bytes(header->content_hash.b, 32));
    number_member(out, "content_size", header->content_size);
    if (header->lane.size != 0)
        hex_member(out, "lane", header->lane);
    hex_member(out, "header", object->header_bytes);
    hex_member(out, "id", fora_bytes(object->id.b, 32));
    hex_member(out, "signature", fora_bytes(object->signature.b, 64));
    if (object->has_content)
        hex_member(out, "content", object->content_bytes);
    hex_member(out, "object", object->encoded);
    end_element(out);
}

/* Builds the sample of a kind into `bytes` and decodes it. */
static struct fora_object sample_object(
    struct fora_buf *bytes, struct fora_header header, uint32_t kind)
{
    struct fora_content content;
    struct fora_object object;
    struct fora_buf encoded = {0};

    fora_buf_clear(bytes);
    content_sample(&content, kind);
    if (fora_content_encode(&encoded, &content) != 0 ||
        fora_object_build(bytes, &header, fora_buf_bytes(&encoded), secret, NULL) != 0 ||
        fora_object_decode(&object, fora_buf_bytes(bytes)) != 0)
        abort();
    fora_buf_fini(&encoded);
    return object;
}

static void put_refused(struct fora_buf *out, const char *name, const char *clause, int code,
    const struct fora_buf *bytes)
{
    element(out);
    text_member(out, "name", name);
    text_member(out, "clause", clause);
    text_member(out, "code", fora_error_name(code));
    hex_member(out, "object", fora_buf_bytes(bytes));
    end_element(out);
}

/* Signs a header that breaks rules and wraps it with the content of `object`. */
static void wrap(struct fora_buf *out, struct fora_bytes header, const struct fora_object *object)
{
    struct fora_signature signature;
    struct fora_object_id id;

    fora_object_id_of(&id, header);
    fora_sign(&signature, secret, FORA_DOMAIN_SIGN_OBJECT, fora_bytes(id.b, 32));
    fora_buf_clear(out);
    wire_put_bytes(out, 1, header);
    wire_put_bytes(out, 2, fora_bytes(signature.b, 64));
    wire_put_bytes(out, 3, object->content_bytes);
}

/* A header field that is not there yet, appended. */
static void put_refused_header(struct fora_buf *out, const char *name, const char *clause, int code,
    const struct fora_object *object, struct fora_bytes extra)
{
    struct fora_buf header = {0}, bytes = {0};

    fora_buf_append_bytes(&header, object->header_bytes);
    fora_buf_append_bytes(&header, extra);
    wrap(&bytes, fora_buf_bytes(&header), object);
    put_refused(out, name, clause, code, &bytes);
    fora_buf_fini(&header);
    fora_buf_fini(&bytes);
}

static void put_refused_headers(struct fora_buf *out, const struct fora_object *thread)
{
    static const uint8_t root[34] = {0x3a, 32, 1}, zero_parent[34] = {0x42, 32};
    static const uint8_t kind_again[] = {0x10, 4}, fixed_kind[] = {0x4d, 1, 0, 0, 0};
    static const uint8_t long_audience[] = {0x48, 0x80, 0x00}, group[] = {0x6b, 0x6c};
    static const uint8_t short_root[] = {0x3a, 1, 1}, lane[] = {0x62, 1, 'x'};

    put_refused_header(out, "thread with a root", "OBJ-7", FORA_E_MALFORMED, thread,
        fora_bytes(root, sizeof(root)));
    put_refused_header(out, "parent of zeros", "ENC-4", FORA_E_MALFORMED, thread,
        fora_bytes(zero_parent, sizeof(zero_parent)));
    put_refused_header(out, "root of one byte", "ENC-4", FORA_E_MALFORMED, thread,
        fora_bytes(short_root, sizeof(short_root)));
    put_refused_header(out, "kind twice", "ENC-3", FORA_E_MALFORMED, thread,
        fora_bytes(kind_again, sizeof(kind_again)));
    put_refused_header(out, "audience as fixed32", "ENC-3", FORA_E_MALFORMED, thread,
        fora_bytes(fixed_kind, sizeof(fixed_kind)));
    put_refused_header(out, "audience in two bytes", "ENC-3", FORA_E_MALFORMED, thread,
        fora_bytes(long_audience, sizeof(long_audience)));
    put_refused_header(
        out, "a group", "ENC-3", FORA_E_MALFORMED, thread, fora_bytes(group, sizeof(group)));
    put_refused_header(out, "public with a lane", "OBJ-7", FORA_E_MALFORMED, thread,
        fora_bytes(lane, sizeof(lane)));
}

static void put_refused_envelopes(struct fora_buf *out, const struct fora_object *thread)
{
    struct fora_buf bytes = {0}, header = {0};

    fora_buf_append_bytes(&bytes, thread->encoded);
    wire_put_varint(&bytes, 4, 1);
    put_refused(out, "a fourth field", "OBJ-1", FORA_E_MALFORMED, &bytes);
    fora_buf_clear(&bytes);
    wire_put_bytes(&bytes, 2, fora_bytes(thread->signature.b, 64));
    wire_put_bytes(&bytes, 1, thread->header_bytes);
    put_refused(out, "signature before header", "OBJ-1", FORA_E_MALFORMED, &bytes);
    fora_buf_clear(&bytes);
    wire_put_bytes(&bytes, 1, thread->header_bytes);
    put_refused(out, "no signature", "OBJ-1", FORA_E_MALFORMED, &bytes);

    fora_buf_append_bytes(&header, thread->header_bytes);
    header.data[1] = 2; /* the first field is the version */
    wrap(&bytes, fora_buf_bytes(&header), thread);
    put_refused(out, "version 2", "OBJ-2", FORA_E_VERSION, &bytes);

    fora_buf_clear(&bytes);
    fora_buf_append_bytes(&bytes, thread->encoded);
    bytes.data[bytes.size - 1] ^= 1;
    put_refused(out, "content changed", "OBJ-6", FORA_E_CONTENT_HASH, &bytes);
    fora_buf_clear(&bytes);
    fora_buf_append_bytes(&bytes, thread->encoded);
    bytes.data[2 + 1 + thread->header_bytes.size + 2 + 10] ^= 1;
    put_refused(out, "signature changed", "OBJ-5", FORA_E_SIGNATURE, &bytes);
    fora_buf_fini(&bytes);
    fora_buf_fini(&header);
}

/* A thread or post that mentions `count` principals, the last of them the first again when
 * `doubled`; written by hand, because the library refuses some. */
static void put_mentions(struct fora_buf *out, const char *name, uint32_t kind, int code,
    size_t count, size_t size, bool doubled)
{
    struct fora_buf content = {0};
    uint8_t id[32] = {0}, salt[16] = {1};

    wire_put_varint(&content, 1, 1);
    wire_put_bytes(&content, 2, fora_bytes_str("Who knows?"));
    for (size_t i = 0; i < count; i++) {
        id[0] = (uint8_t)(doubled && i + 1 == count ? 1 : i + 1);
        wire_put_bytes(&content, kind == FORA_KIND_THREAD ? 7 : 4, fora_bytes(id, size));
    }
    wire_put_bytes(&content, 15, fora_bytes(salt, sizeof(salt)));
    element(out);
    text_member(out, "name", name);
    text_member(out, "clause", "KIND-MENTION-1");
    number_member(out, "kind", kind);
    text_member(out, "code", fora_error_name(code));
    hex_member(out, "content", fora_buf_bytes(&content));
    end_element(out);
    fora_buf_fini(&content);
}

static void contents(struct fora_buf *out)
{
    list(out, "contents");
    put_mentions(out, "a thread mentions 16", FORA_KIND_THREAD, 0, 16, 32, false);
    put_mentions(out, "a post mentions one", FORA_KIND_POST, 0, 1, 32, false);
    put_mentions(out, "a thread mentions 17", FORA_KIND_THREAD, FORA_E_LIMIT, 17, 32, false);
    put_mentions(out, "a post mentions 17", FORA_KIND_POST, FORA_E_LIMIT, 17, 32, false);
    put_mentions(out, "twice in a thread", FORA_KIND_THREAD, FORA_E_MALFORMED, 3, 32, true);
    put_mentions(out, "twice in a post", FORA_KIND_POST, FORA_E_MALFORMED, 2, 32, true);
    put_mentions(out, "31 bytes", FORA_KIND_POST, FORA_E_MALFORMED, 1, 31, false);
    end_list(out);
}

static int objects(const char *folder)
{
    static const uint8_t space[34] = {0x32, 32, 1};
    struct fora_buf out = {0}, bytes = {0}, stripped = {0};
    struct fora_header private_post = header_of(FORA_KIND_POST);
    struct fora_object object, without;

    fora_buf_append_str(&out, "{\n  \"about\": \"An object of every kind (spec/02-objects.md, "
                              "spec/05-kinds.md), signed by the key of the seed; objects that "
                              "decoding or verification refuses; contents that decode or not.\"");
    fora_buf_append_str(&out, ",\n  ");
    first = true;
    hex_member(&out, "seed", fora_bytes(seed, sizeof(seed)));
    list(&out, "objects");
    for (uint32_t kind = 1; kind <= CONTENT_KINDS; kind++) {
        object = sample_object(&bytes, header_of(kind), kind);
        put_object(&out, fora_kind_name(kind), &object);
    }
    private_post.audience = FORA_AUDIENCE_PRIVATE;
    private_post.lane = fora_bytes_str("staff");
    object = sample_object(&bytes, private_post, FORA_KIND_POST);
    put_object(&out, "private post in a lane", &object);
    if (fora_object_strip(&stripped, &object) != 0 ||
        fora_object_decode(&without, fora_buf_bytes(&stripped)) != 0)
        abort();
    put_object(&out, "the same, erased", &without);
    end_list(&out);
    object = sample_object(&bytes, header_of(FORA_KIND_THREAD), FORA_KIND_THREAD);
    list(&out, "refused");
    put_refused_headers(&out, &object);
    put_refused_envelopes(&out, &object);
    object = sample_object(&bytes, header_of(FORA_KIND_CARRIED), FORA_KIND_CARRIED);
    put_refused_header(&out, "carried in a space", "OBJ-7", FORA_E_MALFORMED, &object,
        fora_bytes(space, sizeof(space)));
    end_list(&out);
    contents(&out);
    fora_buf_fini(&bytes);
    fora_buf_fini(&stripped);
    return save(folder, "objects.json", &out);
}

/* ---- signatures.json ---- */

static void put_signature(struct fora_buf *out, const char *name, const char *domain,
    struct fora_bytes message, const struct fora_key *key, const struct fora_signature *signature,
    bool valid)
{
    element(out);
    text_member(out, "name", name);
    text_member(out, "domain", domain);
    hex_member(out, "message", message);
    hex_member(out, "key", fora_bytes(key->b, 32));
    hex_member(out, "signature", fora_bytes(signature->b, 64));
    comma(out);
    fora_buf_printf(out, "\"valid\": %s", valid ? "true" : "false");
    end_element(out);
}

/* S + L, which is the same number modulo the group's order and not in its canonical form. */
static void add_order(struct fora_signature *signature)
{
    static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c,
        0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10};
    unsigned carry = 0;

    for (size_t i = 0; i < sizeof(order); i++) {
        carry += (unsigned)signature->b[32 + i] + order[i];
        signature->b[32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
}

static int signatures(const char *folder)
{
    struct fora_buf out = {0};
    struct fora_bytes message = fora_bytes(seed, sizeof(seed));
    struct fora_signature good, bad;
    struct fora_key key, identity = {{1}};

    fora_secret_public(secret, &key);
    fora_buf_append_str(&out,
        "{\n  \"about\": \"Ed25519 over u8(length of domain), domain, message "
        "(ENC-8); what verification refuses (ENC-9).\",\n  ");
    first = true;
    hex_member(&out, "seed", message);
    list(&out, "signatures");
    fora_sign(&good, secret, FORA_DOMAIN_SIGN_OBJECT, message);
    put_signature(&out, "an id", FORA_DOMAIN_SIGN_OBJECT, message, &key, &good, true);
    put_signature(&out, "in another domain", FORA_DOMAIN_SIGN_AUTH, message, &key, &good, false);
    bad = good;
    bad.b[0] ^= 1;
    put_signature(&out, "R changed", FORA_DOMAIN_SIGN_OBJECT, message, &key, &bad, false);
    bad = good;
    add_order(&bad);
    put_signature(&out, "S not canonical", FORA_DOMAIN_SIGN_OBJECT, message, &key, &bad, false);
    memset(&bad, 0, sizeof(bad));
    bad.b[0] = 1;
    put_signature(
        &out, "key of small order", FORA_DOMAIN_SIGN_OBJECT, message, &identity, &bad, false);
    fora_sign(&good, secret, FORA_DOMAIN_SIGN_AUTH, message);
    put_signature(&out, "a handshake hash", FORA_DOMAIN_SIGN_AUTH, message, &key, &good, true);
    fora_sign(&good, secret, FORA_DOMAIN_SIGN_OBJECT, fora_bytes(NULL, 0));
    put_signature(&out, "nothing", FORA_DOMAIN_SIGN_OBJECT, fora_bytes(NULL, 0), &key, &good, true);
    end_list(&out);
    return save(folder, "signatures.json", &out);
}

int main(int argc, char **argv)
{
    int bad;

    for (size_t i = 0; i < sizeof(seed); i++)
        seed[i] = (uint8_t)i;
    if (argc != 2 || fora_crypto_init() != 0 || fora_secret_from_seed(&secret, seed) != 0) {
        fputs("usage: make_vectors FOLDER\n", stderr);
        return 2;
    }
    bad = ids(argv[1]) | objects(argv[1]) | signatures(argv[1]);
    fora_secret_free(secret);
    return bad != 0;
}
