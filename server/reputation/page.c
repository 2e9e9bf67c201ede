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
    LOOKS_MAX = 8192,   /* looked at for the logs of who was not heard */
    MISSES_MAX = 8,     /* that did not fit, and behind which others are still tried */
    CHAIN_MAX = 4,      /* ATT-6 */
    ENDS_MAX = 2        /* revocations of one: the key of the first may not speak any more */
};

struct page {
    struct gather *gather;
    struct policies *policies;
    struct fora_principal_id home; /* of the subject; zeros: nobody is */
    size_t bytes_max;
    bool complete; /* who asks wants all or nothing */
    size_t scanned;
    bool strangers;           /* who may state it was heard: now come the others */
    size_t looks;             /* at what belongs to these */
    size_t missed;            /* did not fit */
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
    if (page->strangers && ++page->looks > LOOKS_MAX) {
        return PAGE_FULL;
    }
    int rc = objects_read(page->gather->txn, child, &stored);
    bool entry = rc == 0 && stored.object.header.kind == FORA_KIND_IDENTITY;
    return entry ? add(page, child) : rc == FORA_E_NOTFOUND ? 0 : rc;
}

/* What one attestation says of what it rests on, and of what may rest on it. */
struct ground {
    struct fora_object_id id, above;
    struct fora_principal_id issuer, to;
    uint64_t limit; /* of a delegation; 0: none */
};

/* FORA_E_NOTFOUND: it is no attestation. */
static int read_ground(struct kv_txn *txn, store_seq seq, struct ground *out)
{
    struct stored stored;
    struct fora_arena arena;
    struct fora_content content;
    int rc = objects_read(txn, seq, &stored);
    if (rc != 0 || stored.object.header.kind != FORA_KIND_ATTESTATION) {
        return rc == 0 ? FORA_E_NOTFOUND : rc;
    }
    *out = (struct ground){.id = stored.object.id, .issuer = stored.object.header.author};
    fora_arena_init(&arena, 0);
    rc = fora_content_decode(&arena, FORA_KIND_ATTESTATION, stored.object.content_bytes, &content);
    if (rc == 0) {
        const struct fora_attestation *a = &content.u.attestation;
        out->above = a->delegation;
        out->to = a->subject;
        out->limit = a->type == FORA_ATTESTATION_DELEGATION ? a->limit : 0;
    }
    fora_arena_fini(&arena);
    return rc;
}

/* And what takes it back. */
static int add_with_revocations(void *context, store_seq seq)
{
    struct page *page = context;
    struct stored stored;
    int rc = add(page, seq);
    rc = rc == 0 ? objects_read(page->gather->txn, seq, &stored) : rc;
    if (rc != 0) {
        return rc == FORA_E_NOTFOUND ? 0 : rc;
    }
    return standing_revocations(page->gather->txn, &stored.object.id, add, page);
}

/* Whether an award is within its delegation's limit depends on the others by the same hand. */
static int add_peers(struct page *page, const struct ground *ground)
{
    /* A limit that no page can show to be used up is not looked at. */
    bool limited = ground->limit != 0 && (ground->limit < PAGE_MAX || page->complete);
    return limited ? standing_under(
                         page->gather->txn, &ground->id, &ground->to, add_with_revocations, page)
                   : 0;
}

/* What one attestation rests on. */
static int add_grounds(struct page *page, store_seq seq)
{
    struct kv_txn *txn = page->gather->txn;
    struct ground ground;
    int rc = read_ground(txn, seq, &ground);
    if (rc != 0) {
        return rc == FORA_E_NOTFOUND ? 0 : rc;
    }
    store_seq log = objects_find(txn, ground.issuer.b);
    if (log != 0 && !on_page(page, log)) {
        rc = children_each(txn, log, add_log, page);
    }
    if (rc == 0 && !fora_id_is_zero(ground.above.b)) {
        rc = add(page, objects_find(txn, ground.above.b));
        rc = rc == 0 ? standing_revocations(txn, &ground.above, add, page) : rc;
    }
    return rc == 0 ? add_peers(page, &ground) : rc;
}

/* ---- whole, or not at all ---- */

struct mark {
    size_t objects, bytes, count, looked;
};

static struct mark mark_of(const struct page *page)
{
    return (struct mark){page->gather->count, page->gather->bytes, page->count, page->looked};
}

static void go_back(struct page *page, const struct mark *mark)
{
    page->gather->count = mark->objects;
    page->gather->bytes = mark->bytes;
    page->count = mark->count;
    page->looked = mark->looked;
}

/* One after the other with its grounds and what takes it back: what is on the page can be judged,
 * whatever does not fit any more. */
