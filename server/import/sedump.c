/*
 * One dump file: input -> guard -> libxml2's SAX2 push parser -> a queue of rows -> sedump_next.
 *
 * The parser calls back once per element while a piece is fed; the rows that ended in that piece
 * are copied into an arena, which is emptied before the next piece. A failure is kept until the
 * rows before it were handed out.
 */
#include "import/sedump.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "import/sedump_guard.h"
#include "import/sedump_input.h"

#define PIECE (64u << 10)
/* A piece can end one row of SEDUMP_ROW_MAX; other encodings than UTF-8 grow on the way. */
#define QUEUE_BUDGET (4u * SEDUMP_ROW_MAX)
#define DEPTH_MAX 8u
#define CUT_OFF "the file ends in the middle (%s). It was cut off; fetch or unpack it again."

struct queued {
    struct sedump_row row;
    struct queued *next;
};

struct sedump {
    struct sedump_input *input; /* owned */
    xmlParserCtxtPtr parser;    /* owned */
    const char *name;           /* "Posts" */
    struct sedump_guard guard;
    struct fora_arena arena; /* the queue below, until the next piece */
    struct queued *head;
    struct queued **tail;
    uint64_t rows;
    unsigned depth;
    bool ended;
    int error; /* sticky */
    struct fora_buf why;
    uint8_t piece[PIECE];
};

static const char *const names[] = {
    "Posts", "Users", "Votes", "Comments", "Tags", "PostLinks", "PostHistory", "Badges", NULL};

const char *const *sedump_names(void)
{
    return names;
}

static void fail(struct sedump *file, int error, const char *format, ...) FORA_PRINTF(3, 4);

/* Keeps the first failure only; `format` follows "path: line 12, after row 10: ". */
static void fail(struct sedump *file, int error, const char *format, ...)
{
    va_list args;
    char text[512];

    if (file->error) {
        return;
    }
    file->error = error;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    fora_buf_printf(&file->why, "%s: line %d, after row %llu: %s", sedump_input_path(file->input),
        file->parser->input ? file->parser->input->line : 0, (unsigned long long)file->rows, text);
    /* Room for the terminator of sedump_why, which must not fail. */
    fora_buf_u8(&file->why, 0);
    xmlStopParser(file->parser);
}

/* ---- callbacks of the parser: `user` is the struct sedump ---- */

static bool copy_attr(struct sedump *file, struct sedump_attr *attr, const xmlChar *const *from)
{
    size_t size = (size_t)(from[4] - from[3]);

    if (size > SEDUMP_ATTR_MAX) {
        fail(file, FORA_E_TOO_LARGE,
            "the value of %s has %zu bytes and the limit is %u. Remove the row, or check that the "
            "file is a Stack Exchange dump.",
            (const char *)from[0], size, SEDUMP_ATTR_MAX);
        return false;
    }
    attr->name = (const char *)from[0]; /* in the parser's dictionary until it is freed */
    attr->value = fora_arena_copy(&file->arena, fora_bytes(from[3], size));
    return size == 0 || attr->value.data;
}

static void take_row(struct sedump *file, size_t count, const xmlChar **attributes)
{
    struct queued *item = fora_arena_zalloc(&file->arena, 1, sizeof *item);
    struct sedump_attr *attrs = fora_arena_zalloc(&file->arena, count + 1, sizeof *attrs);

    for (size_t i = 0; item && attrs && i < count; i++) {
        if (!copy_attr(file, &attrs[i], attributes + 5 * i)) {
            attrs = NULL;
        }
    }
    if (!item || !attrs) {
        fail(file, FORA_E_NOMEM, "out of memory. Give the node more and import again.");
        return;
    }
    item->row.attrs = attrs;
    item->row.attr_count = count;
    item->row.number = ++file->rows;
    item->row.line = (uint64_t)file->parser->input->line;
    *file->tail = item;
    file->tail = &item->next;
}

static void on_start(void *user, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri,
    int ns_count, const xmlChar **ns, int attr_count, int defaulted, const xmlChar **attributes)
{
    struct sedump *file = user;

    (void)prefix, (void)uri, (void)ns_count, (void)ns, (void)defaulted;
    if (file->error) {
        return;
    }
    if (file->ended) {
        /* Whole tags were seen before the end was announced: this one lacks its '>'. */
        fail(file, FORA_E_MALFORMED, CUT_OFF, "a tag is not finished");
        return;
    }
    if (file->depth == 0 && strcasecmp((const char *)local, file->name) != 0) {
        fail(file, FORA_E_MALFORMED,
            "the file holds <%.64s> where a dump has <%s>, so it is not the %s file of a Stack "
            "Exchange dump. Put the right file there.",
            (const char *)local, file->name, file->name);
        return;
    }
    if (file->depth == 1 && strcmp((const char *)local, "row") == 0 && attr_count >= 0) {
        take_row(file, (size_t)attr_count, attributes);
    }
    if (++file->depth > DEPTH_MAX) {
        fail(file, FORA_E_MALFORMED,
            "elements lie more than %u deep, which no dump does. Put the right file there.",
            DEPTH_MAX);
    }
}

static void on_end(void *user, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    struct sedump *file = user;

    (void)local, (void)prefix, (void)uri;
    file->depth--;
}

