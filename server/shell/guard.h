/*
 * The last words of a process whose store cannot be read. LMDB maps its file into memory: a page
 * that the disk does not give, or a file that was cut off while it is open, comes as SIGBUS; a page
 * that is damaged inside may lead its reader anywhere, and comes as SIGSEGV or an assertion of
 * LMDB. There is nothing to go on with, and a signal's name tells nobody what to do: so one
 * sentence is written to standard error, and the process ends by the signal as it would have
 * without.
 */
#ifndef FORAD_SHELL_GUARD_H
#define FORAD_SHELL_GUARD_H

/* `store` is the folder that the sentence names. Of the whole process, from any thread, before
 * others start. Does nothing where a sanitizer wants those signals. */
void guard_install(const char *store);

#endif
