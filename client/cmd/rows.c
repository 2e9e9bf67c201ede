/* Small things that lists and threads show alike. */
#include "cmd/app.h"

#include <string.h>

static const struct {
    uint32_t mark;
    const char *word;
} marks_words[] = {
    {FORA_MARK_PINNED, "pinned"},
    {FORA_MARK_ACCEPTED, "accepted"},
    {FORA_MARK_CONFIRMED, "confirmed"},
    {FORA_MARK_VERIFIED, "verified"},
    {FORA_MARK_WORKAROUND, "workaround"},
    {FORA_MARK_STALE, "stale"},
    {FORA_MARK_LOCKED, "locked"},
    {FORA_MARK_CLOSED, "closed"},
    {FORA_MARK_DUPLICATE, "duplicate"},
    {FORA_MARK_MOVED, "moved"},
    {FORA_MARK_HIDDEN, "hidden"},
    {FORA_MARK_RETRACTED, "retracted"},
    {FORA_MARK_IMPORTED, "imported"},
    {FORA_MARK_EDITED, "edited"},
};
enum { MARKS = sizeof marks_words / sizeof marks_words[0] };

void app_marks(struct fora_buf *out, uint32_t marks)
{
    const uint32_t unspoken = FORA_MARK_IMPORTED | FORA_MARK_EDITED; /* shown in other ways */
    bool first = true;
    for (size_t i = 0; i < MARKS; i++) {
        if ((marks & marks_words[i].mark & ~unspoken) != 0) {
            fora_buf_printf(out, "%s%s", first ? "" : ", ", marks_words[i].word);
            first = false;
        }
    }
}

void app_marks_json(struct js_writer *w, uint32_t marks)
{
    js_array(w, "marks");
    for (size_t i = 0; i < MARKS; i++) {
        if ((marks & marks_words[i].mark) != 0) {
            js_string(w, NULL, marks_words[i].word);
        }
    }
    js_end(w);
}

void app_short_id(struct fora_buf *out, const char *hrp, const uint8_t id[FORA_ID_SIZE])
{
    enum { SHOWN = 8 };
    char text[FORA_ID_TEXT_MAX];
    fora_id_format(text, hrp, id);
    fora_buf_append(out, text + strlen(hrp) + 1, SHOWN);
}
