/* Memory of an import does not grow with the dump. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "import_rig.h"

#include "bench/dump.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

enum { SMALL = 4000, LARGE = 24000, MIB = 1024 * 1024, LEAST_BOUND = 128 };

static uint64_t rss_anon(pid_t pid)
{
    char path[64], line[256];
    unsigned long long kib = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "RssAnon: %llu kB", &kib) == 1) {
            break;
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return kib * 1024;
}

/* The most that a child takes that imports a dump of so many posts. */
static uint64_t most_memory(size_t posts)
{
    struct rig rig;
    char folder[64];
    int status;
    uint64_t most = 0;
    rig_init(&rig, 5);
    rig_folder(folder);
    assert_true(dump_write(folder, posts, 1));
    rig_close(&rig);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct import_report report;
        struct fora_buf why = {0};
        rig_open(&rig);
        int rc = rig_try(&rig, folder, &report, &why);
        _exit(rc == 0 && report.stored > 3 * posts ? 0 : 3);
    }
    pid_t ended = 0;
    while (ended == 0) {
        uint64_t now = rss_anon(child);
        most = now > most ? now : most;
        (void)usleep(2000);
        ended = waitpid(child, &status, WNOHANG);
    }
    assert_int_equal(ended, child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    rig_folder_free(folder);
    rig_open(&rig);
    rig_fini(&rig);
    return most;
}

static void six_times_the_posts_take_the_same_memory(void **state)
{
    (void)state;
#ifdef SANITIZED
    skip();
#endif
    uint64_t small = most_memory(SMALL), large = most_memory(LARGE);
    printf("%d posts: %.1f MiB, %d posts: %.1f MiB\n", SMALL, (double)small / MIB, LARGE,
        (double)large / MIB);
    assert_true(small > MIB);
    assert_true(large < (uint64_t)LEAST_BOUND * MIB);
    assert_true(
        large < small * 4); /* threads of the machine decide how many batches meet at once */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(six_times_the_posts_take_the_same_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
