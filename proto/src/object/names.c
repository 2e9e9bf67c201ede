/* Words of enum values, as texts, JSON and command lines write them (KIND-5). */
#include "fora/content.h"

#include <string.h>

#define COUNT(words) (sizeof(words) / sizeof((words)[0]))

static const char *const kinds[] = {"unspecified", "identity", "policy", "profile", "thread",
    "post", "revision", "tally", "resolution", "status", "cite", "duplicate", "flag", "moderation",
    "appeal", "retraction", "attestation", "revocation", "membership", "case", "receipt",
    "checkpoint", "carried"};
static const char *const thread_types[] = {
    "unspecified", "question", "discussion", "idea", "article", "media", "announcement"};
static const char *const post_types[] = {"unspecified", "answer", "comment"};
static const char *const resolution_types[] = {"unspecified", "asker-accepted", "staff-confirmed",
    "community-verified", "workaround", "superseded-by", "regressed-in"};
static const char *const moderation_actions[] = {"unspecified", "hide", "unhide", "lock", "unlock",
    "close", "reopen", "move", "erase", "dismiss-flags", "pin", "unpin"};
static const char *const roles[] = {"unspecified", "admin", "moderator", "staff", "editor",
    "expert", "member", "banned", "tagger", "flagger", "curator"};
static const char *const space_kinds[] = {
    "unspecified", "questions", "ideas", "articles", "media", "group"};
static const char *const postings[] = {"anyone", "members", "staff"};

static const char *word_of(const char *const *words, size_t count, uint32_t value)
{
    return value < count ? words[value] : "unknown";
}

/* The first word stands for 0, which is also what no word gives. */
static uint32_t value_of(const char *const *words, size_t count, const char *word)
{
    for (size_t i = 1; i < count; i++) {
        if (strcmp(words[i], word) == 0)
            return (uint32_t)i;
    }
    return 0;
}

const char *fora_kind_name(uint32_t kind)
{
    return word_of(kinds, COUNT(kinds), kind);
}

const char *fora_thread_type_name(uint32_t type)
{
    return word_of(thread_types, COUNT(thread_types), type);
}

const char *fora_post_type_name(uint32_t type)
{
    return word_of(post_types, COUNT(post_types), type);
}

const char *fora_resolution_type_name(uint32_t type)
{
    return word_of(resolution_types, COUNT(resolution_types), type);
}

const char *fora_moderation_action_name(uint32_t action)
{
    return word_of(moderation_actions, COUNT(moderation_actions), action);
}

const char *fora_role_may(uint32_t role)
{
    switch (role) {
    case FORA_ROLE_MEMBER:
        return "post where posting is for members";
    case FORA_ROLE_TAGGER:
        return "change the tags of threads";
    case FORA_ROLE_FLAGGER:
        return "flag with weight";
    case FORA_ROLE_EDITOR:
        return "revise texts, titles, tags and citations of others";
    case FORA_ROLE_EXPERT:
        return "verify answers for the community, name workarounds, open articles";
    case FORA_ROLE_CURATOR:
        return "mark duplicates, close, reopen and move threads";
    default:
        return "";
    }
}

const char *fora_role_name(uint32_t role)
{
    return word_of(roles, COUNT(roles), role);
}

const char *fora_space_kind_name(uint32_t kind)
{
    return word_of(space_kinds, COUNT(space_kinds), kind);
}

const char *fora_posting_name(uint32_t posting)
{
    return word_of(postings, COUNT(postings), posting);
}

uint32_t fora_thread_type_parse(const char *word)
{
    return value_of(thread_types, COUNT(thread_types), word);
}

uint32_t fora_resolution_type_parse(const char *word)
{
    return value_of(resolution_types, COUNT(resolution_types), word);
}

uint32_t fora_moderation_action_parse(const char *word)
{
    return value_of(moderation_actions, COUNT(moderation_actions), word);
}

uint32_t fora_role_parse(const char *word)
{
    return value_of(roles, COUNT(roles), word);
}

uint32_t fora_space_kind_parse(const char *word)
{
    return value_of(space_kinds, COUNT(space_kinds), word);
}
