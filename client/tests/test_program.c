/* The program itself, against a node in this process: what a person types and reads. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "json/js.h"
#include "program_rig.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void enter(struct rig *rig)
{
    RUN(0, "register", "ann", "--name", "Ann Example", "--password-file", rig->password);
}

/* The id that --quiet printed. */
static void take_id(struct rig *rig, char id[FORA_ID_TEXT_MAX])
{
    (void)snprintf(id, FORA_ID_TEXT_MAX, "%.*s", (int)strcspn(out(rig), "\n"), out(rig));
    assert_memory_equal(id, "fora1", 5);
}

static void a_member_comes_and_goes(void **state)
{
    struct rig *rig = *state;
    RUN(4, "whoami");
    says(err(rig), "fora login");
    RUN(0, "register", "ann", "--name", "Ann Example", "--password-file", rig->password);
    says(out(rig), "Welcome, ann (Ann Example)");
    says(out(rig), "foram1");
    says(err(rig), "next_roots");
    RUN(0, "whoami");
    says(out(rig), "You are ann");
    RUN(2, "register", "ann", "--password-file", rig->password);
    RUN(0, "logout");
    RUN(4, "whoami");
    RUN(1, "register", "ann", "--password-file", rig->password);
    says(err(rig), "NAME_TAKEN");
    says(err(rig), "fora login ann");
    write_file(rig->password, "wrong horse!\n", 0600);
    RUN(4, "login", "ann", "--password-file", rig->password);
    says(err(rig), "AUTH");
    write_file(rig->password, "correct horse\n", 0600);
    RUN(0, "login", "ann", "--password-file", rig->password);
    says(out(rig), "Logged in as ann");
    RUN(0, "whoami", "--json");
    says(out(rig), "\"custody\": \"node\"");
}

static void without_an_account_no_node_is_asked_for(void **state)
{
    struct rig *rig = *state;
    enter(rig);
    RUN(0, "logout");
    (void)snprintf(rig->address, sizeof rig->address, "%s", ""); /* as if FORA_NODE were unset */
    RUN(4, "whoami");
    says(err(rig), "not logged in anywhere");
    RUN(4, "ask", "Why?", "--text", "Tell me.");
}

static void a_wrong_tag_link_or_version_is_named(void **state)
{
    struct rig *rig = *state;
    enter(rig);
    RUN(2, "ask", "Why?", "--text", "T", "--tag", "fine", "--tag", "Upper Case");
    says(err(rig), "\"Upper Case\"");
    says(err(rig), "lower-case letters, digits");
    RUN(2, "ask", "Why?", "--text", "T", "--tag", "");
    RUN(2, "ask", "Why?", "--text", "T", "--applies-to", "nas:5 1");
    says(err(rig), "\"nas:5 1\"");
    RUN(2, "ask", "Why?", "--text", "T", "--applies-to", "nas:5.10..5.9");
    says(err(rig), "ends before it begins: 5.9 comes before 5.10");
    RUN(2, "ask", "Why\x07?", "--text", "T");
    says(err(rig), "The title must be one line");
    RUN(2, "profile", "--link", "https://example.com", "--link", "javascript:alert(1)");
    says(err(rig), "\"javascript:alert(1)\"");
    says(err(rig), "begins with https://");
    RUN(2, "profile", "--name", "");
    RUN(0, "threads");
    says_not(out(rig), "Why");
}

static void a_wrong_password_file_or_handle_is_said(void **state)
{
    struct rig *rig = *state;
    RUN(6, "register", "ann", "--password-file", "/nonexistent/password");
    says(err(rig), "/nonexistent/password");
    RUN(2, "register", "ann");
    says(err(rig), "--password-file");
    RUN(2, "register", "Ann!", "--password-file", rig->password);
    write_file(rig->password, "short\n", 0600);
    RUN(2, "register", "ann", "--password-file", rig->password);
    says(err(rig), "10 to 1024");
    write_file(rig->password, "", 0600);
    RUN(2, "register", "ann", "--password-file", rig->password);
    says(err(rig), "is empty");
}

