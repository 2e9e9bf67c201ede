/*
 * A credential is written twice: without its proof, canonically, to be hashed and signed; and with
 * it. Both come from the same function, so that they cannot differ.
 */
#include "cmd/credential.h"

#include "json/js.h"
#include "maintain/base64.h"

#include <inttypes.h>
#include <string.h>

static const char *const contexts[] = {"https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"};

/* ---- base58btc ---- */

enum { BASE58_IN_MAX = 64, BASE58_DIGITS = 90 };

/* Long division, a byte at a time: the inputs are keys and signatures. */
static int base58(struct fora_buf *out, const uint8_t *data, size_t size)
{
    static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    uint8_t digits[BASE58_DIGITS] = {0};
    size_t used = 0, zeros = 0;
    if (size > BASE58_IN_MAX) {
        return FORA_E_USAGE;
    }
    while (zeros < size && data[zeros] == 0) {
        zeros++;
    }
    for (size_t i = zeros; i < size; i++) {
        unsigned carry = data[i];
        for (size_t j = 0; j < used || carry != 0; j++) {
            carry += 256U * digits[j];
            digits[j] = (uint8_t)(carry % 58);
            carry /= 58;
            used = j + 1 > used ? j + 1 : used;
        }
    }
    for (size_t i = 0; i < zeros; i++) {
        fora_buf_u8(out, (uint8_t)alphabet[0]);
    }
    for (size_t i = used; i > 0; i--) {
        fora_buf_u8(out, (uint8_t)alphabet[digits[i - 1]]);
    }
    return out->error;
}

int credential_did(struct fora_buf *out, const struct fora_key *key)
{
    uint8_t multikey[2 + FORA_KEY_SIZE] = {0xed, 0x01}; /* Ed25519, as a varint */
    memcpy(multikey + 2, key->b, FORA_KEY_SIZE);
    fora_buf_append_str(out, "did:key:z");
    return base58(out, multikey, sizeof multikey);
}

int credential_proof(struct fora_buf *out, struct fora_bytes document, struct fora_bytes config,
    const struct fora_secret *secret)
{
    struct fora_hash hashes[2];
    struct fora_signature signature;
    fora_sha256(hashes[0].b, config);
    fora_sha256(hashes[1].b, document);
    fora_sign_credential(&signature, secret, &hashes[0], &hashes[1]);
    fora_buf_append_str(out, "z");
    return base58(out, signature.b, sizeof signature.b);
}

/* ---- the document ---- */

static void urn(struct js_writer *w, const char *key, const char *hrp, const uint8_t *id)
{
    char text[FORA_ID_TEXT_MAX];
    struct fora_buf buf = {0};
    fora_id_format(text, hrp, id);
    fora_buf_printf(&buf, "urn:fora:%s", text);
    js_text(w, key, fora_buf_bytes(&buf));
    fora_buf_fini(&buf);
}

static void one_type(struct js_writer *w, const char *type)
{
    js_array(w, "type");
    js_string(w, NULL, type);
    js_end(w);
}

static void context(struct js_writer *w)
{
    js_array(w, "@context");
    for (size_t i = 0; i < sizeof contexts / sizeof contexts[0]; i++) {
        js_string(w, NULL, contexts[i]);
    }
    js_end(w);
}

static void title(struct fora_buf *out, const struct credential *c)
{
    const struct fora_attestation *a = c->claim->attestation;
    if (a->type == FORA_ATTESTATION_STANDING) {
        fora_buf_printf(
            out, "Standing %" PRIu64, fora_fact_get(a->facts, a->facts_count, "standing"));
    } else {
        fora_buf_append_bytes(out, a->label);
    }
    if (c->space_name.size > 0) {
        fora_buf_append_str(out, " in ");
        fora_buf_append_bytes(out, c->space_name);
    }
}

static void narrative(struct fora_buf *out, const struct fora_attestation *a)
{
    if (a->type != FORA_ATTESTATION_STANDING) {
        fora_buf_append_str(out, "Awarded by the issuer.");
        return;
    }
    fora_buf_append_str(out, "Counted by the rule ");
    fora_buf_append_bytes(out, a->rule);
    for (size_t i = 0; i < a->facts_count; i++) {
        fora_buf_append_str(out, i == 0 ? ": " : ", ");
        fora_buf_append_bytes(out, a->facts[i].name);
        fora_buf_printf(out, " %" PRIu64, a->facts[i].count);
    }
    fora_buf_append_str(out, ".");
}

static void achievement(struct js_writer *w, const struct credential *c, struct fora_bytes name)
{
    struct fora_buf text = {0};
    narrative(&text, c->claim->attestation);
    js_object(w, "achievement");
    urn(w, "id", FORA_HRP_OBJECT, c->claim->id->b);
    one_type(w, "Achievement");
    js_text(w, "name", name);
    js_text(w, "description", fora_buf_bytes(&text));
    js_object(w, "criteria");
    js_text(w, "narrative", fora_buf_bytes(&text));
    js_end(w);
    js_end(w);
    w->error = w->error != 0 ? w->error : text.error;
    fora_buf_fini(&text);
}

