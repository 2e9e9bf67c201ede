/* Cases of spec/vectors/views.json. */
#include "make_rule_vectors.h"

#include "fora/view.h"
#include "vector_json.h"

struct view_case {
    struct cast *cast;
    struct fora_policy *policy;
    json_t *made, *statements, *objects;
    struct fora_object list[32];
    size_t count;
};

static void view_policy(struct view_case *c, const struct fora_object *statement)
{
    EXPECT(fora_policy_add(c->policy, statement) == 0);
    vec_push(c->statements, vec_hex(statement->encoded.data, statement->encoded.size));
}

static const struct fora_object *view_object(struct view_case *c, const struct fora_object *object)
{
    EXPECT(c->count < 32);
    c->list[c->count++] = *object;
    vec_push(c->objects, vec_hex(object->encoded.data, object->encoded.size));
    return object;
}

/* owner: a node; admin: MODERATOR; ann asks; bob answers. */
static void open_view(
    struct view_case *c, struct cast *cast, json_t *cases, const char *name, const char *clause)
{
    struct fora_product product = {
        .name = fora_bytes_str("Lager"), .latest = fora_bytes_str("5.10")};

    *c = (struct view_case){.cast = cast, .made = vec_case(cases, name, clause)};
    EXPECT(fora_policy_new(&c->policy) == 0);
    c->statements = vec_list(c->made, "policy");
    c->objects = vec_list(c->made, "objects");
    view_policy(c, cast->space);
    view_policy(c,
        fx_grant(cast->fx, cast->owner, cast->space, cast->admin, FORA_ROLE_MODERATOR, 1, 0, 1000));
    view_policy(
        c, fx_policy(cast->fx, cast->owner, cast->space,
               (struct fora_policy_statement){.products = &product, .products_count = 1}, 1000));
}

static void close_view(struct view_case *c, int expected)
{
    struct fora_arena arena;
    struct fora_view_thread view;
    struct fora_buf encoding = {0};
    struct fora_hash digest;

    fora_arena_init(&arena, 0);
    EXPECT(fora_view_thread_fold(&arena, c->policy, c->list, c->count, &view) == expected);
    vec_set(c->made, "result", json_string(fora_error_name(expected)));
    if (expected == 0) {
        EXPECT(fora_view_thread_encode(&encoding, &view) == 0);
        fora_view_digest(&digest, fora_buf_bytes(&encoding));
        vec_set(c->made, "encoding", vec_hex(encoding.data, encoding.size));
        vec_set(c->made, "digest", vec_hex(digest.b, sizeof(digest.b)));
        vec_set(c->made, "marks", json_integer(view.marks));
        vec_set(c->made, "answers", json_integer(view.answers));
        vec_set(c->made, "comments", json_integer(view.comments));
    }
    fora_buf_fini(&encoding);
    fora_arena_fini(&arena);
    fora_policy_free(c->policy);
}

static const struct fora_object *open_thread(struct view_case *c)
{
    struct cast *p = c->cast;
    struct fora_bytes tag = fora_bytes_str("yeast");
    struct fora_source source = {.url = fora_bytes_str("https://example.org/q/1"),
        .licence = fora_bytes_str("CC BY-SA 4.0")};
    struct fora_content content = {.kind = FORA_KIND_THREAD,
        .u.thread = {.type = FORA_THREAD_QUESTION,
            .title = fora_bytes_str("Why is my lager cloudy?"),
            .text = fora_bytes_str("It was clear *yesterday*."),
            .tags = &tag,
            .tags_count = 1,
            .source = &source}};

    return view_object(
        c, fx_object(p->fx, p->ann, (struct fora_header){.space = fora_object_space(p->space)},
               content, 2000));
}

