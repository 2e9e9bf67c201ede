/* HTML to Markdown, case by case; and each result rendered again says what the HTML said. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fora/utf8.h"
#include "html_extract.h"
#include "import/html_markdown.h"

enum { SAME_TEXT = 0, OTHER_TEXT = 1 }; /* OTHER_TEXT: something was dropped or added on purpose */

static const struct {
    const char *html;
    const char *markdown;
    int text;
} cases[] = {
    /* paragraphs, breaks, white space */
    {"", "", 0},
    {" \n ", "", 0},
    {"plain text", "plain text", 0},
    {"a < b && c > d", "a < b && c > d", 0},
    {"<p>one</p>\n\n<p>two</p>\n", "one\n\ntwo", 0},
    {"<p>  a \t b\nc  \n</p>", "a b\nc", 0},
    {"<p>a<br>b<br/><br />c<br></p>", "a\\\nb\\\n\\\nc", 0},
    {"<p>a&nbsp;&nbsp;b</p>",
        "a\xc2\xa0\xc2\xa0"
        "b",
        0},
    {"<p></p><p> </p><p>x</p>", "x", 0},
    {"<div>a<div>b</div>c</div>", "a\n\nb\n\nc", 0},
    {"<p>\xe2\x80\xae"
     "evil\xe2\x80\xac \x01x</p>",
        "evil x", OTHER_TEXT},
    /* text that looks like syntax */
    {"<p>2 * 3 * 4 and *x* and a_b_c and _d_</p>", "2 * 3 * 4 and \\*x\\* and a_b_c and \\_d\\_",
        0},
    {"<p># no heading</p><p>#tag</p>", "\\# no heading\n\n\\#tag", 0},
    {"<p>1. no list</p><p>12) no</p><p>1.5 l</p><p>2016\n</p>",
        "1\\. no list\n\n12\\) no\n\n1.5 l\n\n2016", 0},
    {"<p>- a\n+ b\n* c\n--- \n=== \n-5</p>", "\\- a\n\\+ b\n\\* c\n\\---\n\\===\n-5", 0},
    {"<p>&gt; no quote</p><p>&gt;! no spoiler</p>", "\\> no quote\n\n\\>! no spoiler", 0},
    {"<p>[a](b) ![c](d) [e]: f</p>", "\\[a](b) !\\[c](d) \\[e]: f", 0},
    {"<p>&lt;b&gt; &lt;3 a&lt;b &lt;/i&gt; &lt;!-- x</p>", "\\<b> <3 a\\<b \\</i> \\<!-- x", 0},
    {"<p>&lt;3 &lt;- &lt;1@b.c&gt; &lt; @</p>", "<3 <- \\<1@b.c> < @", 0},
    {"<p>&amp;amp; &amp;#35; AT&amp;T; R&amp;D &amp;</p>", "\\&amp; \\&#35; AT\\&T; R&D &", 0},
    {"<p>`tick` and C:\\dir\\*</p>", "\\`tick\\` and C:\\\\dir\\\\\\*", 0},
    {"<p>~5 l, ~~struck~~, ~~~</p>", "~5 l, \\~\\~struck\\~\\~, \\~\\~\\~", 0},
    {"<p>a | b\n--|--\n| x</p>", "a | b\n\\--|--\n\\| x", 0},
    {"<p>Wow!<a href=\"/x\">y</a></p>", "Wow\\![y](/x)", 0},
    {"<p>Hello!</p>", "Hello!", 0},
    {"<p>http://a.b/c_d?e=1&amp;f=2</p>", "http://a.b/c_d?e=1&f=2", 0},
    /* emphasis */
    {"<p><em>a</em> <strong>b</strong> <i>c</i> <b>d</b></p>", "*a* **b** *c* **d**", 0},
    {"<p>x<em> a </em>y</p>", "x *a* y", 0},
    {"<p><strong><em>a</em> b</strong></p>", "***a* b**", 0},
    {"<p><em></em>a<b> </b>c</p>", "a c", 0},
    {"<p><em>a</em><em>b</em><strong>c</strong>d</p>", "*ab*__c__&#100;", 0},
    {"<p>say<b>\"x\"</b>y</p>", "sa&#121;**\"x\"**&#121;", 0},
    {"<p>un<em>frigging</em>believable</p>", "un*frigging*believable", 0},
    {"<p>\xe4\xbd\xa0<b>\xe5\xa5\xbd</b>\xe5\x90\x97</p>",
        "\xe4\xbd\xa0**\xe5\xa5\xbd**\xe5\x90\x97", 0},
    {"<p><b>a&nbsp;</b>b</p>", "**a&#160;**&#98;", 0},
    {"<p><s>a</s> <del>b</del> <strike>c</strike></p>", "~~a~~ ~~b~~ ~~c~~", 0},
    {"<p>a<s>~x</s>b<s>\"y\"</s>c</p>", "&#97;~~\\~x~~&#98;~~\"y\"~~&#99;", 0},
    {"<p><i>=<b>*b</b></i></p>", "*=__\\*b__*", 0},
    {"<p>H<sub>2</sub>O, x<sup>2</sup>, <kbd>Ctrl</kbd></p>",
        "H<sub>2</sub>O, x<sup>2</sup>, <kbd>Ctrl</kbd>", 0},
    {"<p><kbd>\nA\n</kbd></p>", "<kbd>A</kbd>", 0},
    {"<b><div>one</div><div>two</div></b>", "**one**\n\n**two**", 0},
    {"<p><u>a</u><font color=red>b</font></p>", "ab", 0},
    /* code */
    {"<p>use <code>a*b</code>, <code>`x`</code>, <code>a``b</code>, <code> s </code></p>",
        "use `a*b`, `` `x` ``, ```a``b```, `  s  `", 0},
    {"<p>`<code>x</code>` <code>a</code><code>b</code><code></code></p>", "&#96;`x`\\` `ab`",
        OTHER_TEXT},
    {"<p><code>see <a href=\"http://x.y/\">z</a></code></p>", "`see `[`z`](http://x.y/)",
        OTHER_TEXT},
    {"<pre><code>int a;\n\n  b &lt; c;\n</code></pre>", "```\nint a;\n\n  b < c;\n```", 0},
    {"<pre class=\"lang-c prettyprint-override\"><code>x\n</code></pre>", "```c\nx\n```", 0},
    {"<pre><code class=\"language-c++\">x</code></pre>", "```c++\nx\n```", 0},
    {"<!-- language: lang-py -->\n\n<pre><code>x\n</code></pre><pre><code>y\n</code></pre>",
        "```py\nx\n```\n\n```\ny\n```", 0},
    {"<!-- language-all: lang-js --><pre><code>x</code></pre><pre class=lang-none>y</pre>",
        "```js\nx\n```\n\n```\ny\n```", 0},
    {"<pre><code>```\n~~~\n````\n</code></pre>", "`````\n```\n~~~\n````\n`````", 0},
    {"<pre>\na\r\nb<br>c\r</pre>", "```\na\nb\nc\n```", OTHER_TEXT},
    {"<pre><code>a</code> <a href=\"http://x.y/\">b</a></pre>", "```\na b\n```\n\n<http://x.y/>",
        OTHER_TEXT},
    {"<pre></pre><p>x</p>", "```\n```\n\nx", 0},
    /* links and images */
    {"<p><a href=\"http://a.b/\">x</a></p>", "[x](http://a.b/)", 0},
    {"<p><a href=\"http://a.b/\">http://a.b/</a></p>", "<http://a.b/>", 0},
    {"<p><a href=\"http://a.b/?x=1&amp;copy;=2\">http://a.b/?x=1&amp;copy;=2</a></p>",
        "[http://a.b/?x=1\\&copy;=2](http://a.b/?x=1&amp;copy;=2)", 0},
    {"<p><a href=\"/w/A_(b)\" title=\"say &quot;hi&quot; \\o/\">c</a></p>",
        "[c](</w/A_(b)> \"say \\\"hi\\\" \\\\o/\")", 0},
    {"<p><a href=\"a b&lt;c&gt;\">d</a></p>", "[d](<a b\\<c\\>>)", 0},
    {"<p><b><a href=\"/*_x_*\">a</a></b><i>b</i></p>", "**[a](/\\*_x_\\*)**_b_", 0},
    {"<p><a href=\"#x\">a [b] c</a></p>", "[a \\[b\\] c](#x)", 0},
    {"<p><a href=\"/x\"> a </a>b <a href=\"/y\"></a></p>", "[a](/x) b [](/y)", 0},
    {"<p><a href=\"javascript:alert(1)\">x</a> <a href=\"JaVa\nscript:a\">y</a></p>", "x y",
        OTHER_TEXT},
    {"<p><a href=\"data:text/html,x\">x</a><a href=\" vbscript:x\">y</a><a>z</a></p>", "xyz",
        OTHER_TEXT},
    {"<p><a href=\"mailto:a@b.c\">a@b.c</a> <a href=\"//h/p\">q</a> <a href=\"ftp://h/\">f</a></p>",
        "[a@b.c](mailto:a@b.c) [q](//h/p) [f](ftp://h/)", 0},
    {"<p><img src=\"http://i/a.png\" alt=\"a [b] *c*\" title=\"t\"></p>",
        "![a \\[b\\] \\*c\\*](http://i/a.png \"t\")", 0},
    {"<p><a href=\"/x\"><img src=\"/y z.png\"></a></p>", "[![](</y z.png>)](/x)", 0},
    {"<p>a<img src=\"javascript:x\" alt=\"pic\">b<img></p>", "apicb", OTHER_TEXT},
    {"<a href=\"/x\"><h2>a</h2><p>b</p></a>", "## [a](/x)\n\n[b](/x)", OTHER_TEXT},
    /* headings, rules, quotes */
    {"<h1>a</h1><h2>b\nc</h2><h6>d #</h6><h3></h3>", "# a\n\n## b c\n\n###### d \\#", OTHER_TEXT},
    {"<p>a</p><hr><p>b</p>", "a\n\n***\n\nb", 0},
    {"<blockquote><p>a\nb</p><p>c</p></blockquote><p>d</p>", "> a\n> b\n>\n> c\n\nd", 0},
    {"<blockquote><blockquote><p>a</p></blockquote><p>b</p></blockquote>", "> > a\n>\n> b", 0},
    {"<blockquote class=\"spoiler\"><p>a</p><p>b</p></blockquote>", ">! a\n>!\n>! b", OTHER_TEXT},
    {"<blockquote><p>! a</p></blockquote>", "> \\! a", 0},
    {"<blockquote><pre><code>a\n\nb\n</code></pre></blockquote>", "> ```\n> a\n>\n> b\n> ```", 0},
    {"<blockquote></blockquote><p>x</p>", "x", OTHER_TEXT},
    /* lists */
    {"<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<p>c</p>", "- a\n- b\n\nc", 0},
    {"<ul><li><p>a</p></li><li><p>b</p><p>c</p></li></ul>", "- a\n\n- b\n\n  c", 0},
    {"<ol start=\"9\"><li>a</li><li>b<ol><li>c</li></ol></li></ol>", "9. a\n10. b\n    1. c", 0},
    {"<ul><li>a<ul><li>b</li></ul>c</li><li>d</li></ul>", "- a\n  - b\n\n  c\n- d", 0},
    {"<ul><li>a<ol start=3><li>b</li></ol></li></ul>", "- a\n\n  3. b", 0},
    {"<ul><li></li><li>a<ul><li></li></ul></li></ul>", "-\n- a\n\n  -", 0},
    {"<ul><li><pre><code>x\n\n  y\n</code></pre></li><li>- z</li></ul>",
        "- ```\n  x\n\n    y\n  ```\n- \\- z", 0},
    {"<ol><li><blockquote><p>q</p></blockquote></li><li><hr></li></ol>", "1. > q\n2. ***", 0},
    {"<ul><li>a</li></ul><ul><li>b</li></ul><ol><li>c</li></ol><ol><li>d</li></ol>",
        "- a\n\n+ b\n\n1. c\n\n1) d", 0},
    {"<ul><li><ul><li>a</li></ul></li></ul>", "- - a", 0},
    {"<li>a<li>b", "- a\n\n- b", OTHER_TEXT},
    {"<ol start=\"-3\"><li>a</li></ol>", "1. a", OTHER_TEXT},
    /* tables */
    {"<table><thead><tr><th>a</th><th align=\"right\">b</th></tr></thead>"
     "<tbody><tr><td>1|2</td><td><code>x</code><br><b>y</b></td></tr></tbody></table>",
        "| a | b |\n| --- | --: |\n| 1\\|2 | `x`<br>**y** |", 0},
    {"<table><tr><td>a</td></tr><tr><td>b</td><td>c</td></tr></table>",
        "|  |  |\n| --- | --- |\n| a |\n| b | c |", 0},
    {"<table><tr><td><ul><li>a</li></ul></td><td><pre>b</pre></td></tr></table>",
        "- a\n\n```\nb\n```", 0},
    {"<table><tr><td><code>a|b</code></td></tr></table>", "`a|b`", 0},
    /* what is dropped */
    {"<p>a<script>alert('<b>')</script><style>p{}</style>b</p><iframe src=\"/x\">c</iframe>", "ab",
        OTHER_TEXT},
    {"<p onclick=\"x()\">a<object><embed></object><svg><g>q</g></svg></p>", "a", OTHER_TEXT},
    {"<html><head><title>t</title></head><body><p>a</p></body></html>", "a", OTHER_TEXT},
    /* broken HTML */
    {"<p>a<b>b<p>c", "a**b**\n\nc", OTHER_TEXT},
    {"a</div></p></ul>b &unknown; &#0; &eacute", "ab \\&unknown; &eacute", OTHER_TEXT},
    {"<", "\\<", OTHER_TEXT},
    {"x<", "x\\<", 0},
    {"< b <", "< b \\<", OTHER_TEXT},
};

