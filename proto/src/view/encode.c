/* The canonical encoding: every field of a view, in the order of the struct (VIEW-11). */
#include "fora/view.h"

static void put_text(struct fora_buf *out, struct fora_bytes text)
{
    fora_buf_be32(out, (uint32_t)text.size);
    fora_buf_append_bytes(out, text);
}

static void put_texts(struct fora_buf *out, const struct fora_bytes *texts, size_t count)
{
    fora_buf_be32(out, (uint32_t)count);
    for (size_t i = 0; i < count; i++)
        put_text(out, texts[i]);
}

static void put_ranges(struct fora_buf *out, const struct fora_applies_to *ranges, size_t count)
{
    fora_buf_be32(out, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        put_text(out, ranges[i].product);
        put_text(out, ranges[i].from);
        put_text(out, ranges[i].to);
    }
}

static void put_source(struct fora_buf *out, const struct fora_source *source)
{
    fora_buf_u8(out, source != NULL);
    if (source == NULL)
        return;
    put_text(out, source->url);
    put_text(out, source->licence);
    put_text(out, source->author);
    put_text(out, source->id);
}

static void put_resolution(struct fora_buf *out, const struct fora_view_resolution *resolution)
{
    fora_buf_append(out, resolution->id.b, FORA_ID_SIZE);
    fora_buf_append(out, resolution->author.b, FORA_ID_SIZE);
    fora_buf_be32(out, resolution->type);
    fora_buf_be64(out, resolution->created_at);
    put_ranges(out, resolution->applies_to, resolution->applies_to_count);
    fora_buf_append(out, resolution->superseded_by.b, FORA_ID_SIZE);
    put_text(out, resolution->note);
}

static void put_post(struct fora_buf *out, const struct fora_view_post *post)
{
    fora_buf_append(out, post->id.b, FORA_ID_SIZE);
    fora_buf_append(out, post->parent.b, FORA_ID_SIZE);
    fora_buf_append(out, post->author.b, FORA_ID_SIZE);
    fora_buf_be32(out, post->badge);
    fora_buf_be32(out, post->type);
    fora_buf_be64(out, post->created_at);
    fora_buf_be64(out, post->edited_at);
    fora_buf_append(out, post->edited_by.b, FORA_ID_SIZE);
    fora_buf_be32(out, post->revisions);
    put_text(out, post->text);
    put_ranges(out, post->applies_to, post->applies_to_count);
    fora_buf_be32(out, (uint32_t)post->mentions_count);
    for (size_t i = 0; i < post->mentions_count; i++)
        fora_buf_append(out, post->mentions[i].b, FORA_ID_SIZE);
    fora_buf_be64(out, (uint64_t)post->score); /* two's complement */
    fora_buf_be64(out, post->up);
    fora_buf_be64(out, post->down);
    fora_buf_be32(out, post->marks);
    put_text(out, post->reason);
    put_source(out, post->source);
    fora_buf_be32(out, (uint32_t)post->resolutions_count);
    for (size_t i = 0; i < post->resolutions_count; i++)
        put_resolution(out, &post->resolutions[i]);
}

int fora_view_thread_encode(struct fora_buf *out, const struct fora_view_thread *view)
{
    size_t before = out->size;

    fora_buf_append_str(out, "fora view 1\n");
    fora_buf_append(out, view->root.b, FORA_ID_SIZE);
    fora_buf_append(out, view->space.b, FORA_ID_SIZE);
    fora_buf_be32(out, view->type);
    put_text(out, view->title);
    put_texts(out, view->tags, view->tags_count);
    fora_buf_be32(out, view->marks);
    put_text(out, view->status);
    put_text(out, view->status_note);
    put_text(out, view->status_version);
    fora_buf_append(out, view->duplicate_of.b, FORA_ID_SIZE);
    fora_buf_append(out, view->moved_to_space.b, FORA_ID_SIZE);
    fora_buf_append(out, view->moved_to_thread.b, FORA_ID_SIZE);
    fora_buf_be64(out, view->active_at);
    fora_buf_be32(out, view->answers);
    fora_buf_be32(out, view->comments);
    fora_buf_be32(out, (uint32_t)view->cites_count);
    for (size_t i = 0; i < view->cites_count; i++)
        fora_buf_append(out, view->cites[i].b, FORA_ID_SIZE);
    fora_buf_be32(out, (uint32_t)view->posts_count);
    for (size_t i = 0; i < view->posts_count; i++)
        put_post(out, &view->posts[i]);
    if (out->error != 0)
        out->size = before;
    return out->error;
}

void fora_view_digest(struct fora_hash *out, struct fora_bytes encoding)
{
    fora_hash1(out, FORA_DOMAIN_VIEW, encoding);
}
