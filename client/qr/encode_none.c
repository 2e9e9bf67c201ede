/* In place of encode.c where libqrencode was not found. */
#include "qr/qr.h"

int qr_make(struct qr_code *out, const char *text)
{
    (void)text;
    out->side = 0;
    return FORA_E_UNSUPPORTED;
}
