"""Mentions as people meet them: written by name, found by whom they name, at whatever home."""

import os
import subprocess

from forad_case import CREDENTIALS, NOTFOUND, main
from identity_test import Identity


class Mentions(Identity):
    def inbox(self, home, node, *arguments):
        return self.fora(home, node, "inbox", *arguments)["items"]

    def mentions(self, home, node):
        return [i["id"] for i in self.inbox(home, node) if i["kind"] == "mention"]

    def write(self, home, node, verb, about, text, *arguments):
        return self.fora(home, node, verb, about, "--text", text, *arguments)["id"]

    def test_an_inbox(self):
        space = self.node("red")
        ann, bob = self.own("ann", "red", "ann"), self.own("bob", "red", "bob")
        self.fora("nobody", "red", "inbox", expected=CREDENTIALS)
        thread = self.ask("ann", "red", space, "Why?")
        self.assertEqual(self.inbox("ann", "red"), [])
        first = self.write("bob", "red", "answer", thread, "So, @ann; not `@bob`, nor @carl.")
        second = self.write("bob", "red", "comment", thread, "Look!", "--mention", ann)
        self.write("bob", "red", "comment", thread, "Nobody is meant.")
        rows = self.inbox("ann", "red")
        self.assertEqual([r["id"] for r in rows], [second, first])
        self.assertTrue(all(r["new"] and r["root"] == thread and r["author"] == bob
                            and r["title"] == "Why?" for r in rows), rows)
        self.assertFalse([r for r in self.inbox("ann", "red") if r["new"]])
        self.assertEqual(self.inbox("ann", "red", "--unread"), [])
        third = self.write("bob", "red", "comment", thread, f"And @{ann}.")
        self.assertEqual([r["id"] for r in self.inbox("ann", "red", "--unread")], [third])
        # What is shown can be named by its beginning; who is mentioned is said by name.
        shown = self.fora("ann", "red", "show", third[5:13])["posts"]
        self.assertEqual([m["name"] for p in shown for m in p["mentions"]], ["ann"] * 3)
        self.fora("bob", "red", "retract", second)
        self.assertEqual(self.mentions("ann", "red"), [third, first])
        self.fora("bob", "red", "comment", thread, "--text", "x", "--mention", "carl",
                  expected=NOTFOUND)

    def test_whom_a_word_means(self):
        """A handle, or the name of one only in the thread; never oneself."""
        space = self.node("red")
        ann, bob = self.own("ann", "red", "ann"), self.own("bob", "red", "bob")
        thread = self.ask("bob", "red", space, "Why?")
        self.fora("ann", "red", "profile", "--name", "Sam Lee")

        def named(text):
            post = self.write("bob", "red", "comment", thread, text)
            said = self.said
            shown = [p for p in self.posts("ann", "red", thread) if p["id"] == post]
            return [m["id"] for m in shown[0]["mentions"]], said

        self.write("ann", "red", "answer", thread, "So.")
        self.assertEqual(named("@bob, @SamLee?")[0], [ann])
        self.own("sam", "red", "sammy")
        self.fora("sam", "red", "profile", "--name", "Sam Lee")
        self.write("sam", "red", "answer", thread, "Or so.")
        found, said = named("@sam-lee or @ANN?")
        self.assertEqual(found, [ann])
        self.assertIn("Nobody was found as @sam-lee: it stays text.", said)
        self.assertNotIn(bob, found)

    def test_what_was_not_shown_stays_new(self):
        space = self.node("red")
        self.own("ann", "red", "ann")
        self.own("bob", "red", "bob")
        self.fora("ann", "red", "follow", space)
        wanted = [self.ask("bob", "red", space, title) for title in ("One?", "Two?", "Three?")]
        self.until(lambda: len(self.fora("ann", "red", "threads", "--space", space)["threads"])
                   == len(wanted), "the list lacks threads")
        shown = [self.inbox("ann", "red", *more, "--limit", "1") for more in ([], ["--unread"])]
        shown = [row["id"] for rows in shown for row in rows]
        self.assertEqual(shown, wanted[:0:-1])
        self.assertEqual([r["id"] for r in self.inbox("ann", "red", "--unread")], wanted[:1])
        self.assertEqual(self.inbox("ann", "red", "--unread"), [])

    def test_what_moved_where_one_follows(self):
        space = self.node("red")
        self.own("ann", "red", "ann")
        self.own("bob", "red", "bob")
        one, two = (self.ask("bob", "red", space, title) for title in ("One?", "Two?"))
        self.fora("ann", "red", "follow", one)
        self.assertEqual([r["id"] for r in self.inbox("ann", "red", "--unread")], [one])
        self.assertEqual(self.inbox("ann", "red", "--unread"), [])
        self.write("bob", "red", "answer", two, "Not followed.")
        self.assertEqual(self.inbox("ann", "red", "--unread"), [])
        self.write("bob", "red", "answer", one, "So.")
        rows = self.inbox("ann", "red", "--unread")
        self.assertEqual([(r["kind"], r["id"], r["answers"]) for r in rows], [("thread", one, 1)])
        self.fora("ann", "red", "follow", space)
        self.until(lambda: {r["id"] for r in self.inbox("ann", "red")} == {one, two},
                   "the space's threads are not in the inbox")

    def test_what_the_node_does_not_hold_is_passed_over_in_silence(self):
        space = self.node("red")
        self.node("blue")
        self.own("ann", "red", "ann")
        thread = self.ask("ann", "red", space, "Why?")
        self.fora("ann", "red", "follow", thread)
        self.fora("ann", "red", "follow", space)
        self.fora("ann", "red", "identity", "move", self.nodes["blue"].address)
        self.assertEqual(self.inbox("ann", "blue"), [])
        self.assertEqual(self.said, "")
        self.assertEqual(self.fora("ann", "blue", "threads", "--followed")["threads"], [])
        for name in ("Why?", "Red"):
            self.assertIn(f'does not hold "{name}", which you follow.', self.said)
        self.fora("ann", "blue", "show", thread, expected=NOTFOUND)
        self.assertEqual([r["id"] for r in self.inbox("ann", "red")], [thread])

    def test_what_she_writes_herself_is_not_new(self):
        space = self.node("red")
        self.own("ann", "red", "ann")
        self.own("bob", "red", "bob")
        thread = self.ask("bob", "red", space, "Why?")
        self.fora("ann", "red", "follow", space)

        def unread():
            """What is new, when the rows of lists are as the threads."""
            def listed():
                rows = self.fora("ann", "red", "threads", "--space", space)["threads"]
                return all(row["answers"] + row["comments"] ==
                           len(self.posts("ann", "red", row["id"])) - 1 for row in rows)
            self.until(listed, "rows stay behind")
            return [r["id"] for r in self.inbox("ann", "red", "--unread")]

        self.assertEqual(unread(), [thread])
        hers = self.write("ann", "red", "answer", thread, "So.")
        own = self.ask("ann", "red", space, "And that?")
        self.fora("ann", "red", "edit", hers, "--text", "So, then.")
        self.assertEqual(unread(), [])
        self.assertEqual({r["id"] for r in self.inbox("ann", "red")}, {thread, own})
        # Others between hers are new, and in her own threads.
        self.write("bob", "red", "comment", hers, "Indeed?")
        self.write("ann", "red", "comment", hers, "Indeed.")
        self.assertEqual(unread(), [thread])
        self.write("bob", "red", "answer", own, "Not that.")
        self.assertEqual(unread(), [own])
        self.fora("bob", "red", "edit", thread, "--text", "Why? I have tried.")
        self.until(lambda: unread() == [thread], "an edit by another is not new")

    def test_ID_12_a_mention_reaches_who_moved(self):
        space = self.node("red")
        self.node("blue")
        self.own("ann", "red", "ann")
        self.own("bob", "red", "bob")
        self.share(space, "red", "blue")
        thread = self.ask("ann", "red", space, "Why?")
        self.until(lambda: self.holds("blue", thread), "the thread did not come")
        self.fora("ann", "red", "identity", "move", self.nodes["blue"].address)
        post = self.write("bob", "red", "answer", thread, "@ann, so.")
        self.until(lambda: self.mentions("ann", "blue") == [post], "it did not reach her new home")
        self.assertEqual(self.mentions("ann", "red"), [post])  # and she may ask there as well

    def test_one_who_watches_is_told(self):
        space = self.node("red")
        self.own("ann", "red", "ann")
        self.own("bob", "red", "bob")
        environment = {k: v for k, v in os.environ.items() if not k.startswith("FORA_")}
        with subprocess.Popen(
                [os.environ["FORA"], "--home", str(self.root / "ann"), "--node",
                 self.nodes["red"].address, "watch", "--space", space],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env=environment, text=True) as watch:
            self.assertIn("Watching", watch.stderr.readline())
            thread = self.ask("bob", "red", space, "Why?")
            self.write("bob", "red", "comment", thread, "Look, @ann.")
            lines = [watch.stdout.readline() for _ in range(2)]
            watch.kill()
        self.assertNotIn("mentions you", lines[0])
        self.assertIn("comment by bob, mentions you (Why?): Look, @ann.", lines[1])

    def test_REP_20_and_22_a_mention_reaches_a_home_that_lacks_the_space(self):
        """She is at home at blue, and then at green; the space is at red alone. Red and blue are
        connected by another space, and so are blue and green."""
        space, other = self.node("red"), self.node("blue")
        self.node("green")
        self.share(other, "blue", "red", "green")
        ann = self.own("ann", "blue", "ann")
        self.own("bob", "red", "bob")
        self.fora("ann", "red", "identity", "publish")
        thread = self.ask("bob", "red", space, "Why?")
        first = self.write("bob", "red", "comment", thread, "Do you know?", "--mention", ann)
        self.until(lambda: self.mentions("ann", "blue") == [first], "her home was not told")
        row = self.inbox("ann", "blue")[0]
        self.assertEqual((row["title"], row["author_name"], row["text"]),
                         ("Why?", "bob", "Do you know?"))
        self.assertIsNotNone(row["from"])
        self.assertIsNone(self.holds("blue", thread))
        # Red is not told where she went; blue, which she left, forwards it.
        self.fora("ann", "blue", "identity", "move", self.nodes["green"].address)
        second = self.write("bob", "red", "comment", thread, "And now?", "--mention", ann)
        self.until(lambda: self.mentions("ann", "green") == [second], "it was not forwarded")
        self.assertEqual(self.mentions("ann", "blue"), [first])

    def test_REP_22_a_home_that_she_left_tells_what_comes_with_its_space(self):
        """Her old home red has the space, and blue, where it is answered; green, where she is now,
        has not, and knows red alone."""
        space = self.node("red")
        self.node("blue")
        other = self.node("green")
        self.share(space, "red", "blue")
        self.share(other, "green", "red")
        ann = self.own("ann", "red", "ann")
        self.own("bob", "blue", "bob")
        thread = self.ask("ann", "red", space, "Why?")
        self.fora("ann", "red", "identity", "move", self.nodes["green"].address)
        self.until(lambda: self.holds("blue", thread), "the thread did not come")
        post = self.write("bob", "blue", "answer", thread, "So.", "--mention", ann)
        self.until(lambda: self.mentions("ann", "green") == [post], "her new home was not told")
        self.assertIsNone(self.holds("green", thread))


if __name__ == "__main__":
    main()
