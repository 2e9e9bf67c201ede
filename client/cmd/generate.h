/* generate man DIR | completion SHELL: a command of each program, made of its own table. */
#ifndef FORA_CMD_GENERATE_H
#define FORA_CMD_GENERATE_H

/* The words after it. Returns an exit code. */
int generate(int argc, char *const *argv);

#endif
