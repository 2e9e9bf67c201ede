/* The only file that includes libqrencode. */
#include "qr/qr.h"

#include <errno.h>
#include <qrencode.h>

int qr_make(struct qr_code *out, const char *text)
{
    /* Little correction: a screen has no scratches, and a code of fewer modules is read faster. */
    QRcode *made = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);
    if (made == NULL) {
        return errno == ERANGE ? FORA_E_TOO_LARGE : FORA_E_NOMEM;
    }
    int code = made->width > 0 && made->width <= QR_SIDE_MAX ? 0 : FORA_E_TOO_LARGE;
    out->side = code == 0 ? (unsigned)made->width : 0;
    for (size_t i = 0; i < (size_t)out->side * out->side; i++) {
        out->dark[i] = (made->data[i] & 1) != 0; /* the other bits say what a module is for */
    }
    QRcode_free(made);
    return code;
}
