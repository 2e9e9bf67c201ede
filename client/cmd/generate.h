/* fora --generate man DIR | completion SHELL: for the build, not for people. */
#ifndef FORA_CMD_GENERATE_H
#define FORA_CMD_GENERATE_H

/* The words after --generate. Returns an exit code. */
int generate(int argc, char *const *argv);

#endif
