/* Contents for people: every field that says something, under the name it has in fora/v1. */
#include "maintain/export_impl.h"

#include "fora/object.h"

static void mentions(struct js_writer *w, const struct fora_principal_id *list, size_t count)
{
    js_array(w, "mentions");
    for (size_t i = 0; i < count; i++) {
        js_id(w, NULL, FORA_HRP_MEMBER, list[i].b);
    }
    js_end(w);
}

static void source(struct js_writer *w, const struct fora_source *from)
{
    if (from == NULL) {
        return;
    }
    js_object(w, "source");
    js_text(w, "url", from->url);
    js_text(w, "licence", from->licence);
    js_text(w, "author", from->author);
    js_text(w, "id", from->id);
    js_end(w);
}

static void texts(struct js_writer *w, const char *key, const struct fora_bytes *list, size_t count)
{
    js_array(w, key);
    for (size_t i = 0; i < count; i++) {
        js_text(w, NULL, list[i]);
    }
    js_end(w);
}

static void applies_to(struct js_writer *w, const struct fora_applies_to *ranges, size_t count)
{
    if (count == 0) {
        return;
    }
    js_array(w, "applies_to");
    for (size_t i = 0; i < count; i++) {
        js_object(w, NULL);
        js_text(w, "product", ranges[i].product);
        js_text(w, "from", ranges[i].from);
        js_text(w, "to", ranges[i].to);
        js_end(w);
    }
    js_end(w);
}

static void text_when(struct js_writer *w, const char *key, bool there, struct fora_bytes text)
{
    if (there) {
        js_text(w, key, text);
    }
}

static void id_when(
    struct js_writer *w, const char *key, const char *hrp, const uint8_t id[FORA_ID_SIZE])
{
    if (!fora_id_is_zero(id)) {
        js_id(w, key, hrp, id);
    }
}

/* ---- identity and policy ---- */

static void device_key(struct js_writer *w, const char *key, const struct fora_device_key *device)
{
    js_object(w, key);
    js_id(w, "sign", FORA_HRP_KEY, device->sign.b);
    id_when(w, "seal", FORA_HRP_KEY, device->seal.b);
    js_text(w, "label", device->label);
    js_bool(w, "custodial", device->custodial);
    js_end(w);
}

static void node_info(struct js_writer *w, const struct fora_node_info *node)
{
    if (node == NULL) {
        return;
    }
    js_object(w, "node");
    js_text(w, "name", node->name);
    js_text(w, "domain", node->domain);
    texts(w, "addresses", node->addresses, node->addresses_count);
    js_hex(w, "noise_key", fora_bytes(node->noise_key.b, sizeof node->noise_key.b));
    js_end(w);
}

static void identity_create(struct js_writer *w, const struct fora_identity_create *create)
{
    js_object(w, "create");
    js_string(w, "type", create->type == FORA_PRINCIPAL_NODE ? "node" : "member");
    id_when(w, "home", FORA_HRP_NODE, create->home.b);
    js_array(w, "keys");
    for (size_t i = 0; i < create->keys_count; i++) {
        device_key(w, NULL, &create->keys[i]);
    }
    js_end(w);
    node_info(w, create->node);
    js_end(w);
}

static void identity(struct js_writer *w, const struct fora_identity_entry *entry)
{
    js_count(w, "sequence", entry->sequence);
    if (entry->create != NULL) {
        identity_create(w, entry->create);
    }
    if (entry->add_key != NULL) {
        device_key(w, "add_key", entry->add_key);
    }
    if (entry->revoke_key != NULL) {
        js_object(w, "revoke_key");
        js_id(w, "sign", FORA_HRP_KEY, entry->revoke_key->sign.b);
        js_time(w, "compromised_at", entry->revoke_key->compromised_at);
        js_end(w);
    }
    if (entry->home != NULL) {
        js_id(w, "home", FORA_HRP_NODE, entry->home->home.b);
    }
    js_bool(w, "rotates", entry->rotate != NULL);
    js_bool(w, "recovers", entry->recover != NULL);
    node_info(w, entry->node);
}

static void grants(struct js_writer *w, const struct fora_policy_statement *policy)
{
    js_array(w, "grants");
    for (size_t i = 0; i < policy->grants_count; i++) {
        const struct fora_grant *grant = &policy->grants[i];
        js_object(w, NULL);
        js_id(w, "principal", FORA_HRP_MEMBER, grant->principal.b);
        js_string(w, "role", fora_role_name(grant->role));
        js_bool(w, "revoke", grant->revoke);
        js_time(w, "since", grant->since);
        js_time(w, "until", grant->until);
        js_end(w);
    }
    js_end(w);
}

