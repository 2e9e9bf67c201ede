/*
 * Error codes of Fora: one enum, one sentence each (spec/10-errors.md).
 *
 * Every function that can fail returns int: 0 on success or one of these negative codes. Codes
 * marked "wire" travel in Result.code and Error.code as the positive number; a peer that reads a
 * number it does not know treats it as FORA_E_REFUSED.
 */
#ifndef FORA_ERROR_H
#define FORA_ERROR_H

#if defined(__GNUC__)
#define FORA_MUST_USE __attribute__((warn_unused_result))
#define FORA_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define FORA_MUST_USE
#define FORA_PRINTF(fmt, args)
#endif

/* X(name, number, sentence). Numbers never change their meaning (spec ERR-2). */
#define FORA_ERRORS(X)                                                                             \
    /* local: never on the wire */                                                                 \
    X(NOMEM, 1, "out of memory")                                                                   \
    X(INTERNAL, 2, "internal error")                                                               \
    X(IO, 3, "input or output failed")                                                             \
    X(NOTFOUND, 4, "not found")                                                                    \
    X(EXISTS, 5, "it exists already")                                                              \
    X(USAGE, 6, "the call or command was used wrongly")                                            \
    X(BUSY, 7, "the resource is in use")                                                           \
    X(CONFIG, 8, "the configuration is not usable")                                                \
    X(CORRUPT, 9, "stored data is damaged")                                                        \
    X(AGAIN, 10, "more input is needed")                                                           \
    X(CLOSED, 11, "the connection is closed")                                                      \
    X(CRYPTO, 12, "a cryptographic operation failed")                                              \
    /* wire: shape */                                                                              \
    X(TOO_LARGE, 20, "larger than the limit that the protocol states")                             \
    X(MALFORMED, 21, "the bytes do not have the shape that the protocol states")                   \
    X(UTF8, 22, "text is not valid UTF-8 or holds a character that it may not")                    \
    X(VERSION, 23, "the version is not supported")                                                 \
    X(LIMIT, 24, "more items than the limit allows")                                               \
    X(CREDIT, 25, "sent beyond the credit that was granted")                                       \
    X(STATE, 26, "not allowed in this state of the session")                                       \
    /* wire: verification */                                                                       \
    X(SIGNATURE, 40, "the signature does not verify")                                              \
    X(CONTENT_HASH, 41, "the content does not match the header's hash or size")                    \
    X(KEY, 42, "the key does not speak for the author")                                            \
    X(IDENTITY, 43, "the identity log entry does not follow from the log")                         \
    X(FUTURE, 44, "created_at lies too far in the future")                                         \
    X(NO_CONTENT, 45, "the content is missing and nothing erased it")                              \
    X(EXPIRED, 46, "its term has ended")                                                           \
    X(REVOKED, 47, "who issued it, or what it was issued under, took it back")                     \
    X(SCOPE, 48, "who issued it may not state this, or not of this")                               \
    X(CHAIN, 49, "the chain of delegations or trust is too long or goes in a circle")              \
    X(CONFLICT, 50, "its issuer states two things that contradict each other")                     \
    X(EVIDENCE, 51, "the objects of the space do not show what it claims")                         \
    /* wire: admission */                                                                          \
    X(UNKNOWN_AUTHOR, 60, "the author's identity is not known here")                               \
    X(UNKNOWN_PARENT, 61, "the object that it refers to is not known here")                        \
    X(UNKNOWN_SPACE, 62, "the space is not held here")                                             \
    X(FORBIDDEN, 63, "the space's policy does not allow this to the author")                       \
    X(LOCKED, 64, "the thread is locked, closed or moved")                                         \
    X(SUPERSEDED, 65, "a later object of the same slot stands")                                    \
    X(AUDIENCE, 66, "the peer may not hold objects of this audience")                              \
    X(REFUSED, 67, "the node refuses it for reasons of its own")                                   \
    X(PENDING, 68, "waiting for an object that it refers to")                                      \
    X(MISMATCH, 69, "root, parent or space contradict each other")                                 \
    /* wire: session and service */                                                                \
    X(QUOTA, 80, "the quota is used up; try again later")                                          \
    X(OVERLOAD, 81, "the node is overloaded; try again later")                                     \
    X(FULL, 82, "the node has no room to store it")                                                \
    X(AUTH, 83, "not logged in, or the credentials are wrong")                                     \
    X(CLOSED_REGISTRATION, 84, "the node does not take new members")                               \
    X(NAME_TAKEN, 85, "the name is taken")                                                         \
    X(UNSUPPORTED, 86, "the request is not supported")                                             \
    X(TIMEOUT, 87, "it took too long")                                                             \
    X(HANDSHAKE, 88, "the handshake failed")                                                       \
    X(ABSENT, 89, "no object of that id is held here")

enum fora_error {
#define FORA_ERROR_ENUM(name, number, text) FORA_E_##name = -(number),
    FORA_ERRORS(FORA_ERROR_ENUM)
#undef FORA_ERROR_ENUM
};

/* The sentence of a code (static storage); "no error" for 0, "unknown error" without a row. */
const char *fora_error_text(int code);

/* The name of a code as the spec writes it, "TOO_LARGE" (static storage); or "OK", "UNKNOWN". */
const char *fora_error_name(int code);

/* The positive number that travels, 0 for 0, FORA_E_REFUSED's for a local or unknown code. */
unsigned fora_error_to_wire(int code);

/* The code for a number from the wire; 0 for 0, FORA_E_REFUSED for an unknown or local one. */
int fora_error_from_wire(unsigned number);

#endif
