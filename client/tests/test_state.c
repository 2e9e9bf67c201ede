/* What the client remembers, on a real disk. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "json/js.h"
#include "state_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void the_folder_is_found_in_order(void **state)
{
    struct rig *rig = *state;
    struct state found;
    assert_int_equal(setenv("HOME", "/home/ann", 1), 0);
    assert_int_equal(unsetenv("FORA_HOME"), 0);
    assert_int_equal(unsetenv("XDG_CONFIG_HOME"), 0);
    assert_int_equal(state_locate(&found, NULL, &rig->why), 0);
    assert_string_equal(found.home, "/home/ann/.config/fora");
    assert_int_equal(setenv("XDG_CONFIG_HOME", "/xdg", 1), 0);
    assert_int_equal(state_locate(&found, NULL, &rig->why), 0);
    assert_string_equal(found.home, "/xdg/fora");
    assert_int_equal(setenv("FORA_HOME", "/fora/", 1), 0);
    assert_int_equal(state_locate(&found, NULL, &rig->why), 0);
    assert_string_equal(found.home, "/fora");
    assert_int_equal(state_locate(&found, "given", &rig->why), 0);
    assert_string_equal(found.home, "given");
    assert_int_equal(unsetenv("FORA_HOME"), 0);
    assert_int_equal(unsetenv("XDG_CONFIG_HOME"), 0);
    assert_int_equal(unsetenv("HOME"), 0);
    assert_int_equal(state_locate(&found, NULL, &rig->why), FORA_E_IO);
    assert_non_null(strstr(rig->why.text, "FORA_HOME"));
}

static void the_folder_is_private_and_commented(void **state)
{
    struct rig *rig = *state;
    struct state_config config;
    put(rig, "recent", "");
    assert_int_equal(mode_of(rig, "."), 0700);
    assert_int_equal(mode_of(rig, "recent"), 0600);
    assert_int_equal(mode_of(rig, "config"), 0600);
    assert_int_equal(state_config_load(&rig->state, &config, &rig->why), 0);
    assert_string_equal(config.node, "");
    assert_int_equal(config.limit, 0);
}

static void every_setting_of_the_default_is_known(void **state)
{
    struct rig *rig = *state;
    struct state_config config;
    struct fora_buf text = {0};
    size_t settings = 0;
    /* Take the comment signs from lines such as "# node = ...". */
    const char *at = state_config_default;
    while (*at != '\0') {
        size_t size = strcspn(at, "\n");
        if (size > 3 && memmem(at, size, " = ", 3) != NULL && at[size - 1] == ';') {
            fora_buf_append(&text, at + 2, size - 2);
            fora_buf_u8(&text, '\n');
            settings++;
        }
        at += size + (at[size] == '\n');
    }
    assert_int_equal(settings, 7);
    put(rig, "config", fora_buf_cstr(&text));
    fora_buf_fini(&text);
    if (state_config_load(&rig->state, &config, &rig->why) != 0) {
        fail_msg("%s", rig->why.text);
    }
    assert_string_equal(config.node, "localhost:7150");
    assert_string_equal(config.color, "auto");
    assert_int_equal(config.limit, 25);
    assert_int_equal(config.timeout, 30);
}

static void a_wrong_config_teaches(void **state)
{
    static const struct {
        const char *text;
        const char *says;
    } rows[] = {
        {"node = ;", "line 1"},
        {"\nnode = 5;", "line 2"},
        {"colour = \"auto\";", "is not a setting"},
        {"color = \"pink\";", "always"},
        {"limit = 0;", "out of range"},
        {"limit = \"many\";", "must be a number"},
        {"@include \"/etc/passwd\"", "@include"},
    };
    struct rig *rig = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct state_config config;
        put(rig, "config", rows[i].text);
        assert_int_equal(state_config_load(&rig->state, &config, &rig->why), FORA_E_CONFIG);
        if (strstr(rig->why.text, rows[i].says) == NULL) {
            fail_msg("\"%s\" does not say \"%s\"", rig->why.text, rows[i].says);
        }
    }
}