static void a_thread_is_asked_answered_and_shown(void **state)
{
    struct rig *rig = *state;
    char thread[FORA_ID_TEXT_MAX], answer[FORA_ID_TEXT_MAX];
    enter(rig);
    RUN(0, "ask", "RAID rebuild stops", "--text", "It *stops* at 3 %.\n\n    dmesg says so",
        "--tag", "raid", "--quiet");
    take_id(rig, thread);
    RUN(0, "threads");
    says(out(rig), "RAID rebuild stops");
    char prefix[16];
    (void)snprintf(prefix, sizeof prefix, "%.8s", thread + 5);
    says(out(rig), prefix);
    RUN(0, "answer", prefix, "--text", "Update the firmware.", "--applies-to", "nas:5.9..5.10",
        "-q");
    take_id(rig, answer);
    RUN(0, "comment", answer, "--text", "Thanks", "-q");
    RUN(0, "accept", answer);
    says(out(rig), "Accepted: fora1");
    RUN(0, "show", thread);
    says(out(rig), "RAID rebuild stops\nquestion in Help desk, 1 answer");
    says(out(rig), "tags: raid");
    says(out(rig), "Ann Example, just now");
    says(out(rig), "  It *stops* at 3 %.\n\n      dmesg says so\n");
    says(out(rig), "accepted by Ann Example");
    says(out(rig), "for nas 5.9 to 5.10");
    says(out(rig), "comment: Ann Example");
    says(out(rig), "Complete as of 2024-05-01T12:00:00.000Z.");
    says_not(out(rig), "did not verify");
    RUN(0, "show", answer); /* any object of the thread names it */
    says(out(rig), "RAID rebuild stops");
    RUN(0, "status", answer);
    says(out(rig), "stored at Test node, foran1");
    RUN(1, "vote", "up", answer);
    says(err(rig), "what others wrote");
    RUN(0, "edit", thread, "--title", "RAID 5 rebuild stops", "-q");
    RUN(0, "show", thread);
    says(out(rig), "RAID 5 rebuild stops\n");
    RUN(0, "logout");
    RUN(0, "register", "bob", "--name", "Bob Two", "--password-file", rig->password);
    RUN(0, "vote", "up", answer);
    says(out(rig), "1 up, 0 down");
}

static void a_mention_is_of_who_goes_by_the_word(void **state)
{
    struct rig *rig = *state;
    char thread[FORA_ID_TEXT_MAX];
    enter(rig);
    RUN(0, "logout");
    RUN(0, "register", "bob", "--name", "Bob Two", "--password-file", rig->password);
    RUN(0, "ask", "Who knows?", "--text", "You, @ann, @Ann? Or @nobody? `@bob`", "-q");
    take_id(rig, thread);
    RUN(0, "comment", thread, "--text", "@ann nods, @bob-two says, and @bobthree.");
    says(err(rig), "mentions Ann Example.");
    says(err(rig), "Nobody was found as @bobthree: it stays text.");
    RUN(0, "logout");
    RUN(0, "login", "ann", "--password-file", rig->password);
    RUN(0, "comment", thread, "--text", "It was @bob-two.");
    says(err(rig), "mentions Bob Two.");
    RUN(0, "comment", thread, "--text", "Nobody.", "--mention", "bob", "--mention", "@ann");
    says(err(rig), "mentions Bob Two.");
    RUN(5, "comment", thread, "--text", "x", "--mention", "nobody");
    says(err(rig), "no member \"nobody\"");
    RUN(0, "show", thread);
    says(out(rig), "You, @ann, @Ann? Or @nobody? `@bob`\n  mentions Ann Example\n");
    says(out(rig), "It was @bob-two.\n      mentions Bob Two\n");
    RUN(0, "show", thread, "--json");
    says(out(rig), "\"mentions\": [");
    says(out(rig), "\"name\": \"Bob Two\"");
}

