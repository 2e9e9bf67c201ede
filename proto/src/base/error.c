/* The table of error codes, generated from FORA_ERRORS so that a code cannot lack its sentence. */
#include "fora/error.h"

#include <stddef.h>

/* Numbers below this one are local and never travel (spec ERR-2). */
enum { WIRE_FIRST = 20 };

struct error_row {
    int code;
    const char *name;
    const char *text;
};

static const struct error_row rows[] = {
#define FORA_ERROR_ROW(name, number, text) {-(number), #name, text},
    FORA_ERRORS(FORA_ERROR_ROW)
#undef FORA_ERROR_ROW
};

static const struct error_row *error_find(int code)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].code == code)
            return &rows[i];
    }
    return NULL;
}

const char *fora_error_text(int code)
{
    const struct error_row *row = error_find(code);

    if (code == 0)
        return "no error";
    return row != NULL ? row->text : "unknown error";
}

const char *fora_error_name(int code)
{
    const struct error_row *row = error_find(code);

    if (code == 0)
        return "OK";
    return row != NULL ? row->name : "UNKNOWN";
}

unsigned fora_error_to_wire(int code)
{
    if (code == 0)
        return 0;
    if (code > -WIRE_FIRST || error_find(code) == NULL)
        code = FORA_E_REFUSED;
    return (unsigned)-code;
}

int fora_error_from_wire(unsigned number)
{
    int code = FORA_E_REFUSED;

    if (number == 0)
        return 0;
    /* Bounded first: the negation of a peer's number must not overflow. */
    if (number >= WIRE_FIRST && number < 1000 && error_find(-(int)number) != NULL)
        code = -(int)number;
    return code;
}