static void a_node_is_pinned_at_first_contact(void **state)
{
    struct rig *rig = *state;
    struct fora_principal_id one, two, found;
    bool fresh;
    memset(one.b, 1, sizeof one.b);
    memset(two.b, 2, sizeof two.b);
    assert_int_equal(state_pinned(&rig->state, "h:1", &found, &rig->why), FORA_E_NOTFOUND);
    assert_int_equal(state_pin(&rig->state, "h:1", &one, 1714564800000, &fresh, &rig->why), 0);
    assert_true(fresh);
    assert_int_equal(state_pin(&rig->state, "h:1", &one, 1714564800000, &fresh, &rig->why), 0);
    assert_false(fresh);
    assert_int_equal(state_pin(&rig->state, "h:2", &two, 1714564800000, &fresh, &rig->why), 0);
    assert_int_equal(state_pinned(&rig->state, "h:1", &found, &rig->why), 0);
    assert_memory_equal(found.b, one.b, sizeof one.b);
    assert_int_equal(
        state_pin(&rig->state, "h:1", &two, 1714564800000, &fresh, &rig->why), FORA_E_IDENTITY);
    assert_non_null(strstr(rig->why.text, "remove the line"));
    assert_int_equal(state_pinned(&rig->state, "h:1", &found, &rig->why), 0);
    assert_memory_equal(found.b, one.b, sizeof one.b);
}

/* As the crash of a machine leaves them: who was met after that is known again the next time. */
static void zeros_in_a_file_hide_nothing(void **state)
{
    static const char zeros[] = "# comment\n\0\0\0\n";
    static const char settings[] = "limit = 5;\0node = \"a\";";
    struct rig *rig = *state;
    struct fora_principal_id one = {.b = {1}}, found;
    struct state_config config;
    bool fresh;
    put(rig, "known_nodes", "");
    assert_int_equal(
        state_write(&rig->state, "known_nodes", fora_bytes(zeros, sizeof zeros - 1), &rig->why), 0);
    assert_int_equal(state_pin(&rig->state, "h:1", &one, 1714564800000, &fresh, &rig->why), 0);
    assert_true(fresh);
    assert_int_equal(state_pinned(&rig->state, "h:1", &found, &rig->why), 0);
    assert_memory_equal(&found, &one, sizeof one);
    assert_int_equal(
        state_write(&rig->state, "config", fora_bytes(settings, sizeof settings - 1), &rig->why),
        0);
    assert_int_equal(state_config_load(&rig->state, &config, &rig->why), FORA_E_CONFIG);
}

static void a_broken_pin_is_not_passed_over(void **state)
{
    struct rig *rig = *state;
    struct fora_principal_id one;
    bool fresh;
    memset(one.b, 1, sizeof one.b);
    put(rig, "known_nodes", "# comment\nh:1 foran1broken\n");
    assert_int_equal(
        state_pin(&rig->state, "h:1", &one, 1714564800000, &fresh, &rig->why), FORA_E_CORRUPT);
    assert_non_null(strstr(rig->why.text, "known_nodes"));
}

static struct state_account account(uint8_t node, const char *address, bool own)
{
    struct state_account out = {.self_custody = own};
    memset(out.node.b, node, sizeof out.node.b);
    memset(out.member.b, 9, sizeof out.member.b);
    memset(out.session_seed, 5, sizeof out.session_seed);
    strcpy(out.address, address);
    strcpy(out.handle, "ann");
    return out;
}

