/*
 * Runs a fuzz target over files without libFuzzer: the corpus as an ordinary test, with any
 * compiler. Arguments are files and folders (one level). Fails when it found no file, so that an
 * empty or misspelt corpus cannot pass.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILE_SIZE_MAX = 64 << 20, PATH_SIZE = 4096 };

/* The number of files run: 1, or -1 with a message. */
static long run_file(const char *path, size_t size)
{
    FILE *file = fopen(path, "rb");
    /* Exactly the file's size, so that a sanitizer sees a read beyond it. */
    uint8_t *data = size > FILE_SIZE_MAX ? NULL : malloc(size == 0 ? 1 : size);

    if (file == NULL || data == NULL || fread(data, 1, size, file) != size) {
        fprintf(stderr, "replay: cannot read %s\n", path);
        free(data);
        if (file != NULL)
            fclose(file);
        return -1;
    }
    fclose(file);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 1;
}

static long run_folder(const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    long count = 0;

    if (folder == NULL) {
        fprintf(stderr, "replay: cannot open %s\n", path);
        return -1;
    }
    while (count >= 0 && (entry = readdir(folder)) != NULL) {
        char child[PATH_SIZE];
        struct stat info;
        int length = snprintf(child, sizeof(child), "%s/%s", path, entry->d_name);

        if (length < 0 || (size_t)length >= sizeof(child) || stat(child, &info) != 0)
            count = -1;
        else if (S_ISREG(info.st_mode))
            count = run_file(child, (size_t)info.st_size) < 0 ? -1 : count + 1;
    }
    closedir(folder);
    return count;
}

int main(int argc, char **argv)
{
    long total = 0;

    for (int i = 1; i < argc; i++) {
        struct stat info;
        long count;

        if (stat(argv[i], &info) != 0) {
            fprintf(stderr, "replay: no such file or folder: %s\n", argv[i]);
            return 1;
        }
        count =
            S_ISDIR(info.st_mode) ? run_folder(argv[i]) : run_file(argv[i], (size_t)info.st_size);
        if (count < 0)
            return 1;
        total += count;
    }
    printf("replay: %ld inputs\n", total);
    return total > 0 ? 0 : 1;
}
