/*
 * The protocol: one message in, one message out (Negentropy Protocol V1).
 *
 * The happy path of a reply: check the version byte; check the shape and the counts of the whole
 * message; then walk its ranges in order beside our own set. A range whose fingerprint is ours is
 * skipped. One whose fingerprint differs is split into fingerprints, or into a list when it is
 * small. A list is answered by the responder with its own list, and settled by the initiator, who
 * reports the differences and skips it. Skips are only written before something that is not one.
 *
 * With a frame limit the walk ends early: what was not reached is covered by one fingerprint up to
 * infinity, so that the next round goes on there. When and how it is cut decides the bytes, and is
 * done as the reference implementation does it, with the one exception explained at cut_from().
 */
#include "codec.h"
#include "idset.h"

#include <string.h>

/* How a range that differs is split when few bytes and little work are wanted (choose_pieces). */
enum {
    LEAN_FEW = 256,       /* fingerprints in the message that is answered */
    LEAN_WIDE = 8,        /* pieces of a range when there are few */
    LEAN_REST = 4,        /* fewer fingerprints: what a cut message left over */
    LEAN_SEEN = 8,        /* so many of which nearly all differ: more differences than ranges */
    LEAN_DENSE = 16,      /* then, and of the rest */
    LEAN_NARROW = 4,      /* when there are many */
    LEAN_LITTLE = 10,     /* a range of fewer items than this */
    LEAN_LITTLE_INTO = 3, /* is then split into so many */
    LEAN_LIST_FEW = FORA_NEG_LIST_MAX,
    LEAN_LIST_RESPONDER = 8,
    LEAN_LIST_INITIATOR = 3
};

/* How far a cut may be from where the pieces would be equal: nearly half a piece of so many items
 * when there are few, else an eighth. */
enum { COARSE = 64, FINE_PART = 8 };

struct reply {
    const struct fora_neg_source *source;
    const struct fora_neg_report *report; /* NULL: the responder */
    uint64_t size;                        /* of our set */
    struct neg_form form;                 /* of the message that is answered, and of the answer */
    struct neg_writer writer;
    bool lean;
    bool few;
    uint64_t asked;           /* fingerprints in the message that is answered */
    uint64_t seen, differing; /* of them so far */
    size_t start;             /* where the message begins in writer.out */
    size_t full;              /* a message of more bytes than this is cut */
    struct fora_buf scratch;  /* a split that may not fit */
    struct neg_idset theirs;  /* the initiator's: ids of the list at hand */
    uint64_t lower;           /* our position at the lower bound of the range at hand */
    struct neg_bound covered; /* that bound */
    bool skipping;            /* from the last bound written to `covered` nothing is said yet */
    uint64_t written;         /* our position at the last bound written */
};

static int frame_full(const struct fora_neg_limits *limits, size_t *full)
{
    size_t frame_max = limits == NULL ? 0 : limits->frame_max;

    *full = SIZE_MAX;
    if (frame_max == 0)
        return 0;
    if (frame_max < FORA_NEG_FRAME_MIN)
        return FORA_E_USAGE;
    *full = frame_max - FORA_NEG_FRAME_SLACK;
    return 0;
}

static int put_fingerprint(
    const struct reply *reply, uint64_t begin, uint64_t end, struct fora_buf *out)
{
    struct fora_neg_sum sum;
    int rc = reply->source->sum(reply->source->context, begin, end, &sum);

    if (rc < 0)
        return rc;
    fora_neg_put_fingerprint(out, &reply->form, &sum);
    return out->error;
}

struct list_scan {
    struct fora_buf *out;
    uint64_t count;
};

static int list_each(void *context, const struct fora_neg_item *item)
{
    struct list_scan *scan = context;

    fora_buf_append(scan->out, item->id, NEG_ID_SIZE);
    scan->count++;
    return scan->out->error;
}

/* Count and ids of [begin, end). */
static int put_ids(
    const struct fora_neg_source *source, uint64_t begin, uint64_t end, struct fora_buf *out)
{
    struct list_scan scan = {.out = out};
    int rc;

    fora_neg_put_varint(out, end - begin);
    if (begin == end)
        return out->error;
    rc = source->scan(source->context, begin, end, list_each, &scan);
    if (out->error != 0)
        return out->error;
    if (rc < 0)
        return rc;
    return scan.count == end - begin ? 0 : FORA_E_INTERNAL;
}

