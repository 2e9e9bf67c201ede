/*
 * Words of the command line that go into an object, looked at one by one before it is made: the
 * encoder says only that something is not well-formed, and a person wants to know what.
 *
 * The rules are the encoder's own: each word is put alone into an object that is else sound.
 */
#include "cmd/app.h"
#include "fora/view.h"

#include <string.h>

static bool is_sound(const struct fora_content *content)
{
    struct fora_buf encoded = {0};
    int error = fora_content_encode_unsalted(&encoded, content);
    fora_buf_fini(&encoded);
    return error == 0;
}

static int refuse(struct app *app, const char *what, const char *text, const char *rule)
{
    return app_fail(app, CMD_EXIT_USAGE, "The %s \"%.100s\" cannot be used: %s", what, text, rule);
}

int app_tags(struct app *app, struct fora_bytes out[APP_TAGS_MAX], size_t *count)
{
    const char *texts[APP_TAGS_MAX + 1];
    *count = cmd_texts(&app->line, "tag", texts, APP_TAGS_MAX + 1);
    if (*count > APP_TAGS_MAX) {
        return app_fail(app, CMD_EXIT_USAGE, "At most %d tags can be given.", APP_TAGS_MAX);
    }
    for (size_t i = 0; i < *count; i++) {
        out[i] = fora_bytes_str(texts[i]);
        const struct fora_content content = {.kind = FORA_KIND_THREAD,
            .u.thread = {.type = FORA_THREAD_QUESTION,
                .title = fora_bytes_str("title"),
                .tags = &out[i],
                .tags_count = 1}};
        if (out[i].size == 0 || !is_sound(&content)) {
            return refuse(app, "tag", texts[i],
                "a tag has 1 to 40 bytes of lower-case letters, digits and . + # _ -, without "
                "spaces.");
        }
    }
    return CMD_EXIT_OK;
}

int app_links(struct app *app, struct fora_bytes *out, size_t max, size_t *count)
{
    const char *texts[CMD_VALUES_MAX];
    *count = cmd_texts(&app->line, "link", texts, CMD_VALUES_MAX);
    if (*count > max) {
        return app_fail(app, CMD_EXIT_USAGE, "At most %zu links can be given.", max);
    }
    for (size_t i = 0; i < *count; i++) {
        out[i] = fora_bytes_str(texts[i]);
        const struct fora_content content = {.kind = FORA_KIND_PROFILE,
            .u.profile = {.name = fora_bytes_str("name"), .links = &out[i], .links_count = 1}};
        if (!is_sound(&content)) {
            return refuse(app, "link", texts[i],
                "a link begins with https://, has at most 500 bytes, and no spaces or letters "
                "outside ASCII.");
        }
    }
    return CMD_EXIT_OK;
}

int app_line_of_text(struct app *app, const char *what, struct fora_bytes text, size_t max)
{
    const struct fora_content content = {
        .kind = FORA_KIND_THREAD, .u.thread = {.type = FORA_THREAD_QUESTION, .title = text}};
    if (text.size == 0 || text.size > max) {
        return app_fail(app, CMD_EXIT_USAGE, "The %s must have 1 to %zu bytes; it has %zu.", what,
            max, text.size);
    }
    return is_sound(&content)
               ? CMD_EXIT_OK
               : app_fail(app, CMD_EXIT_USAGE,
                     "The %s must be one line of UTF-8, without control characters.", what);
}

static int check_applies_to(struct app *app, const char *text, struct fora_applies_to *one)
{
    const struct fora_content content = {.kind = FORA_KIND_POST,
        .u.post = {.type = FORA_POST_COMMENT,
            .text = fora_bytes_str("text"),
            .applies_to = one,
            .applies_to_count = 1}};
    return is_sound(&content)
               ? CMD_EXIT_OK
               : refuse(app, "value of --applies-to", text,
                     "the product is one line of at most 100 bytes that neither begins nor ends "
                     "with a space, a version has at most 64 bytes of visible ASCII.");
}

static int one_applies_to(struct app *app, const char *text, struct fora_applies_to *out)
{
    const char *colon = strchr(text, ':');
    size_t product = colon == NULL ? strlen(text) : (size_t)(colon - text);
    *out = (struct fora_applies_to){.product = fora_bytes(text, product)};
    if (product == 0) {
        return app_fail(app, CMD_EXIT_USAGE,
            "--applies-to \"%s\" names no product. Write PRODUCT, PRODUCT:VERSION or "
            "PRODUCT:FROM..TO.",
            text);
    }
    if (colon != NULL) {
        const char *from = colon + 1;
        const char *dots = strstr(from, "..");
        out->from = dots == NULL ? fora_bytes_str(from) : fora_bytes(from, (size_t)(dots - from));
        out->to = dots == NULL ? out->from : fora_bytes_str(dots + 2);
    }
    if (out->from.size > 0 && out->to.size > 0 && fora_version_compare(out->from, out->to) > 0) {
        return app_fail(app, CMD_EXIT_USAGE,
            "--applies-to \"%s\" ends before it begins: %.*s comes before %.*s. Write the older "
            "version first.",
            text, (int)out->to.size, (const char *)out->to.data, (int)out->from.size,
            (const char *)out->from.data);
    }
    return check_applies_to(app, text, out);
}

int app_applies_to(struct app *app, struct fora_applies_to out[APP_APPLIES_MAX], size_t *count)
{
    const char *texts[APP_APPLIES_MAX + 1];
    *count = cmd_texts(&app->line, "applies-to", texts, APP_APPLIES_MAX + 1);
    if (*count > APP_APPLIES_MAX) {
        return app_fail(
            app, CMD_EXIT_USAGE, "--applies-to can be given %d times at most.", APP_APPLIES_MAX);
    }
    for (size_t i = 0; i < *count; i++) {
        int exit = one_applies_to(app, texts[i], &out[i]);
        if (exit != CMD_EXIT_OK) {
            return exit;
        }
    }
    return CMD_EXIT_OK;
}