static void accounts_round_trip(void **state)
{
    struct rig *rig = *state;
    struct state_account one = account(1, "h:1", false), two = account(2, "h:2", true), found;
    char address[FORA_CLIENT_ADDRESS_MAX];
    assert_int_equal(state_account_last(&rig->state, address, &rig->why), FORA_E_NOTFOUND);
    assert_int_equal(
        state_account_load(&rig->state, &one.node, &found, &rig->why), FORA_E_NOTFOUND);
    assert_int_equal(state_account_save(&rig->state, &one, &rig->why), 0);
    assert_int_equal(state_account_save(&rig->state, &two, &rig->why), 0);
    assert_int_equal(mode_of(rig, "accounts"), 0600);
    assert_int_equal(state_account_last(&rig->state, address, &rig->why), 0);
    assert_string_equal(address, "h:2");
    assert_int_equal(state_account_load(&rig->state, &one.node, &found, &rig->why), 0);
    assert_memory_equal(found.session_seed, one.session_seed, 32);
    assert_string_equal(found.handle, "ann");
    assert_false(found.self_custody);
    assert_int_equal(state_account_load(&rig->state, &two.node, &found, &rig->why), 0);
    assert_true(found.self_custody);
    /* A key of one's own custody is not kept here. */
    static const uint8_t zeros[32];
    assert_memory_equal(found.session_seed, zeros, 32);
    strcpy(one.handle, "bob");
    assert_int_equal(state_account_save(&rig->state, &one, &rig->why), 0);
    assert_int_equal(state_account_load(&rig->state, &one.node, &found, &rig->why), 0);
    assert_string_equal(found.handle, "bob");
    assert_int_equal(state_account_remove(&rig->state, &one.node, &rig->why), 0);
    assert_int_equal(
        state_account_load(&rig->state, &one.node, &found, &rig->why), FORA_E_NOTFOUND);
}

static void accounts_that_others_can_read_are_refused(void **state)
{
    struct rig *rig = *state;
    struct state_account one = account(1, "h:1", false), found;
    assert_int_equal(state_account_save(&rig->state, &one, &rig->why), 0);
    set_mode(rig, "accounts", 0644);
    assert_int_equal(state_account_load(&rig->state, &one.node, &found, &rig->why), FORA_E_IO);
    assert_non_null(strstr(rig->why.text, "chmod 600"));
}

static void damaged_accounts_are_said(void **state)
{
    static const char *const rows[] = {"{", "[{}]", "[{\"node\": 5}]", "[1]"};
    struct rig *rig = *state;
    struct state_account one = account(1, "h:1", false), found;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        put(rig, "accounts", rows[i]);
        assert_int_equal(
            state_account_load(&rig->state, &one.node, &found, &rig->why), FORA_E_CORRUPT);
        assert_non_null(strstr(rig->why.text, "accounts"));
    }
}

static void make_identity(struct state_identity *out)
{
    *out = (struct state_identity){0};
    fora_arena_init(&out->arena, 0);
    memset(out->member.b, 3, sizeof out->member.b);
    assert_int_equal(fora_secret_new(&out->root), 0);
    assert_int_equal(fora_secret_new(&out->next_root), 0);
    assert_int_equal(fora_secret_new(&out->device), 0);
    strcpy(out->label, "laptop");
    assert_int_equal(state_identity_append(out, fora_bytes("first", 5)), 0);
    assert_int_equal(state_identity_append(out, fora_bytes("second", 6)), 0);
}

static void same_secret(const struct fora_secret *a, const struct fora_secret *b)
{
    uint8_t one[32], two[32];
    fora_secret_seed(a, one);
    fora_secret_seed(b, two);
    assert_memory_equal(one, two, 32);
}

static void same_identity(const struct state_identity *a, const struct state_identity *b)
{
    assert_memory_equal(a->member.b, b->member.b, FORA_ID_SIZE);
    same_secret(a->root, b->root);
    same_secret(a->next_root, b->next_root);
    same_secret(a->device, b->device);
    assert_string_equal(a->label, b->label);
    assert_int_equal(a->log_count, b->log_count);
    for (size_t i = 0; i < a->log_count; i++) {
        assert_true(fora_bytes_equal(a->log[i], b->log[i]));
    }
}

static void keys_round_trip_without_passphrase(void **state)
{
    struct rig *rig = *state;
    struct state_identity made, found;
    bool sealed = true;
    assert_false(state_identity_exists(&rig->state));
    assert_int_equal(
        state_identity_load(&rig->state, fora_bytes(NULL, 0), &found, &rig->why), FORA_E_NOTFOUND);
    make_identity(&made);
    assert_int_equal(state_identity_save(&rig->state, fora_bytes(NULL, 0), &made, &rig->why), 0);
    assert_true(state_identity_exists(&rig->state));
    assert_int_equal(mode_of(rig, "identity"), 0600);
    assert_int_equal(state_identity_peek(&rig->state, NULL, &sealed, &rig->why), 0);
    assert_false(sealed);
    assert_int_equal(state_identity_load(&rig->state, fora_bytes(NULL, 0), &found, &rig->why), 0);
    same_identity(&made, &found);
    state_identity_fini(&found);
    set_mode(rig, "identity", 0640);
    assert_int_equal(
        state_identity_load(&rig->state, fora_bytes(NULL, 0), &found, &rig->why), FORA_E_IO);
    state_identity_fini(&made);
}