/* The bound between the items at position - 1 and position. */
static int bound_before(
    const struct fora_neg_source *source, uint64_t position, struct neg_bound *out)
{
    struct fora_neg_item before;
    struct fora_neg_item after;
    int rc = source->item(source->context, position - 1, &before);

    if (rc >= 0)
        rc = source->item(source->context, position, &after);
    if (rc < 0)
        return rc;
    if (fora_neg_item_compare(&before, &after) >= 0)
        return FORA_E_INTERNAL;
    *out = fora_neg_bound_between(&before, &after);
    return 0;
}

/* A cut that is at most `slack` away from a position. */
static int cut_near(const struct fora_neg_source *source, uint64_t near, uint64_t slack,
    uint64_t *position, struct neg_bound *out)
{
    struct fora_neg_item bound;
    int rc = source->cut(source->context, near, slack, position, &bound);

    if (rc < 0)
        return rc;
    if (*position < near - slack || *position > near + slack || bound.time == UINT64_MAX)
        return FORA_E_INTERNAL;
    *out = fora_neg_bound_at(&bound);
    while (out->prefix > 0 && bound.id[out->prefix - 1] == 0)
        out->prefix--;
    return 0;
}

/*
 * Many fingerprints in a message say that there are many differences, each in a range of its own;
 * then a split of few costs least, 20 bytes a fingerprint. When there are few differences, rounds
 * and work cost more than bytes. A list that the initiator sends is answered by another of the same
 * range, so it splits on where the responder sends ids (spec/09-replication.md, REP-5).
 */
static void choose_split(struct reply *reply, const struct fora_neg_limits *limits, size_t asked)
{
    reply->lean = limits != NULL && limits->lean;
    reply->asked = asked;
    reply->few = asked <= LEAN_FEW;
}

/* Nearly all fingerprints of the message differ: then there are more differences than ranges. */
static bool is_dense(const struct reply *reply)
{
    return reply->seen >= LEAN_SEEN && reply->differing >= reply->seen - reply->seen / 16;
}

/* Into how many pieces a range of `count` items is split. */
static uint64_t choose_pieces(const struct reply *reply, uint64_t count)
{
    if (!reply->lean)
        return FORA_NEG_BUCKETS;
    if (!reply->few)
        return count < LEAN_LITTLE ? LEAN_LITTLE_INTO : LEAN_NARROW;
    return is_dense(reply) || reply->asked < LEAN_REST ? LEAN_DENSE : LEAN_WIDE;
}

/* Ranges of fewer items than this are sent as ids. */
static uint64_t choose_list(const struct reply *reply)
{
    if (!reply->lean)
        return FORA_NEG_LIST_MAX;
    if (reply->report != NULL)
        return LEAN_LIST_INITIATOR;
    return reply->few && !is_dense(reply) ? LEAN_LIST_FEW : LEAN_LIST_RESPONDER;
}

/* Less than half a piece, so that the cuts of neighbours never meet. */
static uint64_t choose_slack(const struct reply *reply, uint64_t piece)
{
    return reply->few && piece >= COARSE ? (piece - 1) / 2 : piece / FINE_PART;
}

/* A range of at least one item for each of its pieces, as so many fingerprints. */
static int put_pieces(const struct reply *reply, uint64_t lower, uint64_t upper, uint64_t pieces,
    const struct neg_bound *bound, struct neg_writer *writer)
{
    const struct fora_neg_source *source = reply->source;
    uint64_t count = upper - lower;
    uint64_t slack = choose_slack(reply, count / pieces);
    uint64_t at = lower;
    uint64_t even = lower; /* where the cut would be if all pieces were equal */

    for (uint64_t i = 0; i < pieces; i++) {
        struct neg_bound end = *bound;
        uint64_t next = even += count / pieces + (i < count % pieces ? 1 : 0);
        int rc = 0;

        if (even != upper && reply->lean && source->cut != NULL)
            rc = cut_near(source, even, slack, &next, &end);
        else if (even != upper)
            rc = bound_before(source, even, &end);
        if (rc < 0)
            return rc;
        fora_neg_put_range(writer, &end, NEG_FINGERPRINT);
        rc = put_fingerprint(reply, at, next, writer->out);
        if (rc < 0)
            return rc;
        at = next;
    }
    return writer->out->error;
}