static void view_with_everything(struct cast *p, json_t *cases)
{
    struct view_case c;
    struct fora_applies_to range = {
        .product = fora_bytes_str("Lager"), .to = fora_bytes_str("5.9")};
    struct fora_content confirmed = {.kind = FORA_KIND_RESOLUTION,
        .u.resolution = {
            .type = FORA_RESOLUTION_STAFF_CONFIRMED, .applies_to = &range, .applies_to_count = 1}};
    struct fora_content status = {.kind = FORA_KIND_STATUS,
        .u.status = {.status = fora_bytes_str("fixed"), .version = fora_bytes_str("5.10")}};
    struct fora_object_id cited[2] = {{{9}}, {{3}}};
    struct fora_content cite = {
        .kind = FORA_KIND_CITE, .u.cite = {.objects = cited, .objects_count = 2}};
    const struct fora_object *thread, *first, *second, *comment;

    open_view(&c, p, cases, "one of each", "VIEW-11");
    thread = open_thread(&c);
    first = view_object(&c, fx_answer(p->fx, p->bob, thread, "Chill haze.", 2100));
    second = view_object(&c, fx_answer(p->fx, p->admin, thread, "Filter it.", 2200));
    comment = view_object(&c, fx_comment(p->fx, p->ann, second, "How?", 2300));
    view_object(&c, fx_comment(p->fx, p->admin, comment, "With a filter.", 2250));
    view_object(&c, fx_comment(p->fx, p->bob, thread, "Which lager?", 2400));
    view_object(&c, fx_tally(p->fx, p->owner, first, 1, 3, 2500));
    view_object(&c, fx_tally(p->fx, p->owner, second, 4, 0, 2500));
    view_object(&c, fx_resolve(p->fx, p->ann, first, FORA_RESOLUTION_ASKER_ACCEPTED, 2600));
    view_object(&c, fx_about(p->fx, p->owner, first, confirmed, 2700));
    view_object(&c, fx_revise(p->fx, p->bob, first, "Chill haze, it goes away.", 2800));
    view_object(&c, fx_about(p->fx, p->owner, thread, status, 2900));
    view_object(&c, fx_about(p->fx, p->ann, thread, cite, 2900));
    view_object(&c, fx_moderate(p->fx, p->admin, thread, FORA_MODERATION_PIN, 3000));
    view_object(&c, fx_moderate(p->fx, p->admin, comment, FORA_MODERATION_HIDE, 3000));
    close_view(&c, 0);
}

static void view_without_rights(struct cast *p, json_t *cases)
{
    struct view_case c;
    const struct fora_object *thread, *answer;

    open_view(&c, p, cases, "what has no right has no effect", "VIEW-3");
    view_policy(&c, fx_grant(p->fx, p->owner, p->space, p->node, FORA_ROLE_BANNED, 3000, 0, 1000));
    thread = open_thread(&c);
    answer = view_object(&c, fx_answer(p->fx, p->bob, thread, "So.", 2100));
    view_object(&c, fx_answer(p->fx, p->node, thread, "before the ban", 2999));
    view_object(&c, fx_answer(p->fx, p->node, thread, "after it", 3000));
    view_object(&c, fx_resolve(p->fx, p->bob, answer, FORA_RESOLUTION_ASKER_ACCEPTED, 3000));
    view_object(&c, fx_resolve(p->fx, p->ann, answer, FORA_RESOLUTION_STAFF_CONFIRMED, 3000));
    view_object(&c, fx_tally(p->fx, p->node, answer, 100, 0, 2500));
    view_object(&c, fx_revise(p->fx, p->ann, answer, "not mine", 3000));
    view_object(&c, fx_moderate(p->fx, p->bob, thread, FORA_MODERATION_LOCK, 3000));
    view_object(&c, fx_retract(p->fx, p->ann, answer, 3000));
    close_view(&c, 0);
}

static void view_of_what_is_gone(struct cast *p, json_t *cases)
{
    for (int stripped = 0; stripped < 2; stripped++) {
        struct view_case c;
        const struct fora_object *thread, *answer, *comment;
        uint64_t counter = p->fx->counter;

        open_view(&c, p, cases,
            stripped ? "the same after the contents were erased" : "retracted and erased",
            "VIEW-5");
        thread = open_thread(&c);
        answer = fx_answer(p->fx, p->bob, thread, "wrong", 2100);
        comment = fx_comment(p->fx, p->bob, thread, "abuse", 2200);
        view_object(&c, stripped ? fx_strip(p->fx, answer) : answer);
        view_object(&c, stripped ? fx_strip(p->fx, comment) : comment);
        view_object(&c, fx_retract(p->fx, p->bob, answer, 3000));
        view_object(&c, fx_moderate(p->fx, p->admin, comment, FORA_MODERATION_ERASE, 3000));
        view_object(&c, fx_moderate(p->fx, p->admin, comment, FORA_MODERATION_UNHIDE, 4000));
        close_view(&c, 0);
        /* The second time the same objects are made. */
        if (!stripped)
            p->fx->counter = counter;
    }
}