static void keys_round_trip_under_a_passphrase(void **state)
{
    struct rig *rig = *state;
    struct state_identity made, found;
    struct fora_buf file = {0};
    uint8_t seed[32];
    char hex[65];
    bool sealed = false;
    struct fora_bytes right = fora_bytes_str("correct horse battery staple");
    make_identity(&made);
    assert_int_equal(state_identity_save(&rig->state, right, &made, &rig->why), 0);
    assert_int_equal(state_read(&rig->state, "identity", true, &file, &rig->why), 0);
    fora_secret_seed(made.root, seed);
    fora_hex(hex, seed, sizeof seed);
    assert_null(strstr(fora_buf_cstr(&file), hex)); /* the file does not show the key */
    assert_null(strstr(fora_buf_cstr(&file), "laptop"));
    fora_buf_fini(&file);
    assert_int_equal(state_identity_peek(&rig->state, &found, &sealed, &rig->why), 0);
    assert_true(sealed);
    assert_int_equal(found.log_count, 2);
    assert_null(found.root);
    state_identity_fini(&found);
    assert_int_equal(
        state_identity_load(&rig->state, fora_bytes_str("wrong"), &found, &rig->why), FORA_E_AUTH);
    assert_non_null(strstr(rig->why.text, "passphrase"));
    assert_int_equal(state_identity_load(&rig->state, right, &found, &rig->why), 0);
    same_identity(&made, &found);
    state_identity_fini(&found);
    state_identity_fini(&made);
}

static void damaged_keys_are_said(void **state)
{
    static const char *const rows[] = {"", "{}", "{\"format\": 2}", "{\"format\": 1}",
        "{\"format\": 1, \"member\": \"foram1x\"}", "[1, 2", "{\"format\": 1, \"format\": 1}"};
    struct rig *rig = *state;
    struct state_identity found;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        put(rig, "identity", rows[i]);
        assert_int_equal(state_identity_load(&rig->state, fora_bytes(NULL, 0), &found, &rig->why),
            FORA_E_CORRUPT);
        assert_non_null(strstr(rig->why.text, "identity"));
    }
}

static void recent_ids_are_found_by_their_beginning(void **state)
{
    struct rig *rig = *state;
    struct fora_object_id ids[3], found;
    struct state_recent recent;
    char text[FORA_ID_TEXT_MAX];
    memset(ids, 0, sizeof ids);
    ids[0].b[0] = 1;
    ids[1].b[0] = 2;
    ids[2].b[0] = 2;
    ids[2].b[31] = 1; /* the same beginning as the one before */
    assert_int_equal(state_recent_load(&rig->state, &recent, &rig->why), 0);
    assert_int_equal(recent.count, 0);
    state_recent_fini(&recent);
    assert_int_equal(state_recent_save(&rig->state, ids, 3, &rig->why), 0);
    assert_int_equal(state_recent_load(&rig->state, &recent, &rig->why), 0);
    assert_int_equal(recent.count, 3);
    fora_id_format(text, FORA_HRP_OBJECT, ids[0].b);
    text[5 + 6] = '\0';
    assert_int_equal(state_recent_find(&recent, text, &found), 0);
    assert_memory_equal(found.b, ids[0].b, FORA_ID_SIZE);
    assert_int_equal(state_recent_find(&recent, text + 5, &found), 0);
    text[5 + 5] = '\0';
    assert_int_equal(state_recent_find(&recent, text + 5, &found), FORA_E_NOTFOUND);
    fora_id_format(text, FORA_HRP_OBJECT, ids[1].b);
    text[5 + 8] = '\0';
    assert_int_equal(state_recent_find(&recent, text, &found), FORA_E_EXISTS);
    assert_int_equal(state_recent_find(&recent, "zzzzzz", &found), FORA_E_NOTFOUND);
    state_recent_fini(&recent);
}

