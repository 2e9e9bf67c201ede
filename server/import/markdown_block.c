#include "import/markdown_block.h"

#include <stdio.h>
#include <string.h>

#include "import/markdown_write.h"

void md_block_init(struct md_block *block, struct fora_buf *out)
{
    memset(block, 0, sizeof *block);
    block->out = out;
    block->depth = 1;
}

static struct md_container *top(struct md_block *block)
{
    return &block->stack[block->depth - 1];
}

/* The prefix of a line. A blank line ends with no blanks and leaves an item's mark for later. */
static void write_prefix(struct md_block *block, bool blank)
{
    size_t begin = block->out->size;

    for (unsigned i = 1; i < block->depth; i++) {
        struct md_container *container = &block->stack[i];
        if (container->quote || !container->marked) {
            fora_buf_append_str(block->out, container->marker);
            container->marked = true;
        } else {
            fora_buf_printf(block->out, "%*s", container->width, "");
        }
    }
    if (blank && !block->out->error) {
        while (block->out->size > begin && block->out->data[block->out->size - 1] == ' ') {
            block->out->size--;
        }
    }
}

static void separate(struct md_block *block)
{
    if (block->separate) {
        write_prefix(block, true);
        fora_buf_u8(block->out, '\n');
        block->separate = false;
    }
}

static void begin(struct md_block *block)
{
    separate(block);
    top(block)->last_list = 0;
}

static struct md_container *open_container(struct md_block *block)
{
    separate(block);
    if (block->depth == MD_BLOCKS_MAX) {
        block->error = FORA_E_LIMIT;
        return NULL;
    }
    block->depth++;
    memset(top(block), 0, sizeof *top(block));
    return top(block);
}

void md_block_quote(struct md_block *block, bool spoiler)
{
    struct md_container *quote;

    top(block)->last_list = 0;
    quote = open_container(block);
    if (quote) {
        quote->quote = true;
        snprintf(quote->marker, sizeof quote->marker, "%s", spoiler ? ">! " : "> ");
    }
}

char md_block_list_begin(struct md_block *block, bool ordered)
{
    char last = top(block)->last_list;

    if (ordered) {
        return last == '.' ? ')' : '.';
    }
    return last == '-' ? '+' : '-';
}

void md_block_list_end(struct md_block *block, char mark)
{
    top(block)->last_list = mark;
}

void md_block_item(struct md_block *block, char mark, unsigned number)
{
    struct md_container *item = open_container(block);
    int width;

    if (!item) {
        return;
    }
    if (mark == '.' || mark == ')') {
        width = snprintf(item->marker, sizeof item->marker, "%u%c ", number % 1000000000, mark);
    } else {
        width = snprintf(item->marker, sizeof item->marker, "%c ", mark);
    }
    item->width = (uint8_t)width;
}

void md_block_close(struct md_block *block)
{
    struct md_container *container = top(block);

    if (block->depth == 1) {
        return;
    }
    if (!container->quote && !container->marked) {
        write_prefix(block, true);
        fora_buf_u8(block->out, '\n');
    }
    block->depth--;
    block->separate = block->out->size > 0;
}

void md_block_tight(struct md_block *block)
{
    block->separate = false;
}

/* `text` line by line, each behind the prefix. */
static void write_lines(struct md_block *block, struct fora_bytes text)
{
    size_t at = 0;

    while (at < text.size && !block->out->error) {
        const uint8_t *begin = text.data + at;
        const uint8_t *feed = memchr(begin, '\n', text.size - at);
        size_t size = feed ? (size_t)(feed - begin) : text.size - at;
        write_prefix(block, size == 0);
        fora_buf_append(block->out, begin, size);
        fora_buf_u8(block->out, '\n');
        at += size + 1;
    }
}

void md_block_lines(struct md_block *block, struct fora_bytes text)
{
    begin(block);
    write_lines(block, text);
    block->separate = true;
}

void md_block_code(struct md_block *block, struct fora_bytes language, struct fora_bytes code)
{
    size_t ticks = md_longest_run(code, '`') + 1;

    ticks = ticks < 3 ? 3 : ticks;
    begin(block);
    write_prefix(block, false);
    for (size_t i = 0; i < ticks; i++) {
        fora_buf_u8(block->out, '`');
    }
    fora_buf_append_bytes(block->out, language);
    fora_buf_u8(block->out, '\n');
    write_lines(block, code);
    write_prefix(block, false);
    for (size_t i = 0; i < ticks; i++) {
        fora_buf_u8(block->out, '`');
    }
    fora_buf_u8(block->out, '\n');
    block->separate = true;
}
