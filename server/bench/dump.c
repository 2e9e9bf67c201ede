/* Writing a made-up dump. Every fifth post is a question; what belongs to a post is written with
 * it, so nothing is kept in memory. */
#include "dump.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { THREAD_POSTS = 5, FILES = 8 };

static const char *const names[FILES] = {
    "Users", "Posts", "PostHistory", "Comments", "Votes", "PostLinks", "Badges", "Tags"};
static const char *const roots[FILES] = {
    "users", "posts", "posthistory", "comments", "votes", "postlinks", "badges", "tags"};
enum file { USERS, POSTS, HISTORY, COMMENTS, VOTES, LINKS, BADGES, TAGS };

static const char *const words[] = {"the", "lamp", "does", "not", "start", "after", "update",
    "firmware", "cable", "reset", "screen", "shows", "error", "again", "tried", "network", "driver",
    "version", "works", "here", "when", "power", "cycle", "menu", "setting", "option", "disable",
    "enable", "log", "attached", "same", "problem"};

struct dump {
    FILE *files[FILES];
    uint64_t random;
    uint64_t users;
    uint64_t at; /* ms */
    uint64_t history, comment, vote, link;
};

static uint32_t next_random(struct dump *dump)
{
    dump->random = dump->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(dump->random >> 33);
}

static bool one_in(struct dump *dump, uint32_t n)
{
    return next_random(dump) % n == 0;
}

/* Few people write much: the square of an even choice. */
static uint64_t some_user(struct dump *dump)
{
    uint64_t a = next_random(dump) % dump->users, b = next_random(dump) % dump->users;
    return 1 + a * b / dump->users;
}

