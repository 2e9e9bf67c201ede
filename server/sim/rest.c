/*
 * When all is quiet: equal sets, equal views, sound stores, nothing left on its way. And what a
 * cursor says at any time: everything before it is here.
 */
#include "sim/sim.h"

#include "core/meta.h"
#include "core/query.h"
#include "maintain/digest.h"
#include "maintain/fsck.h"
#include "store/sums_source.h"

#include <string.h>

/* ---- quiet ---- */

/* Positions that are not told yet: who starts again now is sent anew what it sent itself. */
static bool is_telling(const struct node *node)
{
    for (size_t i = 0; i < node->slots_count; i++) {
        const struct serve *serve = node->slots[i] != NULL ? node->slots[i]->serves : NULL;
        for (; serve != NULL; serve = serve->next) {
            if (serve->tell_at != 0) {
                return true;
            }
        }
    }
    return false;
}

static bool is_idle(const struct host *host, char *why, size_t size)
{
    const struct node *node = host->node;
    if (node == NULL) {
        snprintf(why, size, "%s is down", host->name);
        return false;
    }
    if (node->inflight > 0 || node->jobs_out > 0 || turns_commits(node) || node->rows_due) {
        snprintf(why, size, "%s is busy: %zu bytes on their way, %zu jobs out, rows %s", host->name,
            node->inflight, node->jobs_out, node->rows_due ? "due" : "made");
        return false;
    }
    if (is_telling(node)) {
        snprintf(why, size, "%s has positions to tell", host->name);
        return false;
    }
    return true;
}

struct missing {
    struct host *has, *lacks;
    struct kv_txn *in, *other;
    uint32_t there; /* the other's number of the set */
    char *why;
    size_t size;
};

enum { TOLD = 1 };

static int tell_item(void *context, const struct fora_neg_item *item)
{
    const struct missing *missing = context;
    struct stored stored;
    size_t used = strlen(missing->why);
    bool read = objects_read(missing->in, objects_find(missing->in, item->id), &stored) == 0;
    if (read && sets_holds(missing->other, missing->there, &stored.object)) {
        return 0;
    }
    snprintf(missing->why + used, missing->size - used, "; %s has the %s %02x%02x%02x%02x, %s %s",
        missing->has->name, read ? fora_kind_name(stored.object.header.kind) : "object",
        item->id[0], item->id[1], item->id[2], item->id[3], missing->lacks->name,
        objects_find(missing->other, item->id) != 0 ? "not in its set" : "not");
    return TOLD;
}

/* Names the first member of one's set that is no member of the other's. */
static void tell_missing(struct missing *missing, const struct fora_space_id *space)
{
    struct set_info set, there;
    uint64_t size = 0;
    if (!sets_find(missing->in, space, FORA_AUDIENCE_PUBLIC, &set) ||
        !sets_find(missing->other, space, FORA_AUDIENCE_PUBLIC, &there)) {
        return;
    }
    missing->there = there.number;
    struct sums_source context = {.txn = missing->in, .set = set.number};
    struct fora_neg_source source = sums_neg_source(&context);
    int rc = source.size(source.context, &size);
    rc = rc == 0 ? source.scan(source.context, 0, size, tell_item, missing) : rc;
    sums_source_end(&context);
    SIM_CHECK(rc == 0 || rc == TOLD);
}

static void tell_difference(
    struct host *a, struct host *b, const struct fora_space_id *space, char *why, size_t size)
{
    struct kv_txn *txns[2];
    SIM_CHECK(kv_begin_read(a->kv, &txns[0]) == 0 && kv_begin_read(b->kv, &txns[1]) == 0);
    struct missing of_b = {a, b, txns[0], txns[1], 0, why, size};
    struct missing of_a = {b, a, txns[1], txns[0], 0, why, size};
    tell_missing(&of_b, space);
    tell_missing(&of_a, space);
    kv_abort(txns[0]);
    kv_abort(txns[1]);
}

bool rest_equal(struct sim *sim, char *why, size_t size)
{
    for (size_t i = 0; i < sim->hosts_count; i++) {
        if (!sim->hosts[i].gone && !is_idle(&sim->hosts[i], why, size)) {
            return false;
        }
    }
    for (size_t space = 0; space < SIM_SPACES; space++) {
        uint64_t counts[2];
        uint8_t prints[2][16];
        struct host *first = first_holder(sim, space);
        if (!host_set(first, &sim->space_ids[space], &counts[0], prints[0])) {
            snprintf(why, size, "%s does not hold space %zu", first->name, space);
            return false;
        }
        for (size_t i = 0; i < sim->hosts_count; i++) {
            struct host *host = &sim->hosts[i];
            if (host == first || host->gone) {
                continue;
            }
            bool there = host_set(host, &sim->space_ids[space], &counts[1], prints[1]);
            if (there ? counts[0] != counts[1] || memcmp(prints[0], prints[1], 16) != 0
                      : host->holds[space]) {
                snprintf(why, size, "of space %zu %s holds %llu objects and %s %llu", space,
                    first->name, (unsigned long long)counts[0], host->name,
                    (unsigned long long)(there ? counts[1] : 0));
                tell_difference(first, host, &sim->space_ids[space], why, size);
                return false;
            }
        }
    }
    return true;
}

