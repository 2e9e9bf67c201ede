/*
 * Finding @handle and @name@domain in Markdown, outside of code: "@Override" of a program and
 * "user@host" of an address are nobody's names.
 */
#include "text/text.h"

#include <string.h>

enum { NAME_MOST = TEXT_MENTION_NAME_MAX, DOMAIN_MOST = 253 };

void text_mentions_init(struct text_mentions *scan, struct fora_bytes text)
{
    *scan = (struct text_mentions){.text = text, .line_start = true};
}

static bool is_word(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0x80;
}

static bool is_name(uint8_t c)
{
    return is_word(c) || c == '_' || c == '.' || c == '-';
}

static bool is_domain(uint8_t c)
{
    return (is_word(c) && c < 0x80) || c == '.' || c == '-' || c == ':';
}

static size_t run_of(const struct text_mentions *scan, size_t at, uint8_t c)
{
    size_t size = 0;
    while (at + size < scan->text.size && scan->text.data[at + size] == c) {
        size++;
    }
    return size;
}

static void skip_line(struct text_mentions *scan)
{
    while (scan->at < scan->text.size && scan->text.data[scan->at] != '\n') {
        scan->at++;
    }
}

/* At the start of a line: passes over lines of code, and over the fences around them. */
static void begin_line(struct text_mentions *scan)
{
    size_t blanks = run_of(scan, scan->at, ' ');
    size_t at = scan->at + blanks;
    uint8_t c = at < scan->text.size ? scan->text.data[at] : 0;
    size_t run = c == '`' || c == '~' ? run_of(scan, at, c) : 0;
    scan->line_start = false;
    if (scan->fence != 0) {
        if (c == scan->fence && run >= scan->fence_size && blanks < 4) {
            scan->fence = 0;
        }
        skip_line(scan);
    } else if (run >= 3 && blanks < 4) {
        scan->fence = c;
        scan->fence_size = run;
        skip_line(scan);
    } else if (blanks >= 4 || c == '\t') {
        skip_line(scan);
    }
}

/* Past `code` between equally long runs of backticks; past the run alone when nothing closes it. */
static void skip_code(struct text_mentions *scan)
{
    size_t size = run_of(scan, scan->at, '`');
    size_t at = scan->at + size;
    scan->at = at;
    while (at < scan->text.size) {
        size_t run = run_of(scan, at, '`');
        if (run == size) {
            scan->at = at + run;
            return;
        }
        if (scan->text.data[at] == '\n' && at + 1 < scan->text.size &&
            scan->text.data[at + 1] == '\n') {
            return; /* no code span goes over a paragraph's end */
        }
        at += run == 0 ? 1 : run;
    }
}

/* What can be a name from `at` on, without the signs at its end that belong to the sentence. */
static size_t taken(const struct text_mentions *scan, size_t at, bool (*may)(uint8_t c))
{
    size_t end = at;
    while (end < scan->text.size && may(scan->text.data[end])) {
        end++;
    }
    while (end > at && !is_word(scan->text.data[end - 1])) {
        end--;
    }
    return end - at;
}

/* The word after the @ at `at`, which is passed over. */
static bool take_word(struct text_mentions *scan, struct fora_bytes *word)
{
    const uint8_t *data = scan->text.data;
    size_t at = scan->at++;
    bool inside = at > 0 && (is_name(data[at - 1]) || data[at - 1] == '@' || data[at - 1] == '/');
    size_t name = taken(scan, at + 1, is_name);
    if (inside || name == 0 || name > NAME_MOST || !is_word(data[at + 1])) {
        return false;
    }
    size_t size = name, after = at + 1 + name;
    if (after + 1 < scan->text.size && data[after] == '@') {
        size_t domain = taken(scan, after + 1, is_domain);
        size += domain > 0 && domain <= DOMAIN_MOST ? 1 + domain : 0;
    }
    *word = fora_bytes(data + at + 1, size);
    scan->at = at + 1 + size;
    return true;
}

bool text_next_mention(struct text_mentions *scan, struct fora_bytes *word)
{
    while (scan->at < scan->text.size) {
        if (scan->line_start) {
            begin_line(scan);
            continue;
        }
        uint8_t c = scan->text.data[scan->at];
        if (c == '@' && take_word(scan, word)) {
            return true;
        }
        if (c == '`') {
            skip_code(scan);
        } else if (c != '@') {
            scan->line_start = c == '\n';
            scan->at++;
        }
    }
    return false;
}