static void view_without_a_root(struct cast *p, json_t *cases)
{
    struct view_case c;
    const struct fora_object *thread =
        fx_thread(p->fx, p->ann, p->space, FORA_THREAD_QUESTION, "Where?", 2000);

    open_view(&c, p, cases, "the thread itself is missing", "VIEW-2");
    view_object(&c, fx_answer(p->fx, p->bob, thread, "Here.", 2100));
    close_view(&c, FORA_E_NOTFOUND);
}

static void make_versions(json_t *file)
{
    static const struct {
        const char *a, *b;
        int order;
    } rows[] = {{"5.9", "5.10", -1}, {"5.10", "5.10.0", 0}, {"v5.10", "5.10", 0},
        {"5.10-rc1", "5.10", -1}, {"5.10~beta", "5.10-rc1", -1}, {"5.10b", "5.10", 1},
        {"5.10b", "5.10.1", -1}, {"5.010", "5.10", 0}, {"", "0.0", 0}, {"", "1", -1},
        {"99999999999999999999", "100000000000000000000", -1}, {"1-rc2", "1-rc10", -1}};
    json_t *list = vec_list(file, "versions");

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *row = json_object();

        EXPECT(fora_version_compare(fora_bytes_str(rows[i].a), fora_bytes_str(rows[i].b)) ==
               rows[i].order);
        vec_set(row, "a", json_string(rows[i].a));
        vec_set(row, "b", json_string(rows[i].b));
        vec_set(row, "order", json_integer(rows[i].order));
        vec_push(list, row);
    }
}

static void view_of_privileges(struct cast *p, json_t *cases)
{
    struct view_case c;
    struct fora_bytes tag = fora_bytes_str("haze");
    struct fora_tag_list tags = {.tags = &tag, .tags_count = 1};
    struct fora_content retag = {.kind = FORA_KIND_REVISION, .u.revision = {.tags = &tags}};
    struct fora_content retitle = retag;
    struct fora_content duplicate = {.kind = FORA_KIND_DUPLICATE, .u.duplicate.original = {{9}}};
    const struct fora_object *thread, *answer;

    retitle.u.revision.has_title = true;
    retitle.u.revision.title = fora_bytes_str("Mine");
    open_view(&c, p, cases, "a tagger and a curator, by what they earned", "VIEW-7");
    view_policy(&c, fx_earned(p->fx, p->owner, p->space, p->bob, FORA_ROLE_TAGGER, 3000));
    view_policy(&c, fx_earned(p->fx, p->owner, p->space, p->node, FORA_ROLE_CURATOR, 3000));
    thread = open_thread(&c);
    answer = view_object(&c, fx_answer(p->fx, p->bob, thread, "So.", 2100));
    view_object(&c, fx_about(p->fx, p->bob, thread, retag, 3100));
    view_object(&c, fx_about(p->fx, p->bob, thread, retitle, 3200));
    view_object(&c, fx_about(p->fx, p->node, thread, retag, 3300));
    view_object(&c, fx_about(p->fx, p->node, thread, duplicate, 2999));
    view_object(&c, fx_about(p->fx, p->node, thread, duplicate, 3000));
    view_object(&c, fx_moderate(p->fx, p->node, thread, FORA_MODERATION_CLOSE, 3000));
    view_object(&c, fx_moderate(p->fx, p->node, thread, FORA_MODERATION_LOCK, 3000));
    view_object(&c, fx_moderate(p->fx, p->node, answer, FORA_MODERATION_HIDE, 3000));
    view_object(&c, fx_moderate(p->fx, p->bob, thread, FORA_MODERATION_MOVE, 3000));
    close_view(&c, 0);
}

json_t *make_views(struct fx *fx)
{
    json_t *file = json_object(), *cases;
    struct cast p = {.fx = fx};

    p.owner = fx_node(fx, 21, 1);
    p.admin = fx_member(fx, 22, 1);
    p.ann = fx_member(fx, 23, 1);
    p.bob = fx_member(fx, 24, 1);
    p.node = fx_node(fx, 25, 1);
    vec_set(file, "about",
        json_string("Views: a policy's statements and a thread's objects, both in any order, the "
                    "result, the canonical encoding and its digest. And versions in order."));
    p.space = fx_space(fx, p.owner, FORA_SPACE_QUESTIONS, "beer", 1000);
    cases = vec_list(file, "cases");
    view_with_everything(&p, cases);
    view_without_rights(&p, cases);
    view_of_what_is_gone(&p, cases);
    view_without_a_root(&p, cases);
    view_of_privileges(&p, cases);
    make_versions(file);
    return file;
}