static void json_has_its_schema(void **state)
{
    struct rig *rig = *state;
    char thread[FORA_ID_TEXT_MAX], where[160];
    struct js_document *document;
    enter(rig);
    RUN(0, "ask", "Title", "--text", "Text with \xc3\xa4", "-q");
    take_id(rig, thread);
    RUN(0, "show", thread, "--json");
    assert_int_equal(js_parse(&document, fora_buf_bytes(&rig->out), where), 0);
    const struct js_node *root = js_root(document);
    const struct js_node *post = js_item(js_member(root, "posts"), 0);
    assert_string_equal(js_get_string(js_member(root, "id")), thread);
    assert_string_equal(js_get_string(js_member(root, "type")), "question");
    assert_int_equal(js_get_number(js_member(root, "unverified")), 0);
    assert_string_equal(js_get_string(js_member(post, "text")), "Text with \xc3\xa4");
    assert_string_equal(js_get_string(js_member(post, "author_name")), "Ann Example");
    assert_memory_equal(js_get_string(js_member(post, "author")), "foram1", 6);
    assert_int_equal(strlen(js_get_string(js_member(post, "created_at"))), 24);
    js_free(document);
    RUN(0, "threads", "--json");
    assert_int_equal(js_parse(&document, fora_buf_bytes(&rig->out), where), 0);
    assert_int_equal(js_items(js_member(js_root(document), "threads")), 1);
    assert_memory_equal(js_get_string(js_member(js_root(document), "space")), "foras1", 6);
    js_free(document);
    RUN(0, "spaces", "--json");
    assert_int_equal(js_parse(&document, fora_buf_bytes(&rig->out), where), 0);
    assert_string_equal(js_get_string(js_member(js_item(js_root(document), 0), "slug")), "help");
    js_free(document);
    RUN(0, "status", "--json");
    says(out(rig), "\"handle\": \"ann\"");
    RUN(0, "profile", "ann", "--json");
    says(out(rig), "\"verified\": true");
}

static void pages_of_a_list(void **state)
{
    struct rig *rig = *state;
    enter(rig);
    RUN(0, "ask", "First", "--text", "x", "-q");
    RUN(0, "ask", "Second", "--text", "y", "-q");
    RUN(0, "threads", "--limit", "1");
    says(out(rig), "First");
    says_not(out(rig), "Second");
    says(out(rig), "More: --page 2");
    RUN(0, "threads", "--limit", "1", "--page", "2");
    says(out(rig), "Second");
    RUN(0, "threads", "--limit", "1", "--page", "010203");
    RUN(2, "threads", "--page", "0");
    RUN(2, "threads", "--page", "xyz");
    RUN(0, "threads", "--limit", "1", "--page", "9", "--json");
    says(out(rig), "\"threads\": []");
}

static void an_editor_writes_texts(void **state)
{
    struct rig *rig = *state;
    char script[160], draft[400];
    enter(rig);
    (void)snprintf(script, sizeof script, "%s/editor", rig->scratch.path);
    write_file(script,
        "#!/bin/sh\ngrep -q 'first line is the title' \"$1\" || exit 9\n"
        "{ printf '# A title\\n\\nThe text\\n'; cat \"$1\"; } >\"$1.new\"\n"
        "mv \"$1.new\" \"$1\"\n",
        0700);
    assert_int_equal(setenv("EDITOR", script, 1), 0);
    RUN(0, "ask");
    says(out(rig), "Posted: fora1");
    RUN(0, "threads");
    says(out(rig), "A title");
    /* Nothing written: nothing posted, nothing left behind. */
    write_file(script, "#!/bin/sh\nexit 0\n", 0700);
    RUN(2, "ask", "Title only");
    says(err(rig), "empty");
    says_not(err(rig), "kept in");
    /* An editor that fails: nothing posted, the draft kept. */
    write_file(script, "#!/bin/sh\necho mine >\"$1\"\nexit 3\n", 0700);
    RUN(6, "ask", "Title only");
    says(err(rig), "editor");
    says(err(rig), "kept in");
    const char *path = strstr(err(rig), "kept in ");
    (void)snprintf(draft, sizeof draft, "%.*s", (int)strcspn(path + 8, "\n"), path + 8);
    read_file(draft, &rig->out);
    assert_string_equal(out(rig), "mine\n");
    assert_int_equal(unsetenv("EDITOR"), 0);
    RUN(2, "ask", "Title only");
    says(err(rig), "set EDITOR");
}

