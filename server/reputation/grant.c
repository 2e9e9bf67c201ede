/*
 * Privileges: roles that a standing earns (POL-11, STD-14), granted in ordinary policy statements.
 *
 *   standing stated -> 'p' set member: she may have earned something
 *   table changed   -> every member of the set is looked at once, in steps ('q' set: how far)
 *   'p'             -> a statement of up to 256 grants, when it is time for one (STD-15)
 *
 * A statement makes every thread of a space due for counting, because rights may be others. Not so
 * these: they speak from after every object that is held, so nothing that was counted changes, and
 * the set is noted as counted under the new policy.
 */
#include "reputation/impl.h"

#include "fora/time.h"

#include <stdlib.h>
#include <string.h>

enum {
    GRANTS_MAX = 256,      /* of one statement (section 11) */
    STATEMENTS_EAGER = 64, /* of a space: until then a statement for each step that earns one */
    STATEMENTS_LEFT = 512, /* of a policy are left to people */
    TABLE_MAX = 6,         /* roles that can be earned */
    WALK_SIZE = FORA_HASH_SIZE + 8 + 1 + FORA_ID_SIZE
};

static const uint32_t earnable[TABLE_MAX] = {FORA_ROLE_MEMBER, FORA_ROLE_TAGGER, FORA_ROLE_FLAGGER,
    FORA_ROLE_EDITOR, FORA_ROLE_EXPERT, FORA_ROLE_CURATOR};

/* What is kept of a set in which this node grants. */
struct walk {
    struct fora_hash table;        /* for which the members were looked at */
    uint64_t last_at;              /* ms: of the last statement; 0: none */
    bool done;                     /* all members were */
    struct fora_principal_id next; /* else those from here on are left */
};

struct granting {
    struct commit_txn *txn;
    struct kv_txn *kv;
    const struct standing_self *self;
    struct standing_report *report;
    const struct fora_policy *policy; /* of the set, borrowed */
    struct set_info set;
    struct standing_set state;
    uint64_t from; /* ms: the grants speak from here on */
    struct walk walk;
    uint32_t at[TABLE_MAX]; /* the standings; 0: not earned */
    struct fora_grant grants[GRANTS_MAX];
    size_t count;
    size_t max;
};

/* ---- the record ---- */

static void walk_get(struct granting *g)
{
    struct store_key key;
    struct fora_bytes value;
    struct fora_reader in;
    memset(&g->walk, 0, sizeof g->walk);
    key_of_set(&key, 'q', g->set.number);
    if (!kv_get(g->kv, T_STANDING, store_key_bytes(&key), &value) || value.size != WALK_SIZE) {
        return;
    }
    fora_reader_init(&in, value);
    fora_reader_copy(&in, g->walk.table.b, sizeof g->walk.table.b);
    g->walk.last_at = fora_reader_be64(&in);
    g->walk.done = fora_reader_u8(&in) != 0;
    fora_reader_copy(&in, g->walk.next.b, sizeof g->walk.next.b);
}

static void walk_put(struct granting *g)
{
    struct store_key key;
    struct fora_buf value = {0};
    fora_buf_append(&value, g->walk.table.b, sizeof g->walk.table.b);
    fora_buf_be64(&value, g->walk.last_at);
    fora_buf_u8(&value, g->walk.done);
    fora_buf_append(&value, g->walk.next.b, sizeof g->walk.next.b);
    key_of_set(&key, 'q', g->set.number);
    if (value.error != 0) {
        kv_txn_fail(g->kv, value.error);
    } else {
        kv_put(g->kv, T_STANDING, store_key_bytes(&key), fora_buf_bytes(&value));
    }
    fora_buf_fini(&value);
}

void grant_note(struct kv_txn *txn, uint32_t set, const struct fora_principal_id *member)
{
    struct store_key key;
    key_of_member(&key, 'p', set, member);
    kv_put(txn, T_STANDING, store_key_bytes(&key), fora_bytes(NULL, 0));
}

/* ---- statements ---- */

