/*
 * libfora, all of it: the protocol without I/O. Nothing here knows a socket, a clock, a file or a
 * thread; call fora_crypto_init() once per process.
 */
#ifndef FORA_FORA_H
#define FORA_FORA_H

#include "fora/admit.h"
#include "fora/bytes.h"
#include "fora/content.h"
#include "fora/crypto.h"
#include "fora/error.h"
#include "fora/id.h"
#include "fora/identity.h"
#include "fora/merkle.h"
#include "fora/message.h"
#include "fora/message_rules.h"
#include "fora/negentropy.h"
#include "fora/noise.h"
#include "fora/object.h"
#include "fora/policy.h"
#include "fora/receipt.h"
#include "fora/reputation.h"
#include "fora/session.h"
#include "fora/time.h"
#include "fora/utf8.h"
#include "fora/view.h"

#endif