static void an_edit_starts_from_the_text_as_it_is(void **state)
{
    struct rig *rig = *state;
    char script[160], thread[FORA_ID_TEXT_MAX];
    enter(rig);
    RUN(0, "ask", "Title", "--text", "old words", "-q");
    take_id(rig, thread);
    (void)snprintf(script, sizeof script, "%s/editor", rig->scratch.path);
    write_file(script, "#!/bin/sh\nsed -i 's/old/new/' \"$1\"\n", 0700);
    assert_int_equal(setenv("EDITOR", script, 1), 0);
    RUN(0, "edit", thread);
    RUN(0, "show", thread);
    says(out(rig), "new words");
    says(out(rig), "edited just now");
    write_file(script, "#!/bin/sh\nexit 0\n", 0700);
    RUN(2, "edit", thread);
    says(err(rig), "Nothing was changed");
    assert_int_equal(unsetenv("EDITOR"), 0);
}

static void texts_from_files_are_checked(void **state)
{
    struct rig *rig = *state;
    char path[160];
    enter(rig);
    (void)snprintf(path, sizeof path, "%s/text", rig->scratch.path);
    write_file(path, "Title from a file\r\n\r\nBody\r\n", 0600);
    RUN(0, "ask", "--file", path);
    RUN(0, "threads");
    says(out(rig), "Title from a file");
    write_file(path, "Title\n\n\xff\xfe", 0600);
    RUN(2, "ask", "--file", path);
    says(err(rig), "UTF-8");
    RUN(6, "ask", "--file", "/nonexistent/text");
    RUN(2, "ask", "T", "--file", "-"); /* standard input is empty */
    RUN(2, "ask", "T", "--text", "a", "--file", path);
    RUN(2, "ask", "T", "--text", "x", "--tag", "Upper Case");
    RUN(2, "ask", "T", "--text", "\x1b[31m");
    char *large = malloc(70000);
    assert_non_null(large);
    memset(large, 'x', 69999);
    large[69999] = '\0';
    write_file(path, large, 0600);
    free(large);
    RUN(2, "ask", "T", "--file", path);
    says(err(rig), "65536");
}

static void own_keys_sign_here(void **state)
{
    struct rig *rig = *state;
    char thread[FORA_ID_TEXT_MAX], passphrase[160];
    (void)snprintf(passphrase, sizeof passphrase, "%s/passphrase", rig->scratch.path);
    write_file(passphrase, "a passphrase\n", 0600);
    RUN(2, "identity", "new");
    says(err(rig), "--passphrase-file");
    RUN(0, "identity", "new", "--passphrase-file", passphrase, "--label", "laptop");
    says(out(rig), "foram1");
    RUN(2, "identity", "new", "--passphrase-file", passphrase);
    RUN(0, "identity", "show");
    says(out(rig), "sealed under a passphrase");
    says(out(rig), "laptop");
    RUN(0, "register", "bob", "--self-custody", "--passphrase-file", passphrase);
    says(out(rig), "Your signing keys are your own");
    RUN(0, "identity", "show", "--json");
    says(out(rig), "\"home\": \"foran1"); /* the log says where she lives now */
    RUN(0, "ask", "Signed here", "--text", "x", "-q", "--passphrase-file", passphrase);
    take_id(rig, thread);
    RUN(0, "show", thread); /* reading asks for no passphrase */
    says(out(rig), "Signed here");
    says(out(rig), "bob, just now");
    says_not(out(rig), "did not verify");
    write_file(passphrase, "another\n", 0600);
    RUN(4, "ask", "T", "--text", "x", "--passphrase-file", passphrase);
    says(err(rig), "passphrase does not open");
}

static void what_is_not_there_is_exit_5(void **state)
{
    struct rig *rig = *state;
    char id[FORA_ID_TEXT_MAX];
    uint8_t other[FORA_ID_SIZE];
    memset(other, 7, sizeof other);
    fora_id_format(id, FORA_HRP_OBJECT, other);
    RUN(5, "show", id);
    RUN(5, "show", "zzzzzzzz");
    says(err(rig), "at least 6 characters");
    RUN(5, "threads", "--space", "nosuch");
    says(err(rig), "fora spaces");
    RUN(5, "profile", "nobody");
    enter(rig);
    RUN(5, "answer", id, "--text", "x");
}

