"""check_docs finds a command that does not do what the document shows."""
import tempfile
import unittest
from pathlib import Path

import check_docs

DOCUMENT = """
# Title
```sh
$ echo yes > made
yes
$ test -f made
```
```sh skip
$ false
```
```
$ false
```
"""


class CheckDocs(unittest.TestCase):
    def run_text(self, text):
        with tempfile.TemporaryDirectory() as folder:
            document = Path(folder) / "guide.md"
            document.write_text(text)
            return check_docs.run_file(document, Path("/bin/true"))

    def test_reads_sh_blocks_only(self):
        self.assertEqual(check_docs.commands(DOCUMENT), [(4, "echo yes > made"), (6, "test -f made")])

    def test_commands_of_a_file_share_a_folder(self):
        self.assertEqual(self.run_text(DOCUMENT), [])

    def test_failure_is_told_with_line_and_output(self):
        problems = self.run_text("```sh\n$ echo why >&2; exit 3\n```\n")
        self.assertEqual(len(problems), 1)
        self.assertIn("guide.md:2", problems[0])
        self.assertIn("exits with 3", problems[0])
        self.assertIn("why", problems[0])

    def test_make_targets_must_exist(self):
        self.assertEqual(self.run_text("```sh\n$ make setup build   # installs\n```\n"), [])
        self.assertIn("no `make dinner`", self.run_text("```sh\n$ make dinner\n```\n")[0])

    def test_shown_failure_must_fail(self):
        self.assertEqual(self.run_text("```sh\n$ false # fails\n```\n"), [])
        self.assertEqual(len(self.run_text("```sh\n$ true # fails\n```\n")), 1)


if __name__ == "__main__":
    unittest.main()