static bool survives(size_t i, struct fora_bytes html, struct fora_buf *markdown)
{
    struct html_extract was, is;
    struct fora_buf again = {0};
    const char *difference;

    html_extract_init(&was);
    html_extract_init(&is);
    assert_int_equal(markdown_render(fora_buf_bytes(markdown), &again), 0);
    assert_int_equal(html_extract_read(&was, html), 0);
    assert_int_equal(html_extract_read(&is, fora_buf_bytes(&again)), 0);
    difference = html_extract_difference(&was, &is, false);
    if (difference) {
        print_message("case %zu, %s:\n%s\nbecame\n%.*s\nwhich is\n%.*s\n", i, difference,
            cases[i].html, (int)markdown->size, (const char *)markdown->data, (int)again.size,
            (const char *)again.data);
    }
    html_extract_fini(&was);
    html_extract_fini(&is);
    fora_buf_fini(&again);
    return !difference;
}

static void each_case_becomes_this_markdown(void **state)
{
    unsigned bad = 0;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fora_buf out = {0};
        struct fora_bytes html = fora_bytes_str(cases[i].html);
        int rc = html_to_markdown(html, &out, html_limits_default());
        if (rc != 0 || !fora_bytes_equal(fora_buf_bytes(&out), fora_bytes_str(cases[i].markdown))) {
            print_message("case %zu (%d):\n%s\nbecame\n%.*s\nnot\n%s\n", i, rc, cases[i].html,
                (int)out.size, (const char *)out.data, cases[i].markdown);
            bad++;
        } else if (cases[i].text == SAME_TEXT && !survives(i, html, &out)) {
            bad++;
        }
        fora_buf_fini(&out);
    }
    assert_int_equal(bad, 0);
}

