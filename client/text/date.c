/* Dates and counts in words. Time is an argument: nothing here reads a clock. */
#include "text.h"

#include <inttypes.h>
#include <time.h>

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

static const uint64_t end_of_9999 = 253402300800000;

void text_count(struct fora_buf *out, uint64_t count, const char *one, const char *many)
{
    fora_buf_printf(out, "%" PRIu64 " %s", count, count == 1 ? one : many);
}

static bool calendar(uint64_t ms, struct tm *out)
{
    time_t seconds = (time_t)(ms / SECOND);
    return ms < end_of_9999 && gmtime_r(&seconds, out) != NULL;
}

void text_time(struct fora_buf *out, uint64_t ms)
{
    struct tm tm;
    if (!calendar(ms, &tm)) {
        fora_buf_printf(out, "+%" PRIu64 "ms", ms);
        return;
    }
    fora_buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900, tm.tm_mon + 1,
        tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(ms % SECOND));
}

static void date(struct fora_buf *out, uint64_t ms)
{
    struct tm tm;
    if (!calendar(ms, &tm)) {
        fora_buf_append_str(out, "in a far future");
        return;
    }
    fora_buf_printf(out, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

void text_ago(struct fora_buf *out, uint64_t then, uint64_t now)
{
    static const struct {
        uint64_t below;
        uint64_t unit;
        const char *one;
        const char *many;
    } steps[] = {
        {(uint64_t)HOUR, MINUTE, "minute", "minutes"},
        {(uint64_t)DAY, HOUR, "hour", "hours"},
        {14 * (uint64_t)DAY, DAY, "day", "days"},
        {60 * (uint64_t)DAY, 7 * (uint64_t)DAY, "week", "weeks"},
        {365 * (uint64_t)DAY, 30 * (uint64_t)DAY, "month", "months"},
    };
    if (then > now + MINUTE || (now > then && now - then >= 365 * (uint64_t)DAY)) {
        date(out, then);
        return;
    }
    uint64_t age = now > then ? now - then : 0;
    if (age < MINUTE) {
        fora_buf_append_str(out, "just now");
        return;
    }
    if (age >= DAY && age < 2 * (uint64_t)DAY) {
        fora_buf_append_str(out, "yesterday");
        return;
    }
    size_t i = 0;
    while (age >= steps[i].below) {
        i++;
    }
    text_count(out, age / steps[i].unit, steps[i].one, steps[i].many);
    fora_buf_append_str(out, " ago");
}

void text_age(struct fora_buf *out, uint64_t then, uint64_t now)
{
    static const struct {
        uint64_t below;
        uint64_t unit;
        const char *name;
    } steps[] = {
        {(uint64_t)HOUR, MINUTE, "min"},
        {(uint64_t)DAY, HOUR, "h"},
        {14 * (uint64_t)DAY, DAY, "d"},
        {365 * (uint64_t)DAY, 7 * (uint64_t)DAY, "w"},
    };
    if (then > now + MINUTE || (now > then && now - then >= 365 * (uint64_t)DAY)) {
        date(out, then);
        return;
    }
    uint64_t age = now > then ? now - then : 0;
    if (age < MINUTE) {
        fora_buf_append_str(out, "now");
        return;
    }
    size_t i = 0;
    while (age >= steps[i].below) {
        i++;
    }
    fora_buf_printf(out, "%" PRIu64 " %s", age / steps[i].unit, steps[i].name);
}
