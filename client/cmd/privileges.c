/* What a member may in a space by her roles, and what she earns next (POL-11). */
#include "cmd/privileges.h"

#include <inttypes.h>

/* A role of the table that she has not, by why. */
enum want { WANT_NEXT, WANT_WAITS, WANT_TAKEN, WANT_NOTHING };

static enum want want_of(const struct privileges_of *of, const struct fora_privilege *row)
{
    if (fora_policy_role_at(of->policy, &of->member, row->role, of->at)) {
        return WANT_NOTHING;
    }
    if (fora_policy_revoked_at(of->policy, &of->member, row->role, of->at)) {
        return WANT_TAKEN;
    }
    return of->standing >= row->standing ? WANT_WAITS : WANT_NEXT;
}

/* The first row of the table of that kind; NULL: none. The table is by standing. */
static const struct fora_privilege *first_of(const struct privileges_of *of, enum want want)
{
    size_t count;
    const struct fora_privilege *table = fora_policy_privileges(of->policy, &count);
    for (size_t i = 0; i < count; i++) {
        if (want_of(of, &table[i]) == want) {
            return &table[i];
        }
    }
    return NULL;
}

static size_t roles_of(const struct privileges_of *of, uint32_t roles[FORA_ROLE_CURATOR])
{
    size_t count = 0;
    for (uint32_t role = FORA_ROLE_ADMIN; role <= FORA_ROLE_CURATOR; role++) {
        if (role != FORA_ROLE_BANNED &&
            fora_policy_role_at(of->policy, &of->member, role, of->at)) {
            roles[count++] = role;
        }
    }
    return count;
}

bool privileges_any(const struct privileges_of *of)
{
    uint32_t roles[FORA_ROLE_CURATOR];
    return roles_of(of, roles) > 0;
}

bool privileges_of_text(struct fora_buf *out, const struct privileges_of *of)
{
    size_t before = out->size;
    uint32_t roles[FORA_ROLE_CURATOR];
    size_t count = roles_of(of, roles);
    const struct fora_privilege *next = first_of(of, WANT_NEXT);
    const struct fora_privilege *waits = first_of(of, WANT_WAITS);
    const struct fora_privilege *taken = first_of(of, WANT_TAKEN);
    for (size_t i = 0; i < count; i++) {
        fora_buf_printf(out, "%s%s", i == 0 ? "  roles: " : ", ", fora_role_name(roles[i]));
    }
    fora_buf_append_str(out, count > 0 ? "\n" : "");
    if (waits != NULL) {
        fora_buf_printf(out, "  earned, and soon to be granted: %s, who may %s\n",
            fora_role_name(waits->role), fora_role_may(waits->role));
    }
    if (taken != NULL) {
        fora_buf_printf(out, "  taken away by an admin: %s\n", fora_role_name(taken->role));
    }
    if (next != NULL) {
        fora_buf_printf(out, "  next: %s from %u on, who may %s\n", fora_role_name(next->role),
            (unsigned)next->standing, fora_role_may(next->role));
    }
    return out->size > before;
}

void privileges_of_json(struct js_writer *w, const struct privileges_of *of)
{
    uint32_t roles[FORA_ROLE_CURATOR];
    size_t count = roles_of(of, roles);
    const struct fora_privilege *next = first_of(of, WANT_NEXT);
    js_array(w, "roles");
    for (size_t i = 0; i < count; i++) {
        js_string(w, NULL, fora_role_name(roles[i]));
    }
    js_end(w);
    js_object(w, "next");
    if (next != NULL) {
        js_string(w, "role", fora_role_name(next->role));
        js_count(w, "standing", next->standing);
        js_string(w, "may", fora_role_may(next->role));
    }
    js_end(w);
}

void privileges_text(struct fora_buf *out, const struct fora_policy *policy)
{
    size_t count;
    const struct fora_privilege *table = fora_policy_privileges(policy, &count);
    fora_buf_append_str(out, count > 0 ? "\nEarned by a standing:\n" : "");
    for (size_t i = 0; i < count; i++) {
        fora_buf_printf(out, "  from %-8u %-10s may %s\n", (unsigned)table[i].standing,
            fora_role_name(table[i].role), fora_role_may(table[i].role));
    }
}

void privileges_json(struct js_writer *w, const struct fora_policy *policy)
{
    size_t count;
    const struct fora_privilege *table = fora_policy_privileges(policy, &count);
    js_array(w, "privileges");
    for (size_t i = 0; i < count; i++) {
        js_object(w, NULL);
        js_string(w, "role", fora_role_name(table[i].role));
        js_count(w, "standing", table[i].standing);
        js_string(w, "may", fora_role_may(table[i].role));
        js_end(w);
    }
    js_end(w);
}