static void evidence(struct js_writer *w, const struct credential *c)
{
    struct fora_buf text = {0};
    base64_append(&text, c->object);
    js_array(w, "evidence");
    js_object(w, NULL);
    urn(w, "id", FORA_HRP_OBJECT, c->claim->id->b);
    one_type(w, "Evidence");
    js_string(w, "name", "The attestation, as an object of Fora in base64");
    js_text(w, "narrative", fora_buf_bytes(&text));
    js_end(w);
    js_end(w);
    w->error = w->error != 0 ? w->error : text.error;
    fora_buf_fini(&text);
}

static void document(struct js_writer *w, const struct credential *c, struct fora_bytes did)
{
    const struct fora_attestation *a = c->claim->attestation;
    bool standing = a->type == FORA_ATTESTATION_STANDING;
    struct fora_buf name = {0};
    title(&name, c);
    context(w);
    urn(w, "id", FORA_HRP_OBJECT, c->claim->id->b);
    js_array(w, "type");
    js_string(w, NULL, "VerifiableCredential");
    js_string(w, NULL, "OpenBadgeCredential");
    js_end(w);
    js_text(w, "name", fora_buf_bytes(&name));
    js_object(w, "issuer");
    js_text(w, "id", did);
    one_type(w, "Profile");
    js_text(w, "name", c->issuer_name);
    js_end(w);
    js_time(w, "validFrom", c->claim->header->created_at);
    if (!standing && a->until != 0) {
        js_time(w, "validUntil", a->until);
    }
    js_object(w, "credentialSubject");
    urn(w, "id", FORA_HRP_MEMBER, a->subject.b);
    one_type(w, "AchievementSubject");
    achievement(w, c, fora_buf_bytes(&name));
    js_end(w);
    evidence(w, c);
    w->error = w->error != 0 ? w->error : name.error;
    fora_buf_fini(&name);
}

/* The proof's configuration; it stands alone, with the document's context, while it is hashed. */
static void config(struct js_writer *w, const struct credential *c, struct fora_bytes did)
{
    struct fora_buf method = {0};
    fora_buf_append_bytes(&method, did);
    fora_buf_append_str(&method, "#");
    fora_buf_append(&method, did.data + strlen("did:key:"), did.size - strlen("did:key:"));
    context(w);
    js_string(w, "type", "DataIntegrityProof");
    js_string(w, "cryptosuite", "eddsa-jcs-2022");
    js_time(w, "created", c->made_at);
    js_text(w, "verificationMethod", fora_buf_bytes(&method));
    js_string(w, "proofPurpose", "assertionMethod");
    w->error = w->error != 0 ? w->error : method.error;
    fora_buf_fini(&method);
}

typedef void part_fn(struct js_writer *w, const struct credential *c, struct fora_bytes did);

static int canonical(
    struct fora_buf *out, part_fn *part, const struct credential *c, struct fora_bytes did)
{
    struct js_writer w;
    js_init_object(&w);
    part(&w, c, did);
    int rc = js_write(out, &w, JS_CANONICAL, false);
    js_fini(&w);
    return rc;
}

static int whole(struct fora_buf *out, const struct credential *c, struct fora_bytes did,
    struct fora_bytes value)
{
    struct js_writer w;
    js_init_object(&w);
    document(&w, c, did);
    js_object(&w, "proof");
    config(&w, c, did);
    js_text(&w, "proofValue", value);
    js_end(&w);
    int rc = js_write(out, &w, JS_LINE, false);
    js_fini(&w);
    return rc;
}

int credential_write(
    struct fora_buf *out, const struct credential *credential, const struct fora_secret *secret)
{
    struct fora_buf did = {0}, text = {0}, proof = {0}, value = {0};
    struct fora_key key;
    fora_secret_public(secret, &key);
    int rc = credential_did(&did, &key);
    rc = rc == 0 ? canonical(&text, document, credential, fora_buf_bytes(&did)) : rc;
    rc = rc == 0 ? canonical(&proof, config, credential, fora_buf_bytes(&did)) : rc;
    rc = rc == 0 ? credential_proof(&value, fora_buf_bytes(&text), fora_buf_bytes(&proof), secret)
                 : rc;
    rc = rc == 0 ? whole(out, credential, fora_buf_bytes(&did), fora_buf_bytes(&value)) : rc;
    fora_buf_fini(&did);
    fora_buf_fini(&text);
    fora_buf_fini(&proof);
    fora_buf_fini(&value);
    return rc;
}
