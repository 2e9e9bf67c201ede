/*
 * Private to server/store/kv*: folders, the writer's lock and the shape of LMDB's data file.
 *
 * `why` (may be NULL) receives a sentence that names path, cause and what to do.
 */
#ifndef FORAD_STORE_KV_FILE_H
#define FORAD_STORE_KV_FILE_H

#include "fora/bytes.h"

/* Clears why and writes the sentence; returns error, so that a caller may return it at once. */
int kv_why(struct fora_buf *why, int error, const char *format, ...) FORA_PRINTF(3, 4);
int kv_file_error(int os_error); /* FORA_E_* for an errno */

/* PATH/NAME, owned by the caller; NULL: no memory. */
char *kv_file_path(const char *folder, const char *name);

/* Makes the folder with mode 0700 when it is missing and `create`; else FORA_E_NOTFOUND. */
int kv_folder_open(const char *path, bool create, struct fora_buf *why) FORA_MUST_USE;
/* Makes entries of the folder durable: names made or renamed in it. */
int kv_folder_sync(const char *path) FORA_MUST_USE;
/* Takes PATH/lock for writing until *fd is closed, and puts the process id into it. FORA_E_BUSY. */
int kv_folder_lock(const char *path, int *fd, struct fora_buf *why) FORA_MUST_USE;

/* Whether data.mdb can be opened at all: FORA_E_NOTFOUND, or FORA_E_CORRUPT when it does not begin
 * with two meta pages of this format (LMDB itself would divide by a page size of 0). */
int kv_data_check(const char *file, struct fora_buf *why) FORA_MUST_USE;

#endif
