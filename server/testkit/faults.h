/*
 * What fails under a node: its syncs, the write that makes a commit stand, its clock. A library
 * that is loaded before the node's (LD_PRELOAD) takes these calls, and looks into a small file that
 * the test has mapped too: so a test switches faults on and off while the node runs.
 */
#ifndef FORAD_TESTKIT_FAULTS_H
#define FORAD_TESTKIT_FAULTS_H

#include <stdatomic.h>

struct kit_process;

struct kit_faults {
    atomic_int sync_error;  /* errno of fsync, fdatasync and msync; 0: they work */
    atomic_int meta_error;  /* errno of pwrite to what was opened with O_DSYNC: LMDB's meta page */
    atomic_int failed;      /* counts what failed */
    atomic_llong clock_ms;  /* added to CLOCK_REALTIME */
    atomic_int clock_asked; /* counts who asked for that clock */
};

#define KIT_FAULTS_VARIABLE "FORA_TEST_FAULTS" /* path of the file, in the node's environment */

/* Before the process starts: it will run under faults, all switched off. Never NULL. */
struct kit_faults *kit_faults_new(struct kit_process *process);
void kit_faults_free(struct kit_faults *faults);

#endif