static int convert(const char *html, size_t size, struct html_limits limits)
{
    struct fora_buf out = {0};
    int rc;

    fora_buf_append_str(&out, "before");
    rc = html_to_markdown(fora_bytes(html, size), &out, limits);
    assert_memory_equal(out.data, "before", 6);
    if (rc != 0) {
        assert_int_equal(out.size, 6);
        assert_int_equal(out.error, 0);
    }
    fora_buf_fini(&out);
    return rc;
}

/* `text` repeated to `size` bytes, converted; returns the code. */
static int convert_many(const char *text, size_t size)
{
    char *html = malloc(size + 1);
    size_t step = strlen(text);
    int rc;

    assert_non_null(html);
    for (size_t i = 0; i < size; i++) {
        html[i] = text[i % step];
    }
    rc = convert(html, size, html_limits_default());
    free(html);
    return rc;
}

static void limits_hold(void **state)
{
    struct html_limits limits = html_limits_default();

    (void)state;
    limits.input_max = 8;
    assert_int_equal(convert("<p>12345", 8, limits), 0);
    assert_int_equal(convert("<p>123456", 9, limits), FORA_E_TOO_LARGE);
    limits = html_limits_default();
    limits.output_max = 6;
    assert_int_equal(convert("<p>12345", 8, limits), 0);
    assert_int_equal(convert("<p>123456", 9, limits), FORA_E_TOO_LARGE);
    limits = html_limits_default();
    limits.depth_max = 4; /* html, body and two more */
    assert_int_equal(convert("<div><p>a", 9, limits), 0);
    assert_int_equal(convert("<div><div><p>a", 14, limits), FORA_E_LIMIT);
    assert_int_equal(convert("a\0b", 3, html_limits_default()), FORA_E_UTF8);
    assert_int_equal(convert("a\xff", 2, html_limits_default()), FORA_E_UTF8);
    assert_int_equal(convert_many("<div>", 130 * 5), FORA_E_LIMIT);
    assert_int_equal(convert_many("<div>", 1 << 20), FORA_E_LIMIT);
}

