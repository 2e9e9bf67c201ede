/*
 * Space policies: a set of signed statements merged by rule (spec/04-spaces.md). Adding the same
 * statements in any order gives the same policy.
 *
 * The first read after an add merges anew (O(n log n) of all grants, no allocation, cannot fail):
 * until it has returned, no other thread may read. After it any number of threads may, until the
 * next add. Reads cost O(log n). Before the first statement is there, nobody holds any role.
 */
#ifndef FORA_POLICY_H
#define FORA_POLICY_H

#include "fora/object.h"

enum { FORA_POLICY_STATEMENTS_MAX = 4096 /* of one space (LIM-21) */ };

struct fora_policy; /* opaque; owns copies of what it needs */

int fora_policy_new(struct fora_policy **out) FORA_MUST_USE;
void fora_policy_free(struct fora_policy *policy); /* NULL is fine */
/*
 * Adds a statement whose signature was verified before. The first statement (header.space absent)
 * may come at any time. FORA_E_MISMATCH (another space), FORA_E_LIMIT, FORA_E_NOMEM, or what
 * decoding said. Whether its author had the right to make it is decided by the merge, not here: a
 * statement without right stays without effect (POL-5).
 */
int fora_policy_add(struct fora_policy *policy, const struct fora_object *statement) FORA_MUST_USE;
bool fora_policy_ready(const struct fora_policy *policy); /* the first statement is there */

/*
 * Was the principal ever named as somebody whose statements can count: author of the first
 * statement, `owner` or ADMIN of any statement held? Only more people can be named by more
 * statements, so admission may ask it (ADM-11). False is not final.
 */
bool fora_policy_may_state(
    const struct fora_policy *policy, const struct fora_principal_id *author);

/* ---- statements one by one: for who judges their dates (fora/receipt.h) ---- */

struct fora_policy_stated {
    struct fora_object_id id;
    struct fora_principal_id author;
    struct fora_key key; /* that signed it */
    uint64_t created_at; /* ms */
    bool first;          /* the one whose id is the space's */
};
/* How many were added; places go from 0, and stay until the policy is freed. */
size_t fora_policy_stated_count(const struct fora_policy *policy);
void fora_policy_statement(
    const struct fora_policy *policy, size_t index, struct fora_policy_stated *out);
/* A statement that is disputed and does not stand has no effect (RCP-9), but still names people for
 * fora_policy_may_state(). As with an add, the next read merges anew. */
void fora_policy_set_fallen(struct fora_policy *policy, size_t index, bool fallen);

struct fora_space_id fora_policy_space(const struct fora_policy *policy);
struct fora_principal_id fora_policy_owner(const struct fora_policy *policy);
uint32_t fora_policy_kind(const struct fora_policy *policy); /* enum fora_space_kind */
struct fora_bytes fora_policy_name(
    const struct fora_policy *policy); /* borrowed from it, until add */
struct fora_bytes fora_policy_slug(const struct fora_policy *policy);
struct fora_bytes fora_policy_description(const struct fora_policy *policy);
struct fora_bytes fora_policy_licence(const struct fora_policy *policy);
uint32_t fora_policy_posting(const struct fora_policy *policy); /* enum fora_posting, now */
/* What held at that time (ms); before any statement about it: ANYONE (POL-8). */
uint32_t fora_policy_posting_at(const struct fora_policy *policy, uint64_t at);

/* Did the principal hold the role at that time (ms)? The owner holds every role but BANNED; an
 * admin also those of a moderator and staff, and is never BANNED; a moderator those of an editor,
 * curator and flagger; an editor that of a tagger (POL-7). */
bool fora_policy_role_at(const struct fora_policy *policy,
    const struct fora_principal_id *principal, uint32_t role, uint64_t at);
/* The strongest role for display: ADMIN, MODERATOR, STAFF, EXPERT, EDITOR, MEMBER, or 0. Owner:
 * ADMIN. */
uint32_t fora_policy_badge_at(
    const struct fora_policy *policy, const struct fora_principal_id *principal, uint64_t at);
/* Is the node named as a host now? The owner, when a node, is always one. */
bool fora_policy_hosted_by(const struct fora_policy *policy, const struct fora_principal_id *node);
/* Hosts in order of succession, then id. Borrowed until the next add. */
const struct fora_host *fora_policy_hosts(const struct fora_policy *policy, size_t *count);
const struct fora_product *fora_policy_products(const struct fora_policy *policy, size_t *count);

/* May the author post an object of that kind (and thread type, 0 for others) at that time? 0 or
 * FORA_E_FORBIDDEN (POL-9). Asked by views and by a node for its own members, never by admission
 * (ADM-3). */
int fora_policy_may_post(const struct fora_policy *policy, const struct fora_principal_id *author,
    uint32_t kind, uint32_t thread_type, uint64_t at) FORA_MUST_USE;

/* The detail that decides about a content's right: of resolutions the type, of moderations the
 * action, FORA_REVISES_TAGS of revisions that name the tags of a thread and nothing else; else 0.
 * `of_thread`: its parent is the thread. */
enum { FORA_REVISES_TAGS = 1 };
uint32_t fora_policy_detail(const struct fora_content *content, bool of_thread);
/* May the author say that of a thread, or of a post in it (VIEW-5 to VIEW-7)? Of revisions,
 * resolutions, moderations, status, duplicates and cites; other kinds are not its matter: true.
 * `opened`: she opened the thread; `wrote`: and she wrote what it speaks of. Asked by views, and by
 * a node for its own members, besides fora_policy_may_post(). */
bool fora_policy_may_say(const struct fora_policy *policy, const struct fora_principal_id *author,
    uint32_t kind, uint32_t detail, bool opened, bool wrote, uint64_t at);

/* --- privileges (POL-11) --- */

/* May a standing earn it? */
bool fora_role_earnable(uint32_t role);
/* Roles that are earned, by standing, then role. Borrowed until the next add. */
const struct fora_privilege *fora_policy_privileges(
    const struct fora_policy *policy, size_t *count);
/* From which standing on the role is earned, 0: never. False: no statement says anything of it. */
bool fora_policy_privilege(const struct fora_policy *policy, uint32_t role, uint32_t *standing);
/* Had she a badge that was granted and not earned (STD-7)? */
bool fora_policy_appointed_at(
    const struct fora_policy *policy, const struct fora_principal_id *principal, uint64_t at);
/* Is a revocation the last word on the role at that time? */
bool fora_policy_revoked_at(const struct fora_policy *policy,
    const struct fora_principal_id *principal, uint32_t role, uint64_t at);
/* Or else the owner's word that it ended? Then what is earned from that time on would be for
 * nothing (POL-6, STD-14), as after a revocation. */
bool fora_policy_barred_at(const struct fora_policy *policy,
    const struct fora_principal_id *principal, uint32_t role, uint64_t at);

/* Every grant in force or past, for people and JSON, by (principal, role, since): calls each with
 * the interval in ms for which it counted, until 0: open. Ends with what `each` returns when that
 * is not 0. */
int fora_policy_each_grant(const struct fora_policy *policy,
    int (*each)(void *context, const struct fora_principal_id *principal, uint32_t role,
        uint64_t since, uint64_t until),
    void *context);

#endif