/* Signs a statement that changes nothing of what was counted. */
static int state_policy(struct granting *g, struct fora_policy_statement *statement)
{
    struct fora_content content = {.kind = FORA_KIND_POLICY, .u.policy = *statement};
    struct fora_header header = {.space = g->set.space};
    bool counted = g->state.policy_version == g->set.policy_version && !g->state.recount;
    int rc = standing_sign(g->txn, g->self, &header, &content);
    struct ledger_set *after = rc == 0 ? ledger_set_number(&g->txn->ledger, g->set.number) : NULL;
    if (after != NULL && counted) {
        g->state.policy_version = after->info.policy_version;
        standing_set_put(g->kv, g->set.number, &g->state);
    }
    return rc;
}

/* What forad.conf says where the policy says nothing is said in the policy, for all to see. */
static int state_settings(struct granting *g, bool *stated)
{
    const struct standing_privileges *settings = &g->self->privileges;
    const struct fora_privilege wanted[] = {
        {FORA_ROLE_EDITOR, settings->editor_at}, {FORA_ROLE_EXPERT, settings->expert_at}};
    struct fora_privilege missing[2];
    struct fora_policy_statement statement = {.privileges = missing};
    for (size_t i = 0; i < 2; i++) {
        uint32_t said;
        if (wanted[i].standing != 0 && !fora_policy_privilege(g->policy, wanted[i].role, &said)) {
            missing[statement.privileges_count++] = wanted[i];
        }
    }
    *stated = statement.privileges_count > 0;
    return *stated ? state_policy(g, &statement) : 0;
}

/* STD-15. `full`: more grants wait than a statement takes. */
static bool is_time(const struct granting *g, bool full)
{
    size_t made = fora_policy_stated_count(g->policy);
    if (made >= FORA_POLICY_STATEMENTS_MAX - STATEMENTS_LEFT) {
        return false;
    }
    /* A clock that was set back ends the wait: else it would last as long as that was ahead. */
    return full || made < STATEMENTS_EAGER || g->walk.last_at == 0 ||
           g->txn->now < g->walk.last_at || g->txn->now - g->walk.last_at >= FORA_DAY_MS;
}

/* ---- who earned what ---- */

static bool earns(
    const struct granting *g, const struct fora_principal_id *member, size_t row, uint64_t standing)
{
    uint32_t role = earnable[row];
    return g->at[row] != 0 && standing >= g->at[row] &&
           !fora_policy_role_at(g->policy, member, role, g->from) &&
           !fora_policy_barred_at(g->policy, member, role, g->from);
}

/* Adds what she earned; false when there is no room for all of it. */
static bool add_grants(struct granting *g, const struct fora_principal_id *member)
{
    struct fora_standing sums;
    uint64_t standing =
        standing_get(g->kv, g->set.number, member, &sums) ? fora_standing_score(&sums) : 0;
    size_t before = g->count;
    if (fora_policy_role_at(g->policy, member, FORA_ROLE_BANNED, g->from)) {
        return true;
    }
    for (size_t row = 0; row < TABLE_MAX; row++) {
        if (!earns(g, member, row, standing)) {
            continue;
        }
        if (g->count == GRANTS_MAX) {
            g->count = before;
            return false;
        }
        g->grants[g->count++] = (struct fora_grant){.principal = *member,
            .role = earnable[row],
            .since = g->from,
            .earned = standing < UINT32_MAX ? (uint32_t)standing : UINT32_MAX};
    }
    return true;
}

static void forget_note(struct granting *g, const struct fora_principal_id *member)
{
    struct store_key key;
    key_of_member(&key, 'p', g->set.number, member);
    kv_delete(g->kv, T_STANDING, store_key_bytes(&key));
}

/* Members that were noted, from the first on; at most `room` of them. */
static size_t list_noted(struct granting *g, struct fora_principal_id *list, size_t room)
{
    struct store_key from;
    struct fora_bytes key;
    size_t count = 0;
    struct kv_cursor *cursor = kv_cursor_open(g->kv, T_STANDING);
    key_of_set(&from, 'p', g->set.number);
    bool there = kv_seek(cursor, store_key_bytes(&from), &key, NULL);
    while (there && count < room && key.size == from.size + FORA_ID_SIZE &&
           memcmp(key.data, from.b, from.size) == 0) {
        memcpy(list[count++].b, key.data + from.size, FORA_ID_SIZE);
        there = kv_next(cursor, &key, NULL);
    }
    kv_cursor_close(cursor);
    return count;
}