static void hosts_and_products(struct js_writer *w, const struct fora_policy_statement *policy)
{
    js_array(w, "hosts");
    for (size_t i = 0; i < policy->hosts_count; i++) {
        js_object(w, NULL);
        js_id(w, "node", FORA_HRP_NODE, policy->hosts[i].node.b);
        js_bool(w, "remove", policy->hosts[i].remove);
        js_count(w, "succession", policy->hosts[i].succession);
        js_end(w);
    }
    js_end(w);
    js_array(w, "products");
    for (size_t i = 0; i < policy->products_count; i++) {
        js_object(w, NULL);
        js_text(w, "name", policy->products[i].name);
        js_text(w, "latest", policy->products[i].latest);
        js_bool(w, "remove", policy->products[i].remove);
        js_end(w);
    }
    js_end(w);
}

static void policy(struct js_writer *w, const struct fora_policy_statement *statement)
{
    if (statement->kind != 0) {
        js_string(w, "kind", fora_space_kind_name(statement->kind));
    }
    text_when(w, "name", statement->has_name, statement->name);
    text_when(w, "slug", statement->has_slug, statement->slug);
    text_when(w, "description", statement->has_description, statement->description);
    text_when(w, "licence", statement->has_licence, statement->licence);
    if (statement->has_posting) {
        js_string(w, "posting", fora_posting_name(statement->posting));
    }
    if (statement->has_owner) {
        js_id(w, "owner", FORA_HRP_MEMBER, statement->owner.b);
    }
    grants(w, statement);
    hosts_and_products(w, statement);
}

/* ---- what people write ---- */

static void profile(struct js_writer *w, const struct fora_profile *content)
{
    js_text(w, "name", content->name);
    js_text(w, "about", content->about);
    texts(w, "links", content->links, content->links_count);
    source(w, content->source);
}

static void thread(struct js_writer *w, const struct fora_thread *content)
{
    js_string(w, "type", fora_thread_type_name(content->type));
    js_text(w, "title", content->title);
    js_text(w, "text", content->text);
    texts(w, "tags", content->tags, content->tags_count);
    applies_to(w, content->applies_to, content->applies_to_count);
    mentions(w, content->mentions, content->mentions_count);
    id_when(w, "moved_from", FORA_HRP_OBJECT, content->moved_from.b);
    source(w, content->source);
}

static void post(struct js_writer *w, const struct fora_post *content)
{
    js_string(w, "type", fora_post_type_name(content->type));
    js_text(w, "text", content->text);
    applies_to(w, content->applies_to, content->applies_to_count);
    mentions(w, content->mentions, content->mentions_count);
    source(w, content->source);
}

static void revision(struct js_writer *w, const struct fora_revision *content)
{
    text_when(w, "title", content->has_title, content->title);
    text_when(w, "text", content->has_text, content->text);
    if (content->tags != NULL) {
        texts(w, "tags", content->tags->tags, content->tags->tags_count);
    }
    js_text(w, "summary", content->summary);
    source(w, content->source);
}

static void tally(struct js_writer *w, const struct fora_tally *content)
{
    js_count(w, "up", content->up);
    js_count(w, "down", content->down);
    js_hex(w, "voters_root", fora_bytes(content->voters_root.b, sizeof content->voters_root.b));
    js_bool(w, "imported", content->imported);
    source(w, content->source);
}

static void resolution(struct js_writer *w, const struct fora_resolution *content)
{
    js_string(w, "type", fora_resolution_type_name(content->type));
    applies_to(w, content->applies_to, content->applies_to_count);
    id_when(w, "superseded_by", FORA_HRP_OBJECT, content->superseded_by.b);
    js_text(w, "note", content->note);
    source(w, content->source);
}

static void status(struct js_writer *w, const struct fora_status *content)
{
    js_text(w, "status", content->status);
    js_text(w, "note", content->note);
    js_text(w, "version", content->version);
    source(w, content->source);
}

static void cite(struct js_writer *w, const struct fora_cite *content)
{
    js_array(w, "objects");
    for (size_t i = 0; i < content->objects_count; i++) {
        js_id(w, NULL, FORA_HRP_OBJECT, content->objects[i].b);
    }
    js_end(w);
    source(w, content->source);
}

static void moderation(struct js_writer *w, const struct fora_moderation *content)
{
    js_string(w, "action", fora_moderation_action_name(content->action));
    js_text(w, "reason", content->reason);
    id_when(w, "to_space", FORA_HRP_SPACE, content->to_space.b);
    id_when(w, "to_thread", FORA_HRP_OBJECT, content->to_thread.b);
    source(w, content->source);
}

