/* The test's side of faults.h. */
#include "testkit/faults.h"

#include "testkit/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct kit_faults *kit_faults_new(struct kit_process *process)
{
    snprintf(process->faults, sizeof process->faults, "%s/faults", process->folder);
    int fd = open(process->faults, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    KIT_CHECK(
        fd >= 0 && ftruncate(fd, sizeof(struct kit_faults)) == 0, "no faults: %s", strerror(errno));
    struct kit_faults *faults =
        mmap(NULL, sizeof *faults, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    KIT_CHECK(faults != MAP_FAILED, "no faults: %s", strerror(errno));
    close(fd);
    return faults;
}

void kit_faults_free(struct kit_faults *faults)
{
    munmap(faults, sizeof *faults);
}
