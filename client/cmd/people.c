/* Folding identities and profiles. */
#include "cmd/people.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    return memcmp(((const struct person *)a)->id.b, ((const struct person *)b)->id.b, FORA_ID_SIZE);
}

static struct person *find(const struct people *people, const struct fora_principal_id *id)
{
    struct person key = {.id = *id};
    return people->count == 0 ? NULL
                              : bsearch(&key, people->items, people->count, sizeof key, compare);
}

const struct person *people_find(const struct people *people, const struct fora_principal_id *id)
{
    return find(people, id);
}

/* Makes room for everybody first, so that pointers stay while entries are added. */
static int add_persons(struct people *people, const struct fora_object *objects, size_t count)
{
    size_t before = people->count;
    for (size_t i = 0; i < count; i++) {
        struct fora_principal_id id = fora_object_principal(&objects[i]);
        struct people sorted = {.items = people->items, .count = before};
        if ((objects[i].header.kind != FORA_KIND_IDENTITY &&
                objects[i].header.kind != FORA_KIND_PROFILE) ||
            find(&sorted, &id) != NULL) {
            continue;
        }
        if (people->count == people->room) {
            size_t room = people->room == 0 ? 32 : people->room * 2;
            struct person *items = realloc(people->items, room * sizeof *items);
            if (items == NULL) {
                return FORA_E_NOMEM;
            }
            people->items = items;
            people->room = room;
        }
        people->items[people->count++] = (struct person){.id = id};
    }
    if (people->count == before) {
        return 0;
    }
    qsort(people->items, people->count, sizeof *people->items, compare);
    size_t kept = 0; /* new ones came once per object: keep one of each, the filled one if any */
    for (size_t i = 0; i < people->count; i++) {
        if (kept > 0 && compare(&people->items[kept - 1], &people->items[i]) == 0) {
            continue;
        }
        people->items[kept++] = people->items[i];
    }
    people->count = kept;
    return 0;
}

static int add_entry(struct people *people, const struct fora_object *entry)
{
    struct fora_principal_id id = fora_object_principal(entry);
    struct person *person = find(people, &id);
    if (person == NULL) {
        return 0;
    }
    bool fresh = person->identity == NULL;
    int error = fresh ? fora_identity_new(&person->identity) : 0;
    if (error == 0) {
        error = fora_identity_add(person->identity, entry);
    }
    if (error != 0 && fresh) {
        fora_identity_free(person->identity); /* not the entry that a log begins with */
        person->identity = NULL;
    }
    return error;
}

/* Entries come in any order: passes over what waits for its parent, until a pass adds nothing. */
static int add_entries(struct people *people, const struct fora_object *objects, size_t count)
{
    bool *done = calloc(count + 1, sizeof *done);
    bool progress = done != NULL;
    int error = done == NULL ? FORA_E_NOMEM : 0;
    while (progress && error == 0) {
        progress = false;
        for (size_t i = 0; i < count && error == 0; i++) {
            if (done[i] || objects[i].header.kind != FORA_KIND_IDENTITY) {
                continue;
            }
            int added = add_entry(people, &objects[i]);
            error = added == FORA_E_NOMEM ? added : 0;
            done[i] = added == 0;
            progress = progress || added == 0;
        }
    }
    free(done);
    return error;
}

static char *joined(const struct fora_bytes *lines, size_t count)
{
    struct fora_buf out = {0};
    for (size_t i = 0; i < count; i++) {
        fora_buf_append_bytes(&out, lines[i]);
        fora_buf_u8(&out, '\n');
    }
    if (fora_buf_cstr(&out) == NULL) {
        fora_buf_fini(&out);
    }
    return (char *)out.data;
}

static void take_withheld(struct person *person, const struct fora_profile *profile)
{
    free(person->withheld);
    person->withheld = calloc(profile->withheld_count + 1, sizeof *person->withheld);
    person->withheld_count = person->withheld == NULL ? 0 : profile->withheld_count;
    for (size_t i = 0; i < person->withheld_count; i++) {
        const struct fora_withheld *line = &profile->withheld[i];
        struct person_withheld *own = &person->withheld[i];
        size_t size = line->label.size < sizeof own->label ? line->label.size : sizeof own->label;
        own->issuer = line->issuer;
        own->space = line->space;
        own->type = line->type;
        own->label_size = size;
        if (size > 0) {
            memcpy(own->label, line->label.data, size);
        }
    }
}

bool person_withholds(const struct person *person, const struct fora_header *header,
    const struct fora_attestation *attestation)
{
    bool may = attestation->type == FORA_ATTESTATION_STANDING ||
               attestation->type == FORA_ATTESTATION_BADGE;
    for (size_t i = 0; may && person != NULL && i < person->withheld_count; i++) {
        const struct person_withheld *line = &person->withheld[i];
        if (line->type == attestation->type &&
            memcmp(line->issuer.b, header->author.b, FORA_ID_SIZE) == 0 &&
            memcmp(line->space.b, header->space.b, FORA_ID_SIZE) == 0 &&
            fora_bytes_equal(fora_bytes(line->label, line->label_size), attestation->label)) {
            return true;
        }
    }
    return false;
}