static void what_was_seen_is_no_news(void **state)
{
    struct rig *rig = *state;
    struct state_seen mention = {.is_mention = true, .id = {{1}}},
                      thread = {.id = {{1}}, .active_at = 1700000000000, .posts = 2}, was;
    struct state_seen_list seen;
    assert_int_equal(state_seen_load(&rig->state, &seen, &rig->why), 0);
    assert_false(state_seen_find(&seen, &mention, &was));
    state_seen_note(&seen, &mention);
    assert_true(state_seen_find(&seen, &mention, &was));
    assert_false(state_seen_find(&seen, &thread, &was)); /* the same id, and another thing */
    state_seen_note(&seen, &thread);
    state_seen_note(&seen, &mention);
    assert_int_equal(state_seen_save(&rig->state, &seen, &rig->why), 0);
    state_seen_fini(&seen);
    assert_int_equal(state_seen_load(&rig->state, &seen, &rig->why), 0);
    assert_int_equal(seen.count, 2);
    assert_true(state_seen_find(&seen, &mention, &was));
    assert_true(state_seen_find(&seen, &thread, &was));
    assert_int_equal(was.active_at, thread.active_at);
    assert_int_equal(was.posts, thread.posts);
    thread.posts = 3;
    state_seen_note(&seen, &thread);
    assert_true(state_seen_find(&seen, &thread, &was));
    assert_int_equal(was.posts, 3);
    assert_int_equal(seen.count, 2);
    for (unsigned i = 0; i < 4095; i++) { /* the oldest goes */
        struct state_seen other = {.is_mention = true, .id = {{2, (uint8_t)i, (uint8_t)(i >> 8)}}};
        state_seen_note(&seen, &other);
    }
    assert_int_equal(seen.count, 4096);
    assert_true(state_seen_find(&seen, &thread, &was));
    assert_false(state_seen_find(&seen, &mention, &was));
    state_seen_fini(&seen);
}

static void follows_are_kept_once(void **state)
{
    struct rig *rig = *state;
    struct state_follow space = {.is_space = true, .name = "Help, of course"},
                        thread = {.name = "x"};
    struct state_follows follows;
    memset(space.id, 4, sizeof space.id);
    memset(thread.id, 5, sizeof thread.id);
    assert_int_equal(state_follow(&rig->state, &space, &rig->why), 0);
    assert_int_equal(state_follow(&rig->state, &thread, &rig->why), 0);
    strcpy(thread.name, "renamed");
    assert_int_equal(state_follow(&rig->state, &thread, &rig->why), 0);
    assert_int_equal(state_follows_load(&rig->state, &follows, &rig->why), 0);
    assert_int_equal(follows.count, 2);
    assert_true(follows.items[0].is_space);
    assert_string_equal(follows.items[0].name, "Help, of course");
    assert_string_equal(follows.items[1].name, "renamed");
    state_follows_fini(&follows);
    assert_int_equal(state_unfollow(&rig->state, space.id, &rig->why), 0);
    assert_int_equal(state_unfollow(&rig->state, space.id, &rig->why), FORA_E_NOTFOUND);
    assert_int_equal(state_follows_load(&rig->state, &follows, &rig->why), 0);
    assert_int_equal(follows.count, 1);
    state_follows_fini(&follows);
}