/* Our answer to a range that differs: its ids when they are few, else fingerprints. */
static int put_split(const struct reply *reply, uint64_t lower, uint64_t upper, uint64_t pieces,
    const struct neg_bound *bound, struct neg_writer *writer)
{
    uint64_t count = upper - lower;

    if (count < choose_list(reply)) {
        fora_neg_put_range(writer, bound, NEG_ID_LIST);
        return put_ids(reply->source, lower, upper, writer->out);
    }
    return put_pieces(reply, lower, upper, pieces < count ? pieces : count, bound, writer);
}

static size_t reply_size(const struct reply *reply)
{
    return reply->writer.out->size - reply->start;
}

static void put_pending_skip(const struct reply *reply, struct neg_writer *writer)
{
    if (reply->skipping)
        fora_neg_put_range(writer, &reply->covered, NEG_SKIP);
}

/* Something was written up to the position. */
static void reply_wrote(struct reply *reply, uint64_t position)
{
    reply->skipping = false;
    reply->written = position;
}

/* Ends the message: all that is not written yet is to be compared anew. Returns 1 or an error. */
static int reply_cut(struct reply *reply, uint64_t from)
{
    struct neg_bound infinity = fora_neg_bound_infinity();
    int rc;

    fora_neg_put_range(&reply->writer, &infinity, NEG_FINGERPRINT);
    rc = put_fingerprint(reply, from, reply->size, reply->writer.out);
    return rc < 0 ? rc : 1;
}

/*
 * From where to take the fingerprint that closes a message whose last split did not fit. It stands
 * for all from the last bound written, but the reference sums from the upper bound of the range
 * that was to be split: a cheap way to a fingerprint that differs, since the range is known to
 * differ. It fails in one case: the other side has nothing in the range, nor in what was skipped
 * before it, and behind it the same as we. Then the fingerprints would agree and our items of the
 * range would never be told. So when the other side's range is empty, sum what the range says.
 */
static uint64_t cut_from(struct reply *reply, struct fora_bytes theirs, uint64_t upper)
{
    struct fora_neg_sum none;

    fora_neg_sum_zero(&none);
    fora_buf_clear(&reply->scratch); /* of a split, so that there is room */
    fora_neg_put_fingerprint(&reply->scratch, &reply->form, &none);
    return fora_bytes_equal(fora_buf_bytes(&reply->scratch), theirs) ? reply->written : upper;
}

/* As all reply_... of a range: 0, 1 when the message is full and closed, or an error. */
static int reply_fingerprint(struct reply *reply, const struct neg_range *range, uint64_t upper)
{
    struct neg_writer writer = {.out = &reply->scratch, .time = reply->writer.time};
    int rc;

    fora_buf_clear(&reply->scratch);
    rc = put_fingerprint(reply, reply->lower, upper, &reply->scratch);
    if (rc < 0)
        return rc;
    reply->seen++;
    if (fora_bytes_equal(fora_buf_bytes(&reply->scratch), range->payload)) {
        reply->skipping = true;
        return 0;
    }
    reply->differing++;
    fora_buf_clear(&reply->scratch);
    put_pending_skip(reply, &writer);
    rc = put_split(reply, reply->lower, upper, choose_pieces(reply, upper - reply->lower),
        &range->upper, &writer);
    if (rc < 0)
        return rc;
    if (reply_size(reply) + reply->scratch.size > reply->full)
        return reply_cut(reply, cut_from(reply, range->payload, upper));
    fora_buf_append_bytes(reply->writer.out, fora_buf_bytes(&reply->scratch));
    reply->writer.time = writer.time;
    reply_wrote(reply, upper);
    return reply->writer.out->error;
}

/* The responder's: its own ids of the range, as many as fit. */
static int reply_list(struct reply *reply, const struct neg_range *range, uint64_t upper)
{
    struct fora_buf *out = reply->writer.out;
    struct neg_bound end = range->upper;
    size_t room = reply->full - reply_size(reply);
    int rc;

    /* One id may stand across the line: the slack is for that and the bounds. */
    if (upper - reply->lower > room / NEG_ID_SIZE + 1) {
        struct fora_neg_item first_out;

        upper = reply->lower + room / NEG_ID_SIZE + 1;
        rc = reply->source->item(reply->source->context, upper, &first_out);
        if (rc < 0)
            return rc;
        end = fora_neg_bound_at(&first_out);
    }
    put_pending_skip(reply, &reply->writer);
    fora_neg_put_range(&reply->writer, &end, NEG_ID_LIST);
    rc = put_ids(reply->source, reply->lower, upper, out);
    if (rc < 0)
        return rc;
    reply_wrote(reply, upper);
    return reply_size(reply) > reply->full ? reply_cut(reply, upper) : 0;
}