static void on_doctype(
    void *user, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
    (void)name, (void)external, (void)system;
    fail(user, FORA_E_MALFORMED,
        "there is a document type declaration, which no dump has and which could hide anything. "
        "Put the right file there.");
}

static void on_error(void *user, xmlErrorPtr error)
{
    struct sedump *file = user;
    char message[160];

    snprintf(message, sizeof message, "%s", error->message ? error->message : "no reason given");
    message[strcspn(message, "\n")] = '\0';
    if (error->level != XML_ERR_FATAL) {
        return;
    }
    if (error->code == XML_ERR_NO_MEMORY) {
        fail(file, FORA_E_NOMEM, "out of memory. Give the node more and import again.");
    } else if (file->ended) {
        fail(file, FORA_E_MALFORMED, CUT_OFF, message);
    } else {
        fail(file, FORA_E_MALFORMED,
            "this is not well-formed XML (%s). The file is damaged or is not a dump; fetch or "
            "unpack it again.",
            message);
    }
}

/* ---- open, feed, next, close ---- */

static int start_parser(struct sedump *file)
{
    xmlSAXHandler handler;

    /* What is not set here is not called: no tree, no entities, nothing printed. */
    memset(&handler, 0, sizeof handler);
    handler.initialized = XML_SAX2_MAGIC;
    handler.startElementNs = on_start;
    handler.endElementNs = on_end;
    handler.internalSubset = on_doctype;
    handler.serror = on_error;
    file->parser = xmlCreatePushParserCtxt(&handler, file, NULL, 0, NULL);
    if (!file->parser) {
        return FORA_E_NOMEM;
    }
    /*
     * NOENT makes "&amp;" in a value come as "&" and not as "&#38;". There are no other entities to
     * put in, for they would have to be declared, and on_doctype ends the parsing before that.
     */
    xmlCtxtUseOptions(file->parser, XML_PARSE_NONET | XML_PARSE_NOENT);
    return 0;
}

static const char *known_name(const char *name)
{
    for (size_t i = 0; names[i]; i++) {
        if (strcmp(names[i], name) == 0) {
            return names[i];
        }
    }
    return NULL;
}

int sedump_open(struct sedump **out, const char *folder, const char *name, struct fora_buf *why)
{
    struct sedump *file;
    int rc = FORA_E_NOMEM;

    *out = NULL;
    if (!known_name(name)) {
        if (why) {
            fora_buf_printf(why, "a Stack Exchange dump has no file \"%.64s\"", name);
        }
        return FORA_E_USAGE;
    }
    file = calloc(1, sizeof *file);
    if (file) {
        file->name = known_name(name);
        file->tail = &file->head;
        fora_arena_init(&file->arena, QUEUE_BUDGET);
        fora_buf_init(&file->why, 0);
        rc = sedump_input_open(&file->input, folder, name, why);
        if (!rc) {
            rc = start_parser(file);
        }
    }
    if (rc) {
        if (rc == FORA_E_NOMEM && why) {
            fora_buf_printf(why, "%s/%s: out of memory while opening", folder, name);
        }
        sedump_close(file);
        return rc;
    }
    *out = file;
    return 0;
}

static void feed(struct sedump *file)
{
    size_t got = 0;
    int rc = sedump_input_read(file->input, file->piece, PIECE, &got, &file->why);

    if (rc) {
        fora_buf_u8(&file->why, 0);
        file->error = rc;
        return;
    }
    rc = sedump_guard_feed(&file->guard, fora_bytes(file->piece, got));
    if (rc == FORA_E_LIMIT) {
        fail(file, rc,
            "a row has more than %u attributes, which no dump has. Put the right file there.",
            SEDUMP_ATTRS_MAX);
    } else if (rc) {
        fail(file, rc, "a row is larger than %u bytes, the limit. Put the right file there.",
            SEDUMP_ROW_MAX);
    }
    if (file->error) {
        return;
    }
    xmlParseChunk(file->parser, (const char *)file->piece, (int)got, 0);
    if (got < PIECE && !file->error) {
        file->ended = true;
        xmlParseChunk(file->parser, NULL, 0, 1);
    }
    /* The parser's own verdict, in case it fell silent without a callback. */
    if (!file->error && !file->parser->wellFormed) {
        fail(file, FORA_E_MALFORMED, "this is not well-formed XML. Fetch or unpack it again.");
    }
}

int sedump_next(struct sedump *file, const struct sedump_row **row)
{
    *row = NULL;
    while (!file->head && !file->error && !file->ended) {
        fora_arena_reset(&file->arena);
        file->tail = &file->head;
        feed(file);
    }
    if (file->head) {
        *row = &file->head->row;
        file->head = file->head->next;
        return 0;
    }
    return file->error;
}

const char *sedump_why(const struct sedump *file)
{
    if (!file || !file->error) {
        return "";
    }
    return file->why.error || file->why.size == 0 ? "out of memory" : (const char *)file->why.data;
}

const char *sedump_path(const struct sedump *file)
{
    return sedump_input_path(file->input);
}

void sedump_progress(const struct sedump *file, uint64_t *done, uint64_t *total)
{
    sedump_input_progress(file->input, done, total);
}

void sedump_close(struct sedump *file)
{
    if (!file) {
        return;
    }
    if (file->parser) {
        xmlFreeParserCtxt(file->parser);
    }
    sedump_input_close(file->input);
    fora_arena_fini(&file->arena);
    fora_buf_fini(&file->why);
    free(file);
}
