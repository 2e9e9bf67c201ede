/* fora show --json. The schema is described in the command table. */
#include "cmd/beside.h"
#include "cmd/show.h"

static void id_name(struct js_writer *w, const struct thread *t, const struct fora_principal_id *id,
    const char *id_key, const char *name_key)
{
    const struct person *person = people_find(&t->people, id);
    js_id(w, id_key, FORA_HRP_MEMBER, id->b);
    if (person != NULL && person->name[0] != '\0') {
        js_string(w, name_key, person->name);
    } else {
        js_null(w, name_key);
    }
}

/* As of then (ATT-9). */
static void beside(
    struct js_writer *w, const struct thread *t, const struct fora_principal_id *id, uint64_t at)
{
    struct beside_marks marks = {.count = 0};
    if (t->beside != NULL && beside_at(t->beside, id, at, &marks) != CMD_EXIT_OK) {
        w->error = FORA_E_NOMEM;
    }
    beside_json(w, t->beside, &marks);
}

static void text_or_null(struct js_writer *w, const char *key, struct fora_bytes text)
{
    if (text.size > 0) {
        js_text(w, key, text);
    } else {
        js_null(w, key);
    }
}

static void applies_to(struct js_writer *w, const struct fora_applies_to *list, size_t count)
{
    js_array(w, "applies_to");
    for (size_t i = 0; i < count; i++) {
        js_object(w, NULL);
        js_text(w, "product", list[i].product);
        text_or_null(w, "from", list[i].from);
        text_or_null(w, "to", list[i].to);
        js_end(w);
    }
    js_end(w);
}

static void resolution(
    struct js_writer *w, const struct thread *t, const struct fora_view_resolution *r)
{
    js_object(w, NULL);
    js_id(w, "id", FORA_HRP_OBJECT, r->id.b);
    js_string(w, "type", fora_resolution_type_name(r->type));
    id_name(w, t, &r->author, "author", "author_name");
    beside(w, t, &r->author, r->created_at);
    js_time(w, "created_at", r->created_at);
    applies_to(w, r->applies_to, r->applies_to_count);
    js_id(w, "superseded_by", FORA_HRP_OBJECT, r->superseded_by.b);
    text_or_null(w, "note", r->note);
    js_end(w);
}

static void source(struct js_writer *w, const struct fora_source *s)
{
    if (s == NULL) {
        js_null(w, "source");
        return;
    }
    js_object(w, "source");
    text_or_null(w, "url", s->url);
    text_or_null(w, "licence", s->licence);
    text_or_null(w, "author", s->author);
    text_or_null(w, "id", s->id);
    js_end(w);
}

static void post(struct js_writer *w, const struct thread *t, const struct fora_view_post *p)
{
    js_object(w, NULL);
    js_id(w, "id", FORA_HRP_OBJECT, p->id.b);
    js_id(w, "parent", FORA_HRP_OBJECT, p->parent.b);
    js_string(w, "type",
        p->type == 0 ? fora_thread_type_name(t->view.type) : fora_post_type_name(p->type));
    id_name(w, t, &p->author, "author", "author_name");
    if (p->badge != 0) {
        js_string(w, "badge", fora_role_name(p->badge));
    } else {
        js_null(w, "badge");
    }
    beside(w, t, &p->author, p->created_at);
    js_time(w, "created_at", p->created_at);
    js_time(w, "edited_at", p->edited_at);
    js_id(w, "edited_by", FORA_HRP_MEMBER, p->edited_by.b);
    js_count(w, "revisions", p->revisions);
    js_text(w, "text", p->text);
    js_number(w, "score", p->score);
    js_count(w, "up", p->up);
    js_count(w, "down", p->down);
    app_marks_json(w, p->marks);
    text_or_null(w, "reason", p->reason);
    applies_to(w, p->applies_to, p->applies_to_count);
    js_array(w, "mentions");
    for (size_t i = 0; i < p->mentions_count; i++) {
        js_object(w, NULL);
        id_name(w, t, &p->mentions[i], "id", "name");
        js_end(w);
    }
    js_end(w);
    source(w, p->source);
    js_array(w, "resolutions");
    for (size_t i = 0; i < p->resolutions_count; i++) {
        resolution(w, t, &p->resolutions[i]);
    }
    js_end(w);
    js_end(w);
}

static void head(struct js_writer *w, const struct thread *t)
{
    const struct fora_view_thread *v = &t->view;
    js_id(w, "id", FORA_HRP_OBJECT, v->root.b);
    js_id(w, "space", FORA_HRP_SPACE, v->space.b);
    js_string(w, "type", fora_thread_type_name(v->type));
    js_text(w, "title", v->title);
    js_array(w, "tags");
    for (size_t i = 0; i < v->tags_count; i++) {
        js_text(w, NULL, v->tags[i]);
    }
    js_end(w);
    text_or_null(w, "status", v->status);
    text_or_null(w, "status_note", v->status_note);
    text_or_null(w, "status_version", v->status_version);
    app_marks_json(w, v->marks);
    js_id(w, "duplicate_of", FORA_HRP_OBJECT, v->duplicate_of.b);
    js_id(w, "moved_to_space", FORA_HRP_SPACE, v->moved_to_space.b);
    js_id(w, "moved_to_thread", FORA_HRP_OBJECT, v->moved_to_thread.b);
    js_id(w, "moved_from", FORA_HRP_OBJECT, t->moved_from.b);
    js_time(w, "active_at", v->active_at);
    js_array(w, "cites");
    for (size_t i = 0; i < v->cites_count; i++) {
        js_id(w, NULL, FORA_HRP_OBJECT, v->cites[i].b);
    }
    js_end(w);
    js_time(w, "checkpoint_at", t->checkpoint_at);
    js_count(w, "unverified", t->unverified);
    js_count(w, "disputed", t->fallen);
}

int show_thread_json(struct app *app, const struct thread *t)
{
    struct js_writer w;
    js_init_object(&w);
    head(&w, t);
    js_array(&w, "posts");
    for (size_t i = 0; i < t->view.posts_count; i++) {
        post(&w, t, &t->view.posts[i]);
    }
    js_end(&w);
    return app_json(app, &w, JS_PRETTY);
}
