/*
 * Contents: what the kinds say, as plain structs (fora/v1/{identity,policy,content,standing}.proto;
 * spec/05-kinds.md). Field names are those of the .proto files.
 *
 * Text and byte slices of a decoded struct are borrowed from the bytes that were decoded; arrays
 * and sub-structs live in the arena. An id, key or hash of all zeros means absent. Enums are open:
 * a number without a name is kept.
 */
#ifndef FORA_CONTENT_H
#define FORA_CONTENT_H

#include "fora/id.h"

enum fora_kind {
    FORA_KIND_UNSPECIFIED = 0,
    FORA_KIND_IDENTITY = 1,
    FORA_KIND_POLICY = 2,
    FORA_KIND_PROFILE = 3,
    FORA_KIND_THREAD = 4,
    FORA_KIND_POST = 5,
    FORA_KIND_REVISION = 6,
    FORA_KIND_TALLY = 7,
    FORA_KIND_RESOLUTION = 8,
    FORA_KIND_STATUS = 9,
    FORA_KIND_CITE = 10,
    FORA_KIND_DUPLICATE = 11,
    FORA_KIND_FLAG = 12,
    FORA_KIND_MODERATION = 13,
    FORA_KIND_APPEAL = 14,
    FORA_KIND_RETRACTION = 15,
    FORA_KIND_ATTESTATION = 16,
    FORA_KIND_REVOCATION = 17,
    FORA_KIND_MEMBERSHIP = 18,
    FORA_KIND_CASE = 19,
    FORA_KIND_RECEIPT = 20,
    FORA_KIND_CHECKPOINT = 21,
    FORA_KIND_CARRIED = 22,
};

enum fora_audience {
    FORA_AUDIENCE_PUBLIC = 0,
    FORA_AUDIENCE_RESTRICTED = 1,
    FORA_AUDIENCE_PRIVATE = 2,
};

enum fora_principal_type {
    FORA_PRINCIPAL_UNSPECIFIED = 0,
    FORA_PRINCIPAL_MEMBER = 1,
    FORA_PRINCIPAL_NODE = 2,
};

enum fora_space_kind {
    FORA_SPACE_UNSPECIFIED = 0,
    FORA_SPACE_QUESTIONS = 1,
    FORA_SPACE_IDEAS = 2,
    FORA_SPACE_ARTICLES = 3,
    FORA_SPACE_MEDIA = 4,
    FORA_SPACE_GROUP = 5,
};

enum fora_role {
    FORA_ROLE_UNSPECIFIED = 0,
    FORA_ROLE_ADMIN = 1,
    FORA_ROLE_MODERATOR = 2,
    FORA_ROLE_STAFF = 3,
    FORA_ROLE_EDITOR = 4,
    FORA_ROLE_EXPERT = 5,
    FORA_ROLE_MEMBER = 6,
    FORA_ROLE_BANNED = 7,
    FORA_ROLE_TAGGER = 8,
    FORA_ROLE_FLAGGER = 9,
    FORA_ROLE_CURATOR = 10,
};

enum fora_posting {
    FORA_POSTING_ANYONE = 0,
    FORA_POSTING_MEMBERS = 1,
    FORA_POSTING_STAFF = 2,
};

enum fora_thread_type {
    FORA_THREAD_UNSPECIFIED = 0,
    FORA_THREAD_QUESTION = 1,
    FORA_THREAD_DISCUSSION = 2,
    FORA_THREAD_IDEA = 3,
    FORA_THREAD_ARTICLE = 4,
    FORA_THREAD_MEDIA = 5,
    FORA_THREAD_ANNOUNCEMENT = 6,
};

enum fora_post_type {
    FORA_POST_UNSPECIFIED = 0,
    FORA_POST_ANSWER = 1,
    FORA_POST_COMMENT = 2,
};

enum fora_resolution_type {
    FORA_RESOLUTION_UNSPECIFIED = 0,
    FORA_RESOLUTION_ASKER_ACCEPTED = 1,
    FORA_RESOLUTION_STAFF_CONFIRMED = 2,
    FORA_RESOLUTION_COMMUNITY_VERIFIED = 3,
    FORA_RESOLUTION_WORKAROUND = 4,
    FORA_RESOLUTION_SUPERSEDED_BY = 5,
    FORA_RESOLUTION_REGRESSED_IN = 6,
};

enum fora_moderation_action {
    FORA_MODERATION_UNSPECIFIED = 0,
    FORA_MODERATION_HIDE = 1,
    FORA_MODERATION_UNHIDE = 2,
    FORA_MODERATION_LOCK = 3,
    FORA_MODERATION_UNLOCK = 4,
    FORA_MODERATION_CLOSE = 5,
    FORA_MODERATION_REOPEN = 6,
    FORA_MODERATION_MOVE = 7,
    FORA_MODERATION_ERASE = 8,
    FORA_MODERATION_DISMISS_FLAGS = 9,
    FORA_MODERATION_PIN = 10,
    FORA_MODERATION_UNPIN = 11,
};