struct settle_scan {
    struct reply *reply;
    int error;
};

static int settle_each(void *context, const struct fora_neg_item *item)
{
    struct settle_scan *scan = context;
    const struct fora_neg_report *report = scan->reply->report;

    int rc = 0;

    if (!fora_neg_idset_mark(&scan->reply->theirs, item->id))
        rc = report->have(report->context, item->id);
    if (rc < 0)
        scan->error = rc;
    return scan->error;
}

/* The initiator's: both lists are known, so the range is settled. */
static int reply_settle(struct reply *reply, const struct neg_range *range, uint64_t upper)
{
    const struct fora_neg_source *source = reply->source;
    struct settle_scan scan = {.reply = reply};
    struct neg_idset *theirs = &reply->theirs;
    int rc = 0;

    fora_neg_idset_load(theirs, range->payload);
    if (reply->lower < upper)
        rc = source->scan(source->context, reply->lower, upper, settle_each, &scan);
    if (scan.error != 0)
        return scan.error;
    for (size_t i = 0; rc >= 0 && i < theirs->count; i++) {
        if (!theirs->held[i])
            rc = reply->report->need(reply->report->context, theirs->ids[i]);
    }
    reply->skipping = true;
    return rc < 0 ? rc : 0;
}

static int reply_range(struct reply *reply, const struct neg_range *range)
{
    const struct fora_neg_source *source = reply->source;
    uint64_t upper = reply->size;
    int rc = 0;

    if (range->upper.item.time != UINT64_MAX)
        rc = source->lower_bound(source->context, &range->upper.item, &upper);
    if (rc < 0)
        return rc;
    if (upper < reply->lower || upper > reply->size)
        return FORA_E_INTERNAL;
    switch (range->mode) {
    case NEG_SKIP:
        reply->skipping = true;
        break;
    case NEG_FINGERPRINT:
        rc = reply_fingerprint(reply, range, upper);
        break;
    case NEG_ID_LIST:
        if (reply->report == NULL)
            rc = reply_list(reply, range, upper);
        else
            rc = reply_settle(reply, range, upper);
        break;
    }
    reply->lower = upper;
    reply->covered = range->upper;
    return rc;
}

static int reply_ranges(struct reply *reply, struct fora_reader ranges)
{
    struct neg_parser parser;
    struct neg_range range;
    size_t empty;
    int rc;

    fora_neg_put_form(reply->writer.out, &reply->form);
    empty = reply_size(reply);
    fora_neg_parser_init(&parser, &reply->form, ranges);
    while ((rc = fora_neg_parser_next(&parser, &range)) == 1) {
        rc = reply_range(reply, &range);
        if (rc != 0)
            break;
    }
    if (rc < 0)
        return rc;
    /* The initiator has nothing left to ask. */
    if (reply->report != NULL && reply_size(reply) == empty)
        reply->writer.out->size = reply->start;
    return reply->writer.out->error;
}

/* Shape and counts of the whole message, before any work. */
static int check_ranges(const struct fora_neg_limits *limits, const struct neg_form *form,
    struct fora_reader ranges, size_t *longest_list, size_t *fingerprints)
{
    size_t ranges_left = limits != NULL ? limits->ranges_max : 0;
    size_t ids_left = limits != NULL ? limits->ids_max : 0;
    struct neg_parser parser;
    struct neg_range range;
    int rc;

    ranges_left = ranges_left != 0 ? ranges_left : FORA_NEG_RANGES_MAX;
    ids_left = ids_left != 0 ? ids_left : FORA_NEG_IDS_MAX;
    *longest_list = 0;
    *fingerprints = 0;
    fora_neg_parser_init(&parser, form, ranges);
    while ((rc = fora_neg_parser_next(&parser, &range)) == 1) {
        size_t ids = range.mode == NEG_ID_LIST ? range.payload.size / NEG_ID_SIZE : 0;

        if (ranges_left == 0 || ids > ids_left)
            return FORA_E_LIMIT;
        ranges_left--;
        *fingerprints += range.mode == NEG_FINGERPRINT;
        ids_left -= ids;
        if (ids > *longest_list)
            *longest_list = ids;
    }
    return rc;
}