/* ---- stores and views ---- */

struct finding {
    struct sim *sim;
    struct host *host;
};

static void fsck_tells(void *context, const char *table, const char *text)
{
    struct finding *finding = context;
    breach(finding->sim, "%s: fsck of %s: %s", finding->host->name, table, text);
}

static void check_store(struct sim *sim, struct host *host, bool verify)
{
    struct finding finding = {sim, host};
    struct fsck_result result;
    const struct fsck fsck = {
        .verify = verify, .threads = 1, .found = fsck_tells, .context = &finding};
    int rc = fsck_run(host->kv, &fsck, &result);
    sim->stats.fscks++;
    if (rc != 0) {
        breach(sim, "%s: fsck ended: %s", host->name, fora_error_text(rc));
    }
}

static bool digest_of(struct sim *sim, struct host *host, size_t space, struct digest *out)
{
    struct policies *policies; /* of its own: what this node holds */
    struct kv_txn *txn;
    struct set_info set;
    int rc = 0;
    SIM_CHECK(policies_new(&policies) == 0 && kv_begin_read(host->kv, &txn) == 0);
    bool there = sets_find(txn, &sim->space_ids[space], FORA_AUDIENCE_PUBLIC, &set);
    if (there) {
        rc = digest_set(txn, policies, &set, NULL, out);
    }
    kv_abort(txn);
    policies_free(policies);
    if (rc != 0) {
        breach(sim, "%s: what it shows of space %zu cannot be told: %s", host->name, space,
            fora_error_text(rc));
    }
    return there && rc == 0;
}

static void check_views(struct sim *sim, size_t space)
{
    struct digest first = {.count = 0};
    const struct host *base = first_holder(sim, space);
    for (size_t i = 0; i < sim->hosts_count; i++) {
        struct digest digest;
        if (sim->hosts[i].gone || !digest_of(sim, &sim->hosts[i], space, &digest)) {
            continue;
        }
        sim->stats.views += digest.threads;
        if (&sim->hosts[i] == base) {
            first = digest;
        } else if (memcmp(first.items.b, digest.items.b, sizeof first.items.b) != 0) {
            breach(sim, "%s and %s have equal fingerprints and different sets of space %zu",
                base->name, sim->hosts[i].name, space);
        } else if (memcmp(first.views.b, digest.views.b, sizeof first.views.b) != 0) {
            breach(sim, "%s and %s hold the same of space %zu and show different things",
                base->name, sim->hosts[i].name, space);
        }
    }
}

/* ---- people ---- */

/* What a node tells of somebody who asks for her: log, profile and what she carries. */
struct shown {
    uint64_t count;
    uint64_t sum[4]; /* of the hashes of what is told, in whatever order */
};

static void add_shown(struct shown *shown, struct fora_bytes encoded)
{
    static const char domain[] = "fora.sim.shown";
    struct fora_hash hash;
    uint64_t words[4];
    fora_hash(&hash, domain, &encoded, 1);
    memcpy(words, hash.b, sizeof words);
    for (size_t i = 0; i < 4; i++) {
        shown->sum[i] += words[i];
    }
    shown->count++;
}

/* False when the host does not know her as an author in the space. */
static bool shown_of(struct host *host, const struct fora_space_id *space,
    const struct member *member, struct shown *out)
{
    struct kv_txn *txn;
    struct set_info set;
    struct gather gather;
    struct fora_arena arena;
    *out = (struct shown){.count = 0};
    SIM_CHECK(kv_begin_read(host->kv, &txn) == 0);
    store_seq seq = objects_find(txn, member->who.id.b);
    bool there = seq != 0 && sets_find(txn, space, FORA_AUDIENCE_PUBLIC, &set) &&
                 authors_has(txn, set.number, seq);
    if (there) {
        fora_arena_init(&arena, 0);
        gather_init(&gather, txn, &arena);
        SIM_CHECK(gather_kinds_of(&gather, seq, GATHER_LOG | 1U << FORA_KIND_CARRIED) == 0);
        for (size_t i = 0; i < gather.count; i++) {
            add_shown(out, gather.objects[i]);
        }
        gather_fini(&gather);
        fora_arena_fini(&arena);
    }
    kv_abort(txn);
    return there;
}

/* Who wrote in a space is told of alike wherever that is held (REP-3). */
static void check_member(struct sim *sim, size_t space, const struct member *member)
{
    struct shown first, other;
    struct host *base = first_holder(sim, space);
    bool there = shown_of(base, &sim->space_ids[space], member, &first);
    for (size_t i = 0; i < sim->hosts_count; i++) {
        struct host *host = &sim->hosts[i];
        if (host == base || host->gone || !host->holds[space]) {
            continue;
        }
        sim->stats.people += there;
        if (shown_of(host, &sim->space_ids[space], member, &other) != there ||
            memcmp(&first, &other, sizeof first) != 0) {
            breach(sim, "%s and %s tell of member %zu, who wrote in space %zu, different things",
                base->name, host->name, (size_t)(member - sim->members), space);
        }
    }
}

