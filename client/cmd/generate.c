/* Files made from the tables while the project is built. */
#include "cmd/generate.h"

#include "cmd/spec.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int write_file(const char *path, const struct fora_buf *text)
{
    FILE *file = fopen(path, "w");
    if (file == NULL || text->error != 0) {
        (void)fprintf(stderr, "%s: Cannot write %s: %s.\n", cmd_table()->program->name, path,
            strerror(errno));
        if (file != NULL) {
            (void)fclose(file);
        }
        return CMD_EXIT_LOCAL;
    }
    size_t put = fwrite(text->data, 1, text->size, file);
    if (fclose(file) != 0 || put != text->size) {
        (void)fprintf(stderr, "%s: Cannot write %s.\n", cmd_table()->program->name, path);
        return CMD_EXIT_LOCAL;
    }
    return CMD_EXIT_OK;
}

static int page(const char *dir, const struct cmd_command *command)
{
    struct fora_buf path = {0};
    struct fora_buf text = {0};
    fora_buf_printf(&path, "%s/", dir);
    cmd_man_name(&path, command);
    fora_buf_printf(&path, ".%d", cmd_table()->program->section);
    cmd_man(&text, command);
    const char *name = fora_buf_cstr(&path);
    int exit = name == NULL ? CMD_EXIT_LOCAL : write_file(name, &text);
    fora_buf_fini(&path);
    fora_buf_fini(&text);
    return exit;
}

static int pages(const char *dir)
{
    const struct cmd_table *table = cmd_table();
    if (mkdir(dir, 0777) != 0 && errno != EEXIST) {
        (void)fprintf(stderr, "%s: Cannot make the folder %s: %s.\n", table->program->name, dir,
            strerror(errno));
        return CMD_EXIT_LOCAL;
    }
    int exit = page(dir, NULL);
    for (size_t i = 0; exit == CMD_EXIT_OK && i < table->count; i++) {
        exit = page(dir, table->rows[i]);
    }
    return exit;
}

static int completion(const char *shell)
{
    struct fora_buf text = {0};
    int error = cmd_completion(&text, shell);
    if (error == 0) {
        (void)fwrite(text.data, 1, text.size, stdout);
    } else {
        (void)fprintf(stderr, "%s: There is completion for bash, zsh and fish, not for %s.\n",
            cmd_table()->program->name, shell);
    }
    fora_buf_fini(&text);
    return error == 0 && fflush(stdout) == 0 ? CMD_EXIT_OK : CMD_EXIT_USAGE;
}

int generate(int argc, char *const *argv)
{
    if (argc == 2 && strcmp(argv[0], "man") == 0) {
        return pages(argv[1]);
    }
    if (argc == 2 && strcmp(argv[0], "completion") == 0) {
        return completion(argv[1]);
    }
    const struct cmd_program *program = cmd_table()->program;
    (void)fprintf(stderr, "%s: Usage: %s man DIR | completion bash|zsh|fish\n", program->name,
        program->generate);
    return CMD_EXIT_USAGE;
}