static void a_file_in_the_way_is_said(void **state)
{
    struct rig *rig = *state;
    char path[STATE_PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/a", rig->scratch.path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(state_write(&rig->state, "recent", fora_bytes(NULL, 0), &rig->why), FORA_E_IO);
    assert_non_null(strstr(rig->why.text, "Cannot make the folder"));
}

/* A pipe is not waited for, a folder not read, and of what never ends no more than the buffer
 * takes.
 */
static void what_is_no_file_of_ours_is_said(void **state)
{
    struct rig *rig = *state;
    struct fora_buf file = {0};
    char path[STATE_PATH_MAX + 8];
    uint8_t large[64] = {0};
    assert_int_equal(state_make(&rig->state, &rig->why), 0);
    (void)snprintf(path, sizeof path, "%s/odd", rig->state.home);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(state_read(&rig->state, "odd", true, &file, &rig->why), FORA_E_IO);
    assert_non_null(strstr(rig->why.text, "is not an ordinary file"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(state_read(&rig->state, "odd", true, &file, &rig->why), FORA_E_IO);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(
        state_write(&rig->state, "odd", fora_bytes(large, sizeof large), &rig->why), 0);
    fora_buf_init(&file, 16);
    assert_int_not_equal(state_read(&rig->state, "odd", true, &file, &rig->why), 0);
    assert_non_null(strstr(rig->why.text, "larger than any such file"));
    fora_buf_fini(&file);
    fora_buf_init(&file, 0);
    assert_int_equal(state_read(&rig->state, "odd", true, &file, &rig->why), 0);
    assert_int_equal(file.size, sizeof large);
    fora_buf_fini(&file);
}

static void json_escapes_and_reads_back(void **state)
{
    struct js_writer w;
    struct fora_buf out = {0};
    struct js_document *document;
    char where[160];
    static const uint8_t zeros[FORA_ID_SIZE];
    (void)state;
    js_init_object(&w);
    js_text(&w, "text", fora_bytes("a\x1b\"\n\0b", 6));
    js_time(&w, "time", 1714564800123);
    js_time(&w, "never", 0);
    js_id(&w, "id", FORA_HRP_OBJECT, zeros);
    js_array(&w, "list");
    js_number(&w, NULL, -5);
    js_bool(&w, NULL, true);
    js_end(&w);
    assert_int_equal(js_write(&out, &w, JS_LINE, true), 0);
    js_fini(&w);
    assert_string_equal(fora_buf_cstr(&out), "{\"text\":\"a\\u001B\\\"\\n\\u0000b\",\"time\":"
                                             "\"2024-05-01T12:00:00.123Z\",\"never\":null,"
                                             "\"id\":null,\"list\":[-5,true]}\n");
    /* A NUL is written, but refused when read: no file of ours has one. */
    assert_int_equal(js_parse(&document, fora_buf_bytes(&out), where), FORA_E_MALFORMED);
    fora_buf_clear(&out);
    fora_buf_append_str(&out, "{\"a\": [1, \"x\"], \"b\": true}");
    assert_int_equal(js_parse(&document, fora_buf_bytes(&out), where), 0);
    assert_int_equal(js_items(js_member(js_root(document), "a")), 2);
    assert_string_equal(js_get_string(js_item(js_member(js_root(document), "a"), 1)), "x");
    assert_true(js_get_bool(js_member(js_root(document), "b")));
    assert_null(js_get_string(js_member(js_root(document), "c")));
    js_free(document);
    fora_buf_fini(&out);
}

static void json_of_broken_text_is_an_error(void **state)
{
    struct js_writer w;
    struct fora_buf out = {0};
    (void)state;
    js_init_array(&w);
    js_text(&w, NULL, fora_bytes("\xff", 1));
    js_string(&w, NULL, "after");
    assert_int_equal(js_write(&out, &w, JS_LINE, false), FORA_E_UTF8);
    js_fini(&w);
    fora_buf_fini(&out);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(the_folder_is_found_in_order),
        T(the_folder_is_private_and_commented),
        T(every_setting_of_the_default_is_known),
        T(a_wrong_config_teaches),
        T(a_node_is_pinned_at_first_contact),
        T(zeros_in_a_file_hide_nothing),
        T(a_broken_pin_is_not_passed_over),
        T(accounts_round_trip),
        T(accounts_that_others_can_read_are_refused),
        T(damaged_accounts_are_said),
        T(keys_round_trip_without_passphrase),
        T(keys_round_trip_under_a_passphrase),
        T(damaged_keys_are_said),
        T(recent_ids_are_found_by_their_beginning),
        T(what_was_seen_is_no_news),
        T(follows_are_kept_once),
        T(a_file_in_the_way_is_said),
        T(what_is_no_file_of_ours_is_said),
        T(json_escapes_and_reads_back),
        T(json_of_broken_text_is_an_error),
    };
#undef T
    if (fora_crypto_init() != 0) {
        return EXIT_FAILURE;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
