/* Typed access to the attributes of a row. */
#include "import/sedump.h"

#include <string.h>

int sedump_text(const struct sedump_row *row, const char *name, struct fora_bytes *out)
{
    for (size_t i = 0; i < row->attr_count; i++) {
        if (strcmp(row->attrs[i].name, name) == 0) {
            *out = row->attrs[i].value;
            return 0;
        }
    }
    return FORA_E_NOTFOUND;
}

int sedump_i64(const struct sedump_row *row, const char *name, int64_t *out)
{
    struct fora_bytes text;
    bool minus;
    uint64_t value = 0;
    uint64_t limit;
    int rc = sedump_text(row, name, &text);

    if (rc) {
        return rc;
    }
    minus = text.size > 0 && text.data[0] == '-';
    limit = (uint64_t)INT64_MAX + (minus ? 1 : 0);
    if (text.size == (minus ? 1u : 0u)) {
        return FORA_E_MALFORMED;
    }
    for (size_t i = minus ? 1 : 0; i < text.size; i++) {
        unsigned digit = (unsigned)text.data[i] - '0';
        if (digit > 9 || value > (limit - digit) / 10) {
            return FORA_E_MALFORMED;
        }
        value = value * 10 + digit;
    }
    /* 0 - value - 1 + 1 keeps INT64_MIN away from the overflow of a plain negation */
    *out = minus && value ? -(int64_t)(value - 1) - 1 : (int64_t)value;
    return 0;
}

/* Reads exactly `digits` digits, then the byte `after` unless that is 0. */
static bool take_number(struct fora_bytes *text, unsigned digits, char after, int *out)
{
    int value = 0;

    if (text->size < digits + (after ? 1u : 0u)) {
        return false;
    }
    for (unsigned i = 0; i < digits; i++) {
        if (text->data[i] < '0' || text->data[i] > '9') {
            return false;
        }
        value = value * 10 + (text->data[i] - '0');
    }
    if (after && text->data[digits] != (uint8_t)after) {
        return false;
    }
    digits += after ? 1 : 0;
    text->data += digits;
    text->size -= digits;
    *out = value;
    return true;
}

/* Days from 1970-01-01 in the Gregorian calendar; years begin in March, so leap days come last. */
static int64_t days_from_civil(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return month == 2 && leap ? 29 : days[month - 1];
}

static bool take_time(struct fora_bytes *text, int64_t *ms)
{
    int hour, minute, second, fraction = 0, scale = 100;

    if (!take_number(text, 2, ':', &hour) || !take_number(text, 2, ':', &minute) ||
        !take_number(text, 2, 0, &second) || hour > 23 || minute > 59 || second > 59) {
        return false;
    }
    if (text->size > 0 && text->data[0] == '.') {
        int digit;
        take_number(text, 0, '.', &digit);
        if (!take_number(text, 1, 0, &digit)) {
            return false;
        }
        do {
            fraction += digit * scale;
            scale /= 10;
        } while (take_number(text, 1, 0, &digit));
    }
    if (text->size == 1 && text->data[0] == 'Z') {
        text->size = 0;
    }
    *ms = ((int64_t)hour * 60 + minute) * 60000 + (int64_t)second * 1000 + fraction;
    return true;
}

int sedump_date(const struct sedump_row *row, const char *name, int64_t *out)
{
    struct fora_bytes text;
    int year, month, day;
    int64_t ms = 0;
    int rc = sedump_text(row, name, &text);

    if (rc) {
        return rc;
    }
    if (!take_number(&text, 4, '-', &year) || !take_number(&text, 2, '-', &month) ||
        !take_number(&text, 2, 0, &day) || month < 1 || month > 12 || day < 1 ||
        day > days_in_month(year, month)) {
        return FORA_E_MALFORMED;
    }
    if (text.size > 0) {
        int nothing;
        if (!take_number(&text, 0, 'T', &nothing) || !take_time(&text, &ms) || text.size > 0) {
            return FORA_E_MALFORMED;
        }
    }
    *out = days_from_civil(year, month, day) * 86400000 + ms;
    return 0;
}
