/* Scratch folders. */
#include "scratch.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

void scratch_init(struct scratch *scratch)
{
    const char *base = getenv("TMPDIR");
    int size = snprintf(scratch->path, sizeof scratch->path, "%s/fora-test-XXXXXX",
        base == NULL || base[0] == '\0' ? P_tmpdir : base);
    if (size < 0 || (size_t)size >= sizeof scratch->path || mkdtemp(scratch->path) == NULL) {
        perror("scratch folder");
        abort();
    }
}

static int remove_one(const char *path, const struct stat *found, int kind, struct FTW *where)
{
    (void)found;
    (void)kind;
    (void)where;
    return remove(path);
}

void scratch_fini(struct scratch *scratch)
{
    (void)nftw(scratch->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
