/*
 * A member's page: what is attested about her, with all that a reader needs to judge it: the
 * delegations that it rests on, revocations of any of these, the logs of the issuers. Costs what it
 * returns, however large the space is.
 */
#include "reputation/page.h"

#include <string.h>

enum { PAGE_MAX = 1024, PAGE_FULL = 1 };

struct page {
    struct gather *gather;
    size_t bytes_max;
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
    if (page->count == PAGE_MAX ||
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
    if (rc != 0 ||
        memcmp(stored.object.header.author.b, peers->issuer.b, sizeof peers->issuer.b) != 0) {
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

int page_gather(struct gather *gather, const struct fora_principal_id *subject, size_t bytes_max)
{
    struct page page = {.gather = gather, .bytes_max = bytes_max};
    int rc = standing_attested(gather->txn, subject, add_whole, &page);
    return rc == PAGE_FULL ? 0 : rc;
}
