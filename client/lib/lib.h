/* Private to libfora-client: the parts that client.c is made of. */
#ifndef FORA_CLIENT_LIB_H
#define FORA_CLIENT_LIB_H

#include "fora/client.h"

/* Milliseconds of a clock that never goes back: for timeouts. */
uint64_t lib_monotonic(void);
/* Milliseconds since 1970. */
uint64_t lib_wall(void);

/* Connects before `deadline` (monotonic), trying each address of the name in turn. *out is a
 * non-blocking socket with TCP_NODELAY. FORA_E_IO, FORA_E_TIMEOUT. */
int lib_connect(int *out, const struct fora_client_address *address, uint64_t deadline,
    struct fora_client_why *why) FORA_MUST_USE;
/* Sets what lib_connect sets, on a socket of any family. */
int lib_socket_prepare(int socket, struct fora_client_why *why) FORA_MUST_USE;

/* Folds and checks the identity log of a Hello against the Noise key that was met. *out is the
 * caller's to free. FORA_E_IDENTITY. */
int lib_verify_node(struct fora_identity **out, const struct fora_msg_hello *hello,
    const uint8_t noise_key[32], struct fora_client_why *why) FORA_MUST_USE;

#endif
