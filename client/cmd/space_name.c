/* How a new space is called. */
#include "cmd/space_name.h"

#include "text/text.h"

#include <stdio.h>
#include <string.h>

struct names {
    struct fora_policy *const *policies;
    size_t count;
};

static bool slug_is_there(const struct names *there, struct fora_bytes slug)
{
    for (size_t i = 0; i < there->count; i++) {
        if (fora_bytes_equal(fora_policy_slug(there->policies[i]), slug)) {
            return true;
        }
    }
    return false;
}

/* A space of the same owner that people read the same name of; NULL: none. */
static const struct fora_policy *namesake(
    const struct names *there, const struct fora_principal_id *owner, struct fora_bytes name)
{
    for (size_t i = 0; i < there->count; i++) {
        struct fora_principal_id other = fora_policy_owner(there->policies[i]);
        if (memcmp(other.b, owner->b, sizeof other.b) == 0 &&
            fora_bytes_equal(fora_policy_name(there->policies[i]), name)) {
            return there->policies[i];
        }
    }
    return NULL;
}

/* Of the name, with a number where another space has it. */
static void make_slug(const struct names *there, struct fora_bytes name, char slug[SPACE_SLUG_ROOM])
{
    char base[41];
    text_slug(base, name);
    (void)snprintf(slug, SPACE_SLUG_ROOM, "%s", base);
    for (unsigned i = 2; i < 1000 && slug_is_there(there, fora_bytes_str(slug)); i++) {
        (void)snprintf(slug, SPACE_SLUG_ROOM, "%.36s-%u", base, i);
    }
}

int space_name_apart(struct fora_policy *const *there, size_t count,
    const struct fora_principal_id *owner, struct fora_policy_statement *policy,
    char slug[SPACE_SLUG_ROOM], struct fora_buf *said)
{
    const struct names names = {there, count};
    const struct fora_policy *same = namesake(&names, owner, policy->name);
    char id[FORA_ID_TEXT_MAX] = "";
    if (same != NULL) {
        struct fora_space_id space = fora_policy_space(same);
        fora_id_format(id, FORA_HRP_SPACE, space.b);
    }
    if (policy->has_slug && slug_is_there(&names, policy->slug)) {
        fora_buf_printf(said,
            "A space here has the short name \"%.*s\" already. Choose another with --slug.",
            (int)policy->slug.size, (const char *)policy->slug.data);
        return FORA_E_EXISTS;
    }
    if (same != NULL && !policy->has_slug) {
        fora_buf_printf(said,
            "The node has a space of that name already: %s. To make a second one all the same, "
            "give it a short name of its own with --slug.",
            id);
        return FORA_E_EXISTS;
    }
    if (same != NULL) {
        fora_buf_printf(said, "The node has another space of that name: %s.", id);
    }
    if (!policy->has_slug) {
        make_slug(&names, policy->name, slug);
        policy->has_slug = true;
        policy->slug = fora_bytes_str(slug);
    }
    return 0;
}