/* Collects the grants of noted members. Who earned nothing is forgotten, the others stay in `list`,
 * of which the first *kept are meant; *full when a statement takes no more. */
static size_t collect(
    struct granting *g, struct fora_principal_id list[GRANTS_MAX], size_t *kept, bool *full)
{
    size_t noted = list_noted(g, list, GRANTS_MAX);
    *kept = 0;
    *full = false;
    for (size_t i = 0; i < noted && !*full; i++) {
        size_t before = g->count;
        *full = !add_grants(g, &list[i]);
        if (!*full && g->count == before) {
            forget_note(g, &list[i]);
        } else if (!*full) {
            list[(*kept)++] = list[i];
        }
    }
    *full = *full || g->count == GRANTS_MAX;
    return noted;
}

static int grant_noted(struct granting *g)
{
    struct fora_principal_id list[GRANTS_MAX];
    size_t kept;
    bool full;
    size_t noted = collect(g, list, &kept, &full);
    bool behind = noted == GRANTS_MAX; /* there may be others */
    if (g->count == 0 || !is_time(g, full)) {
        g->report->more = g->report->more || (behind && kept < noted && !full);
        return 0;
    }
    struct fora_policy_statement statement = {.grants = g->grants, .grants_count = g->count};
    int rc = state_policy(g, &statement);
    for (size_t i = 0; i < kept && rc == 0; i++) {
        forget_note(g, &list[i]);
    }
    if (rc == 0) {
        g->report->granted += g->count;
        g->report->more = g->report->more || full || behind;
        g->walk.last_at = g->txn->now;
        walk_put(g);
    }
    return rc;
}

/* ---- a table that changed ---- */

static void read_table(struct granting *g, struct fora_hash *digest)
{
    uint8_t bytes[4 * TABLE_MAX];
    for (size_t row = 0; row < TABLE_MAX; row++) {
        (void)fora_policy_privilege(g->policy, earnable[row], &g->at[row]);
        for (unsigned i = 0; i < 4; i++) {
            bytes[4 * row + i] = (uint8_t)(g->at[row] >> (24 - 8 * i));
        }
    }
    fora_hash1(digest, "forad.privileges", fora_bytes(bytes, sizeof bytes));
}

static bool reaches(const struct granting *g, uint64_t standing)
{
    for (size_t row = 0; row < TABLE_MAX; row++) {
        if (g->at[row] != 0 && standing >= g->at[row]) {
            return true;
        }
    }
    return false;
}

/* Looks at the next members: those that reach something go into `list`. */
static size_t walk_some(struct granting *g, struct fora_principal_id *list)
{
    struct store_key from;
    struct fora_bytes key;
    size_t looked = 0, count = 0;
    struct kv_cursor *cursor = kv_cursor_open(g->kv, T_STANDING);
    key_of_member(&from, 'm', g->set.number, &g->walk.next);
    bool there = kv_seek(cursor, store_key_bytes(&from), &key, NULL);
    while (there && key.size == from.size && memcmp(key.data, from.b, 1 + 4) == 0) {
        struct fora_standing sums;
        memcpy(g->walk.next.b, key.data + 1 + 4, FORA_ID_SIZE);
        if (looked++ == g->max) {
            kv_cursor_close(cursor);
            return count;
        }
        if (standing_get(g->kv, g->set.number, &g->walk.next, &sums) &&
            reaches(g, fora_standing_score(&sums))) {
            list[count++] = g->walk.next;
        }
        there = kv_next(cursor, &key, NULL);
    }
    kv_cursor_close(cursor);
    g->walk.done = true;
    return count;
}

