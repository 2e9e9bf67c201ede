/*
 * A member's page: what is attested about her, with all that a reader needs to judge it: the
 * delegations that it rests on, revocations of any of these, the logs of the issuers. Costs what it
 * returns, however large the space is; and, where strangers state much about her, a bounded look at
 * that.
 */
#include "reputation/page.h"

#include "core/make.h"

#include <string.h>

enum {
    PAGE_MAX = 1024, /* objects of an answer, with those that stand before the page */
    PAGE_FULL = 1,
    HEARD_SCAN = 16384, /* looked at for what was stated by who may */
    CHAIN_MAX = 4,      /* ATT-6 */
    ENDS_MAX = 2        /* revocations of one: the key of the first may not speak any more */
};

struct page {
    struct gather *gather;
    struct policies *policies;
    struct fora_principal_id home; /* of the subject */
    size_t bytes_max;
    size_t scanned;
    store_seq seqs[PAGE_MAX]; /* what is on it */
    size_t count;
    size_t looked; /* of them were looked at for what they rest on */
};

static bool on_page(const struct page *page, store_seq seq)
{
    for (size_t i = 0; i < page->count; i++) {
        if (page->seqs[i] == seq) {
            return true;
        }
    }
    return false;
}

static bool same(const struct fora_principal_id *a, const struct fora_principal_id *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

static int add(void *context, store_seq seq)
{
    struct page *page = context;
    struct stored stored;
    if (seq == 0 || on_page(page, seq)) {
        return 0;
    }
    int rc = objects_read(page->gather->txn, seq, &stored);
    if (rc != 0 || stored.object.header.audience != FORA_AUDIENCE_PUBLIC) {
        return rc == FORA_E_NOTFOUND ? 0 : rc;
    }
    if (page->gather->count >= PAGE_MAX ||
        page->gather->bytes + stored.object.encoded.size > page->bytes_max) {
        return PAGE_FULL;
    }
    page->seqs[page->count++] = seq;
    return gather_add(page->gather, stored.object.encoded);
}

static int add_log(void *context, store_seq child)
{
    struct page *page = context;
    struct stored stored;
    int rc = objects_read(page->gather->txn, child, &stored);
    bool entry = rc == 0 && stored.object.header.kind == FORA_KIND_IDENTITY;
    return entry ? add(page, child) : rc == FORA_E_NOTFOUND ? 0 : rc;
}

/* Whether an award is within its delegation's limit depends on the others by the same hand. */
struct peers {
    struct page *page;
    struct fora_principal_id issuer; /* to whom it was delegated */
};

static int add_peer(void *context, store_seq seq)
{
    struct peers *peers = context;
    struct stored stored;
    int rc = objects_read(peers->page->gather->txn, seq, &stored);
    if (rc != 0 || !same(&stored.object.header.author, &peers->issuer)) {
        return rc == FORA_E_NOTFOUND ? 0 : rc;
    }
    rc = add(peers->page, seq);
    return rc == 0 ? standing_revocations(peers->page->gather->txn, seq, add, peers->page) : rc;
}

/* What one attestation rests on. */
static int add_grounds(struct page *page, store_seq seq)
{
    struct stored stored;
    struct fora_arena arena;
    struct fora_content content;
    struct fora_object_id above = {{0}};
    struct peers peers = {.page = page};
    bool limited = false;
    int rc = objects_read(page->gather->txn, seq, &stored);
    if (rc != 0 || stored.object.header.kind != FORA_KIND_ATTESTATION) {
        return rc == FORA_E_NOTFOUND ? 0 : rc;
    }
    struct fora_principal_id issuer = stored.object.header.author;
    struct fora_object_id id = stored.object.id;
    fora_arena_init(&arena, 0);
    rc = fora_content_decode(&arena, FORA_KIND_ATTESTATION, stored.object.content_bytes, &content);
    if (rc == 0) {
        above = content.u.attestation.delegation;
        peers.issuer = content.u.attestation.subject;
        limited = content.u.attestation.type == FORA_ATTESTATION_DELEGATION &&
                  content.u.attestation.limit != 0;
    }
    fora_arena_fini(&arena);
    store_seq log = objects_find(page->gather->txn, issuer.b);
    if (rc == 0 && log != 0 && !on_page(page, log)) {
        rc = children_each(page->gather->txn, log, add_log, page);
    }
    if (rc == 0 && !fora_id_is_zero(above.b)) {
        store_seq delegation = objects_find(page->gather->txn, above.b);
        rc = add(page, delegation);
        rc = rc == 0 && delegation != 0
                 ? standing_revocations(page->gather->txn, delegation, add, page)
                 : rc;
    }
    return rc == 0 && limited ? standing_under(page->gather->txn, &id, add_peer, &peers) : rc;
}

/* One after the other with its grounds: what fits can be judged, whatever does not fit any more. */
static int add_whole(void *context, store_seq seq)
{
    struct page *page = context;
    int rc = add(page, seq);
    for (; page->looked < page->count && rc == 0; page->looked++) {
        rc = add_grounds(page, page->seqs[page->looked]);
    }
    return rc;
}

/* ---- who may state it comes first ---- */

/* The author has authority of her own in the space (ATT-5), or is the subject's home. */
static bool speaks(const struct page *page, const struct fora_header *header)
{
    struct set_info set;
    struct policy_handle *policy = NULL;
    if (same(&header->author, &page->home)) {
        return true;
    }
    if (!sets_find(page->gather->txn, &header->space, FORA_AUDIENCE_PUBLIC, &set) ||
        policies_get(page->policies, page->gather->txn, &set, &policy) != 0) {
        return false;
    }
    bool may = fora_policy_hosted_by(policy_of(policy), &header->author) ||
               fora_policy_role_at(
                   policy_of(policy), &header->author, FORA_ROLE_ADMIN, header->created_at);
    policies_release(page->policies, policy);
    return may;
}

/* The delegation that an attestation names, when it is one to its author; else 0. */
static store_seq delegated(const struct page *page, const struct stored *stored, bool *rests)
{
    struct stored above;
    struct fora_arena arena;
    struct fora_content content;
    store_seq seq = 0;
    fora_arena_init(&arena, 0);
    *rests = fora_content_decode(
                 &arena, FORA_KIND_ATTESTATION, stored->object.content_bytes, &content) == 0 &&
             !fora_id_is_zero(content.u.attestation.delegation.b);
    if (*rests) {
        seq = objects_find(page->gather->txn, content.u.attestation.delegation.b);
    }
    if (seq != 0 && (objects_read(page->gather->txn, seq, &above) != 0 ||
                        above.object.header.kind != FORA_KIND_ATTESTATION ||
                        fora_content_decode(&arena, FORA_KIND_ATTESTATION,
                            above.object.content_bytes, &content) != 0 ||
                        !same(&content.u.attestation.subject, &stored->object.header.author))) {
        seq = 0;
    }
    fora_arena_fini(&arena);
    return seq;
}

/* Cheap, and no verdict: whether one is worth looking at before what anybody can state. */
static bool is_heard(const struct page *page, store_seq seq)
{
    for (int i = 0; i <= CHAIN_MAX && seq != 0; i++) {
        struct stored stored;
        bool rests;
        if (objects_read(page->gather->txn, seq, &stored) != 0) {
            return false;
        }
        if (stored.object.header.kind != FORA_KIND_ATTESTATION) { /* a revocation */
            store_seq parent = objects_find(page->gather->txn, stored.object.header.parent.b);
            return parent != 0 && on_page(page, parent);
        }
        seq = delegated(page, &stored, &rests);
        if (!rests) {
            return speaks(page, &stored.object.header);
        }
    }
    return false;
}

static int add_heard(void *context, store_seq seq)
{
    struct page *page = context;
    if (++page->scanned > HEARD_SCAN) {
        return PAGE_FULL;
    }
    return is_heard(page, seq) ? add_whole(page, seq) : 0;
}

/* ---- what she carries ---- */

/* Of 256 headers at most; signatures are for who judges them. Calls it for the attestations that
 * are held. */
static int each_carried(struct page *page, const struct fora_principal_id *subject,
    int (*each)(struct page *page, store_seq seq))
{
    const struct fora_header slot = {.kind = FORA_KIND_CARRIED, .author = *subject};
    struct stored stored;
    struct fora_arena arena;
    struct fora_content content = {0};
    int rc = slot_standing(page->gather->txn, &slot, &stored);
    if (rc != 0 || !stored.object.has_content) {
        return rc == FORA_E_NOTFOUND ? 0 : rc;
    }
    fora_arena_init(&arena, FORA_CONTENT_ARENA);
    rc = fora_content_decode(&arena, FORA_KIND_CARRIED, stored.object.content_bytes, &content);
    for (size_t i = 0; rc == 0 && i < content.u.carried.objects_count; i++) {
        struct fora_object object;
        if (fora_object_decode(&object, content.u.carried.objects[i]) == 0 &&
            object.header.kind == FORA_KIND_ATTESTATION) {
            store_seq seq = objects_find(page->gather->txn, object.id.b);
            rc = seq != 0 ? each(page, seq) : 0;
        }
    }
    fora_arena_fini(&arena);
    return rc;
}

struct ends {
    struct page *page;
    unsigned count;
};

static int add_end(void *context, store_seq seq)
{
    struct ends *ends = context;
    return ends->count++ < ENDS_MAX ? add(ends->page, seq) : 0;
}

/* What takes back what she carries: she brings that herself, whatever is on the page. */
static int add_ends(struct page *page, store_seq seq)
{
    struct ends ends = {.page = page};
    return standing_revocations(page->gather->txn, seq, add_end, &ends);
}

/* And then that itself, when there was room for all of it. */
static int add_bundle(struct page *page, const struct fora_principal_id *subject)
{
    const struct fora_header slot = {.kind = FORA_KIND_CARRIED, .author = *subject};
    struct stored stored;
    int rc = each_carried(page, subject, add_ends);
    rc = rc == 0 ? slot_standing(page->gather->txn, &slot, &stored) : rc;
    return rc == 0 ? add(page, stored.seq) : rc == FORA_E_NOTFOUND ? 0 : rc;
}

static int add_carried(struct page *page, store_seq seq)
{
    int rc = add_whole(page, seq);
    return rc == 0 ? standing_revocations(page->gather->txn, seq, add_whole, page) : rc;
}

static int gather_page(struct gather *gather, struct policies *policies,
    const struct fora_principal_id *subject, size_t bytes_max, bool carried)
{
    struct page page = {.gather = gather, .policies = policies, .bytes_max = bytes_max};
    struct fora_identity *identity = NULL;
    int rc = identity_load(gather->txn, subject, &identity);
    if (rc == 0) {
        const struct fora_principal_id *home = fora_identity_home(identity);
        page.home = home != NULL ? *home : page.home;
    }
    fora_identity_free(identity);
    rc = rc == FORA_E_NOTFOUND ? 0 : rc;
    rc = rc == 0 && carried ? add_bundle(&page, subject) : rc;
    rc = rc == 0 ? standing_attested(gather->txn, subject, add_heard, &page) : rc;
    bool room = rc == 0 || (rc == PAGE_FULL && page.scanned > HEARD_SCAN);
    if (room && carried) {
        rc = each_carried(&page, subject, add_carried);
        room = rc == 0;
    }
    if (room) {
        rc = standing_attested(gather->txn, subject, add_whole, &page);
    }
    return rc == PAGE_FULL ? 0 : rc;
}

int page_gather(struct gather *gather, struct policies *policies,
    const struct fora_principal_id *subject, size_t bytes_max)
{
    return gather_page(gather, policies, subject, bytes_max, false);
}

int page_gather_carried(struct gather *gather, struct policies *policies,
    const struct fora_principal_id *subject, size_t bytes_max)
{
    return gather_page(gather, policies, subject, bytes_max, true);
}

/* ---- one attestation ---- */

struct line {
    struct page page; /* its first member: add_whole() gets this one's address */
    struct fora_principal_id issuer;
    struct fora_space_id space;
};

/* What the same issuer stated in the same space, and revocations of that, which follow it. */
static int add_line(void *context, store_seq seq)
{
    struct line *line = context;
    struct stored stored;
    if (++line->page.scanned > HEARD_SCAN) {
        return PAGE_FULL;
    }
    int rc = objects_read(line->page.gather->txn, seq, &stored);
    bool of_it = rc == 0 && same(&stored.object.header.author, &line->issuer) &&
                 memcmp(stored.object.header.space.b, line->space.b, sizeof line->space.b) == 0;
    return of_it ? add_whole(&line->page, seq) : rc == FORA_E_NOTFOUND ? 0 : rc;
}

int page_gather_one(struct gather *gather, store_seq attestation, size_t bytes_max)
{
    struct line line = {.page = {.gather = gather, .bytes_max = bytes_max}};
    struct stored stored;
    struct fora_arena arena;
    struct fora_content content;
    fora_arena_init(&arena, 0);
    int rc = objects_read(gather->txn, attestation, &stored);
    rc = rc == 0 ? fora_content_decode(
                       &arena, FORA_KIND_ATTESTATION, stored.object.content_bytes, &content)
                 : rc;
    if (rc == 0) {
        line.issuer = stored.object.header.author;
        line.space = stored.object.header.space;
        rc = add_whole(&line.page, attestation);
    }
    rc = rc == 0 ? standing_revocations(gather->txn, attestation, add, &line.page) : rc;
    if (rc == 0 && content.u.attestation.type == FORA_ATTESTATION_STANDING) {
        rc = standing_last(
            gather->txn, &stored.object, &content.u.attestation.subject, add_line, &line);
    } else if (rc == 0) {
        rc = standing_others(gather->txn, &content.u.attestation.subject, add_line, &line);
    }
    fora_arena_fini(&arena);
    return rc == PAGE_FULL ? FORA_E_LIMIT : rc;
}
