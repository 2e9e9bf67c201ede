/* Any bytes as a file that an operator gives to forad, the first byte chooses: forad.conf, the file
 * of keys, or a line of an export. What is read says the same when it is written and read again. */
#include "config/keys.h"
#include "config/settings.h"
#include "maintain/export.h"
#include "scratch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libconfig 1.5 forgets a quoted text that stands where none may. Called by LeakSanitizer. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:strbuf_append\nleak:libconfig_yylex";
}

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void settings(struct fora_bytes text)
{
    struct settings first, again;
    struct fora_client_why why = {.text = ""};
    struct fora_buf once = {0}, twice = {0};
    if (settings_parse(&first, "forad.conf", text, &why) != 0) {
        must(why.code == FORA_E_CONFIG && why.text[0] != '\0');
        return;
    }
    settings_write(&once, &first);
    must(once.error == 0);
    must(settings_parse(&again, "forad.conf", fora_buf_bytes(&once), &why) == 0);
    settings_write(&twice, &again);
    must(fora_bytes_equal(fora_buf_bytes(&once), fora_buf_bytes(&twice)));
    fora_buf_fini(&once);
    fora_buf_fini(&twice);
}

/* Of the process; gone at its end. libFuzzer gives a target no argument for it. */
static struct scratch folder;

static void forget_folder(void)
{
    scratch_fini(&folder);
}

static bool same_secret(const struct fora_secret *a, const struct fora_secret *b)
{
    uint8_t left[32], right[32];
    fora_secret_seed(a, left);
    fora_secret_seed(b, right);
    return memcmp(left, right, sizeof left) == 0;
}

static void keys(struct fora_bytes text)
{
    struct state data;
    struct keys first, again;
    struct fora_client_why why = {.text = ""};
    char path[STATE_PATH_MAX + 32];
    if (folder.path[0] == '\0') {
        scratch_init(&folder);
        must(atexit(forget_folder) == 0);
    }
    (void)snprintf(data.home, sizeof data.home, "%s", folder.path);
    (void)snprintf(path, sizeof path, "%s/keys", folder.path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    must(fd >= 0 && (text.size == 0 || write(fd, text.data, text.size) == (ssize_t)text.size));
    must(close(fd) == 0);
    if (keys_load(&data, &first, &why) != 0) {
        must(why.text[0] != '\0' && first.root == NULL && first.device == NULL);
        return;
    }
    must(keys_save(&data, &first, &why) == 0 && keys_load(&data, &again, &why) == 0);
    must(memcmp(&first.node, &again.node, sizeof first.node) == 0);
    must(same_secret(first.root, again.root) && same_secret(first.next_root, again.next_root));
    must(same_secret(first.device, again.device));
    must(memcmp(first.noise, again.noise, sizeof first.noise) == 0);
    must(memcmp(first.custody, again.custody, sizeof first.custody) == 0);
    keys_fini(&first);
    keys_fini(&again);
}

static void line(struct fora_bytes text)
{
    struct fora_buf bytes = {0};
    struct fora_object object;
    if (export_read(text, &bytes, &object) == 0) {
        must(object.encoded.data == bytes.data && object.encoded.size == bytes.size);
        must(fora_object_verify(&object) == 0);
    }
    fora_buf_fini(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || fora_crypto_init() != 0) {
        return 0;
    }
    struct fora_bytes rest = fora_bytes(data + 1, size - 1);
    if (data[0] == 'k') {
        keys(rest);
    } else if (data[0] == 'e') {
        line(rest);
    } else {
        settings(rest);
    }
    return 0;
}