static int add_whole(void *context, store_seq seq)
{
    struct page *page = context;
    const struct mark before = mark_of(page);
    int rc = add_with_revocations(page, seq);
    for (; page->looked < page->count && rc == 0; page->looked++) {
        rc = add_grounds(page, page->seqs[page->looked]);
    }
    if (rc == PAGE_FULL) {
        go_back(page, &before);
    }
    return rc;
}

/* The next one may be smaller. */
static int add_if_it_fits(void *context, store_seq seq)
{
    struct page *page = context;
    int rc = add_whole(page, seq);
    return rc == PAGE_FULL && page->missed++ < MISSES_MAX ? 0 : rc;
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
    return is_heard(page, seq) ? add_if_it_fits(page, seq) : 0;
}

static int heard(struct page *page, const struct fora_principal_id *subject)
{
    page->scanned = 0;
    int rc = standing_attested(page->gather->txn, subject, add_heard, page);
    return page->scanned > HEARD_SCAN && rc == PAGE_FULL ? 0 : rc;
}

/* Spaces first: her home may say of her what it likes, and may be hers. */
static int add_all_heard(struct page *page, const struct fora_principal_id *subject)
{
    struct fora_identity *identity = NULL;
    int rc = heard(page, subject);
    if (rc != 0) {
        return rc;
    }
    rc = identity_load(page->gather->txn, subject, &identity);
    if (rc != 0) {
        return rc == FORA_E_NOTFOUND ? 0 : rc;
    }
    const struct fora_principal_id *home = fora_identity_home(identity);
    page->home = home != NULL ? *home : page->home;
    fora_identity_free(identity);
    return fora_id_is_zero(page->home.b) ? 0 : heard(page, subject);
}

/* ---- what she carries ---- */

/* Of 256 headers at most; signatures are for who judges them. Calls it for the attestations that
 * are held. */
static int each_carried(struct page *page, const struct fora_principal_id *subject,
    int (*each)(void *page, store_seq seq))
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

/* What speaks against what she carries: she brings that herself, whatever is on the page, and may
 * have left out what takes it back, and who was awarded before her under a limit. */
static int add_ends(void *context, store_seq seq)
{
    struct page *page = context;
    struct ends ends = {.page = page};
    struct ground ground;
    int rc = read_ground(page->gather->txn, seq, &ground);
    if (rc != 0) {
        return rc == FORA_E_NOTFOUND ? 0 : rc;
    }
    rc = standing_revocations(page->gather->txn, &ground.id, add_end, &ends);
    return rc == 0 ? add_peers(page, &ground) : rc;
}

/* And then that itself; nothing when there is no room for all of it. */
static int add_bundle(struct page *page, const struct fora_principal_id *subject, bool *added)
{
    const struct fora_header slot = {.kind = FORA_KIND_CARRIED, .author = *subject};
    const struct mark before = mark_of(page);
    struct stored stored;
    int rc = each_carried(page, subject, add_ends);
    rc = rc == 0 ? slot_standing(page->gather->txn, &slot, &stored) : rc;
    rc = rc == 0 ? add(page, stored.seq) : rc;
    *added = rc == 0;
    if (rc == PAGE_FULL) {
        go_back(page, &before);
    }
    return rc == PAGE_FULL || rc == FORA_E_NOTFOUND ? 0 : rc;
}

static int gather_page(struct gather *gather, struct policies *policies,
    const struct fora_principal_id *subject, size_t bytes_max, bool carried)
{
    struct page page = {.gather = gather, .policies = policies, .bytes_max = bytes_max};
    int rc = carried ? add_bundle(&page, subject, &carried) : 0;
    rc = rc == 0 ? add_all_heard(&page, subject) : rc;
    page.strangers = true;
    rc = rc == 0 && carried ? each_carried(&page, subject, add_if_it_fits) : rc;
    rc = rc == 0 ? standing_attested(gather->txn, subject, add_if_it_fits, &page) : rc;
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

/* What the same issuer stated in the same space. */
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
    struct line line = {.page = {.gather = gather, .bytes_max = bytes_max, .complete = true}};
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
    if (rc == 0 && content.u.attestation.type == FORA_ATTESTATION_STANDING) {
        rc = standing_last(
            gather->txn, &stored.object, &content.u.attestation.subject, add_line, &line);
    } else if (rc == 0) {
        rc = standing_others(gather->txn, &content.u.attestation.subject, add_line, &line);
    }
    fora_arena_fini(&arena);
    return rc == PAGE_FULL ? FORA_E_LIMIT : rc;
}
