/*
 * What tests of the importer share: a node with its store, imports into it, and what is in the
 * store afterwards. What cannot be made fails the running test.
 */
#ifndef FORAD_IMPORT_TESTS_RIG_H
#define FORAD_IMPORT_TESTS_RIG_H

#include "core/rows.h"
#include "import/import.h"
#include "store/kv.h"

struct rig {
    char folder[64]; /* of the store */
    char scratch[64];
    struct kv *kv;
    struct policies *policies;
    struct fora_secret *device;
    uint8_t custody[32];
    struct fora_principal_id node;
    struct fora_buf identity; /* encoded */
};

/* A node of its own; the same seed, the same keys. */
void rig_init(struct rig *rig, uint8_t seed);
void rig_fini(struct rig *rig); /* and removes its folders */
void rig_open(struct rig *rig); /* the store, again */
void rig_close(struct rig *rig);

/* The folder of a dump under FORA_DATA; skips the test when it is absent. */
const char *rig_dump(const char *name);
/* A folder of the test's own with these files; rig_folder_free removes them. */
void rig_folder(char out[64]);
void rig_folder_put(const char *folder, const char *name, const char *text);
void rig_folder_free(const char *folder);

struct import_options rig_options(
    const struct rig *rig, const char *dump, struct import_sink *sink);
/* An import into the store; its code, the sentence in `why`. */
int rig_try(struct rig *rig, const char *dump, struct import_report *report, struct fora_buf *why);
/* One that has to succeed without a refusal. */
void rig_import(struct rig *rig, const char *dump, struct import_report *report);

/* Count and fingerprint of the space's set. */
struct rig_set {
    uint64_t count;
    uint8_t sum[32];
};
void rig_set(struct rig *rig, const struct fora_space_id *space, struct rig_set *out);
void rig_assert_same_set(const struct rig_set *a, const struct rig_set *b);

/* Folds every thread of the space. `each` may use the arena, which is emptied after it. */
typedef void rig_view_fn(void *context, const struct fora_view_thread *view);
size_t rig_views(
    struct rig *rig, const struct fora_space_id *space, rig_view_fn *each, void *context);

/* The number at the end of a source id after ":WHAT:", 0 when it is not of that shape. */
uint64_t rig_source_id(const struct fora_source *source, const char *what);

#endif