static void write_date(FILE *file, const char *name, uint64_t ms)
{
    /* Months of 28 days: any date is one. */
    uint64_t days = ms / 86400000;
    fprintf(file,
        " %s=\"%04" PRIu64 "-%02" PRIu64 "-%02" PRIu64 "T%02" PRIu64 ":%02" PRIu64 ":%02" PRIu64
        ".%03" PRIu64 "\"",
        name, 2009 + days / 336, 1 + days / 28 % 12, 1 + days % 28, ms / 3600000 % 24,
        ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
}

static size_t make_words(struct dump *dump, char *out, size_t room, size_t count)
{
    size_t at = 0;
    for (size_t i = 0; i < count && at + 16 < room; i++) {
        const char *word = words[next_random(dump) % (sizeof words / sizeof words[0])];
        at += (size_t)snprintf(out + at, room - at, "%s%s", i > 0 ? " " : "", word);
    }
    return at;
}

/* Two paragraphs and a piece of code, as Markdown and as HTML in attributes of XML. */
struct text {
    char markdown[2400];
    char html[2800];
};

static void make_text(struct dump *dump, struct text *out)
{
    char first[600], second[600], code[80];
    make_words(dump, first, sizeof first, 20 + next_random(dump) % 60);
    make_words(dump, second, sizeof second, 5 + next_random(dump) % 60);
    make_words(dump, code, sizeof code, 4);
    snprintf(out->markdown, sizeof out->markdown,
        "%s.&#xD;&#xA;&#xD;&#xA;**%s**&#xD;&#xA;&#xD;&#xA;    %s &lt; 5&#xD;&#xA;", first, second,
        code);
    snprintf(out->html, sizeof out->html,
        "&lt;p&gt;%s.&lt;/p&gt;&#xA;&#xA;&lt;p&gt;&lt;strong&gt;%s&lt;/strong&gt;&lt;/p&gt;&#xA;"
        "&#xA;&lt;pre&gt;&lt;code&gt;%s &amp;lt; 5&#xA;&lt;/code&gt;&lt;/pre&gt;&#xA;",
        first, second, code);
}

static void write_history(
    struct dump *dump, uint64_t post, int type, uint64_t user, uint64_t revision, const char *text)
{
    FILE *file = dump->files[HISTORY];
    fprintf(file,
        "  <row Id=\"%" PRIu64 "\" PostHistoryTypeId=\"%d\" PostId=\"%" PRIu64
        "\" RevisionGUID=\"%08" PRIx64 "-0000-4000-8000-%012" PRIx64 "\" UserId=\"%" PRIu64 "\"",
        ++dump->history, type, post, post, revision, user);
    write_date(file, "CreationDate", dump->at + revision * 60000);
    fprintf(file, " Text=\"%s\" />\r\n", text);
}

static void write_comments(struct dump *dump, uint64_t post)
{
    char text[400];
    while (one_in(dump, 2)) {
        make_words(dump, text, sizeof text, 6 + next_random(dump) % 30);
        fprintf(dump->files[COMMENTS],
            "  <row Id=\"%" PRIu64 "\" PostId=\"%" PRIu64 "\" Score=\"%u\" UserId=\"%" PRIu64
            "\" Text=\"%s\"",
            ++dump->comment, post, next_random(dump) % 8 == 0, some_user(dump), text);
        write_date(dump->files[COMMENTS], "CreationDate", dump->at + 3600000);
        fputs(" />\r\n", dump->files[COMMENTS]);
    }
}

static void write_vote(struct dump *dump, uint64_t post, int type)
{
    fprintf(dump->files[VOTES],
        "  <row Id=\"%" PRIu64 "\" PostId=\"%" PRIu64 "\" VoteTypeId=\"%d\"", ++dump->vote, post,
        type);
    write_date(dump->files[VOTES], "CreationDate", dump->at / 86400000 * 86400000);
    fputs(" />\r\n", dump->files[VOTES]);
}

/* Returns the score. */
static int write_votes(struct dump *dump, uint64_t post)
{
    int score = 0;
    for (unsigned votes = next_random(dump) % 6; votes > 0; votes--) {
        bool up = !one_in(dump, 10);
        write_vote(dump, post, up ? 2 : 3);
        score += up ? 1 : -1;
    }
    return score;
}

static void write_post(struct dump *dump, uint64_t id, uint64_t question, size_t left)
{
    FILE *file = dump->files[POSTS];
    struct text text, before;
    char title[120];
    uint64_t user = some_user(dump);
    bool opens = id == question, edited = one_in(dump, 3);
    make_text(dump, &text);
    make_text(dump, &before);
    make_words(dump, title, sizeof title, 9);
    int score = write_votes(dump, id);
    fprintf(file,
        "  <row Id=\"%" PRIu64 "\" PostTypeId=\"%d\" Score=\"%d\" OwnerUserId=\"%" PRIu64
        "\" Body=\"%s\"",
        id, opens ? 1 : 2, score, user, text.html);
    write_date(file, "CreationDate", dump->at);
    write_date(file, "LastActivityDate", dump->at + 600000);
    if (opens) {
        fprintf(file, " Title=\"%s\" Tags=\"&lt;lamp&gt;&lt;firmware&gt;\"", title);
        if (left > 1 && one_in(dump, 2)) {
            fprintf(file, " AcceptedAnswerId=\"%" PRIu64 "\"", id + 1);
            write_vote(dump, id + 1, 1);
        }
        write_history(dump, id, 1, user, 0, title);
        write_history(dump, id, 3, user, 0, "&lt;lamp&gt;&lt;firmware&gt;");
        if (id > 50 && one_in(dump, 30)) {
            fprintf(dump->files[LINKS],
                "  <row Id=\"%" PRIu64 "\" PostId=\"%" PRIu64
                "\" RelatedPostId=\"1\" LinkTypeId=\"3\"",
                ++dump->link, id);
            write_date(dump->files[LINKS], "CreationDate", dump->at + 7200000);
            fputs(" />\r\n", dump->files[LINKS]);
        }
    } else {
        fprintf(file, " ParentId=\"%" PRIu64 "\"", question);
    }
    write_history(dump, id, 2, user, 0, edited ? before.markdown : text.markdown);
    if (edited) {
        uint64_t editor = one_in(dump, 2) ? user : some_user(dump);
        write_history(dump, id, 5, editor, 5, text.markdown);
    }
    fputs(" />\r\n", file);
    write_comments(dump, id);
}

static void write_users(struct dump *dump)
{
    for (uint64_t i = 1; i <= dump->users; i++) {
        FILE *file = dump->files[USERS];
        fprintf(file,
            "  <row Id=\"%" PRIu64 "\" DisplayName=\"user %" PRIu64
            "\" WebsiteUrl=\"https://example.com/%" PRIu64
            "\" AboutMe=\"&lt;p&gt;I repair &lt;em&gt;lamps&lt;/em&gt;.&lt;/p&gt;\"",
            i, i, i);
        write_date(file, "CreationDate", i * 1000);
        fputs(" />\r\n", file);
    }
}

static bool open_files(struct dump *dump, const char *folder)
{
    char path[4200];
    bool opened = true;
    for (size_t i = 0; i < FILES; i++) {
        snprintf(path, sizeof path, "%s/%s.xml", folder, names[i]);
        dump->files[i] = fopen(path, "w");
        opened = opened && dump->files[i] != NULL;
        if (dump->files[i] != NULL) {
            fprintf(dump->files[i],
                "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<%s>\r\n", roots[i]);
        }
    }
    return opened;
}

static bool close_files(struct dump *dump)
{
    bool whole = true;
    for (size_t i = 0; i < FILES; i++) {
        if (dump->files[i] != NULL) {
            fprintf(dump->files[i], "</%s>\r\n", roots[i]);
            whole = ferror(dump->files[i]) == 0 && whole;
            whole = fclose(dump->files[i]) == 0 && whole;
        }
    }
    return whole;
}

bool dump_write(const char *folder, size_t posts, uint64_t seed)
{
    struct dump dump = {.random = seed, .users = posts / 20 + 10, .at = 86400000};
    bool opened = open_files(&dump, folder);
    if (opened) {
        write_users(&dump);
        for (uint64_t id = 1; id <= posts; id++) {
            write_post(&dump, id, id - (id - 1) % THREAD_POSTS, posts - id + 1);
            dump.at += 900000 + next_random(&dump) % 1000000;
        }
    }
    return close_files(&dump) && opened;
}

void dump_remove(const char *folder)
{
    char path[4200];
    for (size_t i = 0; i < FILES; i++) {
        snprintf(path, sizeof path, "%s/%s.xml", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}
