/* SIGBUS, SIGSEGV, and the SIGABRT of LMDB's assertions. */
#include "shell/guard.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define GUARD_LEFT_OUT 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define GUARD_LEFT_OUT 1
#endif
#endif

#ifndef GUARD_LEFT_OUT

/* A signal belongs to the process and brings no argument: what it says is made beforehand. */
static char sentences[2][600];

static void last_words(int number)
{
    const char *sentence = sentences[number == SIGBUS ? 0 : 1];
    ssize_t written = write(STDERR_FILENO, sentence, strlen(sentence));
    (void)written;
    raise(number); /* SA_RESETHAND: now it ends the process */
}

void guard_install(const char *store)
{
    struct sigaction action = {.sa_handler = last_words, .sa_flags = SA_RESETHAND | SA_NODEFER};
    (void)snprintf(sentences[0], sizeof sentences[0],
        "forad: %.400s/data.mdb cannot be read: the disk failed, or the file was cut off while it "
        "was open. Restore a backup.\n",
        store);
    (void)snprintf(sentences[1], sizeof sentences[1],
        "forad: what was read makes no sense. Either %.400s/data.mdb is damaged (restore a "
        "backup), or this "
        "is "
        "a bug.\n",
        store);
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, NULL);
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGABRT, &action, NULL);
}

#else

void guard_install(const char *store)
{
    (void)store;
}

#endif