/* Shapes for which a careless reader takes minutes. Each must be done or refused; ctest keeps time.
 */
static void hostile_shapes_end(void **state)
{
    static const char *const shapes[] = {"<a ", "<a b=\"\"", "<b></i>", "<p>", "<li>", "<table>",
        "<table><tr><td>", "<!--", "<a href=", "<blockquote>", "<ul><li>", "&amp;", "&", "<",
        "<![CDATA[", "<?", "*", "_a", "`", "[", "<b>x</b>", "<em>a<b>", "<pre>", "<a href='/x'>",
        "<script>", "</p>", "<b a=1 c=2 d=3 ", "<x y='<x y=\"", "<td>", "<tr>", "<br>", "- ",
        "<code>`</code>", "\\", "<img src=x>", "<font><p>"};

    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        struct timespec begin, end;
        double seconds;
        int rc;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
        rc = convert_many(shapes[i], 1 << 20);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
        seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
        if (rc != 0 && rc != FORA_E_LIMIT && rc != FORA_E_TOO_LARGE) {
            fail_msg("1 MiB of \"%s\": %d", shapes[i], rc);
        }
        if (seconds > 1) {
            print_message("1 MiB of \"%s\" took %.1f s\n", shapes[i], seconds);
        }
    }
}

static void *convert_often(void *result)
{
    struct html_limits limits = html_limits_default();

    for (int i = 0; i < 300; i++) {
        for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k += 7) {
            struct fora_buf out = {0};
            if (html_to_markdown(fora_bytes_str(cases[k].html), &out, limits) != 0 ||
                !fora_bytes_equal(fora_buf_bytes(&out), fora_bytes_str(cases[k].markdown))) {
                *(int *)result = 1;
            }
            fora_buf_fini(&out);
        }
    }
    return NULL;
}

static void several_threads_convert_at_once(void **state)
{
    pthread_t threads[4];
    int results[4] = {0};

    (void)state;
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, convert_often, &results[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(results[i], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case_becomes_this_markdown),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(hostile_shapes_end),
        cmocka_unit_test(several_threads_convert_at_once),
    };

    html_markdown_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
