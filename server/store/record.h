/*
 * One object as it lies in a chunk: u32 origin (who brought it, link_tag), u32 check, and the
 * encoded object exactly as received.
 *
 * The check is over origin, sequence and encoding. Hash and signature of the object would tell
 * damage too, and cost a hundred times as much at every read; LMDB's pages have no check of their
 * own. So a record that a torn page, a flipped bit or a page in another's place has damaged is an
 * error (FORA_E_CORRUPT) and is not served. It is no defence against whoever can write the file.
 */
#ifndef FORAD_STORE_RECORD_H
#define FORAD_STORE_RECORD_H

#include "store/objects.h"

enum { RECORD_HEADER = 8 };

/* Appends the header of the record that holds `encoded` under `seq`. */
void record_header(struct fora_buf *out, store_seq seq, uint32_t origin, struct fora_bytes encoded);
/* FORA_E_NOTFOUND for the empty record, which is one that was removed; FORA_E_CORRUPT. */
int record_decode(struct fora_bytes record, store_seq seq, struct stored *out) FORA_MUST_USE;
/* The same, of the object's header alone. */
int record_decode_header(
    struct fora_bytes record, store_seq seq, struct fora_header *out) FORA_MUST_USE;

#endif
