/* One proof of a receipt by itself: who holds many looks at each once. */
#ifndef FORA_RECEIPT_PROOF_H
#define FORA_RECEIPT_PROOF_H

#include "fora/receipt.h"

/* Does it come out (RCP-2)? Never in a receipt of an erasure. */
bool receipt_proof_holds(
    const struct fora_receipt *receipt, const struct fora_receipt_proof *proof);

#endif