enum fora_attestation_type {
    FORA_ATTESTATION_UNSPECIFIED = 0,
    FORA_ATTESTATION_STANDING = 1,
    FORA_ATTESTATION_BADGE = 2,
    FORA_ATTESTATION_AFFILIATION = 3,
    FORA_ATTESTATION_DELEGATION = 4,
    FORA_ATTESTATION_TRUST = 5,
};

/* 16 random bytes in every content, so that a content hash reveals nothing of an erased text. */
struct fora_salt {
    uint8_t b[16];
};

struct fora_source {
    struct fora_bytes url;
    struct fora_bytes licence;
    struct fora_bytes author;
    struct fora_bytes id;
};

struct fora_node_info {
    struct fora_key noise_key;
    struct fora_bytes *addresses;
    size_t addresses_count;
    struct fora_bytes domain;
    struct fora_bytes name;
};

struct fora_device_key {
    struct fora_key sign;
    struct fora_key seal;
    struct fora_bytes label;
    bool custodial;
};

struct fora_identity_create {
    uint32_t type; /* enum fora_principal_type */
    struct fora_hash next_root_commitment;
    struct fora_device_key *keys;
    size_t keys_count;
    struct fora_principal_id home;
    struct fora_node_info *node; /* NULL: absent */
};

struct fora_key_revocation {
    struct fora_key sign;
    uint64_t compromised_at;
};

struct fora_root_rotation {
    struct fora_hash next_root_commitment;
};

struct fora_home_change {
    struct fora_principal_id home;
};

struct fora_recovery {
    struct fora_hash next_root_commitment;
};

struct fora_identity_entry {
    struct fora_salt salt;
    uint32_t sequence;
    struct fora_identity_create *create;    /* NULL: absent */
    struct fora_device_key *add_key;        /* NULL: absent */
    struct fora_key_revocation *revoke_key; /* NULL: absent */
    struct fora_root_rotation *rotate;      /* NULL: absent */
    struct fora_home_change *home;          /* NULL: absent */
    struct fora_node_info *node;            /* NULL: absent */
    struct fora_recovery *recover;          /* NULL: absent */
};

/* Attestations that a member does not want shown about her (ATT-14). */
struct fora_withheld {
    struct fora_principal_id issuer;
    struct fora_space_id space; /* zeros: of those without a space */
    uint32_t type;              /* enum fora_attestation_type: standing or badge */
    struct fora_bytes label;
};

struct fora_profile {
    struct fora_salt salt;
    struct fora_bytes name;
    struct fora_bytes about;
    struct fora_bytes *links;
    size_t links_count;
    struct fora_withheld *withheld;
    size_t withheld_count;
    struct fora_source *source; /* NULL: absent */
};

struct fora_grant {
    struct fora_principal_id principal;
    uint32_t role; /* enum fora_role */
    bool revoke;
    uint64_t since;
    uint64_t until;
    uint32_t earned; /* the standing for which it was granted (POL-11); 0: it was not earned */
};

/* From which standing on a role is earned (POL-11). */
struct fora_privilege {
    uint32_t role;
    uint32_t standing; /* 0: never */
};

struct fora_host {
    struct fora_principal_id node;
    bool remove;
    uint32_t succession;
};

struct fora_product {
    struct fora_bytes name;
    struct fora_bytes latest;
    bool remove;
};

struct fora_policy_statement {
    struct fora_salt salt;
    uint32_t kind; /* enum fora_space_kind */
    bool has_name;
    struct fora_bytes name;
    bool has_description;
    struct fora_bytes description;
    struct fora_grant *grants;
    size_t grants_count;
    struct fora_host *hosts;
    size_t hosts_count;
    bool has_posting;
    uint32_t posting;
    bool has_licence;
    struct fora_bytes licence;
    struct fora_product *products;
    size_t products_count;
    bool has_owner;
    struct fora_principal_id owner;
    bool has_slug;
    struct fora_bytes slug;
    struct fora_privilege *privileges;
    size_t privileges_count;
};

struct fora_applies_to {
    struct fora_bytes product;
    struct fora_bytes from;
    struct fora_bytes to;
};

enum { FORA_MENTIONS_MAX = 16 }; /* of one thread or post */