static void refusals_name_their_code(void **state)
{
    struct rig *rig = *state;
    char thread[FORA_ID_TEXT_MAX];
    enter(rig);
    RUN(0, "ask", "T", "--text", "x", "-q");
    take_id(rig, thread);
    RUN(2, "hide", thread);
    says(err(rig), "--reason");
    RUN(1, "hide", thread, "--reason", "spam");
    says(err(rig), "FORBIDDEN");
    RUN(2, "accept", thread);
    says(err(rig), "Name the answer");
    RUN(2, "answer", thread, "--text", "x", "--applies-to", ":5");
    RUN(2, "regressed", thread);
    RUN(2, "duplicate", thread, thread);
    RUN(2, "flag", thread);
    RUN(0, "flag", thread, "--reason", "spam");
    says(out(rig), "Reported");
}

static void no_node_is_exit_3(void **state)
{
    struct rig *rig = *state;
    responder_stop(&rig->responder);
    RUN(3, "spaces");
    says(err(rig), "Is a node running there?");
    RUN(2, "spaces", "--node", "a b c");
}

static void another_node_at_the_address_is_refused(void **state)
{
    struct rig *rig = *state;
    char path[200], id[FORA_ID_TEXT_MAX], line[300];
    uint8_t other[FORA_ID_SIZE];
    RUN(0, "spaces");
    memset(other, 7, sizeof other);
    fora_id_format(id, FORA_HRP_NODE, other);
    (void)snprintf(path, sizeof path, "%s/known_nodes", rig->home);
    (void)snprintf(line, sizeof line, "%s %s 2024-05-01T12:00:00.000Z\n", rig->address, id);
    write_file(path, line, 0600);
    RUN(3, "spaces");
    says(err(rig), "known_nodes");
    says(err(rig), id);
}

static void forged_posts_are_left_out_and_counted(void **state)
{
    struct rig *rig = *state;
    char thread[FORA_ID_TEXT_MAX];
    enter(rig);
    RUN(0, "ask", "T", "--text", "x", "-q");
    take_id(rig, thread);
    RUN(0, "answer", thread, "--text", "the one that is changed on the way", "-q");
    RUN(0, "answer", thread, "--text", "the good one", "-q");
    RUN(0, "show", thread);
    says(out(rig), "the good one");
    says_not(out(rig), "on the way");
    says(out(rig), "1 object that did not verify left out");
}

static void mentions_are_looked_at(void **state)
{
    struct rig *rig = *state;
    char thread[FORA_ID_TEXT_MAX];
    enter(rig);
    RUN(0, "logout");
    RUN(0, "register", "bob", "--password-file", rig->password);
    RUN(0, "ask", "Nobody is meant", "--text", "x", "-q");
    take_id(rig, thread);
    RUN(0, "comment", thread, "--text", "@ann, changed on the way", "-q");
    RUN(0, "comment", thread, "--text", "@ann, good", "-q");
    RUN(0, "logout");
    RUN(0, "login", "ann", "--password-file", rig->password);
    RUN(0, "inbox");
    says(out(rig), "good");
    says_not(out(rig), "Nobody is meant");
    says_not(out(rig), "on the way");
    says(err(rig), "Mentions that do not verify, left out: 2.");
}

static unsigned times(const char *text, const char *part)
{
    unsigned count = 0;
    for (text = strstr(text, part); text != NULL; text = strstr(text + 1, part)) {
        count++;
    }
    return count;
}

static void follows_are_listed(void **state)
{
    struct rig *rig = *state;
    char thread[FORA_ID_TEXT_MAX];
    enter(rig);
    RUN(0, "ask", "Worth following", "--text", "x", "-q");
    take_id(rig, thread);
    RUN(0, "follow", thread);
    says(out(rig), "Worth following");
    RUN(0, "threads", "--followed");
    says(out(rig), "Worth following");
    says(out(rig), "Ann Example");
    RUN(0, "follow", "help");
    says(out(rig), "Help desk");
    RUN(0, "threads", "--followed"); /* also of the space, and listed once */
    assert_int_equal(times(out(rig), "Worth following"), 1);
    RUN(0, "unfollow", thread);
    says_not(out(rig), "Worth following");
    RUN(5, "unfollow", thread);
    RUN(0, "unfollow", "help"); /* by the short name, as it was followed */
    RUN(5, "unfollow", "help");
}

