/* Encoding of the scratch index's values: numbers big-endian, texts with their sizes. */
#include "import/import_rows.h"

#include <string.h>

static void put_text(struct fora_buf *out, struct fora_bytes text, size_t max)
{
    size_t size = text.size;
    if (size > max) {
        for (size = max; size > 0 && (text.data[size] & 0xc0) == 0x80; size--) {
        }
    }
    fora_buf_be32(out, (uint32_t)size);
    fora_buf_append(out, text.data, size);
}

static struct fora_bytes take_text(struct fora_reader *reader)
{
    return fora_reader_take(reader, fora_reader_be32(reader));
}

static void put_author(struct fora_buf *out, const struct author_key *key)
{
    fora_buf_u8(out, (uint8_t)key->size);
    fora_buf_append(out, key->b, key->size);
}

static void take_author(struct fora_reader *reader, struct author_key *out)
{
    struct fora_bytes bytes = fora_reader_take(reader, fora_reader_u8(reader));
    out->size = 0;
    if (bytes.size > sizeof out->b || bytes.size == 0) {
        reader->error = FORA_E_MALFORMED;
        return;
    }
    memcpy(out->b, bytes.data, bytes.size);
    out->size = bytes.size;
}

void post_fact_put(struct fora_buf *out, const struct post_fact *fact)
{
    fora_buf_u8(out, fact->type);
    fora_buf_be64(out, fact->thread);
    fora_buf_be64(out, fact->created);
    put_author(out, &fact->author);
}

bool post_fact_parse(struct fora_bytes bytes, struct post_fact *out)
{
    struct fora_reader reader;
    fora_reader_init(&reader, bytes);
    out->type = fora_reader_u8(&reader);
    out->thread = fora_reader_be64(&reader);
    out->created = fora_reader_be64(&reader);
    take_author(&reader, &out->author);
    return fora_reader_end(&reader) == 0;
}

void post_row_put(struct fora_buf *out, const struct post_row *row)
{
    fora_buf_u8(out, row->type);
    fora_buf_be64(out, row->created);
    fora_buf_be64(out, row->active);
    fora_buf_be64(out, row->edited);
    fora_buf_be64(out, row->closed);
    fora_buf_be64(out, row->community);
    fora_buf_be64(out, row->accepted);
    fora_buf_be64(out, (uint64_t)row->score);
    put_author(out, &row->author);
    put_text(out, row->title, ROW_WORD_MAX);
    put_text(out, row->tags, ROW_WORD_MAX);
    put_text(out, row->body, ROW_HTML_MAX);
    put_text(out, row->licence, ROW_WORD_MAX);
}

bool post_row_parse(struct fora_bytes bytes, struct post_row *out)
{
    struct fora_reader reader;
    fora_reader_init(&reader, bytes);
    out->type = fora_reader_u8(&reader);
    out->created = fora_reader_be64(&reader);
    out->active = fora_reader_be64(&reader);
    out->edited = fora_reader_be64(&reader);
    out->closed = fora_reader_be64(&reader);
    out->community = fora_reader_be64(&reader);
    out->accepted = fora_reader_be64(&reader);
    out->score = (int64_t)fora_reader_be64(&reader);
    take_author(&reader, &out->author);
    out->title = take_text(&reader);
    out->tags = take_text(&reader);
    out->body = take_text(&reader);
    out->licence = take_text(&reader);
    return fora_reader_end(&reader) == 0;
}

void history_row_put(struct fora_buf *out, const struct history_row *row)
{
    fora_buf_u8(out, row->type);
    put_author(out, &row->author);
    put_text(out, row->guid, ROW_WORD_MAX);
    put_text(out, row->text, ROW_TEXT_MAX);
    put_text(out, row->comment, ROW_WORD_MAX);
    put_text(out, row->licence, ROW_WORD_MAX);
}

bool history_row_parse(struct fora_bytes bytes, struct history_row *out)
{
    struct fora_reader reader;
    fora_reader_init(&reader, bytes);
    out->type = fora_reader_u8(&reader);
    take_author(&reader, &out->author);
    out->guid = take_text(&reader);
    out->text = take_text(&reader);
    out->comment = take_text(&reader);
    out->licence = take_text(&reader);
    return fora_reader_end(&reader) == 0;
}

void comment_row_put(struct fora_buf *out, const struct comment_row *row)
{
    fora_buf_be64(out, (uint64_t)row->score);
    put_author(out, &row->author);
    put_text(out, row->text, ROW_TEXT_MAX);
    put_text(out, row->licence, ROW_WORD_MAX);
}

bool comment_row_parse(struct fora_bytes bytes, struct comment_row *out)
{
    struct fora_reader reader;
    fora_reader_init(&reader, bytes);
    out->score = (int64_t)fora_reader_be64(&reader);
    take_author(&reader, &out->author);
    out->text = take_text(&reader);
    out->licence = take_text(&reader);
    return fora_reader_end(&reader) == 0;
}

void votes_row_put(struct fora_buf *out, const struct votes_row *row)
{
    fora_buf_be64(out, row->up);
    fora_buf_be64(out, row->down);
    fora_buf_be64(out, row->accepted_at);
    fora_buf_be64(out, row->last_at);
}

bool votes_row_parse(struct fora_bytes bytes, struct votes_row *out)
{
    struct fora_reader reader;
    fora_reader_init(&reader, bytes);
    out->up = fora_reader_be64(&reader);
    out->down = fora_reader_be64(&reader);
    out->accepted_at = fora_reader_be64(&reader);
    out->last_at = fora_reader_be64(&reader);
    return fora_reader_end(&reader) == 0;
}

void user_row_put(struct fora_buf *out, const struct user_row *row)
{
    fora_buf_be64(out, row->created);
    put_text(out, row->name, ROW_WORD_MAX);
    put_text(out, row->about, ROW_TEXT_MAX);
    put_text(out, row->website, ROW_WORD_MAX);
}

bool user_row_parse(struct fora_bytes bytes, struct user_row *out)
{
    struct fora_reader reader;
    fora_reader_init(&reader, bytes);
    out->created = fora_reader_be64(&reader);
    out->name = take_text(&reader);
    out->about = take_text(&reader);
    out->website = take_text(&reader);
    return fora_reader_end(&reader) == 0;
}

void person_put(struct fora_buf *out, const struct person *person)
{
    fora_buf_be64(out, person->first_edit);
    fora_buf_be64(out, person->last_edit);
    if (person->made) {
        fora_buf_append(out, person->principal.b, sizeof person->principal.b);
        put_text(out, person->name, AUTHOR_NAME_MAX);
    }
}

bool person_parse(struct fora_bytes bytes, struct person *out)
{
    struct fora_reader reader;
    memset(out, 0, sizeof *out);
    fora_reader_init(&reader, bytes);
    out->first_edit = fora_reader_be64(&reader);
    out->last_edit = fora_reader_be64(&reader);
    if (reader.left > 0) {
        out->made = true;
        fora_reader_copy(&reader, out->principal.b, sizeof out->principal.b);
        out->name = take_text(&reader);
    }
    return fora_reader_end(&reader) == 0;
}