void rest_check(struct sim *sim, bool verify)
{
    for (size_t space = 0; space < SIM_SPACES && !sim->breached; space++) {
        check_views(sim, space);
        for (size_t i = 0; i < sim->members_count; i++) {
            check_member(sim, space, &sim->members[i]);
        }
    }
    for (size_t i = 0; i < sim->hosts_count && !sim->breached; i++) {
        if (sim->hosts[i].gone) {
            continue;
        }
        check_store(sim, &sim->hosts[i], verify);
        promise_check(sim, &sim->hosts[i]);
        host_note_gaps(&sim->hosts[i]);
        sim->hosts[i].gaps = false;
    }
}

/* ---- cursors ---- */

struct passed {
    struct sim *sim;
    struct host *host;
    const struct host *peer;
    struct kv_txn *here, *there;
    uint64_t position;
};

static bool known(struct kv_txn *txn, const struct fora_object *object)
{
    struct store_key key;
    struct fora_hash slot;
    key_id(&key, object->id.b);
    if (objects_find(txn, object->id.b) != 0 ||
        kv_get(txn, T_REFUSED, store_key_bytes(&key), NULL)) {
        return true;
    }
    if (!fora_kind_replaceable(object->header.kind)) {
        return false;
    }
    fora_object_slot(&slot, &object->header); /* there is one: a newer, or it would be here */
    key_slot(&key, &slot);
    return kv_get(txn, T_SLOTS, store_key_bytes(&key), NULL);
}

static int entry_passed(void *context, uint64_t position, store_seq seq)
{
    struct passed *passed = context;
    struct stored stored;
    if (position >= passed->position) {
        return 1;
    }
    passed->sim->stats.cursors++;
    if (objects_read(passed->there, seq, &stored) == 0 &&
        stored.origin != link_tag(&passed->host->who.id) && !known(passed->here, &stored.object)) {
        breach(passed->sim, "%s has a cursor at %llu of %s, and lacks the %s at %llu",
            passed->host->name, (unsigned long long)passed->position, passed->peer->name,
            fora_kind_name(stored.object.header.kind), (unsigned long long)position);
        return 1;
    }
    return 0;
}

/* The key is that of peer.c: 'f', the peer's principal, the number of our set. */
static void check_cursor(struct passed *passed, const struct fora_space_id *space)
{
    struct set_info here, there;
    struct store_key key;
    struct fora_bytes value, epoch;
    uint8_t name[FORA_ID_SIZE + 4];
    if (!sets_find(passed->here, space, FORA_AUDIENCE_PUBLIC, &here) ||
        !sets_find(passed->there, space, FORA_AUDIENCE_PUBLIC, &there)) {
        return;
    }
    memcpy(name, passed->peer->who.id.b, FORA_ID_SIZE);
    name[32] = (uint8_t)(here.number >> 24);
    name[33] = (uint8_t)(here.number >> 16);
    name[34] = (uint8_t)(here.number >> 8);
    name[35] = (uint8_t)here.number;
    key_name(&key, 'f', fora_bytes(name, sizeof name));
    if (!kv_get(passed->here, T_CURSORS, store_key_bytes(&key), &value) || value.size != 16 ||
        !meta_get(passed->there, "epoch", &epoch) ||
        !fora_bytes_equal(epoch, fora_bytes(value.data, 8))) {
        return;
    }
    struct fora_reader reader;
    fora_reader_init(&reader, fora_bytes(value.data + 8, 8));
    passed->position = fora_reader_be64(&reader);
    if (passed->position > there.head) {
        breach(passed->sim, "%s has a cursor at %llu of %s, whose log ends at %llu",
            passed->host->name, (unsigned long long)passed->position, passed->peer->name,
            (unsigned long long)there.head);
        return;
    }
    int rc = setlog_each(passed->there, there.number, 0, entry_passed, passed);
    if (rc < 0) {
        breach(
            passed->sim, "%s: its log cannot be read: %s", passed->peer->name, fora_error_text(rc));
    }
}

/*
 * An object that was refused as things stood, or waited and was lost with the memory, may lie
 * before a cursor: reconciliation brings it. So nodes where that happened since all was quiet are
 * not asked, and none is where disks lie.
 */
void rest_cursors(struct sim *sim, struct host *host)
{
    host_note_gaps(host);
    if (host->gone || host->gaps || (sim->options.faults & 1U << FAULT_LIE) != 0) {
        return;
    }
    struct passed passed = {.sim = sim, .host = host};
    SIM_CHECK(kv_begin_read(host->kv, &passed.here) == 0);
    for (size_t i = 0; i < sim->hosts_count; i++) {
        passed.peer = &sim->hosts[i];
        if (passed.peer == host || passed.peer->gone) {
            continue;
        }
        SIM_CHECK(kv_begin_read(passed.peer->kv, &passed.there) == 0);
        for (size_t space = 0; space < SIM_SPACES; space++) {
            check_cursor(&passed, &sim->space_ids[space]);
        }
        kv_abort(passed.there);
    }
    kv_abort(passed.here);
}