static void take_profile(
    struct person *person, const struct fora_object *object, const struct fora_profile *profile)
{
    struct fora_buf clean = {0};
    text_clean(&clean, profile->name, false);
    size_t size = clean.size < sizeof person->name - 1 ? clean.size : sizeof person->name - 1;
    if (size > 0) {
        memcpy(person->name, clean.data, size);
    }
    person->name[size] = '\0';
    fora_buf_fini(&clean);
    free(person->about);
    free(person->links);
    person->about = joined(&profile->about, profile->about.size > 0);
    person->about_size = person->about == NULL ? 0 : profile->about.size;
    take_withheld(person, profile);
    person->links = profile->links_count > 0 ? joined(profile->links, profile->links_count) : NULL;
    person->profile_at = object->header.created_at;
    person->profile_id = object->id;
}

static int add_profile(struct people *people, const struct fora_object *object)
{
    struct fora_arena arena;
    struct fora_content content;
    struct person *person = find(people, &object->header.author);
    if (person == NULL || people_check(people, object) != 0 || !object->has_content ||
        (person->profile_at != 0 && fora_object_order(object->header.created_at, &object->id,
                                        person->profile_at, &person->profile_id) <= 0)) {
        return 0;
    }
    fora_arena_init(&arena, FORA_CONTENT_ARENA);
    int error = fora_content_decode(&arena, FORA_KIND_PROFILE, object->content_bytes, &content);
    if (error == 0) {
        take_profile(person, object, &content.u.profile);
    }
    fora_arena_fini(&arena);
    return error == FORA_E_NOMEM ? error : 0;
}

int people_add(struct people *people, const struct fora_object *objects, size_t count)
{
    int error = add_persons(people, objects, count);
    if (error == 0) {
        error = add_entries(people, objects, count);
    }
    for (size_t i = 0; error == 0 && i < count; i++) {
        if (objects[i].header.kind == FORA_KIND_PROFILE) {
            error = add_profile(people, &objects[i]);
        }
    }
    return error;
}

void people_fini(struct people *people)
{
    for (size_t i = 0; i < people->count; i++) {
        fora_identity_free(people->items[i].identity);
        free(people->items[i].about);
        free(people->items[i].links);
        free(people->items[i].withheld);
    }
    free(people->items);
    *people = (struct people){0};
}

void people_name(
    struct fora_buf *out, const struct people *people, const struct fora_principal_id *id)
{
    const struct person *person = find(people, id);
    const struct fora_node_info *node =
        person != NULL && person->identity != NULL ? fora_identity_node(person->identity) : NULL;
    if (person != NULL && person->name[0] != '\0') {
        fora_buf_append_str(out, person->name);
    } else if (node != NULL && node->name.size > 0) {
        text_clean(out, node->name, false); /* a node's log has a name, whoever has its profile */
    } else {
        app_short_id(out, node != NULL ? FORA_HRP_NODE : FORA_HRP_MEMBER, id->b);
    }
}

int people_check(const struct people *people, const struct fora_object *object)
{
    const struct person *person = find(people, &object->header.author);
    if (person == NULL || person->identity == NULL) {
        return FORA_E_UNKNOWN_AUTHOR;
    }
    return fora_identity_check_key(
        person->identity, &object->header.key, object->header.created_at);
}

int people_ask(struct app *app, struct fora_client *client, struct people *people,
    const struct fora_principal_id *id)
{
    struct fora_message ask = {.type = FORA_MSG_GET_PRINCIPAL};
    const struct fora_message *answer;
    ask.u.get_principal.principal = *id;
    int error = fora_client_call(client, &ask, FORA_MSG_PRINCIPAL_OBJECTS, &answer, &app->why);
    if (error == FORA_E_ABSENT || error == FORA_E_NOTFOUND || error == FORA_E_UNKNOWN_AUTHOR) {
        return CMD_EXIT_OK;
    }
    if (error != 0) {
        return app_fail_why(app);
    }
    const struct fora_msg_principal_objects *got = &answer->u.principal_objects;
    struct fora_object *objects = calloc(got->objects_count + 1, sizeof *objects);
    size_t count = 0;
    if (objects == NULL) {
        return app_fail_memory(app);
    }
    for (size_t i = 0; i < got->objects_count; i++) {
        if (fora_object_decode(&objects[count], got->objects[i]) == 0 &&
            fora_object_verify(&objects[count]) == 0) {
            count++;
        }
    }
    error = people_add(people, objects, count);
    free(objects);
    return error == 0 ? CMD_EXIT_OK : app_fail_memory(app);
}

int people_fail_home(struct app *app)
{
    struct people people = {0};
    struct fora_client_why why = app->why;
    char id[FORA_ID_TEXT_MAX] = "";
    if (why.from_node && why.code == FORA_E_FORBIDDEN &&
        people_ask(app, app->client, &people, &app->account.member) == CMD_EXIT_OK) {
        const struct person *person = people_find(&people, &app->account.member);
        const struct fora_principal_id *home = person == NULL || person->identity == NULL
                                                   ? NULL
                                                   : fora_identity_home(person->identity);
        if (home != NULL &&
            memcmp(home->b, fora_client_node(app->client)->b, sizeof home->b) != 0) {
            fora_id_format(id, FORA_HRP_NODE, home->b);
        }
    }
    people_fini(&people);
    app->why = why;
    return id[0] == '\0' ? app_fail_why(app)
                         : app_fail(app, CMD_EXIT_REFUSED,
                               "You live at another node now, %s, and only one's home takes votes "
                               "and reports (FORBIDDEN). Ask there, where it holds the space.",
                               id);
}
