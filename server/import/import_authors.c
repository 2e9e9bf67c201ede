/*
 * A cache of authors: sets of four, of which the one that was used longest ago goes. Who is held
 * when she has to go, or finds no place, is freed by who holds her last.
 */
#include "import/import_authors.h"

#include "core/custody.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct authors {
    const char *site;
    const uint8_t *custody;
    const struct import_index *index;
    pthread_mutex_t lock;
    uint64_t clock;
    struct author *sets[AUTHORS_SETS][AUTHORS_WAYS]; /* owned */
};

static void author_free(struct author *author)
{
    if (author != NULL) {
        fora_secret_free(author->device);
        free(author);
    }
}

struct authors *authors_new(
    const char *site, const uint8_t *custody, const struct import_index *index)
{
    struct authors *authors = calloc(1, sizeof *authors);
    if (authors == NULL || pthread_mutex_init(&authors->lock, NULL) != 0) {
        free(authors);
        return NULL;
    }
    authors->site = site;
    authors->custody = custody;
    authors->index = index;
    return authors;
}

void authors_free(struct authors *authors)
{
    if (authors == NULL) {
        return;
    }
    for (size_t i = 0; i < AUTHORS_SETS * AUTHORS_WAYS; i++) {
        author_free(authors->sets[i / AUTHORS_WAYS][i % AUTHORS_WAYS]);
    }
    (void)pthread_mutex_destroy(&authors->lock);
    free(authors);
}

/* FNV-1a. */
static struct author **set_of(struct authors *authors, const struct author_key *key)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < key->size; i++) {
        hash = (hash ^ key->b[i]) * 16777619u;
    }
    return authors->sets[(hash ^ hash >> 15) & (AUTHORS_SETS - 1)];
}

static struct author *find(struct authors *authors, const struct author_key *key)
{
    struct author **set = set_of(authors, key);
    for (size_t way = 0; way < AUTHORS_WAYS; way++) {
        if (set[way] != NULL && author_equal(&set[way]->key, key)) {
            set[way]->used = ++authors->clock;
            set[way]->holders++;
            return set[way];
        }
    }
    return NULL;
}

/* The identity that the people's phase made. */
static int read_person(struct authors *authors, struct author *out)
{
    struct kv_txn *txn;
    struct fora_bytes value;
    struct person person;
    int rc = kv_begin_read(authors->index->kv, &txn);
    if (rc != 0) {
        return rc;
    }
    bool found = kv_get(txn, INDEX_NEEDED, author_bytes(&out->key), &value) &&
                 person_parse(value, &person) && person.made &&
                 person.name.size <= sizeof out->name;
    if (found) {
        out->principal = person.principal;
        memcpy(out->name, person.name.data, person.name.size);
        out->name_size = person.name.size;
    }
    rc = kv_txn_error(txn);
    kv_abort(txn);
    return rc != 0 ? rc : found ? 0 : FORA_E_INTERNAL;
}

static int make(struct authors *authors, const struct author_key *key, struct author **out)
{
    struct source_id label;
    struct author *author = calloc(1, sizeof *author);
    if (author == NULL) {
        return FORA_E_NOMEM;
    }
    author->key = *key;
    author->holders = 1;
    source_of_author(&label, authors->site, key);
    int rc = read_person(authors, author);
    if (rc == 0) {
        rc = custody_device(&author->device, authors->custody, fora_bytes_str(label.text));
    }
    if (rc != 0) {
        author_free(author);
        return rc;
    }
    *out = author;
    return 0;
}

/* Takes the place of nobody, or of who was used longest ago. */
static void keep(struct authors *authors, struct author *author)
{
    struct author **set = set_of(authors, &author->key);
    size_t oldest = 0;
    for (size_t way = 0; way < AUTHORS_WAYS; way++) {
        if (set[way] == NULL) {
            oldest = way;
            break;
        }
        oldest = set[way]->used < set[oldest]->used ? way : oldest;
    }
    struct author *leaves = set[oldest];
    if (leaves != NULL) {
        leaves->kept = false;
        if (leaves->holders == 0) {
            author_free(leaves);
        }
    }
    author->kept = true;
    author->used = ++authors->clock;
    set[oldest] = author;
}

int authors_hold(struct authors *authors, const struct author_key *key, struct author **out)
{
    struct author *made = NULL;
    (void)pthread_mutex_lock(&authors->lock);
    struct author *author = find(authors, key);
    (void)pthread_mutex_unlock(&authors->lock);
    if (author != NULL) {
        *out = author;
        return 0;
    }
    int rc = make(authors, key, &made);
    if (rc != 0) {
        return rc;
    }
    /* Another worker may have made her meanwhile: then this one is for once. */
    (void)pthread_mutex_lock(&authors->lock);
    author = find(authors, key);
    if (author == NULL) {
        keep(authors, made);
        author = made;
        made = NULL;
    }
    (void)pthread_mutex_unlock(&authors->lock);
    author_free(made);
    *out = author;
    return 0;
}

void authors_release(struct authors *authors, struct author *author)
{
    if (author == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&authors->lock);
    bool last = --author->holders == 0 && !author->kept;
    (void)pthread_mutex_unlock(&authors->lock);
    if (last) {
        author_free(author);
    }
}