static void a_broken_config_is_said_but_help_works(void **state)
{
    struct rig *rig = *state;
    char path[200];
    RUN(0, "spaces");
    (void)snprintf(path, sizeof path, "%s/config", rig->home);
    write_file(path, "colour = 1;", 0600);
    RUN(2, "spaces");
    says(err(rig), "config, line 1");
    RUN(0, "spaces", "--help");
    RUN(0, "help");
    RUN(2, "help", "nosuch");
    RUN(2, "frobnicate");
    RUN(0, "space", "--help");
    says(out(rig), "space grant");
    says_not(out(rig), "threads");
    RUN(0, "help", "space");
    says(out(rig), "space grant");
    RUN(2, "space");
    RUN(0, "--version");
    says(out(rig), "fora ");
}

static void color_is_for_terminals(void **state)
{
    struct rig *rig = *state;
    enter(rig);
    RUN(0, "ask", "T", "--text", "x");
    RUN(0, "threads");
    says_not(out(rig), "\x1b[");
    RUN(0, "threads", "--color", "always");
    says(out(rig), "\x1b[1m");
}

static void watch_prints_what_is_new(void **state)
{
    struct rig *rig = *state;
    char watched[160], noted[160], copy[160];
    int status;
    (void)snprintf(watched, sizeof watched, "%s/watched", rig->scratch.path);
    (void)snprintf(noted, sizeof noted, "%s/noted", rig->scratch.path);
    enter(rig);
    RUN(0, "ask", "Old", "--text", "x", "-q");
    pid_t child = start(rig, watched, noted, "watch", NULL);
    assert_true(wait_for(rig, noted, "Watching"));
    RUN(0, "ask", "Brand new", "--text", "words", "-q");
    bool seen = wait_for(rig, watched, "question by Ann Example (Brand new): words");
    (void)snprintf(copy, sizeof copy, "%.150s", out(rig));
    (void)kill(child, SIGTERM);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!seen) {
        fail_msg("watched: \"%s\"", copy);
    }
    says_not(copy, "Old");
}

static void titles_are_those_of_now(void **state)
{
    struct rig *rig = *state;
    char thread[FORA_ID_TEXT_MAX];
    char watched[160], noted[160];
    int status;
    (void)snprintf(watched, sizeof watched, "%s/watched", rig->scratch.path);
    (void)snprintf(noted, sizeof noted, "%s/noted", rig->scratch.path);
    enter(rig);
    RUN(0, "ask", "First title", "--text", "x", "-q");
    take_id(rig, thread);
    RUN(0, "edit", thread, "--title", "Second title", "-q");
    RUN(0, "follow", thread);
    says(out(rig), "Second title");
    pid_t child = start(rig, watched, noted, "watch", NULL);
    assert_true(wait_for(rig, noted, "Watching"));
    RUN(0, "comment", thread, "--text", "one", "-q");
    bool second = wait_for(rig, watched, "comment by Ann Example (Second title): one");
    RUN(0, "edit", thread, "--title", "Third title", "-q");
    RUN(0, "comment", thread, "--text", "two", "-q");
    bool third = wait_for(rig, watched, "comment by Ann Example (Third title): two");
    (void)kill(child, SIGTERM);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(second);
    assert_true(third);
    RUN(0, "threads", "--followed");
    RUN(0, "follow");
    says(out(rig), "Third title");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        T(a_member_comes_and_goes),
        T(without_an_account_no_node_is_asked_for),
        T(a_wrong_tag_link_or_version_is_named),
        T(a_wrong_password_file_or_handle_is_said),
        T(a_thread_is_asked_answered_and_shown),
        T(a_mention_is_of_who_goes_by_the_word),
        T(json_has_its_schema),
        T(pages_of_a_list),
        T(an_editor_writes_texts),
        T(an_edit_starts_from_the_text_as_it_is),
        T(texts_from_files_are_checked),
        T(own_keys_sign_here),
        T(what_is_not_there_is_exit_5),
        T(refusals_name_their_code),
        T(no_node_is_exit_3),
        T(another_node_at_the_address_is_refused),
        cmocka_unit_test_setup_teardown(
            forged_posts_are_left_out_and_counted, rig_setup_forger, rig_teardown),
        cmocka_unit_test_setup_teardown(mentions_are_looked_at, rig_setup_forger, rig_teardown),
        T(follows_are_listed),
        T(a_broken_config_is_said_but_help_works),
        T(color_is_for_terminals),
        T(watch_prints_what_is_new),
        T(titles_are_those_of_now),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