/* Their ids: what they say is in them, and signed. */
static void carried(struct js_writer *w, const struct fora_carried *content)
{
    js_array(w, "objects");
    for (size_t i = 0; i < content->objects_count; i++) {
        struct fora_object object;
        if (fora_object_decode(&object, content->objects[i]) == 0) {
            js_id(w, NULL, FORA_HRP_OBJECT, object.id.b);
        }
    }
    js_end(w);
}

static void attestation(struct js_writer *w, const struct fora_attestation *content)
{
    js_count(w, "type", content->type);
    js_id(w, "subject", FORA_HRP_MEMBER, content->subject.b);
    js_time(w, "from", content->from);
    js_time(w, "until", content->until);
    js_text(w, "rule", content->rule);
    js_text(w, "label", content->label);
    js_object(w, "facts");
    for (size_t i = 0; i < content->facts_count; i++) {
        struct fora_buf name = {0};
        fora_buf_append_bytes(&name, content->facts[i].name);
        const char *key = fora_buf_cstr(&name);
        if (key != NULL) {
            js_count(w, key, content->facts[i].count);
        } else {
            w->error = FORA_E_NOMEM;
        }
        fora_buf_fini(&name);
    }
    js_end(w);
    id_when(w, "delegation", FORA_HRP_OBJECT, content->delegation.b);
    if (content->type == FORA_ATTESTATION_DELEGATION) {
        js_count(w, "may", content->may);
        js_count(w, "limit", content->limit);
        js_count(w, "depth", content->depth);
    }
}

void export_content(struct js_writer *w, const struct fora_content *content)
{
    switch ((enum fora_kind)content->kind) {
    case FORA_KIND_IDENTITY:
        identity(w, &content->u.identity);
        break;
    case FORA_KIND_POLICY:
        policy(w, &content->u.policy);
        break;
    case FORA_KIND_PROFILE:
        profile(w, &content->u.profile);
        break;
    case FORA_KIND_THREAD:
        thread(w, &content->u.thread);
        break;
    case FORA_KIND_POST:
        post(w, &content->u.post);
        break;
    case FORA_KIND_REVISION:
        revision(w, &content->u.revision);
        break;
    case FORA_KIND_TALLY:
        tally(w, &content->u.tally);
        break;
    case FORA_KIND_RESOLUTION:
        resolution(w, &content->u.resolution);
        break;
    case FORA_KIND_STATUS:
        status(w, &content->u.status);
        break;
    case FORA_KIND_CITE:
        cite(w, &content->u.cite);
        break;
    case FORA_KIND_DUPLICATE:
        js_id(w, "original", FORA_HRP_OBJECT, content->u.duplicate.original.b);
        id_when(w, "original_space", FORA_HRP_SPACE, content->u.duplicate.original_space.b);
        source(w, content->u.duplicate.source);
        break;
    case FORA_KIND_FLAG:
        js_text(w, "reason", content->u.flag.reason);
        js_text(w, "note", content->u.flag.note);
        break;
    case FORA_KIND_MODERATION:
        moderation(w, &content->u.moderation);
        break;
    case FORA_KIND_APPEAL:
        js_text(w, "text", content->u.appeal.text);
        break;
    case FORA_KIND_RETRACTION:
        js_text(w, "reason", content->u.retraction.reason);
        source(w, content->u.retraction.source);
        break;
    case FORA_KIND_ATTESTATION:
        attestation(w, &content->u.attestation);
        break;
    case FORA_KIND_REVOCATION:
        js_text(w, "reason", content->u.revocation.reason);
        break;
    case FORA_KIND_MEMBERSHIP:
        js_id(w, "member", FORA_HRP_MEMBER, content->u.membership.member.b);
        js_bool(w, "leave", content->u.membership.leave);
        break;
    case FORA_KIND_CASE:
        js_hex(w, "sealed", content->u.private_case.sealed);
        break;
    case FORA_KIND_RECEIPT:
        js_time(w, "accepted_at", content->u.receipt.accepted_at);
        id_when(w, "erased", FORA_HRP_OBJECT, content->u.receipt.erased.b);
        break;
    case FORA_KIND_CHECKPOINT:
        js_count(w, "count", content->u.checkpoint.count);
        js_hex(w, "fingerprint", content->u.checkpoint.fingerprint);
        break;
    case FORA_KIND_CARRIED:
        carried(w, &content->u.carried);
        break;
    case FORA_KIND_UNSPECIFIED:
        break;
    }
}
