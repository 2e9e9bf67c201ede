/*
 * QR codes, for what a person would otherwise copy by hand from one screen to another. Made by
 * libqrencode where the build found it; without it nothing is drawn, and the text alone is shown.
 */
#ifndef FORA_CLIENT_QR_H
#define FORA_CLIENT_QR_H

#include "fora/bytes.h"

enum {
    QR_SIDE_MAX = 57, /* modules: version 10, which holds 271 bytes */
    QR_QUIET = 4      /* light modules around it, without which readers do not find it */
};

struct qr_code {
    unsigned side;                        /* modules */
    bool dark[QR_SIDE_MAX * QR_SIDE_MAX]; /* row by row */
};

/* FORA_E_UNSUPPORTED: built without libqrencode; FORA_E_TOO_LARGE: no code of that size holds the
 * text; FORA_E_NOMEM. */
int qr_make(struct qr_code *out, const char *text) FORA_MUST_USE;

/* Columns and lines that qr_draw() needs. */
size_t qr_columns(const struct qr_code *code);
size_t qr_lines(const struct qr_code *code);

/*
 * Appends it in half-block characters, two modules above each other in one, with its quiet zone.
 * Always black on white, whatever the terminal's colours are: many readers take no other.
 */
void qr_draw(struct fora_buf *out, const struct qr_code *code);

#endif
