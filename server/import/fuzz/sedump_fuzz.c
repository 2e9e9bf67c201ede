/*
 * Any bytes as a dump's file. The first byte says whether the rest is Posts.xml ('x') or
 * Posts.xml.zst (else). Held: each row has what it says it has, the end or one lasting error comes,
 * and an error has a sentence.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "import/sedump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t touch(const struct sedump_row *row)
{
    size_t sum = 0;
    int64_t number;

    for (size_t i = 0; i < row->attr_count; i++) {
        sum += strlen(row->attrs[i].name);
        for (size_t k = 0; k < row->attrs[i].value.size; k++) {
            sum += row->attrs[i].value.data[k];
        }
        sum += sedump_i64(row, row->attrs[i].name, &number) == 0;
        sum += sedump_date(row, row->attrs[i].name, &number) == 0;
    }
    return sum;
}

static void read_all(const char *folder)
{
    struct sedump *file;
    const struct sedump_row *row;
    size_t sum = 0;
    int rc = sedump_open(&file, folder, "Posts", NULL);

    if (rc != 0) {
        abort();
    }
    while ((rc = sedump_next(file, &row)) == 0 && row) {
        sum += touch(row);
    }
    if (rc != sedump_next(file, &row) || row || (rc != 0) != (sedump_why(file)[0] != 0) ||
        sum == SIZE_MAX) {
        abort();
    }
    sedump_close(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char folder[] = "/tmp/sedump-fuzz-XXXXXX";
    char path[64];
    FILE *file;

    if (size == 0 || !mkdtemp(folder)) {
        return 0;
    }
    snprintf(path, sizeof path, "%s/Posts.xml%s", folder, data[0] == 'x' ? "" : ".zst");
    file = fopen(path, "wb");
    if (!file || fwrite(data + 1, 1, size - 1, file) != size - 1 || fclose(file) != 0) {
        abort();
    }
    read_all(folder);
    unlink(path);
    rmdir(folder);
    return 0;
}