struct fora_thread {
    struct fora_salt salt;
    struct fora_source *source; /* NULL: absent */
    uint32_t type;              /* enum fora_thread_type */
    struct fora_bytes title;
    struct fora_bytes text;
    struct fora_bytes *tags;
    size_t tags_count;
    struct fora_applies_to *applies_to;
    size_t applies_to_count;
    struct fora_object_id moved_from;
    struct fora_principal_id *mentions; /* whom it speaks to (KIND-MENTION-1) */
    size_t mentions_count;
};

struct fora_post {
    struct fora_salt salt;
    struct fora_source *source; /* NULL: absent */
    uint32_t type;              /* enum fora_post_type */
    struct fora_bytes text;
    struct fora_applies_to *applies_to;
    size_t applies_to_count;
    struct fora_principal_id *mentions;
    size_t mentions_count;
};

struct fora_tag_list {
    struct fora_bytes *tags;
    size_t tags_count;
};

struct fora_revision {
    struct fora_salt salt;
    struct fora_source *source; /* NULL: absent */
    bool has_title;
    struct fora_bytes title;
    bool has_text;
    struct fora_bytes text;
    struct fora_tag_list *tags; /* NULL: absent */
    struct fora_bytes summary;
};

struct fora_tally {
    struct fora_salt salt;
    struct fora_source *source; /* NULL: absent */
    uint64_t up;
    uint64_t down;
    struct fora_hash voters_root;
    bool imported;
};

struct fora_resolution {
    struct fora_salt salt;
    struct fora_source *source; /* NULL: absent */
    uint32_t type;              /* enum fora_resolution_type */
    struct fora_applies_to *applies_to;
    size_t applies_to_count;
    struct fora_object_id superseded_by;
    struct fora_bytes note;
};

struct fora_status {
    struct fora_salt salt;
    struct fora_source *source; /* NULL: absent */
    struct fora_bytes status;
    struct fora_bytes note;
    struct fora_bytes version;
};

struct fora_cite {
    struct fora_salt salt;
    struct fora_source *source; /* NULL: absent */
    struct fora_object_id *objects;
    size_t objects_count;
};

struct fora_duplicate {
    struct fora_salt salt;
    struct fora_source *source; /* NULL: absent */
    struct fora_object_id original;
    struct fora_space_id original_space;
};

struct fora_flag {
    struct fora_salt salt;
    struct fora_bytes reason;
    struct fora_bytes note;
    uint32_t weight; /* 0: 1 (KIND-FLAG-2) */
};

struct fora_moderation {
    struct fora_salt salt;
    struct fora_source *source; /* NULL: absent */
    uint32_t action;            /* enum fora_moderation_action */
    struct fora_bytes reason;
    struct fora_space_id to_space;
    struct fora_object_id to_thread;
};

struct fora_appeal {
    struct fora_salt salt;
    struct fora_bytes text;
};

struct fora_retraction {
    struct fora_salt salt;
    struct fora_source *source; /* NULL: absent */
    struct fora_bytes reason;
};

struct fora_fact {
    struct fora_bytes name;
    uint64_t count;
};

struct fora_attestation {
    struct fora_salt salt;
    uint32_t type; /* enum fora_attestation_type */
    struct fora_principal_id subject;
    uint64_t from;
    uint64_t until;
    struct fora_bytes rule;
    struct fora_fact *facts;
    size_t facts_count;
    struct fora_hash evidence_root;
    struct fora_bytes label;
    struct fora_object_id delegation;
    struct fora_bytes *products; /* none: all */
    size_t products_count;
    uint32_t may;   /* of a delegation: bit 1 << type */
    uint64_t limit; /* of a delegation; 0: none */
    uint32_t depth; /* of a delegation: how often it may be handed on */
};

struct fora_revocation {
    struct fora_salt salt;
    struct fora_bytes reason;
};

struct fora_membership {
    struct fora_salt salt;
    struct fora_principal_id member;
    bool leave;
};

struct fora_case {
    struct fora_salt salt;
    struct fora_bytes sealed;
    struct fora_principal_id *participants;
    size_t participants_count;
};

enum { FORA_RECEIPT_PROOFS_MAX = 64 };

struct fora_receipt_proof {
    struct fora_object_id object;
    uint32_t index;
    struct fora_hash *path;
    size_t path_count;
};

struct fora_receipt {
    struct fora_salt salt;
    uint64_t accepted_at;
    struct fora_hash objects_root;
    struct fora_object_id erased;
    uint32_t leaves;
    struct fora_receipt_proof *proofs;
    size_t proofs_count;
};

struct fora_checkpoint {
    struct fora_salt salt;
    uint64_t count;
    struct fora_bytes fingerprint;
};

/* What its author carries from node to node: encoded objects, as in a bundle about her (ATT-15).
 * They are opaque to decoding: whoever looks verifies them (fora_bundle_of_carried). */