static int walk_table(struct granting *g)
{
    struct fora_hash digest;
    read_table(g, &digest);
    if (memcmp(digest.b, g->walk.table.b, sizeof digest.b) != 0) {
        g->walk.table = digest;
        g->walk.done = false;
        memset(&g->walk.next, 0, sizeof g->walk.next);
    } else if (g->walk.done) {
        return 0;
    }
    struct fora_principal_id *list = malloc(g->max * sizeof *list);
    if (list == NULL) {
        return FORA_E_NOMEM;
    }
    size_t count = walk_some(g, list);
    for (size_t i = 0; i < count; i++) {
        grant_note(g->kv, g->set.number, &list[i]);
    }
    free(list);
    walk_put(g);
    g->report->more = g->report->more || !g->walk.done;
    return kv_txn_error(g->kv);
}

/* ---- the sets ---- */

bool standing_grants(
    const struct fora_policy *policy, const struct fora_principal_id *node, uint64_t at)
{
    return fora_policy_hosted_by(policy, node) &&
           fora_policy_role_at(policy, node, FORA_ROLE_ADMIN, at);
}

bool grant_may_earn(struct commit_txn *txn, const struct standing_self *self,
    const struct set_info *set, uint64_t standing)
{
    struct policy_handle *handle = NULL;
    bool may = false;
    size_t count;
    int rc = policies_get(commit_policies(txn), txn->ledger.txn, set, &handle);
    if (rc == 0 && standing_grants(policy_of(handle), &self->node, txn->now)) {
        const struct fora_privilege *table = fora_policy_privileges(policy_of(handle), &count);
        may = count > 0 && standing >= table[0].standing;
    }
    policies_release(commit_policies(txn), handle);
    return may;
}

static int grant_in_set(struct granting *g)
{
    bool stated = false;
    walk_get(g);
    int rc = state_settings(g, &stated);
    if (rc != 0 || stated) { /* the policy that is held here is not the one that stands now */
        g->report->more = g->report->more || stated;
        return rc;
    }
    rc = walk_table(g);
    return rc == 0 ? grant_noted(g) : rc;
}

struct own_sets {
    uint32_t *numbers; /* owned */
    size_t count, room;
};

static int list_set(void *context, const struct set_info *info)
{
    struct own_sets *sets = context;
    if (info->audience != FORA_AUDIENCE_PUBLIC || info->space_seq == 0) {
        return 0;
    }
    if (sets->count == sets->room) {
        size_t room = sets->room == 0 ? 16 : 2 * sets->room;
        uint32_t *grown = realloc(sets->numbers, room * sizeof *grown);
        if (grown == NULL) {
            return FORA_E_NOMEM;
        }
        sets->numbers = grown;
        sets->room = room;
    }
    sets->numbers[sets->count++] = info->number;
    return 0;
}

static int grant_set(struct granting *g, uint32_t number)
{
    struct policy_handle *handle = NULL;
    struct policies *policies = commit_policies(g->txn);
    if (!sets_get(g->kv, number, &g->set) || !standing_set_get(g->kv, number, &g->state)) {
        return 0; /* nothing of it was counted yet */
    }
    uint64_t last = g->txn->now > g->state.latest ? g->txn->now : g->state.latest;
    int rc = policies_get(policies, g->kv, &g->set, &handle);
    if (rc == 0 && standing_grants(policy_of(handle), &g->self->node, g->txn->now)) {
        g->policy = policy_of(handle);
        g->from = last + 1;
        g->count = 0;
        rc = grant_in_set(g);
    }
    policies_release(policies, handle);
    return rc == FORA_E_NOTFOUND ? 0 : rc;
}

int standing_grant(struct commit_txn *txn, const struct standing_self *self, size_t max,
    struct standing_report *report)
{
    struct own_sets sets = {0};
    struct granting *granting = calloc(1, sizeof *granting);
    int rc = granting == NULL ? FORA_E_NOMEM : sets_each(txn->ledger.txn, list_set, &sets);
    for (size_t i = 0; i < sets.count && rc == 0; i++) {
        granting->txn = txn;
        granting->kv = txn->ledger.txn;
        granting->self = self;
        granting->report = report;
        granting->max = max;
        rc = grant_set(granting, sets.numbers[i]);
    }
    free(sets.numbers);
    free(granting);
    return rc == 0 ? kv_txn_error(txn->ledger.txn) : rc;
}