/* How the message begins. The responder answers a version that it does not know with its own, the
 * initiator takes an answer of the form in which it asked. */
static int check_form(
    struct reply *reply, const struct fora_neg_limits *limits, struct fora_reader *message)
{
    struct neg_form asked = fora_neg_form(limits != NULL ? limits->key : NULL);
    struct fora_buf *out = reply->writer.out;
    int rc = fora_neg_get_form(message, &reply->form);

    if (rc == FORA_E_VERSION && reply->report == NULL)
        fora_buf_u8(out, NEG_VERSION);
    if (rc == 0 && reply->report != NULL && !fora_neg_form_equal(&reply->form, &asked))
        rc = FORA_E_MALFORMED;
    return out->error != 0 ? out->error : rc;
}

int fora_neg_reply(const struct fora_neg_source *source, const struct fora_neg_limits *limits,
    struct fora_bytes message, const struct fora_neg_report *report, struct fora_buf *out)
{
    struct reply reply = {
        .source = source, .report = report, .writer = {.out = out}, .start = out->size};
    struct fora_reader ranges;
    size_t longest_list, fingerprints;
    int rc = frame_full(limits, &reply.full);

    fora_reader_init(&ranges, message);
    if (rc == 0)
        rc = out->error;
    if (rc == 0)
        rc = check_form(&reply, limits, &ranges);
    if (rc != 0)
        return rc;
    rc = check_ranges(limits, &reply.form, ranges, &longest_list, &fingerprints);
    choose_split(&reply, limits, fingerprints);
    if (rc == 0 && report != NULL)
        rc = fora_neg_idset_reserve(&reply.theirs, longest_list);
    if (rc == 0)
        rc = source->size(source->context, &reply.size);
    if (rc >= 0)
        rc = reply_ranges(&reply, ranges);
    if (rc < 0)
        out->size = reply.start;
    fora_buf_fini(&reply.scratch);
    fora_neg_idset_fini(&reply.theirs);
    return rc < 0 ? rc : 0;
}

int fora_neg_start(const struct fora_neg_source *source, const struct fora_neg_limits *limits,
    struct fora_buf *out)
{
    struct reply reply = {.source = source,
        .form = fora_neg_form(limits != NULL ? limits->key : NULL),
        .lean = limits != NULL && limits->lean,
        .few = true};
    struct neg_writer writer = {.out = out};
    struct neg_bound infinity = fora_neg_bound_infinity();
    size_t start = out->size;
    uint64_t size = 0;
    size_t full;
    int rc = frame_full(limits, &full);

    if (rc == 0)
        rc = out->error;
    if (rc == 0)
        rc = source->size(source->context, &size);
    if (rc < 0)
        return rc;
    fora_neg_put_form(out, &reply.form);
    rc = put_split(&reply, 0, size, FORA_NEG_BUCKETS, &infinity, &writer);
    if (rc < 0)
        out->size = start;
    return rc < 0 ? rc : 0;
}

int fora_neg_sample(const struct fora_neg_source *source, const struct fora_neg_limits *limits,
    uint64_t at, uint64_t count, struct fora_buf *out)
{
    struct neg_form form = fora_neg_form(limits != NULL ? limits->key : NULL);
    struct neg_writer writer = {.out = out};
    struct neg_bound lower = {0}, upper = fora_neg_bound_infinity();
    size_t start = out->size;
    uint64_t size = 0;
    int rc = source->size(source->context, &size);

    if (rc == 0 && (at >= size || count == 0))
        return FORA_E_USAGE;
    if (rc == 0 && at > 0)
        rc = bound_before(source, at, &lower);
    if (rc == 0 && count < size - at)
        rc = bound_before(source, at + count, &upper);
    if (rc < 0)
        return rc;
    fora_neg_put_form(out, &form);
    if (at > 0)
        fora_neg_put_range(&writer, &lower, NEG_SKIP);
    fora_neg_put_range(&writer, &upper, NEG_ID_LIST);
    fora_neg_put_varint(out, 0);
    if (out->error != 0)
        out->size = start;
    return out->error;
}
