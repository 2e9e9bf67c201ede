/* The readable part of a line. */
#ifndef FORAD_MAINTAIN_EXPORT_IMPL_H
#define FORAD_MAINTAIN_EXPORT_IMPL_H

#include "fora/content.h"
#include "json/js.h"

/* Members of an object that is open. Errors are the writer's. */
void export_content(struct js_writer *w, const struct fora_content *content);

#endif