enum {
    FORA_CARRIED_MAX = 64 * 1024,  /* bytes of all objects together (LIM-43) */
    FORA_CARRIED_OBJECTS_MAX = 256 /* section 11.2 */
};
struct fora_carried {
    struct fora_salt salt;
    struct fora_bytes *objects;
    size_t objects_count;
};

/* A content of any kind: `kind` says which member is set. Unknown kinds decode to kind with no
 * member. */
struct fora_content {
    uint32_t kind; /* enum fora_kind */
    union {
        struct fora_identity_entry identity;
        struct fora_policy_statement policy;
        struct fora_profile profile;
        struct fora_thread thread;
        struct fora_post post;
        struct fora_revision revision;
        struct fora_tally tally;
        struct fora_resolution resolution;
        struct fora_status status;
        struct fora_cite cite;
        struct fora_duplicate duplicate;
        struct fora_flag flag;
        struct fora_moderation moderation;
        struct fora_appeal appeal;
        struct fora_retraction retraction;
        struct fora_attestation attestation;
        struct fora_revocation revocation;
        struct fora_membership membership;
        struct fora_case private_case;
        struct fora_receipt receipt;
        struct fora_checkpoint checkpoint;
        struct fora_carried carried;
    } u;
};

enum {
    FORA_FLAG_WEIGHT_MAX = 3,       /* of a flagger's flag (KIND-FLAG-2) */
    FORA_CONTENT_MAX = 96 * 1024,   /* bytes of an encoded content (LIM-2) */
    FORA_CONTENT_ARENA = 64 * 1024, /* bytes of arena that decoding one content may take */
    FORA_FINGERPRINT_SIZE = 16      /* of a set, as Negentropy computes it */
};

/*
 * Decodes and checks shape: required fields, caps, UTF-8, printable single lines, one operation in
 * an identity entry (KIND-IDENTITY-1). FORA_E_MALFORMED, FORA_E_TOO_LARGE, FORA_E_LIMIT,
 * FORA_E_UTF8, FORA_E_NOMEM. A kind without a row in the table is 0 with no member set. `bytes` and
 * `arena` outlive `out`.
 */
int fora_content_decode(struct fora_arena *arena, uint32_t kind, struct fora_bytes bytes,
    struct fora_content *out) FORA_MUST_USE;

/* Appends the encoding. The same checks as decoding, so the salt must be filled first
 * (fora_salt_random); FORA_E_USAGE for a kind without a row. On an error `out` is as before. */
int fora_content_encode(struct fora_buf *out, const struct fora_content *content) FORA_MUST_USE;
/* The same without the salt: what Compose and CreateSpace carry. The salt of `content` is not
 * looked at. */
int fora_content_encode_unsalted(
    struct fora_buf *out, const struct fora_content *content) FORA_MUST_USE;
/* Appends an unsalted encoding with its salt: the node's side of it. Decode the result before using
 * it: `unsalted` comes from outside, and one that has a salt already is refused there. */
int fora_content_add_salt(
    struct fora_buf *out, struct fora_bytes unsalted, const struct fora_salt *salt) FORA_MUST_USE;

void fora_salt_random(struct fora_salt *salt);
/* Where the salt of a content stands, so that a generic caller can fill it; NULL for an unknown
 * kind. */
struct fora_salt *fora_content_salt(struct fora_content *content);

/* Whom it mentions (KIND-MENTION-1), borrowed from the content: of what is neither thread nor post
 * nobody. */
const struct fora_principal_id *fora_content_mentioned(
    const struct fora_content *content, size_t *count);
/* Is that one among them? */
bool fora_content_mentions(
    const struct fora_content *content, const struct fora_principal_id *principal);

/* "question", "answer", "asker-accepted" ...: the word of an enum value in texts and JSON;
 * "unknown". */
const char *fora_kind_name(uint32_t kind);
const char *fora_thread_type_name(uint32_t type);
const char *fora_post_type_name(uint32_t type);
const char *fora_resolution_type_name(uint32_t type);
const char *fora_moderation_action_name(uint32_t action);
const char *fora_role_name(uint32_t role);
/* What a role is for, as in "may ...". Empty for those that are granted by hand only. */
const char *fora_role_may(uint32_t role);
const char *fora_space_kind_name(uint32_t kind);
const char *fora_posting_name(uint32_t posting);
/* The value of such a word, or 0. */
uint32_t fora_thread_type_parse(const char *word);
uint32_t fora_resolution_type_parse(const char *word);
uint32_t fora_moderation_action_parse(const char *word);
uint32_t fora_role_parse(const char *word);
uint32_t fora_space_kind_parse(const char *word);

#endif
